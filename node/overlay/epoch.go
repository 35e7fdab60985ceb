package overlay

import (
	"context"
	"sync"
)

// epochs cut time at each change of the network: what was begun in one epoch (a dial, a pause before the next) is not
// worth ending in the next.
type epochs struct {
	parent context.Context

	mu     sync.Mutex
	ctx    context.Context
	cancel context.CancelFunc
}

func newEpochs(parent context.Context) *epochs {
	e := &epochs{parent: parent}
	e.ctx, e.cancel = context.WithCancel(parent)
	return e
}

// now is done when the network changes, or for good.
func (e *epochs) now() context.Context {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.ctx
}

func (e *epochs) next() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.cancel()
	e.ctx, e.cancel = context.WithCancel(e.parent)
}
