package models

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/ncruces/go-sqlite3"
)

// count is the number of settings, which the tests use as plain rows.
func count(t testing.TB, s *Store) (n int) {
	t.Helper()
	view(t, s, func(tx *Tx) error { return tx.db.Raw("SELECT count(*) FROM settings").Scan(&n).Error })
	return n
}

// crashed copies a database as a crash would leave it: main file and log of an open store, without the check value
// where that is to be tested apart.
func crashed(t *testing.T, rows int, withCheck bool) string {
	t.Helper()
	source := filepath.Join(t.TempDir(), "source.db")
	s := openAt(t, source)
	for i := range rows {
		update(t, s, func(tx *Tx) error { return tx.SetSetting(string(rune('a'+i)), []byte{byte(i)}) })
	}
	target := filepath.Join(t.TempDir(), "copy.db")
	suffixes := []string{"", "-wal"}
	if withCheck {
		suffixes = append(suffixes, checkSuffix)
	}
	for _, suffix := range suffixes {
		data, err := os.ReadFile(source + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(target+suffix, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return target
}

func TestWrongKeyLosesNothing(t *testing.T) {
	for name, withCheck := range map[string]bool{"asked by check value": true, "asked by the engine": false} {
		t.Run(name, func(t *testing.T) {
			path := crashed(t, 10, withCheck)
			wal, err := os.Stat(path + "-wal")
			if err != nil || wal.Size() == 0 {
				t.Fatalf("the crash left no log: %v", err)
			}
			for range 2 {
				if s, err := Open(path, [32]byte{9}); !errors.Is(err, ErrWrongKey) {
					t.Fatalf("wrong key: %v, %v", s, err)
				}
			}
			if n := count(t, openAt(t, path)); n != 10 {
				t.Errorf("%d of 10 rows after two wrong keys", n)
			}
		})
	}
}

// TestLogThatEndsAnywhere cuts the end off the log of a crashed database, at sizes that fit no block: the database opens
// with all commits but, at most, the last two.
func TestLogThatEndsAnywhere(t *testing.T) {
	for _, cut := range []int64{1, 511, 2560, 4095, 5000} {
		path := crashed(t, 10, true)
		wal, err := os.Stat(path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path+"-wal", wal.Size()-cut); err != nil {
			t.Fatal(err)
		}
		if n := count(t, openAt(t, path)); n < 8 {
			t.Errorf("%d bytes cut off: %d of 10 rows", cut, n)
		}
	}
}

func TestKeyNeverInErrors(t *testing.T) {
	path := crashed(t, 1, false)
	_, err := Open(path, [32]byte{0xab, 0xcd})
	if err == nil || strings.Contains(err.Error(), "abcd") {
		t.Errorf("error: %v", err)
	}
}

func TestDamagedFilesAreRefused(t *testing.T) {
	cases := map[string]struct {
		damage func(path string) error
		want   error
	}{
		"emptied": {func(p string) error { return os.Truncate(p, 0) }, ErrNotDatabase},
		"missing": {os.Remove, ErrNotDatabase},
		"noise":   {func(p string) error { return os.WriteFile(p, bytes.Repeat([]byte("noise"), 4096), 0o600) }, ErrNotDatabase},
		"short check value": {func(p string) error { return os.WriteFile(p+checkSuffix, []byte("x"), 0o600) },
			ErrNotDatabase},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.db")
			if err := openAt(t, path).Close(); err != nil {
				t.Fatal(err)
			}
			if err := c.damage(path); err != nil {
				t.Fatal(err)
			}
			if _, err := Open(path, testKey); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestInterruptedCreation(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil { // as a crash before the first commit leaves it
		t.Fatal(err)
	}
	if err := openAt(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, [32]byte{9}); !errors.Is(err, ErrWrongKey) {
		t.Errorf("another key afterwards: %v", err)
	}
}

func TestNothingInTheClear(t *testing.T) {
	const word = "Wintergarten-Treffpunkt"
	dir := filepath.Join(t.TempDir(), "account")
	s := openAt(t, filepath.Join(dir, "a.db"))
	update(t, s, func(tx *Tx) error {
		c := Chat{Kind: PublicChat, Name: word, Active: true}
		if err := tx.PutChat(&c); err != nil {
			return err
		}
		_, err := tx.AddMessage(&Message{ID: make([]byte, 32), Chat: c.ID, Clock: 1, Author: []byte(word), Text: strings.Repeat(word, 500)})
		return err
	})
	search := func(when string) {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			if bytes.Contains(data, []byte(word)) || bytes.HasPrefix(data, []byte("SQLite format")) {
				t.Errorf("%s: %s holds plaintext", when, d.Name())
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
	search("open")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	search("closed")
}

func TestFilesAreTheOwnersAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "account")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s := openAt(t, filepath.Join(dir, "a.db"))
	update(t, s, func(tx *Tx) error { return tx.SetSetting("a", []byte("b")) })
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 4 {
		t.Errorf("files: %v, %v", entries, err)
	}
	for _, e := range entries {
		if info, _ := e.Info(); info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v", e.Name(), info.Mode())
		}
	}
	if info, _ := os.Stat(dir); info.Mode().Perm() != 0o700 {
		t.Errorf("folder: %v", info.Mode())
	}
}

func TestPathsWithMeaning(t *testing.T) {
	for _, name := range []string{"who?.db", "50%41.db", "a#b.db", "a b&c=d.db", "ü+ñ.db", "quote'\".db"} {
		path := filepath.Join(t.TempDir(), name)
		s := openAt(t, path)
		update(t, s, func(tx *Tx) error { return tx.SetSetting("a", []byte("b")) })
		if _, err := os.Stat(path); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestConnectionsAreSetUp(t *testing.T) {
	s := open(t)
	check := func(what string, run func(context.Context, func(*Tx) error) error, want map[string]string) {
		err := run(context.Background(), func(tx *Tx) error {
			for pragma, value := range want {
				var got string
				if err := tx.db.Raw("PRAGMA " + pragma).Scan(&got).Error; err != nil || got != value {
					t.Errorf("%s: %s = %s, %v; want %s", what, pragma, got, err, value)
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	common := map[string]string{"journal_mode": "wal", "synchronous": "2", "temp_store": "2", "busy_timeout": "10000", "foreign_keys": "1"}
	check("writer", s.Update, common)
	check("reader", s.View, common)
	update(t, s, func(tx *Tx) error { return tx.exec("CREATE VIRTUAL TABLE temp.words USING fts5(text)") })
}

func TestReadOnlyFolder(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root writes everywhere")
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(filepath.Join(dir, "sub", "a.db"), testKey); !errors.Is(err, ErrReadOnly) {
		t.Errorf("got %v", err)
	}
}

func TestErrorsAreNamed(t *testing.T) {
	for cause, want := range map[error]error{
		sqlite3.FULL: ErrDiskFull, sqlite3.READONLY: ErrReadOnly, sqlite3.READONLY_DIRECTORY: ErrReadOnly,
		sqlite3.NOTADB: ErrNotDatabase, sqlite3.CORRUPT_INDEX: ErrNotDatabase, syscall.ENOSPC: ErrDiskFull,
		syscall.EROFS: ErrReadOnly, fs.ErrPermission: ErrReadOnly,
	} {
		if err := typed(cause); !errors.Is(err, want) || !errors.Is(err, cause) {
			t.Errorf("%v: %v", cause, err)
		}
	}
	if plain := errors.New("other"); typed(plain).Error() != "other" || named(typed(plain)) || typed(nil) != nil {
		t.Error("other errors are changed")
	}
	if Broken(sqlite3.CONSTRAINT_UNIQUE) || !Broken(typed(sqlite3.FULL)) || !Broken(sqlite3.IOERR_WRITE) {
		t.Error("broken store and refused row are mixed up")
	}
}
