package node_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// conformanceRow is one requirement of docs/protocol-conformance.md.
type conformanceRow struct {
	number string
	place  string   // "file" or "file: name"
	tests  []string // "package.Test"
}

// resultsVariable names the file with what go test -json said of all tests. Without one, the named tests are run, which takes a
// minute where nothing is cached.
const resultsVariable = "SOTTO_RESULTS"

// TestConformance holds docs/protocol-conformance.md to the code: what it points at exists, and every test that it names
// exists, runs and passes without being skipped.
func TestConformance(t *testing.T) {
	if testing.Short() {
		t.Skip("runs other packages' tests")
	}
	page, err := os.ReadFile(filepath.Join("..", "docs", "protocol-conformance.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := conformanceRows(string(page))
	if len(rows) < 70 {
		t.Fatalf("found %d rows", len(rows))
	}
	named, seen := map[string]bool{}, map[string]bool{}
	for _, row := range rows {
		if seen[row.number] {
			t.Errorf("%s stands there twice", row.number)
		}
		seen[row.number] = true
		checkPlace(t, row)
		for _, test := range row.tests {
			named[test] = true
		}
	}
	var results map[string][]string
	if path := os.Getenv(resultsVariable); path != "" {
		out, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		results = resultsOf(t, out)
	} else {
		results = runNamed(t, slices.Sorted(maps.Keys(named)))
	}
	for test := range named {
		if got := results[test]; len(got) == 0 || slices.ContainsFunc(got, func(a string) bool { return a != "pass" }) {
			t.Errorf("%s: %v, want it to run and pass", test, got)
		}
	}
}

// quoted is a piece of code in a table's cell.
var quoted = regexp.MustCompile("`([^`]+)`")

// conformanceRows reads the rows of the tables that have a column of tests.
func conformanceRows(page string) (rows []conformanceRow) {
	checked := false
	for line := range strings.Lines(page) {
		line = strings.TrimSpace(line)
		switch {
		case !strings.HasPrefix(line, "|"):
			checked = false
		case strings.HasSuffix(line, "| Test |"):
			checked = true
		case checked && !strings.HasPrefix(line, "|---"):
			cells := strings.Split(strings.Trim(line, "|"), "|")
			row := conformanceRow{number: strings.TrimSpace(cells[0])}
			if place := quoted.FindStringSubmatch(cells[len(cells)-2]); place != nil {
				row.place = place[1]
			}
			for _, test := range quoted.FindAllStringSubmatch(cells[len(cells)-1], -1) {
				row.tests = append(row.tests, test[1])
			}
			rows = append(rows, row)
		}
	}
	return rows
}

// checkPlace checks that the row names a test, and a place that is there.
func checkPlace(t *testing.T, row conformanceRow) {
	t.Helper()
	file, name, _ := strings.Cut(row.place, ": ")
	if len(row.tests) == 0 || file == "" {
		t.Errorf("%s: no test or no place", row.number)
		return
	}
	source, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(file)))
	if err != nil {
		t.Errorf("%s: %v", row.number, err)
		return
	}
	if !regexp.MustCompile(`\b` + regexp.QuoteMeta(name) + `\b`).Match(source) {
		t.Errorf("%s: no %s in %s", row.number, name, file)
	}
}

// testEvent is a line of go test -json.
type testEvent struct{ Action, Package, Test, Output string }

// runNamed runs tests, all in one go.
func runNamed(t *testing.T, tests []string) map[string][]string {
	t.Helper()
	packages, names := map[string]bool{}, map[string]bool{}
	for _, test := range tests {
		dot := strings.LastIndex(test, ".")
		packages["sotto/"+test[:max(dot, 0)]], names[test[dot+1:]] = true, true
	}
	args := []string{"test", "-tags", "ci", "-json", "-run", "^(" + strings.Join(slices.Sorted(maps.Keys(names)), "|") + ")$"}
	out, err := exec.CommandContext(t.Context(), "go", append(args, slices.Sorted(maps.Keys(packages))...)...).Output()
	if err != nil {
		t.Errorf("go test: %v", err)
	}
	return resultsOf(t, out)
}

// resultsOf reads how tests ended: "pass", "fail" or "skip". A test that was not there is not in the result. What was said
// of those that failed is logged.
func resultsOf(t *testing.T, out []byte) map[string][]string {
	t.Helper()
	results, printed := map[string][]string{}, map[string]string{}
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e testEvent
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			continue
		}
		key := e.Package + " " + e.Test
		printed[key] += e.Output
		if e.Action == "build-fail" || e.Action == "fail" {
			t.Log(printed[key])
		}
		if slices.Contains([]string{"pass", "fail", "skip"}, e.Action) && e.Test != "" {
			test := strings.TrimPrefix(e.Package, "sotto/") + "." + e.Test
			results[test] = append(results[test], e.Action)
		}
	}
	if err := lines.Err(); err != nil {
		t.Error(err)
	}
	return results
}
