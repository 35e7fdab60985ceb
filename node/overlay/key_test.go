package overlay

import (
	"bytes"
	"crypto/rand"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
)

func TestLoadOrCreateKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nodekey")
	made, err := LoadOrCreateKey(path, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	read, err := LoadOrCreateKey(path, iotest.ErrReader(os.ErrClosed)) // needs no randomness any more
	if err != nil {
		t.Fatal(err)
	}
	if !made.Equal(read) {
		t.Error("another key was read than written")
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

// TestKeyWithOpenPermissions: a key copied from elsewhere is closed to others.
func TestKeyWithOpenPermissions(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no permission bits")
	}
	path := filepath.Join(t.TempDir(), "nodekey")
	if err := os.WriteFile(path, []byte(strings.Repeat("0", 63)+"1"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadOrCreateKey(path, rand.Reader); err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
}

// TestDamagedKey: a node that took a new key would be lost to everybody who knows its enode URL.
func TestDamagedKey(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "short": strings.Repeat("1", 62), "long": strings.Repeat("1", 66), "not hex": strings.Repeat("x", 64),
		"zero": strings.Repeat("0", 64), "too big": strings.Repeat("f", 64),
	} {
		path := filepath.Join(t.TempDir(), "nodekey")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadOrCreateKey(path, rand.Reader); err == nil {
			t.Errorf("%s: no error", name)
		} else if text != "" && strings.Contains(err.Error(), text) {
			t.Errorf("%s: the error shows what is in the file", name)
		}
		if now, _ := os.ReadFile(path); string(now) != text {
			t.Errorf("%s: overwritten", name)
		}
	}
}

func TestKeyDrawnAgain(t *testing.T) {
	draw := append(bytes.Repeat([]byte{0xff}, 32), bytes.Repeat([]byte{1}, 32)...) // the first is no valid secret
	key, err := LoadOrCreateKey(filepath.Join(t.TempDir(), "k"), bytes.NewReader(draw))
	if err != nil {
		t.Fatal(err)
	}
	if got := key.D.Bytes(); !bytes.Equal(got, draw[32:]) {
		t.Error("not the second draw")
	}
}

func TestKeyCannotBeKept(t *testing.T) {
	if _, err := LoadOrCreateKey(filepath.Join(t.TempDir(), "none", "nodekey"), rand.Reader); err == nil {
		t.Error("no error for a folder that is not there")
	}
	if _, err := LoadOrCreateKey(filepath.Join(t.TempDir(), "k"), iotest.ErrReader(os.ErrClosed)); err == nil {
		t.Error("no error without randomness")
	}
}
