package archive

import (
	"context"
	"errors"
	"sync"
	"testing"

	"gorm.io/gorm"
)

// TestRelaysBeginAtOnce: each of many that open the same empty database at the same time gets it, and the schema is made once.
func TestRelaysBeginAtOnce(t *testing.T) {
	for range 2 {
		dsn := postgresCluster(t).database(t)
		const many = 4
		archives, failed := make([]*Archive, many), make([]error, many)
		var opening sync.WaitGroup
		begin := make(chan struct{})
		for i := range many {
			opening.Go(func() {
				<-begin
				archives[i], failed[i] = Open(context.Background(), dsn)
			})
		}
		close(begin)
		opening.Wait()
		for i, a := range archives {
			if failed[i] != nil {
				t.Errorf("one of %d: %v", many, failed[i])
				continue
			}
			if size := sizeOf(t, a); size.Envelopes != 0 {
				t.Errorf("it has %+v", size)
			}
			if err := a.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestWhoMigratesIsAlone: another one waits for it, and not longer than it wants to.
func TestWhoMigratesIsAlone(t *testing.T) {
	dsn := postgresCluster(t).database(t)
	a := open(t, dsn)
	err := a.alone(t.Context(), func() error {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() {
			_, err := Open(ctx, dsn)
			done <- err
		}()
		a.waits(t, done)
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("it gave up with %v", err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	open(t, dsn) // the lock is free
}

// waits returns when somebody waits for an advisory lock of this database, or fails when they are done before.
func (a *Archive) waits(t *testing.T, done <-chan error) {
	t.Helper()
	const asked = `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`
	for waiting := 0; waiting == 0; {
		select {
		case err := <-done:
			t.Fatalf("it did not wait: %v", err)
		default:
		}
		err := a.view(t.Context(), func(tx *gorm.DB) error { return tx.Raw(asked).Row().Scan(&waiting) })
		if err != nil {
			t.Fatal(err)
		}
	}
}
