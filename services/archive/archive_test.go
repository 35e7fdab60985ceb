package archive

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sotto/services/fault"
)

func TestOpen(t *testing.T) {
	a, err := Open(t.Context(), filepath.Join(t.TempDir(), "archive.db"))
	if err != nil {
		t.Fatal(err)
	}
	if size, err := a.Size(t.Context()); err != nil || size.Envelopes != 0 {
		t.Errorf("%+v, %v", size, err)
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
}

// TestRefusals: what is wrong is told, and no password with it.
func TestRefusals(t *testing.T) {
	text := filepath.Join(t.TempDir(), "letter.txt")
	if err := os.WriteFile(text, []byte(strings.Repeat("Dear Ann, ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for where, want := range map[string]string{
		"":                                    "neither a file nor an address",
		"mysql://me:hunter2@localhost/mail":   "neither a file nor an address",
		"postgres://me:hunter2@%zz/mail":      "neither a file nor an address",
		"postgres://me:hunter2@127.0.0.1:1/x": "did not open",
		text:                                  "is something else",
	} {
		_, err := Open(t.Context(), where)
		if fault.CodeOf(err) != fault.StorageProblem || !strings.Contains(fault.Sentence(err), want) {
			t.Errorf("%q: %v", where, err)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the password is told: %v", err)
		}
	}
}
