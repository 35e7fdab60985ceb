package node_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// readers are functions that by their name read bytes or text from elsewhere.
var readers = regexp.MustCompile(`^((Decode|Parse|Split)([A-Z]|$)|Unwrap[A-Z])`)

// TestEveryParserHasAFuzzTarget compares the exported functions that read foreign bytes or text, in every package below
// the window, with the fuzz targets beside them.
func TestEveryParserHasAFuzzTarget(t *testing.T) {
	found, fuzzed := map[string]bool{}, map[string]bool{}
	for _, room := range []string{"cmd", "models", "node", "services"} {
		err := filepath.WalkDir(filepath.Join("..", room), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".go" {
				return err
			}
			return collectFunctions(path, found, fuzzed)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(found) < 15 {
		t.Errorf("found only %d readers", len(found))
	}
	for name := range found {
		if !fuzzed[name] {
			t.Errorf("%s has no fuzz target", name)
		}
	}
}

// collectFunctions adds a file's exported readers and the names that its fuzz targets are for, as "folder.Name".
func collectFunctions(path string, found, fuzzed map[string]bool) error {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	folder := strings.TrimPrefix(filepath.ToSlash(filepath.Dir(path)), "../")
	for _, decl := range file.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if target, ok := strings.CutPrefix(f.Name.Name, "Fuzz"); ok {
			fuzzed[folder+"."+target] = true
		}
		if readers.MatchString(f.Name.Name) && !strings.HasSuffix(path, "_test.go") {
			found[folder+"."+f.Name.Name] = true
		}
	}
	return nil
}
