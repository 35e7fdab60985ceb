package archive

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"sotto/models"
	"sotto/node/mailserver"
)

// TestReleasedMigrationsNeverChange: an edit of an old one would go unnoticed here, and archives would have another schema
// than the tests. A mistake is mended by a further migration.
func TestReleasedMigrationsNeverChange(t *testing.T) {
	pinned := []string{"480d4bf8c0a443c7"}
	for i, m := range migrations {
		sum := fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join(m.statements, ";\n"))))[:16]
		if i >= len(pinned) || sum != pinned[i] {
			t.Errorf("migration %d (%s) has the sum %s", i+1, m.name, sum)
		}
	}
}

func TestOpenedAgain(t *testing.T) {
	alone(t)
	onBoth(t, t.Run, func(t *testing.T, dsn string) {
		a := open(t, dsn)
		list := envelopesOf(1, 1000, 3000, 3, 100)
		put(t, a, list...)
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
		a = open(t, dsn)
		if found := findAll(t, a); !same(found, list) {
			t.Errorf("%d of %d are there", len(found), len(list))
		}
		if found, more := find(t, a, forever); len(found) != mostLimit || !more {
			t.Errorf("a page of %d, more: %v", len(found), more)
		}
		if size := sizeOf(t, a); size != (mailserver.Size{Envelopes: 3000, Bytes: 3000 * 100, Oldest: 1000}) {
			t.Errorf("size %+v", size)
		}
	})
}

func TestANewerSchemaIsRefused(t *testing.T) {
	onBoth(t, t.Run, func(t *testing.T, dsn string) {
		a := open(t, dsn)
		if err := a.writer.Exec("INSERT INTO schema_version (version, at) VALUES (99, 0)").Error; err != nil {
			t.Fatal(err)
		}
		if b, err := Open(t.Context(), dsn); !errors.Is(err, models.ErrNewer) || b != nil {
			t.Errorf("%v, %v", b, err)
		}
	})
}

func TestClosed(t *testing.T) {
	onBoth(t, t.Run, func(t *testing.T, dsn string) {
		a := open(t, dsn)
		if err := errors.Join(a.Close(), a.Close()); err != nil {
			t.Fatal(err)
		}
		_, _, found := a.Find(t.Context(), forever)
		_, pruned := a.Prune(t.Context(), 1, 0)
		_, sized := a.Size(t.Context())
		for _, err := range []error{a.Put(t.Context(), known), found, pruned, sized} {
			if !errors.Is(err, models.ErrClosed) {
				t.Error(err)
			}
		}
	})
}

// TestCancelled: whoever gives up waiting gets an error, and nothing is stored.
func TestCancelled(t *testing.T) {
	onBoth(t, t.Run, func(t *testing.T, dsn string) {
		a := open(t, dsn)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := a.Put(ctx, known); !errors.Is(err, context.Canceled) {
			t.Errorf("put: %v", err)
		}
		if _, _, err := a.Find(ctx, forever); !errors.Is(err, context.Canceled) {
			t.Errorf("find: %v", err)
		}
		if size := sizeOf(t, a); size != (mailserver.Size{}) {
			t.Errorf("size %+v", size)
		}
	})
}

func TestFormsOfAPath(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a folder", "50% ?#.db")
	put(t, open(t, path), known...)
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(path)}
	for _, dsn := range []string{path, u.String()} {
		if size := sizeOf(t, open(t, dsn)); size.Envelopes == 0 {
			t.Errorf("%s: another archive", dsn)
		}
	}
	t.Chdir(dir)
	open(t, "file:here.db")
	if _, err := os.Stat(filepath.Join(dir, "here.db")); err != nil {
		t.Error(err)
	}
}

func TestTheFileIsItsOwnersAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such rights")
	}
	path := filepath.Join(t.TempDir(), "mail.db")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	a := open(t, path)
	put(t, a, known...)
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("mail.db%s has the rights %v", suffix, info.Mode())
		}
	}
}

func TestAForeignFileIsRefusedAndKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "letter.txt")
	text := strings.Repeat("This is no database. ", 500)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), path); !errors.Is(err, models.ErrNotDatabase) {
		t.Error(err)
	}
	if left, err := os.ReadFile(path); string(left) != text || err != nil {
		t.Errorf("the file changed: %v", err)
	}
}

// TestAFullDisk: a Put for which there is no room stores nothing, and is told so.
func TestAFullDisk(t *testing.T) {
	a := open(t, filepath.Join(t.TempDir(), "mail.db"))
	if err := a.writer.Exec("PRAGMA max_page_count=40").Error; err != nil {
		t.Fatal(err)
	}
	put(t, a, known...)
	before := sizeOf(t, a)
	if err := a.Put(t.Context(), envelopesOf(1, 1000, 600, 3, 500)); !errors.Is(err, models.ErrDiskFull) {
		t.Errorf("put: %v", err)
	}
	if size := sizeOf(t, a); size != before {
		t.Errorf("size %+v, before %+v", size, before)
	}
}

func TestADatabaseThatMayOnlyBeRead(t *testing.T) {
	dsn := postgresCluster(t).database(t)
	put(t, open(t, dsn), known...)
	if _, err := Open(t.Context(), dsn+"&default_transaction_read_only=on"); !errors.Is(err, models.ErrReadOnly) {
		t.Error(err)
	}
}

// TestPasswordsAreInNoError opens archives that cannot be opened.
func TestPasswordsAreInNoError(t *testing.T) {
	const secret = "hunter2"
	addresses := []string{
		"postgres://me:" + secret + "@127.0.0.1:1/mail",
		"postgres://me:" + secret + "@[bad/mail",
		"postgres://me:" + secret + "%zz@127.0.0.1:1/mail",
		"postgres://me:" + secret + " @127.0.0.1:1/mail",
		"postgres://127.0.0.1:1/mail?user=me&password=" + secret + "&sslmode=perhaps",
		"postgresql://me:" + secret + "@127.0.0.1:many/mail",
		"mysql://me:" + secret + "@127.0.0.1/mail",
		"file://me:" + secret + "@127.0.0.1/mail",
	}
	for _, dsn := range addresses {
		a, err := Open(t.Context(), dsn)
		if err == nil || a != nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v", dsn, err)
		}
	}
	if _, err := Open(t.Context(), ""); !errors.Is(err, ErrAddress) {
		t.Error(err)
	}
	t.Run("postgres", func(t *testing.T) {
		c := postgresCluster(t)
		c.exec(t, "DROP ROLE IF EXISTS "+guarded)
		c.exec(t, "CREATE ROLE "+guarded+" LOGIN PASSWORD 'another'")
		dsn := strings.Replace(c.address("postgres"), "postgres@", guarded+":"+secret+"@", 1)
		if _, err := Open(t.Context(), dsn); err == nil || strings.Contains(err.Error(), secret) || !strings.Contains(err.Error(), "authentication") {
			t.Error(err)
		}
	})
}
