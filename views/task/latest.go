package task

import (
	"context"
	"time"
)

// Latest loads something again and again, one call at a time: asked while one runs, it runs exactly once more after it.
// So what is shown is never older than the last time somebody asked. UI goroutine only.
type Latest[T any] struct {
	runner      *Runner
	call        func(context.Context) (T, error)
	done        func(T, error)
	rest        time.Duration
	busy, again bool // busy: a call runs, or the rest after it
}

// NewLatest returns a Latest that has loaded nothing yet.
func NewLatest[T any](r *Runner, call func(context.Context) (T, error), done func(T, error)) *Latest[T] {
	return &Latest[T]{runner: r, call: call, done: done}
}

// Rest leaves some time between the end of a call and the next, however often somebody asks. It returns l.
func (l *Latest[T]) Rest(d time.Duration) *Latest[T] {
	l.rest = d
	return l
}

// Ask loads, now or after the load that runs.
func (l *Latest[T]) Ask() {
	if l.busy {
		l.again = true
		return
	}
	l.busy, l.again = true, false
	Go(l.runner, l.call, func(result T, err error) {
		if l.rest > 0 {
			l.runner.After(l.rest, l.free)
			l.done(result, err)
			return
		}
		l.busy = false
		l.done(result, err)
		if l.again {
			l.Ask()
		}
	})
}

// free ends the rest.
func (l *Latest[T]) free() {
	l.busy = false
	if l.again {
		l.Ask()
	}
}
