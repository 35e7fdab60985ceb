package whisper

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/ethereum/go-ethereum/p2p/enode"
)

// takeStep is how many envelopes are opened together, while those before them are delivered.
const takeStep = 128

// Take opens envelopes that a mailserver delivered and calls the subscriptions that take direct messages, in the order
// given and on the caller's goroutine. It returns when all handlers have returned, so a handler that waits holds the
// caller back. What no key of ours opens is passed over. The error is that of ctx, or [ErrStopped]; what was delivered
// until then stays delivered.
func (w *Whisper) Take(ctx context.Context, envelopes []*Envelope, from enode.ID) error {
	w.mu.Lock()
	if !w.running {
		w.mu.Unlock()
		return ErrStopped
	}
	w.work.Add(1)
	w.mu.Unlock()
	defer w.work.Done()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(w.ctx, func() { cancel(ErrStopped) })()

	steps := make(chan []*opened)
	var opening sync.WaitGroup
	opening.Go(func() {
		defer close(steps)
		for step := range slices.Chunk(envelopes, takeStep) {
			select {
			case steps <- w.unsealAll(step, from):
			case <-ctx.Done():
				return
			}
		}
	})
	defer opening.Wait()
	defer cancel(nil)
	for step := range steps {
		for _, o := range step {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if o != nil {
				w.deliver(o)
			}
		}
	}
	return context.Cause(ctx)
}

// unsealAll opens envelopes with all processors. Where one cannot be opened the result is nil.
func (w *Whisper) unsealAll(envelopes []*Envelope, from enode.ID) []*opened {
	all := make([]*opened, len(envelopes))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(envelopes)) {
		workers.Go(func() {
			for i := next.Add(1) - 1; int(i) < len(envelopes); i = next.Add(1) - 1 {
				all[i] = w.unsealDirect(envelopes[i], from)
			}
		})
	}
	workers.Wait()
	return all
}

// unsealDirect looks at the topic first: what nobody listens to is not even hashed.
func (w *Whisper) unsealDirect(env *Envelope, from enode.ID) *opened {
	raw := env.Encode()
	if topic, all := w.index.lookup(env.Topic); len(topic)+len(all) == 0 {
		w.stats.unwanted.add(len(raw))
		return nil
	}
	return w.unseal(&job{entry: &entry{hash: HashOf(raw), raw: raw, env: *env}, from: from, direct: true})
}
