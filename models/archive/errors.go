package archive

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	engine "github.com/glebarez/go-sqlite"
	"github.com/jackc/pgx/v5/pgconn"

	"sotto/models"
)

// Codes of SQLite (https://www.sqlite.org/rescode.html), of which the lowest byte is the kind.
const (
	sqlitePermission = 3
	sqliteReadOnly   = 8
	sqliteCorrupt    = 11
	sqliteFull       = 13
	sqliteNotADB     = 26
)

// kindsOfSQLite and kindsOfPostgres say which codes of an engine are which error of models. PostgreSQL's are SQLSTATEs.
var (
	kindsOfSQLite = map[int]error{
		sqlitePermission: models.ErrReadOnly,
		sqliteReadOnly:   models.ErrReadOnly,
		sqliteCorrupt:    models.ErrNotDatabase,
		sqliteFull:       models.ErrDiskFull,
		sqliteNotADB:     models.ErrNotDatabase,
	}
	kindsOfPostgres = map[string]error{
		"53100": models.ErrDiskFull,    // disk_full
		"25006": models.ErrReadOnly,    // read_only_sql_transaction
		"XX001": models.ErrNotDatabase, // data_corrupted
		"XX002": models.ErrNotDatabase, // index_corrupted
	}
)

// typed gives an engine's error one of the names that models has for them, so that a sentence about a store fits both. It
// keeps the cause for errors.Is.
func typed(err error) error {
	if err == nil {
		return nil
	}
	if kind := kindOf(err); kind != nil && !errors.Is(err, kind) {
		return fmt.Errorf("%w: %w", kind, err)
	}
	return err
}

func kindOf(err error) error {
	if e, ok := errors.AsType[*engine.Error](err); ok {
		return kindsOfSQLite[e.Code()&0xff]
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return kindsOfPostgres[e.Code]
	}
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return models.ErrDiskFull
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return models.ErrReadOnly
	}
	return nil
}
