package models

import (
	"container/list"
	"context"
	"database/sql/driver"
	"errors"

	"github.com/ncruces/go-sqlite3"
	engine "github.com/ncruces/go-sqlite3/driver"
)

// mostKept bounds how many statements a connection keeps. The program has fewer; those that are made for a number of
// arguments are what could grow.
const mostKept = 128

// keeper opens connections that keep what they prepared. To prepare a statement takes the engine longer than to run it, and
// database/sql would do so each time that a transaction uses one, ours and GORM's alike.
type keeper struct {
	driver.Connector
	setUp func(*sqlite3.Conn) error
}

// engineConn and engineStmt are what the engine's driver offers to database/sql.
type (
	engineConn interface {
		engine.Conn
		driver.ExecerContext
		driver.NamedValueChecker
	}
	engineStmt interface {
		driver.Stmt
		driver.StmtExecContext
		driver.StmtQueryContext
		driver.NamedValueChecker
	}
)

// Connect implements driver.Connector.
func (k keeper) Connect(ctx context.Context) (driver.Conn, error) {
	opened, err := k.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	c := &keepingConn{engineConn: opened.(engineConn), idle: map[string]*list.Element{}}
	defer c.Raw().SetInterrupt(c.Raw().SetInterrupt(ctx))
	if err := k.setUp(c.Raw()); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// keepingConn is a connection and its statements that nobody uses at the moment. A statement that is in use is not among
// them, so that it is never used twice at the same time: the second user gets one of their own, and one of the two is kept.
// Where the schema changes, the engine prepares a kept statement anew by itself.
//
// Like any connection it is used by one goroutine at a time; database/sql sees to that.
type keepingConn struct {
	engineConn
	idle   map[string]*list.Element // by text
	oldest list.List                // of *keptStmt, in the order in which they were put back
}

// PrepareContext implements driver.ConnPrepareContext.
func (c *keepingConn) PrepareContext(ctx context.Context, text string) (driver.Stmt, error) {
	if e, found := c.idle[text]; found {
		return c.takeOut(e), nil
	}
	prepared, err := c.engineConn.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	return &keptStmt{engineStmt: prepared.(engineStmt), conn: c, text: text}, nil
}

func (c *keepingConn) takeOut(e *list.Element) *keptStmt {
	s := c.oldest.Remove(e).(*keptStmt)
	delete(c.idle, s.text)
	return s
}

// putBack keeps a statement, unless there is one with that text, and closes the one that was not used for longest where there
// are too many.
func (c *keepingConn) putBack(s *keptStmt) error {
	if _, found := c.idle[s.text]; found {
		return s.engineStmt.Close()
	}
	c.idle[s.text] = c.oldest.PushBack(s)
	if c.oldest.Len() <= mostKept {
		return nil
	}
	return c.takeOut(c.oldest.Front()).engineStmt.Close()
}

// Close implements driver.Conn. The engine closes no connection that has statements.
func (c *keepingConn) Close() error {
	var failed []error
	for c.oldest.Len() > 0 {
		failed = append(failed, c.takeOut(c.oldest.Front()).engineStmt.Close())
	}
	return errors.Join(append(failed, c.engineConn.Close())...)
}

// keptStmt is a statement that goes back to its connection when it is closed.
type keptStmt struct {
	engineStmt
	conn   *keepingConn
	text   string
	failed bool // what it was doing then is not known, so it is not kept
}

// Close implements driver.Stmt.
func (s *keptStmt) Close() error {
	if s.failed {
		return s.engineStmt.Close()
	}
	return s.conn.putBack(s)
}

// ExecContext implements driver.StmtExecContext.
func (s *keptStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	result, err := s.engineStmt.ExecContext(ctx, args)
	s.failed = s.failed || err != nil
	return result, err
}

// QueryContext implements driver.StmtQueryContext. The rows reset the statement when they are closed, also where one failed.
func (s *keptStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	rows, err := s.engineStmt.QueryContext(ctx, args)
	s.failed = s.failed || err != nil
	return rows, err
}
