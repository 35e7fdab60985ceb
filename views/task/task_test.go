package task

import (
	"context"
	"errors"
	"testing"
	"time"

	"go.uber.org/goleak"

	"sotto/views/dispatch"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func settle(t *testing.T, q *dispatch.Queue, r *Runner) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := q.Until(ctx, func() bool { return r.Running() == 0 }); err != nil {
		t.Fatalf("%d calls still run: %v", r.Running(), err)
	}
}

func TestResultComesBack(t *testing.T) {
	q := dispatch.NewQueue()
	r := New(q)
	defer r.Close()
	wrong := errors.New("wrong")
	var got int
	var err error
	Go(r, func(context.Context) (int, error) { return 7, wrong }, func(n int, e error) { got, err = n, e })
	if got != 0 {
		t.Fatal("the result came before the queue was drained")
	}
	settle(t, q, r)
	if got != 7 || !errors.Is(err, wrong) {
		t.Errorf("got %d, %v", got, err)
	}
}

func TestCloseCancelsWaitsAndDrops(t *testing.T) {
	q := dispatch.NewQueue()
	r := New(q)
	ended := false
	Do(r, func(ctx context.Context) error { <-ctx.Done(); ended = true; return ctx.Err() }, func(error) { t.Error("a result after Close") })
	r.Watch(func(ctx context.Context) { <-ctx.Done() })
	r.Post(func() { t.Error("a posted function ran after Close") })
	r.Close()
	if !ended {
		t.Error("Close did not wait")
	}
	q.Drain()
	Do(r, func(context.Context) error { t.Error("a call after Close"); return nil }, nil)
	q.Drain()
}

func TestLatestCollectsAsks(t *testing.T) {
	q := dispatch.NewQueue()
	r := New(q)
	defer r.Close()
	gate := make(chan struct{})
	calls, shown := 0, 0
	l := NewLatest(r, func(context.Context) (int, error) { <-gate; calls++; return calls, nil }, func(n int, _ error) { shown = n })
	for range 5 {
		l.Ask()
	}
	gate <- struct{}{}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := q.Until(ctx, func() bool { return shown == 1 }); err != nil {
		t.Fatal(err)
	}
	close(gate)
	settle(t, q, r)
	if shown != 2 {
		t.Errorf("five asks made %d calls, want 2", shown)
	}
}

// However often somebody asks, there is a rest after each call, and nothing that was asked is forgotten.
func TestLatestRests(t *testing.T) {
	q := dispatch.NewQueue()
	r := New(q)
	defer r.Close()
	calls := 0
	l := NewLatest(r, func(context.Context) (int, error) { return 0, nil }, func(int, error) { calls++ }).Rest(time.Millisecond)
	l.Ask()
	for range 3 { // during the call, or its rest
		l.Ask()
	}
	settle(t, q, r)
	if calls != 2 || l.busy {
		t.Errorf("%d calls; busy: %v", calls, l.busy)
	}
	l.Rest(time.Hour).Ask()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := q.Until(ctx, func() bool { return calls == 3 }); err != nil {
		t.Fatal(err)
	}
	l.Ask()
	q.Drain()
	if calls != 3 || !l.again {
		t.Errorf("%d calls although it rests; asked again: %v", calls, l.again)
	}
}
