package message

import (
	"context"
	"sync"

	"sotto/views/dispatch"
)

// worker runs what asks the Source, one after the other on one goroutine of its own, and hands results back to the UI
// goroutine. A job whose context ended is dropped before it runs, and its result after.
type worker struct {
	dispatch dispatch.Dispatcher

	mu      sync.Mutex
	jobs    []job
	running bool
	closed  bool
	done    sync.WaitGroup
}

type job struct {
	ctx context.Context
	run func(context.Context) (apply func())
}

func (w *worker) add(ctx context.Context, run func(context.Context) func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return
	}
	w.jobs = append(w.jobs, job{ctx, run})
	if !w.running {
		w.running = true
		w.done.Add(1)
		go w.loop()
	}
}

func (w *worker) loop() {
	defer w.done.Done()
	for {
		j, ok := w.next()
		if !ok {
			return
		}
		if j.ctx.Err() != nil {
			continue
		}
		if apply := j.run(j.ctx); apply != nil {
			w.dispatch.Do(func() {
				if j.ctx.Err() == nil {
					apply()
				}
			})
		}
	}
}

func (w *worker) next() (job, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.jobs) == 0 {
		w.running = false
		return job{}, false
	}
	j := w.jobs[0]
	w.jobs = w.jobs[1:]
	return j, true
}

// close waits for the job that runs; the contexts must have ended.
func (w *worker) close() {
	w.mu.Lock()
	w.closed = true
	w.jobs = nil
	w.mu.Unlock()
	w.done.Wait()
}
