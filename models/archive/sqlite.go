package archive

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"

	"github.com/glebarez/sqlite"
	"gorm.io/gorm"
)

// connectSQLite opens a file: one connection that writes, several that read.
func connectSQLite(path string) (*Archive, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := makeFile(path); err != nil {
		return nil, err
	}
	a := &Archive{bounds: usual}
	// The writer first: it makes a write-ahead log of the file, which readers cannot.
	if a.writer, err = openSQLite(path, 1, "journal_mode(wal)", "synchronous(full)", "wal_autocheckpoint(4000)", "journal_size_limit(67108864)"); err != nil {
		return nil, err
	}
	if a.reader, err = openSQLite(path, readers, "query_only(on)"); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

func openSQLite(path string, connections int, pragmas ...string) (*gorm.DB, error) {
	pool, err := sql.Open(sqlite.DriverName, sourceSQLite(path, pragmas))
	if err != nil {
		return nil, err
	}
	return overPool(pool, &sqlite.Dialector{Conn: pool}, connections)
}

// sourceSQLite is a path as the engine's address: every character that an address gives a meaning is escaped. A transaction
// that writes says so when it begins: one that read before could not wait for another writer.
func sourceSQLite(path string, pragmas []string) string {
	path = filepath.ToSlash(path)
	if runtime.GOOS == "windows" {
		path = "/" + path
	}
	options := url.Values{
		"_txlock": {"immediate"},
		"_pragma": append([]string{"busy_timeout(10000)", "temp_store(memory)", "cache_size(-8192)"}, pragmas...),
	}
	u := url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: options.Encode()}
	return u.String()
}

// makeFile creates the file for its owner alone, and its folder where there is none, and makes both names durable. The engine
// gives the files beside it the same rights.
func makeFile(path string) error {
	dir := filepath.Dir(path)
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("create folder: %w", err)
		}
		if err := syncFolder(filepath.Dir(dir)); err != nil {
			return err
		}
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(file.Chmod(0o600), file.Close()); err != nil {
		return fmt.Errorf("narrow file: %w", err)
	}
	return syncFolder(dir)
}

// syncFolder makes the names in dir durable. Windows has no such call and needs none: its file creation is journalled.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("open folder: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}
