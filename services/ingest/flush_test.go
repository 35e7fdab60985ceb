package ingest

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"sotto/models"
)

func mark(name string) func(*models.Tx) error {
	return func(tx *models.Tx) error { return tx.SetSetting(name, []byte("x")) }
}

func TestFlushWaitsForWhatWasOfferedBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, keep)
		defer r.stop()
		for i := range 50 {
			r.Offer(t.Context(), envelope(t, newKey("kay"), "lobby", strconv.Itoa(i)))
		}
		err := r.Flush(t.Context(), func(tx *models.Tx) error {
			for i := range 50 {
				if _, there, err := tx.Setting(strconv.Itoa(i)); !there || err != nil {
					t.Errorf("message %d is not stored yet: %v", i, err)
				}
			}
			return mark("mark")(tx)
		})
		if err != nil || !r.stored(t, "49") || !r.stored(t, "mark") {
			t.Errorf("after the flush: %v", err)
		}
	})
}

// A mark that says that messages are here must not be there without them.
func TestFlushIsOneCommitWithWhatWasBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, keep)
		defer r.stop()
		r.store.fail(models.ErrDiskFull)
		r.Offer(t.Context(), envelope(t, newKey("kay"), "lobby", "hello"))
		done := make(chan error, 1)
		go func() { done <- r.Flush(t.Context(), mark("mark")) }()
		settle()
		if r.stored(t, "mark") || len(done) > 0 {
			t.Error("marked while the disk is full")
		}
		r.store.fail(nil)
		if err := <-done; err != nil || !r.stored(t, "hello") || !r.stored(t, "mark") {
			t.Errorf("when the disk takes it: %v", err)
		}
	})
}

func TestAFlushThatFailsUndoesOnlyItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, keep)
		defer r.stop()
		r.Offer(t.Context(), envelope(t, newKey("kay"), "lobby", "hello"))
		broken := errors.New("broken")
		err := r.Flush(t.Context(), func(tx *models.Tx) error { return errors.Join(mark("mark")(tx), broken) })
		if !errors.Is(err, broken) || r.stored(t, "mark") || !r.stored(t, "hello") {
			t.Errorf("got %v, marked %v, message %v", err, r.stored(t, "mark"), r.stored(t, "hello"))
		}
	})
}

func TestFlushEndsWithItsContextAndWithTheWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, keep)
		r.store.fail(models.ErrDiskFull)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := r.Flush(ctx, mark("mark")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("out of time: %v", err)
		}
		done := make(chan error, 1)
		go func() { done <- r.Flush(t.Context(), mark("mark")) }()
		settle()
		r.stop()
		if err := <-done; !errors.Is(err, ErrEnded) {
			t.Errorf("at the end: %v", err)
		}
		if err := r.Flush(t.Context(), mark("mark")); !errors.Is(err, ErrEnded) {
			t.Errorf("after the end: %v", err)
		}
	})
}
