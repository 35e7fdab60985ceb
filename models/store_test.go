package models

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if path := os.Getenv("SOTTO_TEST_COMMITTER"); path != "" {
		commitForEver(path)
	}
	goleak.VerifyTestMain(m)
}

// commitForEver is what the killed process does: it says each number after its commit.
func commitForEver(path string) {
	s, err := Open(path, testKey)
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	for i := count0(s); ; i++ {
		err := s.Update(context.Background(), func(tx *Tx) error {
			if err := tx.SetSetting("last", []byte(strconv.Itoa(i))); err != nil {
				return err
			}
			return tx.SetSetting(strconv.Itoa(i), make([]byte, 3000))
		})
		if err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		fmt.Println(i)
	}
}

func count0(s *Store) (n int) {
	_ = s.View(context.Background(), func(tx *Tx) error {
		return tx.db.Raw("SELECT count(*) FROM settings WHERE name <> 'last'").Scan(&n).Error
	})
	return n
}

func TestKilledInTheMiddleOfCommits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	acknowledged := -1
	for round := range 3 {
		acknowledged = max(acknowledged, runAndKill(t, path, acknowledged+20+37*round))
	}
	s := openAt(t, path)
	view(t, s, func(tx *Tx) error {
		for i := range acknowledged + 1 {
			if v, found, err := tx.Setting(strconv.Itoa(i)); !found || len(v) != 3000 || err != nil {
				t.Errorf("acknowledged commit %d is lost: %v, %v", i, found, err)
			}
		}
		var verdict string
		if err := tx.db.Raw("PRAGMA integrity_check").Scan(&verdict).Error; err != nil || verdict != "ok" {
			t.Errorf("integrity: %s, %v", verdict, err)
		}
		return nil
	})
}

// runAndKill starts a process that commits, kills it as soon as it has said a number of at least until, and returns the
// last number that it said.
func runAndKill(t *testing.T, path string, until int) (last int) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "SOTTO_TEST_COMMITTER="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	last = -1
	for lines := bufio.NewScanner(out); lines.Scan(); {
		n, err := strconv.Atoi(lines.Text())
		if err != nil {
			t.Fatal(lines.Text())
		}
		if last = n; n == until {
			_ = cmd.Process.Kill() // what it says from here to its end counts, too
		}
	}
	_ = cmd.Wait()
	return last
}

func TestUpdateIsAllOrNothing(t *testing.T) {
	s := open(t)
	refusal := errors.New("no")
	err := s.Update(context.Background(), func(tx *Tx) error {
		if err := tx.SetSetting("a", []byte("b")); err != nil {
			return err
		}
		return refusal
	})
	if !errors.Is(err, refusal) || count(t, s) != 0 {
		t.Errorf("failed update: %v, %d rows", err, count(t, s))
	}
	func() {
		defer func() { _ = recover() }()
		_ = s.Update(context.Background(), func(tx *Tx) error {
			_ = tx.SetSetting("a", []byte("b"))
			panic("handler")
		})
	}()
	ctx, cancel := context.WithCancel(context.Background())
	err = s.Update(ctx, func(tx *Tx) error {
		cancel()
		return tx.SetSetting("a", []byte("b"))
	})
	if !errors.Is(err, context.Canceled) || !Broken(err) {
		t.Errorf("cancelled update: %v", err)
	}
	update(t, s, func(tx *Tx) error { return nil }) // the writer is free again
	if n := count(t, s); n != 0 {
		t.Errorf("%d rows", n)
	}
}

func TestSavepoints(t *testing.T) {
	s := open(t)
	refusal := errors.New("no")
	update(t, s, func(tx *Tx) error {
		for i := range 2000 {
			err := tx.Savepoint(func() error {
				if err := tx.SetSetting(strconv.Itoa(i), []byte("outer")); err != nil {
					return err
				}
				inner := tx.Savepoint(func() error {
					return errors.Join(tx.SetSetting(fmt.Sprint(i, " inner"), []byte("inner")), refusal)
				})
				if !errors.Is(inner, refusal) {
					t.Errorf("inner: %v", inner)
				}
				if i%2 == 1 {
					return refusal
				}
				return nil
			})
			if (i%2 == 1) != errors.Is(err, refusal) {
				t.Errorf("savepoint %d: %v", i, err)
			}
		}
		return nil
	})
	if n := count(t, s); n != 1000 {
		t.Errorf("%d of 1000 rows", n)
	}
}

func TestSavepointsAreReleased(t *testing.T) {
	s := open(t)
	for name, result := range map[string]error{"success": nil, "failure": errors.New("no")} {
		err := s.Update(context.Background(), func(tx *Tx) error {
			_ = tx.Savepoint(func() error { return result })
			return tx.exec("RELEASE s0")
		})
		if err == nil {
			t.Errorf("after a %s the savepoint stays open and slows the transaction down", name)
		}
	}
}

func TestReadersDoNotWait(t *testing.T) {
	s := open(t)
	update(t, s, func(tx *Tx) error { return tx.SetSetting("a", []byte("old")) })
	update(t, s, func(tx *Tx) error {
		if err := tx.SetSetting("a", []byte("new")); err != nil {
			return err
		}
		view(t, s, func(tx *Tx) error { // while the writer is in the middle
			if v, _, err := tx.Setting("a"); string(v) != "old" || err != nil {
				t.Errorf("reader sees %q, %v", v, err)
			}
			return nil
		})
		return nil
	})
	if err := s.View(context.Background(), func(tx *Tx) error { return tx.SetSetting("a", []byte("x")) }); !errors.Is(err, ErrReadOnly) {
		t.Errorf("writing in a view: %v", err)
	}
}

func TestManyAtOnce(t *testing.T) {
	s := open(t)
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := range 50 {
				update(t, s, func(tx *Tx) error { return tx.SetSetting(fmt.Sprint(w, i), []byte("x")) })
			}
		})
		wg.Go(func() {
			for range 50 {
				count(t, s)
			}
		})
	}
	wg.Wait()
	if n := count(t, s); n != 200 {
		t.Errorf("%d of 200 rows", n)
	}
}

func TestClose(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	s := openAt(t, path)
	update(t, s, func(tx *Tx) error { return tx.SetSetting("a", []byte("b")) })
	inside, leave, done := make(chan bool), make(chan bool), make(chan error)
	go func() {
		done <- s.View(context.Background(), func(tx *Tx) error {
			close(inside)
			<-leave
			_, found, err := tx.Setting("a")
			if !found {
				err = errors.New("closed under the reader")
			}
			return err
		})
	}()
	<-inside
	closed := make(chan error)
	go func() { closed <- s.Close() }()
	for s.open.TryRLock() { // until Close waits for the reader
		s.open.RUnlock()
		runtime.Gosched()
	}
	close(leave)
	if err := errors.Join(<-done, <-closed, s.Close()); err != nil {
		t.Error(err)
	}
	if err := s.Update(context.Background(), nil); !errors.Is(err, ErrClosed) {
		t.Errorf("update after close: %v", err)
	}
	left, _ := filepath.Glob(path + "*")
	if len(left) != 2 || strings.HasSuffix(strings.Join(left, " "), "-wal") {
		t.Errorf("left after close: %v", left)
	}
}
