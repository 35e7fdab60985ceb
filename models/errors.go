package models

import (
	"context"
	"errors"
	"io/fs"
	"syscall"

	"github.com/ncruces/go-sqlite3"
)

// The ways in which a store says no. Errors of this package wrap at most one of them.
var (
	ErrWrongKey    = errors.New("the key does not open this database")
	ErrNotDatabase = errors.New("the file is not a database or is damaged")
	ErrDiskFull    = errors.New("the disk is full")
	ErrReadOnly    = errors.New("the folder cannot be written to")
	ErrNewer       = errors.New("the database was written by a newer version")
	ErrClosed      = errors.New("the store is closed")
)

// kinds are the sentinels in the order in which an engine error is compared with them.
var kinds = []struct {
	is   error
	from []error
}{
	{ErrDiskFull, []error{sqlite3.FULL}},
	{ErrReadOnly, []error{sqlite3.READONLY, sqlite3.PERM, syscall.EROFS, fs.ErrPermission}},
	{ErrNotDatabase, []error{sqlite3.NOTADB, sqlite3.CORRUPT}},
}

// typed gives an engine error one of this package's names. It keeps the cause for errors.Is and drops nothing.
func typed(err error) error {
	if err == nil || named(err) {
		return err
	}
	if isDiskFull(err) {
		return &storeError{kind: ErrDiskFull, cause: err}
	}
	for _, k := range kinds {
		for _, from := range k.from {
			if errors.Is(err, from) {
				return &storeError{kind: k.is, cause: err}
			}
		}
	}
	return err
}

func named(err error) bool {
	for _, s := range []error{ErrWrongKey, ErrNotDatabase, ErrDiskFull, ErrReadOnly, ErrNewer, ErrClosed} {
		if errors.Is(err, s) {
			return true
		}
	}
	return false
}

// Broken says whether err is about the store as a whole (disk full, read-only, damaged, closed, cancelled, input and
// output) and not about one row: the whole transaction failed and may succeed later.
func Broken(err error) bool {
	for _, s := range []error{
		ErrDiskFull, ErrReadOnly, ErrNotDatabase, ErrClosed, context.Canceled, context.DeadlineExceeded,
		sqlite3.IOERR, sqlite3.BUSY, sqlite3.LOCKED, sqlite3.INTERRUPT, sqlite3.NOMEM, sqlite3.CANTOPEN,
	} {
		if errors.Is(err, s) {
			return true
		}
	}
	return false
}

// storeError says which of the package's errors it is and keeps the engine's.
type storeError struct{ kind, cause error }

func (e *storeError) Error() string   { return e.kind.Error() + ": " + e.cause.Error() }
func (e *storeError) Unwrap() []error { return []error{e.kind, e.cause} }
