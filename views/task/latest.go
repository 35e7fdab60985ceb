package task

import "context"

// Latest loads something again and again, one call at a time: asked while one runs, it runs exactly once more after it.
// So what is shown is never older than the last time somebody asked. UI goroutine only.
type Latest[T any] struct {
	runner         *Runner
	call           func(context.Context) (T, error)
	done           func(T, error)
	running, again bool
}

// NewLatest returns a Latest that has loaded nothing yet.
func NewLatest[T any](r *Runner, call func(context.Context) (T, error), done func(T, error)) *Latest[T] {
	return &Latest[T]{runner: r, call: call, done: done}
}

// Ask loads, now or after the load that runs.
func (l *Latest[T]) Ask() {
	if l.running {
		l.again = true
		return
	}
	l.running, l.again = true, false
	Go(l.runner, l.call, func(result T, err error) {
		l.running = false
		l.done(result, err)
		if l.again {
			l.Ask()
		}
	})
}
