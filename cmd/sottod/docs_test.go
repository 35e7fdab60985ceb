package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const contract = "../../docs/sottod.md"

// block is one fenced block of a page.
type block struct {
	language string
	line     int
	text     string
}

func blocks(t *testing.T) []block { return blocksOf(t, contract) }

func blocksOf(t *testing.T, file string) (list []block) {
	t.Helper()
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var open *block
	for i, line := range strings.Split(string(page), "\n") {
		fence, isFence := strings.CutPrefix(line, "```")
		switch {
		case isFence && open == nil:
			open = &block{language: fence, line: i + 1}
		case isFence:
			list = append(list, *open)
			open = nil
		case open != nil:
			open.text += line + "\n"
		}
	}
	return list
}

func TestEveryExampleOfTheContractIsRun(t *testing.T) {
	var sessions []block
	run := map[string]int{}
	for _, b := range blocks(t) {
		run[b.language]++
		switch b.language {
		case "sh":
			t.Run(fmt.Sprintf("line %d", b.line), func(t *testing.T) { runShell(t, b.text) })
		case "session":
			sessions = append(sessions, b)
		default:
			t.Errorf("line %d: nothing runs a block of %q", b.line, b.language)
		}
	}
	t.Run("conversation", func(t *testing.T) { runSession(t, sessions) })
	if run["sh"] < 3 || run["session"] < 4 {
		t.Errorf("only %v examples were found", run)
	}
}

// runShell wants every command of a block to succeed, the last of a pipe at least.
func runShell(t *testing.T, text string) {
	cmd := exec.CommandContext(t.Context(), "sh", "-e", "-c", text)
	cmd.Dir = t.TempDir()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// runSession plays the blocks against a client, with a relay running.
func runSession(t *testing.T, sessions []block) {
	p := &player{process: client4test(t, t.TempDir()), known: map[string]string{"relay": startTestRelay(t)}}
	for _, b := range sessions {
		for i, line := range strings.Split(strings.TrimSpace(b.text), "\n") {
			where := fmt.Sprintf("%s:%d", contract, b.line+1+i)
			if request, ok := strings.CutPrefix(line, "> "); ok {
				p.send(t, request)
			} else if answer, ok := strings.CutPrefix(line, "< "); ok {
				p.expect(t, where, answer)
			} else {
				t.Errorf("%s: neither > nor <", where)
			}
		}
	}
}

// startTestRelay runs a relay until the end of the test and returns its enode.
func startTestRelay(t *testing.T) string {
	t.Helper()
	relay := exec.Command(mustFind(t, "sottod"), "relay", "--listen", "127.0.0.1:0", "--data", t.TempDir())
	out, err := relay.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := relay.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { relay.Process.Kill(); relay.Wait() })
	var hello ready
	if err := json.NewDecoder(out).Decode(&hello); err != nil {
		t.Fatal(err)
	}
	return hello.Enode
}

func mustFind(t *testing.T, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// player keeps the values that the examples give names to.
type player struct {
	*process
	known map[string]string // by name without $
	clock string            // the last clock that was seen
	asked []int             // the words of the phrase that were asked for last
}

var (
	variable   = regexp.MustCompile(`\$[a-z]+`)
	wordsGiven = regexp.MustCompile(`"words":\{[^}]*\}`)
	wordsAsked = regexp.MustCompile(`"words":(\[[\d,]*\])`)
)

func (p *player) send(t *testing.T, request string) {
	t.Helper()
	request = variable.ReplaceAllStringFunc(request, func(v string) string { return p.known[v[1:]] })
	request = regexp.MustCompile(`"clock":\d+`).ReplaceAllString(request, `"clock":`+p.clock)
	request = wordsGiven.ReplaceAllStringFunc(request, func(string) string {
		return `"words":` + wordsAt(p.known["phrase"], p.asked)
	})
	if _, err := io.WriteString(p.stdin, request+"\n"); err != nil {
		t.Fatal(err)
	}
}

// expect waits for a line that fits. Notifications of the same kind that do not fit are passed over.
func (p *player) expect(t *testing.T, where, want string) {
	t.Helper()
	var expected any
	if err := json.Unmarshal([]byte(want), &expected); err != nil {
		t.Fatalf("%s: %v", where, err)
	}
	var nearest string
	_, _, err := p.wait(where, 0, func(m message) bool {
		var got any
		if json.Unmarshal([]byte(m.raw), &got) != nil {
			return false
		}
		trial := maps.Clone(p.known)
		if diff := fits("", expected, got, trial); diff != "" {
			if sameKind(expected, got) {
				nearest = m.raw + "\n" + diff
			}
			return false
		}
		p.known = trial
		if found := regexp.MustCompile(`"clock":(\d+)`).FindStringSubmatch(m.raw); found != nil {
			p.clock = found[1]
		}
		if found := wordsAsked.FindStringSubmatch(m.raw); found != nil {
			p.asked = nil
			return json.Unmarshal([]byte(found[1]), &p.asked) == nil
		}
		return true
	})
	if err != nil {
		t.Fatalf("%v\nwant %s\nnearest %s", err, want, nearest)
	}
}

func sameKind(a, b any) bool {
	x, y := a.(map[string]any), b.(map[string]any)
	return x["id"] == y["id"] && x["method"] == y["method"]
}

// varying are numbers that differ from run to run.
var varying = []string{
	"seq", "at", "clock", "timestamp", "rttMs", "bytesIn", "bytesOut", "colour", "useful", "duplicate", "unwanted", "out", "words",
	"joined", "bytes", "until", "done", "total", "from", "to", "answered",
}

// fits tells where got differs from want, or "". It fills in the variables that want names for the first time.
func fits(at string, want, got any, known map[string]string) string {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok || !slices.Equal(slices.Sorted(maps.Keys(w)), slices.Sorted(maps.Keys(g))) {
			return fmt.Sprintf("%s: fields are %v, not %v", at, slices.Sorted(maps.Keys(g)), slices.Sorted(maps.Keys(w)))
		}
		for _, name := range slices.Sorted(maps.Keys(w)) {
			if diff := fits(at+"."+name, w[name], g[name], known); diff != "" {
				return diff
			}
		}
		return ""
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return fmt.Sprintf("%s: %v", at, got)
		}
		for i := range w {
			if diff := fits(fmt.Sprint(at, "[", i, "]"), w[i], g[i], known); diff != "" {
				return diff
			}
		}
		return ""
	case string:
		return fitsText(at, w, got, known)
	case float64:
		_, number := got.(float64)
		name, _, _ := strings.Cut(at[strings.LastIndex(at, ".")+1:], "[")
		if number && slices.Contains(varying, name) {
			return ""
		}
	}
	if want != got {
		return fmt.Sprintf("%s: %v, not %v", at, got, want)
	}
	return ""
}

func fitsText(at, want string, got any, known map[string]string) string {
	text, ok := got.(string)
	if name, isVariable := strings.CutPrefix(want, "$"); ok && isVariable {
		if _, seen := known[name]; !seen {
			known[name] = text
		}
		want = known[name]
	}
	if !ok || text != want {
		return fmt.Sprintf("%s: %v, not %q", at, got, want)
	}
	return ""
}

// The contract lists what there is: methods, codes, notifications. What is listed exists.
func TestTheContractIsComplete(t *testing.T) {
	told := firstCells(t)
	there := append(slices.Collect(maps.Keys(methods)), "event.ready")
	for _, kind := range constants(t, "../../services/event/event.go", "Kind") {
		there = append(there, "event."+kind)
	}
	there = append(there, constants(t, "../../services/fault/fault.go", "Code")...)
	for _, name := range there {
		if !told[name] {
			t.Errorf("%s is not described", name)
		}
	}
	if len(there) < len(methods)+20 {
		t.Errorf("only %v were found", there)
	}
	nameLike := regexp.MustCompile(`^(account|network|chats|contacts|messages|event)\.[a-zA-Z]+$|^[a-z_]+$`)
	for name := range told {
		if nameLike.MatchString(name) && !slices.Contains(there, name) {
			t.Errorf("%s is described and does not exist", name)
		}
	}
}

// firstCells are what stands in backticks in the first column of the contract's tables.
func firstCells(t *testing.T) map[string]bool {
	cells := map[string]bool{}
	for line := range strings.SplitSeq(readFile(t, contract), "\n") {
		first, _, _ := strings.Cut(strings.TrimPrefix(line, "| "), " | ")
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		for _, found := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(first, -1) {
			cells[found[1]] = true
		}
	}
	return cells
}

// constants are the values of a file's text constants of one type. The language cannot list them while it runs.
func constants(t *testing.T, file, typeName string) (values []string) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if name, ok := spec.Type.(*ast.Ident); ok && name.Name == typeName {
			values = append(values, textOf(t, spec))
		}
		return false
	})
	return values
}

func textOf(t *testing.T, spec *ast.ValueSpec) string {
	t.Helper()
	if len(spec.Values) == 1 {
		if literal, ok := spec.Values[0].(*ast.BasicLit); ok {
			if text, err := strconv.Unquote(literal.Value); err == nil {
				return text
			}
		}
	}
	t.Fatalf("%v is no text", spec.Names)
	return ""
}
