package chats

import (
	"context"
	"sync"
	"time"

	"sotto/models"
	"sotto/services/event"
)

// lastWords bounds how long Detach takes to store what peers have already said.
const lastWords = 5 * time.Second

// outcome is what a peer said of what was posted for a row of the outbox.
type outcome struct {
	row models.Outgoing
	Outcome
}

// outcomes is the queue between the transport's goroutines, which must not wait, and the one that stores. Its length is
// bounded by the peers times the messages that are under way.
type outcomes struct {
	mu   sync.Mutex
	list []outcome
	some chan struct{}
}

func (q *outcomes) init() { q.some = make(chan struct{}, 1) }

func (q *outcomes) add(o outcome) {
	q.mu.Lock()
	q.list = append(q.list, o)
	q.mu.Unlock()
	select {
	case q.some <- struct{}{}:
	default:
	}
}

func (q *outcomes) take() []outcome {
	q.mu.Lock()
	defer q.mu.Unlock()
	list := q.list
	q.list = nil
	return list
}

// record is the goroutine that stores outcomes. At its end it stores what came meanwhile.
func (a *account) record() {
	for a.ctx.Err() == nil {
		select {
		case <-a.ctx.Done():
		case <-a.outcomes.some:
			a.recordAll(a.ctx, a.outcomes.take())
		}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(a.ctx), lastWords)
	defer cancel()
	a.recordAll(ctx, a.outcomes.take())
}

// recordAll stores facts, and tries again while the database fails. What cannot be stored before the account is detached
// goes back into the queue, for the last try.
func (a *account) recordAll(ctx context.Context, list []outcome) {
	for failed := false; len(list) > 0; failed = true {
		changed, err := a.recordNow(ctx, list)
		if err == nil {
			if failed {
				a.recordTrouble(nil)
			}
			a.publish(changed...)
			return
		}
		a.cfg.Log.Error("acknowledgements wait", "count", len(list), "err", err)
		if a.ctx.Err() != nil {
			a.outcomes.putBack(list)
			return
		}
		a.recordTrouble(err)
		pause(a.ctx, retryStore)
	}
}

// pause waits, and ends early with ctx.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// putBack returns what could not be stored to the queue.
func (q *outcomes) putBack(list []outcome) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.list = append(list, q.list...)
}

func (a *account) recordNow(ctx context.Context, list []outcome) (changed []event.Event, err error) {
	err = a.Store.Update(ctx, func(tx *models.Tx) error {
		changed = nil
		for _, o := range list {
			events, err := a.recordOne(tx, o)
			if err != nil {
				return err
			}
			changed = append(changed, events...)
		}
		return nil
	})
	return changed, err
}

// recordOne stores that a peer took a message. Refusals are for the log: another peer may take it, and the sender's
// timer tries again.
func (a *account) recordOne(tx *models.Tx, o outcome) ([]event.Event, error) {
	switch o.Kind {
	case Written, AcceptedBy, EchoedBy:
		return a.took(tx, o.row, a.stepFor(o.Outcome))
	case RefusedBy:
		a.cfg.Log.Warn("a peer refused a message", "peer", o.Peer, "reason", o.Text)
	}
	return nil, nil
}

// stepFor is the fact that an outcome tells: a peer has the message, and where the peer is a mailserver of ours, the message
// waits there for whoever is away.
func (a *account) stepFor(o Outcome) models.Step {
	now := a.Transport.Now()
	step := models.Step{State: models.Sent, At: now.UnixMilli(), Who: o.Peer, Unconfirmed: o.Kind == Written}
	switch {
	case o.Kind != AcceptedBy || !o.Mail:
	case o.Keeps > 0:
		step.State, step.Until = models.Stored, now.Add(o.Keeps).UnixMilli()
	default:
		step.State = models.Accepted
	}
	return step
}

// took stores that a peer has what a row of the outbox sent, which need not be sent again then.
func (a *account) took(tx *models.Tx, row models.Outgoing, step models.Step) ([]event.Event, error) {
	if err := tx.RemoveOutgoingByID(row.ID); err != nil || row.Message == 0 {
		return nil, err
	}
	if last, err := isLast(tx, row); err != nil || !last {
		return nil, err
	}
	step.Message = row.Message
	return a.step(tx, step)
}
