package models

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"gorm.io/gorm"
)

// Store is one open account database. Its methods may be called from any goroutine.
type Store struct {
	writer *gorm.DB // one connection
	reader *gorm.DB // several, each with its own snapshot

	open   sync.RWMutex // held for reading while a transaction runs, for writing by Close
	closed bool
}

// Tx is a transaction. It is valid inside the function that it was given to and on that goroutine only.
type Tx struct {
	db    *gorm.DB
	depth int // open savepoints
}

// Update runs fn in the one writing transaction and commits it durably. An error or a panic of fn, or the end of ctx
// before the commit, leaves the database as it was. Calls queue up. fn must not call Update or View.
func (s *Store) Update(ctx context.Context, fn func(*Tx) error) error {
	return s.run(ctx, s.writer, &sql.TxOptions{}, fn)
}

// View runs fn on a snapshot. It waits for no writer; writing inside it fails.
func (s *Store) View(ctx context.Context, fn func(*Tx) error) error {
	return s.run(ctx, s.reader, &sql.TxOptions{ReadOnly: true}, fn)
}

func (s *Store) run(ctx context.Context, db *gorm.DB, options *sql.TxOptions, fn func(*Tx) error) error {
	s.open.RLock()
	defer s.open.RUnlock()
	if s.closed {
		return ErrClosed
	}
	return typed(db.WithContext(ctx).Transaction(func(g *gorm.DB) error { return fn(&Tx{db: g}) }, options))
}

// Close waits for running transactions, folds the write-ahead log into the main file and closes both pools. Later calls
// of Update and View fail with ErrClosed. Closing twice is allowed.
func (s *Store) Close() error {
	s.open.Lock()
	defer s.open.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	var err error
	if s.reader != nil {
		err = closeDB(s.reader)
	}
	if err = errors.Join(err, closeDB(s.writer)); err != nil {
		return typed(fmt.Errorf("close store: %w", err))
	}
	return nil
}

// Savepoint runs fn so that its failure undoes what fn did and nothing else. It returns fn's error. Savepoints nest.
// They are released one by one, so that a transaction with thousands of them stays fast.
func (tx *Tx) Savepoint(fn func() error) error {
	name := "s" + strconv.Itoa(tx.depth)
	if err := tx.exec("SAVEPOINT " + name); err != nil {
		return err
	}
	tx.depth++
	failed := fn()
	tx.depth--
	if failed != nil {
		if err := tx.exec("ROLLBACK TO " + name); err != nil {
			return errors.Join(failed, err) // the engine gave up the whole transaction
		}
	}
	return errors.Join(failed, tx.exec("RELEASE "+name))
}

func (tx *Tx) exec(statement string, args ...any) error {
	return typed(tx.db.Exec(statement, args...).Error)
}
