package archive

import (
	"context"
	"testing"

	"gorm.io/gorm"

	"sotto/node/mailserver"
)

// checkTotals compares the totals with what there is.
func checkTotals(t *testing.T, a *Archive) {
	t.Helper()
	err := a.view(t.Context(), func(tx *gorm.DB) error {
		held, err := readTotals(tx)
		if err != nil {
			return err
		}
		var there totals
		err = tx.Raw("SELECT count(*), coalesce(sum(length(raw)), 0) FROM envelopes").Row().Scan(&there.Envelopes, &there.Bytes)
		if held != there {
			t.Errorf("totals %+v, but there are %+v", held, there)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestTotals puts in large and small batches, some of it twice, and prunes in steps.
func TestTotals(t *testing.T) {
	alone(t)
	onBoth(t, t.Run, func(t *testing.T, dsn string) {
		a := open(t, dsn)
		list := envelopesOf(1, 1000, 5000, 50, 64)
		put(t, a, list[:1]...)
		put(t, a, list[:4000]...)
		put(t, a, list[3000:]...)
		checkTotals(t, a)
		if n, err := a.Prune(t.Context(), 1000+2500, 0); n != 2500 || err != nil {
			t.Errorf("removed %d, %v", n, err)
		}
		checkTotals(t, a)
		if n, err := a.Prune(t.Context(), 0, 100*64+63); n != 2400 || err != nil {
			t.Errorf("removed %d, %v", n, err)
		}
		checkTotals(t, a)
		if size := sizeOf(t, a); size != (mailserver.Size{Envelopes: 100, Bytes: 6400, Oldest: 1000 + 4900}) {
			t.Errorf("size %+v", size)
		}
		if n, err := a.Prune(t.Context(), 1<<32-1, 1); n != 100 || err != nil {
			t.Errorf("removed %d, %v", n, err)
		}
		if size := sizeOf(t, a); size != (mailserver.Size{}) {
			t.Errorf("size %+v", size)
		}
	})
}

// TestPruneLetsOthersIn: a Put gets its turn between two steps, and a reader neither waits nor sees what changes.
func TestPruneLetsOthersIn(t *testing.T) {
	onBoth(t, t.Run, func(t *testing.T, dsn string) {
		a := open(t, dsn)
		const n = 6000
		put(t, a, envelopesOf(1, 1000, n, 50, 64)...)
		a.bounds.step = 5
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		pruned := make(chan error, 1)
		err := a.view(ctx, func(tx *gorm.DB) error {
			before, err := readTotals(tx)
			if err != nil {
				return err
			}
			go func() {
				_, err := a.Prune(ctx, 1<<32-1, 0)
				pruned <- err
			}()
			for sizeOf(t, a).Envelopes == n { // until Prune has begun
			}
			put(t, a, envelopesOf(2, 1000, 1, 1, 64)...)
			select {
			case err := <-pruned:
				t.Errorf("a Put waited for Prune: %v", err)
			default:
			}
			after, err := readTotals(tx)
			if after != before {
				t.Errorf("a reader saw %+v, then %+v", before, after)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
		cancel() // the rest of it proves nothing
		<-pruned
		checkTotals(t, a)
	})
}
