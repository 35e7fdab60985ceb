package services

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"sotto/services/account"
)

// A service of the system may have no home. With a folder of its own it needs none.
func TestWithoutHome(t *testing.T) {
	for _, name := range []string{"HOME", "USERPROFILE", "home"} {
		t.Setenv(name, "")
	}
	dir := t.TempDir()
	s, err := Open(Config{Data: dir, Listen: "127.0.0.1:0", KDF: lightKDF})
	must(t, err)
	t.Cleanup(func() { must(t, s.Close(context.WithoutCancel(t.Context()))) })
	made, err := s.Account.Create(t.Context(), account.Options{Name: "Ann", Password: "swordfish"})
	must(t, err)
	if _, err := os.Stat(filepath.Join(dir, "generations", made.ID)); err != nil {
		t.Error(err)
	}
}
