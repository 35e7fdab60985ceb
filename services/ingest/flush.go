package ingest

import (
	"context"
	"errors"

	"sotto/models"
)

// ErrEnded says that the work has ended and what was offered before may not be stored.
var ErrEnded = errors.New("ingest: ended")

// flush is somebody who waits until what was offered before is stored.
type flush struct {
	fn   func(*models.Tx) error
	err  error      // of fn, in the try that was committed
	done chan error // has room for the one answer
}

// Flush waits until everything that was offered before is committed, and runs fn in that transaction or in one after it. What
// fn stores is never there without those envelopes. An error of fn undoes what fn did, and nothing else, and is returned; fn
// may run again where the database fails and the whole batch is tried anew. Where ctx ends first, fn may still run. After Run
// has ended the error is ErrEnded.
func (g *Ingest) Flush(ctx context.Context, fn func(*models.Tx) error) error {
	f := &flush{fn: fn, done: make(chan error, 1)}
	select {
	case g.queue <- item{flush: f}:
	case <-ctx.Done():
		return ctx.Err()
	case <-g.ended:
		return ErrEnded
	}
	select {
	case err := <-f.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-g.ended:
	}
	select { // both may have come at once
	case err := <-f.done:
		return err
	default:
		return ErrEnded
	}
}

// handleItem takes in what comes next. It fails only where the whole transaction has to.
func (g *Ingest) handleItem(tx *models.Tx, b *batch, i item) error {
	if i.flush == nil {
		return g.one(tx, b, i.envelope)
	}
	i.flush.err = tx.Savepoint(func() error { return i.flush.fn(tx) })
	if models.Broken(i.flush.err) {
		return i.flush.err
	}
	return nil
}
