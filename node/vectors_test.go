package node_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"sotto/node/vectortest"
)

// TestVectorTable holds three things together: the vectors in the folder in force, the table of who reads them, and the
// tests that do. What the table leaves for later is skipped by its name.
func TestVectorTable(t *testing.T) {
	files, err := os.ReadDir(vectortest.Dir())
	if err != nil {
		t.Fatal(err)
	}
	reads := map[string]map[string]bool{}
	for _, f := range files {
		if filepath.Ext(f.Name()) != ".json" {
			continue
		}
		sections, err := vectortest.Sections(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		rows, ok := vectortest.Table[f.Name()]
		if !ok {
			t.Errorf("%s is not in vectortest.Table", f.Name())
			continue
		}
		for section := range sections {
			t.Run(f.Name()+"/"+section, func(t *testing.T) { checkRow(t, reads, f.Name(), section, rows[section]) })
		}
	}
}

// checkRow checks one section: that the table has it, and that the packages it names read it.
func checkRow(t *testing.T, reads map[string]map[string]bool, file, section string, readers vectortest.Readers) {
	switch {
	case len(readers) == 0:
		t.Fatalf("%s %q is not in vectortest.Table", file, section)
	case slices.Contains(readers, vectortest.Later):
		t.Skipf("%s %q: its layer comes later", file, section)
	case slices.Contains(readers, vectortest.Prose):
		return
	}
	for _, pkg := range readers {
		if reads[pkg] == nil {
			reads[pkg] = vectorReads(t, pkg)
		}
		if !reads[pkg][file+"/"+section] {
			t.Errorf("no test of %s loads %q %q", pkg, file, section)
		}
	}
}

// vectorReads scans the tests of a package (a folder of the module) for what they load, and returns it as "file/section".
// A helper of the package that passes a section on to Load for one fixed file counts like Load itself.
func vectorReads(t *testing.T, pkg string) map[string]bool {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("..", filepath.FromSlash(pkg), "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	scan := scanner{helpers: map[string]string{}, found: map[string]bool{}}
	for _, name := range names {
		parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		scan.files = append(scan.files, parsed)
	}
	for known := -1; known < len(scan.helpers); {
		known = len(scan.helpers)
		scan.round()
	}
	return scan.found
}

// scanner looks for loads in the tests of one package.
type scanner struct {
	files   []*ast.File
	helpers map[string]string // function that loads a section given to it → the vector file it loads from
	found   map[string]bool   // "file/section"
}

// round goes through every function once. It finds the helpers of the helpers that the rounds before found.
func (s *scanner) round() {
	for _, file := range s.files {
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			ast.Inspect(f, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok {
					s.call(f.Name.Name, call)
				}
				return true
			})
		}
	}
}

// call notes what one call within the function caller loads, if it loads anything.
func (s *scanner) call(caller string, call *ast.CallExpr) {
	name, args := nameOf(call.Fun), call.Args
	file := s.helpers[name]
	if name == "vectortest.Load" && len(args) == 4 {
		file, args = literal(args[1]), args[1:]
	}
	if file == "" || len(args) < 2 {
		return
	}
	if section := literal(args[1]); section != "" {
		s.found[file+"/"+section] = true
	} else {
		s.helpers[caller] = file
	}
}

// nameOf is the name of a called function, without type arguments.
func nameOf(fun ast.Expr) string {
	switch fun := fun.(type) {
	case *ast.Ident:
		return fun.Name
	case *ast.IndexExpr:
		return nameOf(fun.X)
	case *ast.SelectorExpr:
		return nameOf(fun.X) + "." + fun.Sel.Name
	}
	return ""
}

// literal is the value of a string literal, or "" for any other expression.
func literal(e ast.Expr) string {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return ""
	}
	s, err := strconv.Unquote(lit.Value)
	if err != nil {
		return ""
	}
	return s
}
