package models

import (
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/glebarez/sqlite"
	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver"
	"github.com/ncruces/go-sqlite3/ext/fts5"
	"github.com/ncruces/go-sqlite3/vfs"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// readers is how many connections may read at the same time.
const readers = 4

// patience is how long a connection waits for another.
const patience = 10 * time.Second

// role is what a connection is for.
type role int

const (
	writing role = iota
	reading
)

// Open opens the encrypted database at path, creates it where there is none, and brings its schema up to date. The
// folder is made private to its owner. Errors wrap ErrWrongKey, ErrNotDatabase, ErrDiskFull, ErrReadOnly or ErrNewer.
// Whatever the key, Open loses nothing that is in the files.
func Open(path string, key [32]byte) (*Store, error) { return openOn(cipherFiles, path, key) }

// others counts the file systems that OpenOn registered.
var others atomic.Int64

// OpenOn is Open on another file system than the operating system's, of which syncFolder makes the names in a folder durable.
// The cipher is above it all the same.
func OpenOn(below vfs.VFS, syncFolder func(dir string) error, path string, key [32]byte) (*Store, error) {
	name := fmt.Sprintf("%s-%d", cipherFiles, others.Add(1))
	register(name, syncedFiles{below, syncFolder})
	return openOn(name, path, key)
}

// openOn is Open on a registered file system of the engine.
func openOn(files, path string, key [32]byte) (*Store, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	if err := prepare(path, key); err != nil {
		return nil, typed(fmt.Errorf("open store: %w", err))
	}
	s, err := connect(files, path, key)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	return s, nil
}

// prepare makes the folder and asks the key check value. Where one exists, a database with contents must exist, too.
func prepare(path string, key [32]byte) error {
	if err := makeFolder(filepath.Dir(path)); err != nil {
		return err
	}
	known, err := checkKey(path, key)
	if err != nil || !known {
		return err
	}
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		return fmt.Errorf("the file is missing or empty: %w", ErrNotDatabase)
	}
	return nil
}

// connect opens both pools, migrates, and writes the key check value once there is something to check.
func connect(files, path string, key [32]byte) (*Store, error) {
	known, err := checkKey(path, key)
	if err != nil {
		return nil, err
	}
	writer, err := openDB(files, path, key, writing)
	if err != nil {
		return nil, unproven(err, known)
	}
	s := &Store{writer: writer}
	if err := s.migrate(migrations); err != nil {
		return nil, errors.Join(err, closeDB(writer))
	}
	if !known {
		err = saveCheck(path, key)
	}
	if err == nil {
		s.reader, err = openDB(files, path, key, reading)
	}
	if err == nil {
		err = narrow(path)
	}
	if err != nil {
		return nil, errors.Join(typed(err), s.Close())
	}
	return s, nil
}

// unproven turns "not a database" into "wrong key" where no check value says that the key is right: the engine cannot
// tell one from the other.
func unproven(err error, known bool) error {
	if !known && errors.Is(err, sqlite3.NOTADB) {
		return fmt.Errorf("%w (%w)", ErrWrongKey, sqlite3.NOTADB)
	}
	return typed(err)
}

// narrow takes the rights of others from the files that the engine makes by itself.
func narrow(path string) error {
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Chmod(path+suffix, 0o600); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// openDB is the only place that knows the engine. Every connection goes the same way, and the order matters: the first
// connection with a wrong key would take the write-ahead log for garbage and delete it when it closes, so the
// checkpoint on close stays off until reading has proved the key. The key is set by statement: in the name of
// the database it would end up in errors.
func openDB(files, path string, key [32]byte, as role) (*gorm.DB, error) {
	connector, err := new(driver.SQLite).OpenConnector(dataSource(files, path, as))
	if err != nil {
		return nil, err
	}
	pool := sql.OpenDB(keeper{connector, func(c *sqlite3.Conn) error { return setUp(c, key) }})
	connections := 1
	if as == reading {
		connections = readers
	}
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	db, err := gorm.Open(&sqlite.Dialector{Conn: pool}, &gorm.Config{
		Logger:                 logger.Discard, // it would print statements with what people wrote
		SkipDefaultTransaction: true,
		DisableAutomaticPing:   true,
	})
	if err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return db, nil
}

// setUp prepares one connection.
func setUp(c *sqlite3.Conn, key [32]byte) error {
	if err := c.BusyTimeout(patience); err != nil {
		return err
	}
	if _, err := c.Config(sqlite3.DBCONFIG_NO_CKPT_ON_CLOSE, true); err != nil {
		return err
	}
	if err := c.Exec("PRAGMA hexkey='" + hex.EncodeToString(key[:]) + "'"); err != nil {
		return bare(err)
	}
	if err := c.Exec("SELECT count(*) FROM sqlite_schema"); err != nil {
		return err
	}
	if _, err := c.Config(sqlite3.DBCONFIG_NO_CKPT_ON_CLOSE, false); err != nil {
		return err
	}
	if err := fts5.Register(c); err != nil {
		return err
	}
	return c.Exec("PRAGMA temp_store=memory; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON")
}

// bare keeps an engine error's code and drops its text, which may quote the statement.
func bare(err error) error {
	if e, ok := errors.AsType[*sqlite3.Error](err); ok {
		return e.ExtendedCode()
	}
	return errors.New("the cipher refused the key")
}

// dataSource is path as a URI: every character that a URI gives a meaning is escaped.
func dataSource(files, path string, as role) string {
	path = filepath.ToSlash(path)
	if runtime.GOOS == "windows" {
		path = "/" + path
	}
	options := url.Values{"vfs": {files}}
	switch as {
	case writing:
		options.Set("_txlock", "immediate")
	case reading:
		options.Set("_pragma", "query_only(on)") // here, so that the driver knows and does not switch it for each transaction
	}
	u := url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: options.Encode()}
	return u.String()
}

func closeDB(db *gorm.DB) error {
	pool, err := db.DB()
	if err != nil {
		return err
	}
	return pool.Close()
}
