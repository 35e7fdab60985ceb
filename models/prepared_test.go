package models

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ncruces/go-sqlite3"
	engine "github.com/ncruces/go-sqlite3/driver"
	"gorm.io/gorm"
)

// onConnection runs fn on a connection of a pool, as database/sql has it.
func onConnection(t *testing.T, db *gorm.DB, fn func(c *keepingConn)) {
	t.Helper()
	pool, err := db.DB()
	if err != nil {
		t.Fatal(err)
	}
	held, err := pool.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	err = held.Raw(func(c any) error {
		fn(c.(*keepingConn))
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// statements are those that the engine has for a connection.
func statements(c *keepingConn) []*sqlite3.Stmt { return slices.Collect(c.Raw().Stmts()) }

// counted counts how often the engine prepares.
type counted struct {
	engineConn
	prepared int
}

func (c *counted) PrepareContext(ctx context.Context, text string) (driver.Stmt, error) {
	c.prepared++
	return c.engineConn.PrepareContext(ctx, text)
}

// TestStatementsArePreparedOnce does everything twice, by plain statements and by GORM.
func TestStatementsArePreparedOnce(t *testing.T) {
	s := open(t)
	var asked *counted
	onConnection(t, s.writer, func(c *keepingConn) {
		asked = &counted{engineConn: c.engineConn}
		c.engineConn = asked
	})
	session := testSession(1)
	everything := func() {
		update(t, s, func(tx *Tx) error {
			for i := range 5 {
				session.SendN = uint32(i)
				if err := errors.Join(tx.PutSession(&session), tx.SetSetting("a", []byte{byte(i)})); err != nil {
					return err
				}
				list, err := tx.Sessions(session.Identity, session.Installation, session.Prekey)
				if err != nil || len(list) != 1 || list[0].SendN != uint32(i) {
					t.Errorf("sessions %v, %v", list, err)
				}
				if v, found, err := tx.Setting("a"); err != nil || !found || v[0] != byte(i) {
					t.Errorf("setting %v, %v, %v", v, found, err)
				}
				if _, err := tx.Chats(); err != nil {
					return err
				}
			}
			return nil
		})
	}
	everything()
	first := asked.prepared
	everything()
	if first != 5 || asked.prepared != first {
		t.Errorf("prepared %d statements at first and %d afterwards", first, asked.prepared-first)
	}
}

// TestStatementInUse reads the same query three times, one within the other: each has rows of its own, and one statement is
// kept.
func TestStatementInUse(t *testing.T) {
	s := open(t)
	update(t, s, func(tx *Tx) error {
		return errors.Join(tx.SetSetting("a", []byte("1")), tx.SetSetting("b", []byte("2")), tx.SetSetting("c", []byte("3")))
	})
	var told strings.Builder
	var read func(tx *Tx, depth int) error
	read = func(tx *Tx, depth int) error {
		rows, err := tx.db.Statement.ConnPool.QueryContext(context.Background(), "SELECT name FROM settings WHERE name >= ? ORDER BY name", "b")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				return err
			}
			told.WriteString(name)
			if depth > 0 {
				if err := read(tx, depth-1); err != nil {
					return err
				}
			}
		}
		return rows.Err()
	}
	update(t, s, func(tx *Tx) error { return read(tx, 2) })
	if told.String() != "bbbccbccbbccbc" {
		t.Errorf("read %s", told.String())
	}
	onConnection(t, s.writer, func(c *keepingConn) {
		if n := c.oldest.Len(); n != len(statements(c)) || n != len(c.idle) {
			t.Errorf("%d and %d statements are kept, the engine has %d", n, len(c.idle), len(statements(c)))
		}
	})
}

// TestKeptStatementsAreBounded prepares twice as many as are kept: those that were used last stay.
func TestKeptStatementsAreBounded(t *testing.T) {
	s := open(t)
	query := func(n int) string { return fmt.Sprintf("SELECT %d WHERE ? = 1", n) }
	update(t, s, func(tx *Tx) error {
		for n := range 2 * mostKept {
			for _, n := range []int{0, n} {
				if _, found, err := one(tx, column[int], query(n), 1); !found || err != nil {
					t.Errorf("query %d: %v, %v", n, found, err)
				}
			}
		}
		return nil
	})
	onConnection(t, s.writer, func(c *keepingConn) {
		if n := len(statements(c)); n != mostKept || len(c.idle) != n || c.oldest.Len() != n {
			t.Errorf("the engine has %d statements, %d and %d are kept", n, len(c.idle), c.oldest.Len())
		}
		for n, kept := range map[int]bool{0: true, 1: false, mostKept: false, mostKept + 1: true, 2*mostKept - 1: true} {
			if (c.idle[query(n)] != nil) != kept {
				t.Errorf("query %d is kept: %v", n, !kept)
			}
		}
	})
}

// TestFailedStatements are not kept, and leave nothing behind that the next one with their text would meet.
func TestFailedStatements(t *testing.T) {
	s := open(t)
	const add = "INSERT INTO settings (name, value) VALUES (?1, ?2)"
	update(t, s, func(tx *Tx) error {
		if _, err := tx.do(add, "a", []byte("1")); err != nil {
			t.Error(err)
		}
		if _, err := tx.do(add, "a", []byte("2")); !errors.Is(err, sqlite3.CONSTRAINT_PRIMARYKEY) {
			t.Errorf("twice the same: %v", err)
		}
		if _, err := tx.do(add, "b"); !errors.Is(err, sqlite3.CONSTRAINT_NOTNULL) { // not the value of before
			t.Errorf("an argument too few: %v", err)
		}
		if _, err := tx.do(add, "b", []byte("3")); err != nil {
			t.Error(err)
		}
		if _, err := tx.do("NONSENSE ?", 1); err == nil {
			t.Error("nonsense was prepared")
		}
		if _, _, err := one(tx, column[int], "SELECT abs(?)", int64(-1<<63)); err == nil { // fails at its first row
			t.Error("an overflow went by")
		}
		n, _, err := one(tx, column[int], "SELECT abs(?)", -5)
		if n != 5 {
			t.Errorf("abs is %d", n)
		}
		return err
	})
	ctx, cancel := context.WithCancel(context.Background())
	err := s.Update(ctx, func(tx *Tx) error {
		cancel()
		_, err := tx.do(add, "c", []byte("4"))
		return err
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	update(t, s, func(tx *Tx) error {
		_, err := tx.do(add, "c", []byte("5"))
		return err
	})
	if n := count(t, s); n != 3 {
		t.Errorf("%d rows", n)
	}
}

// TestKeptStatementsMeetANewSchema changes the schema below statements that are kept.
func TestKeptStatementsMeetANewSchema(t *testing.T) {
	s := open(t)
	for n, change := range []string{
		"CREATE TABLE later (a INTEGER)", "CREATE INDEX later_a ON later (a)", "ALTER TABLE later ADD COLUMN b INTEGER DEFAULT 7",
		"DROP INDEX later_a", "ALTER TABLE later RENAME TO latest; CREATE VIEW later AS SELECT a FROM latest; CREATE TRIGGER later_add " +
			"INSTEAD OF INSERT ON later BEGIN INSERT INTO latest (a) VALUES (new.a); END",
	} {
		update(t, s, func(tx *Tx) error {
			if err := tx.exec(change); err != nil {
				return err
			}
			if _, err := tx.do("INSERT INTO later (a) VALUES (?)", n); err != nil {
				return err
			}
			got, found, err := one(tx, column[int], "SELECT count(*) FROM later WHERE a <= ?", n)
			if got != n+1 || !found {
				t.Errorf("after %s: %d rows", change, got)
			}
			return err
		})
	}
}

// TestReadersKeepStatements reads at once on all connections, and more than there are.
func TestReadersKeepStatements(t *testing.T) {
	s := open(t)
	c := addChat(t, s, "lobby")
	update(t, s, func(tx *Tx) error { return tx.SetDraft(c.ID, "words", 1) })
	var wg sync.WaitGroup
	for range 2 * readers {
		wg.Go(func() {
			for range 50 {
				view(t, s, func(tx *Tx) error {
					sum, err := tx.Summarize(c)
					if sum.Draft != "words" {
						t.Errorf("draft %q", sum.Draft)
					}
					return err
				})
			}
		})
	}
	wg.Wait()
	onConnection(t, s.reader, func(c *keepingConn) {
		if len(c.idle) == 0 {
			t.Error("a reader keeps nothing")
		}
		if err := c.Raw().Exec("DELETE FROM drafts"); !errors.Is(err, sqlite3.READONLY) {
			t.Errorf("a reader writes after a transaction: %v", err)
		}
	})
}

// TestConnectionThatIsNotSetUp is closed at once.
func TestConnectionThatIsNotSetUp(t *testing.T) {
	refusal := errors.New("no")
	connector, err := new(engine.SQLite).OpenConnector(dataSource(cipherFiles, filepath.Join(t.TempDir(), "a.db"), writing))
	if err != nil {
		t.Fatal(err)
	}
	var opened *sqlite3.Conn
	c, err := keeper{connector, func(c *sqlite3.Conn) error {
		opened = c
		return refusal
	}}.Connect(context.Background())
	if c != nil || !errors.Is(err, refusal) {
		t.Errorf("%v, %v", c, err)
	}
	if err := opened.Close(); err != nil { // closed already
		t.Error(err)
	}
}
