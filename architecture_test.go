package main_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
)

// pkg is what `go list` tells of one package of ours.
type pkg struct {
	ImportPath string
	Dir        string
	Imports    []string
	GoFiles    []string
}

func ourPackages(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-tags", "ci", "-json=ImportPath,Dir,Imports,GoFiles", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
		var p pkg
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if len(all) < 5 {
		t.Fatalf("go list saw only %d packages", len(all))
	}
	return all
}

// room is the top-level folder of an import path of ours: "sotto/node/whisper" is in "node", "sotto" is "main".
func room(path string) string {
	rest, ours := strings.CutPrefix(path, "sotto/")
	if !ours {
		if path == "sotto" {
			return "main"
		}
		return ""
	}
	first, _, _ := strings.Cut(rest, "/")
	return first
}

// below says whom each room may know besides itself. assets is plain embedded data.
var below = map[string][]string{
	"main":     {"app"},
	"app":      {"views", "services", "node", "assets"},
	"views":    {"services", "node", "assets"},
	"services": {"node", "models", "assets"},
	"models":   {"node"},
	"node":     {"assets"},
	"cmd":      {"services", "node"},
	"assets":   {},
}

func TestArrowsPointDown(t *testing.T) {
	for _, p := range ourPackages(t) {
		from := room(p.ImportPath)
		allowed, known := below[from]
		if !known {
			t.Errorf("%s stands in a room that docs/architecture.md does not have", p.ImportPath)
			continue
		}
		for _, path := range p.Imports {
			if to := room(path); to != "" && to != from && !slices.Contains(allowed, to) {
				t.Errorf("%s imports %s: %s may not know %s", p.ImportPath, path, from, to)
			}
			if reason := foreign(from, path); reason != "" {
				t.Errorf("%s imports %s: %s", p.ImportPath, path, reason)
			}
		}
	}
}

// foreign says why a room may not import a library, or "".
func foreign(room, path string) string {
	fyneRooms := []string{"main", "app", "views"}
	switch {
	case strings.HasPrefix(path, "fyne.io/fyne") && !slices.Contains(fyneRooms, room):
		return "only main, app and views know Fyne"
	case path == "fyne.io/fyne/v2/app" && room == "views":
		return "it pulls the GL driver in; views stay free of it"
	case strings.HasPrefix(path, "gorm.io/") && room != "models":
		return "only models knows GORM"
	case strings.HasPrefix(path, "github.com/glebarez/") && room != "models":
		return "only models knows the database"
	}
	return ""
}

// TestLayersOfTheNode holds the order of the layers inside node: each may know only what is listed.
func TestLayersOfTheNode(t *testing.T) {
	allowed := map[string][]string{
		"sotto/node":             {"*"},
		"sotto/node/whisper":     {},
		"sotto/node/overlay":     {},
		"sotto/node/identity":    {},
		"sotto/node/secure":      {"sotto/node/identity"},
		"sotto/node/datasync":    {"sotto/node/identity"},
		"sotto/node/payload":     {"sotto/node/identity"},
		"sotto/node/vectortest":  {},
		"sotto/node/testnetwork": {"*"},
		"sotto/node/probe":       {"sotto/node/whisper"},

		"sotto/node/payload/group": {"sotto/node/identity", "sotto/node/payload/wire"}, // not payload, which it is within
	}
	for _, p := range ourPackages(t) {
		list, known := allowed[p.ImportPath]
		if !known || slices.Contains(list, "*") {
			continue
		}
		for _, path := range p.Imports {
			if strings.HasPrefix(path, "sotto/node") && !slices.Contains(list, path) && !strings.HasPrefix(path, p.ImportPath+"/") {
				t.Errorf("%s imports %s: a layer knows the one below through an interface of its own", p.ImportPath, path)
			}
		}
	}
}

func TestHeadlessProgramLinksNoWindow(t *testing.T) {
	cmd := exec.Command("go", "list", "-deps", "./cmd/sottod")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for path := range strings.Lines(string(out)) {
		if strings.HasPrefix(path, "fyne.io/") || strings.HasPrefix(path, "github.com/go-gl/") {
			t.Errorf("cmd/sottod links %s", strings.TrimSpace(path))
		}
	}
}

func TestTopLevelFolders(t *testing.T) {
	want := []string{"app", "assets", "cmd", "docs", "interop", "models", "node", "services", "views"}
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		ignored := strings.HasPrefix(e.Name(), ".") || e.Name() == "build" || e.Name() == "bin"
		if e.IsDir() && !ignored && !slices.Contains(want, e.Name()) {
			t.Errorf("folder %s needs a reason in docs/architecture.md and a place in this list", e.Name())
		}
	}
}

func TestEveryPackageHasAComment(t *testing.T) {
	for _, p := range ourPackages(t) {
		if p.ImportPath != "sotto/interop" && len(p.GoFiles) > 0 && !hasComment(t, p) {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
	}
}

func hasComment(t *testing.T, p pkg) bool {
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.PackageClauseOnly|parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if f.Doc != nil && len(f.Doc.Text()) > 40 {
			return true
		}
	}
	return false
}

// TestPictureMatchesImports compares the arrows of the Mermaid picture with the imports between rooms.
func TestPictureMatchesImports(t *testing.T) {
	drawn := arrowsDrawn(t)
	real := map[string]bool{}
	for _, p := range ourPackages(t) {
		for _, path := range p.Imports {
			from, to := room(p.ImportPath), room(path)
			if to != "" && from != to {
				real[from+" --> "+to] = true
			}
		}
	}
	for _, a := range keys(real) {
		if !drawn[a] {
			t.Errorf("docs/architecture.md does not draw %s", a)
		}
	}
	for _, a := range keys(drawn) {
		if !real[a] {
			t.Errorf("docs/architecture.md draws %s, which no import makes", a)
		}
	}
}

func arrowsDrawn(t *testing.T) map[string]bool {
	t.Helper()
	f, err := os.Open("docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	arrow := regexp.MustCompile(`^\s*(\w+) --> (\w+)\s*$`)
	drawn := map[string]bool{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if m := arrow.FindStringSubmatch(lines.Text()); m != nil {
			drawn[m[1]+" --> "+m[2]] = true
		}
	}
	if len(drawn) == 0 {
		t.Fatal("docs/architecture.md has no picture")
	}
	return drawn
}

func keys(m map[string]bool) []string {
	var ks []string
	for k := range m {
		ks = append(ks, k)
	}
	sort.Strings(ks)
	return ks
}
