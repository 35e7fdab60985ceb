// Package vectortest hands recorded protocol vectors to tests.
//
// The vectors lie in node/testdata/vectors, one JSON file per theme, each an object whose top-level keys are its
// sections. The environment variable SOTTO_VECTORS names another folder of the same shape, so that a fuller or newer
// recording can be tried without copying it into the repository. The table in this package says which Go package reads
// which section; a test in package node holds the table and the tests together.
package vectortest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// Dir is the folder of vectors in force: SOTTO_VECTORS when set, else node/testdata/vectors beside this package.
func Dir() string {
	if dir := os.Getenv("SOTTO_VECTORS"); dir != "" {
		return dir
	}
	_, here, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(filepath.Dir(here)), "testdata", "vectors")
}

// Load decodes one section of one vector file (for example "whisper.json", "bloom") into the value that into points to.
// It skips the test, naming what is missing, when the file or the section is absent, and fails it when the content does
// not decode.
func Load(t testing.TB, file, section string, into any) {
	t.Helper()
	sections, err := Sections(file)
	if os.IsNotExist(err) {
		t.Skipf("vectors %s: no such file in %s", file, Dir())
	}
	if err != nil {
		t.Fatal(err)
	}
	raw, ok := sections[section]
	if !ok {
		t.Skipf("vectors %s: no section %q in %s", file, section, Dir())
	}
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatalf("vectors %s, section %q: %v", file, section, err)
	}
}

// Sections reads a vector file of the folder in force and returns its undecoded sections by name. The error is an
// [os.IsNotExist] one when there is no such file.
func Sections(file string) (map[string]json.RawMessage, error) {
	raw, err := os.ReadFile(filepath.Join(Dir(), file))
	if err != nil {
		return nil, err
	}
	var sections map[string]json.RawMessage
	if err := json.Unmarshal(raw, &sections); err != nil {
		return nil, fmt.Errorf("vectors %s: %w", file, err)
	}
	return sections, nil
}
