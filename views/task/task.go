// Package task takes calls into services off the UI goroutine and brings their results back onto it.
//
// A Runner belongs to a window: closing it cancels what runs, waits for it, and drops the results. Everything but the
// calls themselves happens on the UI goroutine, so that views need no locks.
package task

import (
	"context"
	"sync"
	"time"

	"sotto/views/dispatch"
)

// Runner runs calls of one window.
type Runner struct {
	ui      dispatch.Dispatcher
	ctx     context.Context
	cancel  context.CancelFunc
	calls   sync.WaitGroup
	running int // from Go until the result was handed over; UI goroutine only
}

// New returns a Runner whose results come back through ui.
func New(ui dispatch.Dispatcher) *Runner {
	ctx, cancel := context.WithCancel(context.Background())
	return &Runner{ui: ui, ctx: ctx, cancel: cancel}
}

// Go runs call on a goroutine of its own and then done on the UI goroutine, unless the Runner was closed meanwhile. It
// must be called on the UI goroutine; done may be nil.
func Go[T any](r *Runner, call func(context.Context) (T, error), done func(T, error)) {
	if r.ctx.Err() != nil {
		return
	}
	r.running++
	r.calls.Go(func() {
		result, err := call(r.ctx)
		r.ui.Do(func() {
			r.running--
			if r.ctx.Err() == nil && done != nil {
				done(result, err)
			}
		})
	})
}

// Do is Go for a call without a result.
func Do(r *Runner, call func(context.Context) error, done func(error)) {
	Go(r, func(ctx context.Context) (struct{}, error) { return struct{}{}, call(ctx) }, func(_ struct{}, err error) {
		if done != nil {
			done(err)
		}
	})
}

// After runs f on the UI goroutine after a while, unless the Runner was closed meanwhile. UI goroutine only.
func (r *Runner) After(d time.Duration, f func()) {
	Go(r, func(ctx context.Context) (struct{}, error) {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		return struct{}{}, nil
	}, func(struct{}, error) { f() })
}

// Watch runs loop, which must end with its context, and drops nothing: loop hands over through the dispatcher itself.
func (r *Runner) Watch(loop func(context.Context)) {
	r.calls.Go(func() { loop(r.ctx) })
}

// Post runs f on the UI goroutine unless the Runner was closed meanwhile. Any goroutine may call it.
func (r *Runner) Post(f func()) {
	r.ui.Do(func() {
		if r.ctx.Err() == nil {
			f()
		}
	})
}

// Running is how many calls have not handed over their result yet. UI goroutine only.
func (r *Runner) Running() int { return r.running }

// Close cancels the calls and waits for them. No result is handed over afterwards.
func (r *Runner) Close() {
	r.cancel()
	r.calls.Wait()
}
