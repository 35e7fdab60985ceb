package dispatch

import (
	"context"
	"sync"
)

// Queue is the Dispatcher of tests: what it is given runs when the test drains it, on the test's goroutine.
type Queue struct {
	mu    sync.Mutex
	queue []func()
	more  chan struct{}
}

// NewQueue returns an empty Queue.
func NewQueue() *Queue { return &Queue{more: make(chan struct{}, 1)} }

// Do implements Dispatcher.
func (q *Queue) Do(f func()) {
	q.mu.Lock()
	q.queue = append(q.queue, f)
	q.mu.Unlock()
	select {
	case q.more <- struct{}{}:
	default:
	}
}

// Drain runs everything that waits, also what it adds itself, and tells how many functions ran.
func (q *Queue) Drain() int {
	n := 0
	for {
		q.mu.Lock()
		batch := q.queue
		q.queue = nil
		q.mu.Unlock()
		if len(batch) == 0 {
			return n
		}
		for _, f := range batch {
			f()
			n++
		}
	}
}

// Until drains until the condition holds, which it checks on the caller's goroutine. It returns ctx's error when that
// ends first.
func (q *Queue) Until(ctx context.Context, condition func() bool) error {
	for {
		q.Drain()
		if condition() {
			return nil
		}
		select {
		case <-q.more:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
