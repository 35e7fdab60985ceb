package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
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

func blocks(t *testing.T) (list []block) {
	t.Helper()
	page, err := os.ReadFile(contract)
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
}

var variable = regexp.MustCompile(`\$[a-z]+`)

func (p *player) send(t *testing.T, request string) {
	t.Helper()
	request = variable.ReplaceAllStringFunc(request, func(v string) string { return p.known[v[1:]] })
	request = regexp.MustCompile(`"clock":\d+`).ReplaceAllString(request, `"clock":`+p.clock)
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
var varying = []string{"seq", "at", "clock", "timestamp", "rttMs", "colour", "useful", "duplicate", "unwanted", "out"}

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
		if number && slices.Contains(varying, at[strings.LastIndex(at, ".")+1:]) {
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

// The contract lists what there is: methods, codes, notifications.
func TestTheContractIsComplete(t *testing.T) {
	page, err := os.ReadFile(contract)
	if err != nil {
		t.Fatal(err)
	}
	for name := range methods {
		if !strings.Contains(string(page), "| `"+name+"` |") {
			t.Errorf("%s is not described", name)
		}
	}
	for _, name := range regexp.MustCompile("\\| `((?:account|network|chats)\\.[a-zA-Z]+)` \\|").FindAllStringSubmatch(string(page), -1) {
		if _, ok := methods[name[1]]; !ok {
			t.Errorf("%s is described and does not exist", name[1])
		}
	}
}
