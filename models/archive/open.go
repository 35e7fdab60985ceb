package archive

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"sotto/models"
	"sotto/node/mailserver"
)

// readers is how many connections may read at the same time.
const readers = 4

// ErrAddress says that a text names no archive. The text itself is not in the error: it may contain a password.
var ErrAddress = errors.New("neither the path of a file nor an address that begins with postgres://")

// Archive is one open database of envelopes. Its methods may be called from any goroutine.
type Archive struct {
	writer *gorm.DB
	reader *gorm.DB // each transaction with its own snapshot
	bounds bounds

	pruning sync.Mutex   // held by Prune, so that no two delete the same
	open    sync.RWMutex // held for reading while a transaction runs, for writing by Close
	closed  bool
}

var _ mailserver.Archive = (*Archive)(nil)

// Open opens the archive that dsn names, creates it where there is none, and brings its schema up to date. A path, or a
// file: address, is a file of SQLite; postgres:// or postgresql:// is a database of PostgreSQL, which must exist. Errors
// wrap ErrAddress, or models.ErrNotDatabase, ErrDiskFull, ErrReadOnly or ErrNewer; they never contain a password.
func Open(ctx context.Context, dsn string) (*Archive, error) {
	a, err := connect(dsn)
	if err != nil {
		return nil, fmt.Errorf("open archive: %w", typed(err))
	}
	if err := a.migrate(ctx, migrations); err != nil {
		return nil, errors.Join(fmt.Errorf("open archive: %w", err), a.Close())
	}
	return a, nil
}

func connect(dsn string) (*Archive, error) {
	scheme, rest, _ := strings.Cut(dsn, ":")
	switch {
	case scheme == "postgres" || scheme == "postgresql":
		return connectPostgres(dsn)
	case scheme == "file" && rest != "":
		u, err := url.Parse(dsn)
		if err != nil || u.RawQuery != "" || u.Host != "" && u.Host != "localhost" {
			return nil, ErrAddress
		}
		return connectSQLite(u.Path + opaque(u))
	case dsn == "" || strings.Contains(dsn, "://"):
		return nil, ErrAddress
	}
	return connectSQLite(dsn)
}

// opaque is the path of an address like file:mail.db.
func opaque(u *url.URL) string {
	path, err := url.PathUnescape(u.Opaque)
	if err != nil {
		return u.Opaque
	}
	return path
}

// overPool puts GORM above connections that were opened.
func overPool(pool *sql.DB, dialector gorm.Dialector, connections int) (*gorm.DB, error) {
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	db, err := gorm.Open(dialector, &gorm.Config{
		Logger:                 logger.Discard, // a server that is asked much would fill its log
		SkipDefaultTransaction: true,
		DisableAutomaticPing:   true,
	})
	if err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return db, nil
}

// update runs fn in a transaction that writes and commits it durably.
func (a *Archive) update(ctx context.Context, fn func(tx *gorm.DB) error) error {
	return a.run(ctx, a.writer, &sql.TxOptions{}, fn)
}

// view runs fn on a snapshot.
func (a *Archive) view(ctx context.Context, fn func(tx *gorm.DB) error) error {
	return a.run(ctx, a.reader, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead}, fn)
}

func (a *Archive) run(ctx context.Context, db *gorm.DB, options *sql.TxOptions, fn func(tx *gorm.DB) error) error {
	a.open.RLock()
	defer a.open.RUnlock()
	if a.closed {
		return models.ErrClosed
	}
	return typed(db.WithContext(ctx).Transaction(fn, options))
}

// Close implements mailserver.Archive. It waits for running transactions; later calls of other methods fail with
// models.ErrClosed. Closing twice is allowed.
func (a *Archive) Close() error {
	a.open.Lock()
	defer a.open.Unlock()
	if a.closed {
		return nil
	}
	a.closed = true
	var failed []error
	for _, db := range []*gorm.DB{a.reader, a.writer} { // the writer last: it folds SQLite's write-ahead log into the file
		if db != nil {
			failed = append(failed, closeDB(db))
		}
	}
	return typed(errors.Join(failed...))
}

func closeDB(db *gorm.DB) error {
	pool, err := db.DB()
	if err != nil {
		return err
	}
	return pool.Close()
}
