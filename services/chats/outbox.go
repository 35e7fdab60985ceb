package chats

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sotto/models"
	"sotto/node/identity"
	"sotto/node/payload"
	"sotto/services/event"
)

const (
	mostAttempts = 7               // one, and six more when it expired and no peer had taken it
	grace        = time.Second     // for an acknowledgement that comes as the envelope expires
	retrySeal    = 5 * time.Second // after sealing or posting failed
	retryStore   = 5 * time.Second // after the database failed
	lookAgain    = 5 * time.Second // for peers, should nobody tell
	mostFailures = 30              // of sealing and posting, in a row
	longestWait  = time.Minute     // of a row; a clock that was set back must not hold it for longer
	atOnce       = 32              // rows that are read at a time
)

// Why messages fail. A clock that was wrong when a message was written cannot be told from one that is wrong now.
const (
	nobody     = "No peer took this message."
	unable     = "This computer could not prepare this message for sending."
	wrongClock = "This computer's clock was wrong when this was written, or is wrong now."
	unwanted   = "You blocked this person."
)

// settingTried is the setting that proves by its change that the database takes something.
const settingTried = "store_tried"

// wake lets the sender look at the outbox now.
func (a *account) wake() {
	select {
	case a.due <- struct{}{}:
	default:
	}
}

// send is the goroutine that empties the outbox. It sleeps until the next row is due or somebody wakes it. While no peer
// is connected it leaves the rows alone and waits for NetworkChanged.
func (a *account) send() {
	for failed := false; a.ctx.Err() == nil; {
		pause, err := a.sendDue()
		if err == nil && failed {
			err = a.prove()
		}
		switch {
		case a.ctx.Err() != nil:
			return
		case err != nil:
			a.cfg.Log.Error("queued messages wait", "err", err)
			a.sendTrouble(err)
			pause = retryStore
		case failed:
			a.sendTrouble(nil)
		}
		failed = err != nil
		a.sleep(pause)
	}
}

// prove writes a little. That nothing had to be written, for instance because all peers are gone, does not mean that
// the database takes something again.
func (a *account) prove() error {
	return a.Store.Update(a.ctx, func(tx *models.Tx) error {
		return tx.SetSetting(settingTried, []byte(a.Transport.Now().Format(time.RFC3339Nano)))
	})
}

// sleep waits to be woken, at most for a pause; a pause of 0 has no end.
func (a *account) sleep(pause time.Duration) {
	var end <-chan time.Time
	if pause > 0 {
		timer := time.NewTimer(pause)
		defer timer.Stop()
		end = timer.C
	}
	select {
	case <-a.ctx.Done():
	case <-a.due:
	case <-end:
	}
}

// sendDue posts what is due and returns how long nothing more will be.
func (a *account) sendDue() (time.Duration, error) {
	for a.Transport.Peers() > 0 && a.ctx.Err() == nil {
		code, err := a.publishCode()
		if err != nil {
			return 0, err
		}
		again, err := a.resendDue()
		if err != nil {
			return 0, err
		}
		reads, err := a.tellReads()
		if err != nil {
			return 0, err
		}
		rows, next, err := a.dueRows()
		if err != nil {
			return 0, err
		}
		if len(rows) == 0 {
			return soonest(next, code, again, reads), nil
		}
		for _, row := range rows {
			if err := a.sendOne(row); err != nil {
				return 0, err
			}
		}
	}
	return lookAgain, nil
}

// soonest is the shortest of pauses; one of 0 has no end.
func soonest(pauses ...time.Duration) (shortest time.Duration) {
	for _, p := range pauses {
		if p > 0 && (shortest == 0 || p < shortest) {
			shortest = p
		}
	}
	return shortest
}

// resendDue queues what a device has not acknowledged in time, and the logs of groups that somebody lacks, and returns how long
// nothing more will be due.
func (a *account) resendDue() (next time.Duration, err error) {
	err = a.Store.View(a.ctx, func(tx *models.Tx) (err error) {
		next, err = a.untilResend(tx)
		return err
	})
	if err != nil || next == 0 || next > time.Millisecond {
		return next, err
	}
	err = a.Store.Update(a.ctx, func(tx *models.Tx) (err error) {
		if _, err = a.Pair.Resend(tx, atOnce); err != nil {
			return err
		}
		if err = a.Groups.Check(tx, atOnce); err != nil {
			return err
		}
		next, err = a.untilResend(tx)
		return err
	})
	return next, err
}

// untilResend is how long nothing has to be sent again and no log of a group compared, at least a millisecond; 0 where nothing
// waits for that.
func (a *account) untilResend(tx *models.Tx) (time.Duration, error) {
	compare, err := a.Groups.UntilCheck(tx)
	if err != nil {
		return 0, err
	}
	wait, waits, err := tx.NextRecord(a.Transport.Now())
	if err != nil || !waits {
		return compare, err
	}
	return soonest(max(wait, time.Millisecond), compare), nil
}

// dueRows reads what is due now or, where nothing is, how long until something will be.
func (a *account) dueRows() (rows []models.Outgoing, next time.Duration, err error) {
	err = a.Store.View(a.ctx, func(tx *models.Tx) error {
		now := a.Transport.Now()
		rows, err = tx.DueOutgoing(now.UnixMilli(), now.Add(longestWait).UnixMilli(), atOnce)
		if err != nil || len(rows) > 0 {
			return err
		}
		at, waits, err := tx.NextOutgoing()
		if waits {
			next = max(time.UnixMilli(at).Sub(now), time.Millisecond)
		}
		return err
	})
	return rows, next, err
}

// sendOne makes one attempt, or gives up. It fails only where the database does. An envelope's hash and expiry are
// stored before it is posted: whoever finds the row after a crash waits until that envelope is gone.
func (a *account) sendOne(row models.Outgoing) error {
	if row.Attempts >= mostAttempts {
		return a.giveUp(row, nobody)
	}
	if blocked, err := a.toBlocked(row); blocked || err != nil {
		return err
	}
	if early, err := a.putOff(row); early || err != nil {
		return err
	}
	sealed, err := a.seal(row)
	if err != nil {
		return a.failedHere(row, err)
	}
	current, err := a.store(row, sealed)
	if err != nil || !current {
		return err
	}
	if err := a.Transport.Post(sealed, func(o Outcome) { a.outcomes.add(outcome{row, o}) }); err != nil {
		return a.failedHere(row, err)
	}
	delete(a.failures, row.ID)
	return nil
}

// toBlocked gives a row up that goes to somebody who was blocked since it was written, and says so.
func (a *account) toBlocked(row models.Outgoing) (blocked bool, err error) {
	to, err := identity.DecodePublicKey(row.Recipient)
	if row.Kind != models.PrivateOutgoing || err != nil {
		return false, nil
	}
	err = a.Store.View(a.ctx, func(tx *models.Tx) (err error) {
		blocked, err = tx.Blocked(to)
		return err
	})
	if err != nil || !blocked {
		return false, err
	}
	return true, a.giveUp(row, unwanted)
}

// putOff puts a row off whose message no receiver would show yet, and says so: they refuse a clock that is more than two
// minutes ahead of its envelope, and peers would acknowledge it all the same. That happens to who answers somebody whose
// clock is ahead, for a second or two, and to what was written before peers told that our own clock is. What would wait
// for hours fails instead, unless it was posted: then somebody may have it, and to write it anew would double it.
func (a *account) putOff(row models.Outgoing) (early bool, err error) {
	if row.Message == 0 {
		return false, nil
	}
	var until time.Time
	err = a.Store.View(a.ctx, func(tx *models.Tx) error {
		said, _, err := tx.MessageAt(row.Message)
		until = earliest(said.Clock)
		return err
	})
	now := a.Transport.Now()
	if err != nil || !until.After(now) {
		return false, err
	}
	if row.Attempts == 0 && tooEarly(until, now) {
		return true, a.giveUp(row, wrongClock)
	}
	return true, a.change(row, func(o *models.Outgoing) {
		o.NextTry = min(until.UnixMilli(), now.Add(longestWait).UnixMilli())
	})
}

// earliest is when an envelope may bring a message with that clock. The times of envelopes have whole seconds.
func earliest(clock uint64) time.Time {
	bound := time.UnixMilli(int64(clock)).Add(-payload.MaxAhead)
	if whole := bound.Truncate(time.Second); whole.Before(bound) {
		return whole.Add(time.Second)
	}
	return bound
}

// tooEarly says whether the time at which a message may go out is so far off that a clock must have been wrong.
func tooEarly(until, now time.Time) bool { return until.Sub(now) > payload.MaxAhead }

// store counts the attempt and remembers its envelope. It says false where the row is gone by now: a late
// acknowledgement came.
func (a *account) store(row models.Outgoing, sealed Sealed) (current bool, err error) {
	err = a.change(row, func(o *models.Outgoing) {
		current = true
		o.Attempts++
		o.Envelope, o.Expiry = sealed.Hash[:], sealed.Expires.UnixMilli()
		o.NextTry = sealed.Expires.Add(grace).UnixMilli()
	})
	return current, err
}

// change changes a row as it stands now, if it still waits.
func (a *account) change(row models.Outgoing, how func(*models.Outgoing)) error {
	return a.Store.Update(a.ctx, func(tx *models.Tx) error {
		now, found, err := tx.OutgoingByID(row.ID)
		if err != nil || !found || now.Failed {
			return err
		}
		how(&now)
		return tx.PutOutgoing(&now)
	})
}

// failedHere puts a row off whose attempt failed on our side, and at last gives it up. That is no attempt which peers
// did not take: none was asked.
func (a *account) failedHere(row models.Outgoing, cause error) error {
	if a.ctx.Err() != nil || models.Broken(cause) && !errors.Is(cause, context.DeadlineExceeded) {
		return cause
	}
	a.failures[row.ID]++
	failures := a.failures[row.ID]
	a.cfg.Log.Warn("message not sent yet", "failures", failures, "err", cause)
	if failures >= mostFailures {
		delete(a.failures, row.ID)
		return a.giveUp(row, unable)
	}
	return a.change(row, func(o *models.Outgoing) {
		o.Attempts = row.Attempts // store has counted this one
		o.NextTry = a.Transport.Now().Add(retrySeal).UnixMilli()
	})
}

// giveUp marks a message as failed. Its bytes stay for Retry. What belongs to no message goes, and so does what a peer took
// before: data sync will send that again.
func (a *account) giveUp(row models.Outgoing, why string) error {
	var changed []event.Event
	err := a.Store.Update(a.ctx, func(tx *models.Tx) error {
		now, found, err := tx.OutgoingByID(row.ID)
		if err != nil || !found || now.Failed {
			return err
		}
		step, err := a.rowFails(tx, now, why)
		if err == nil && step != nil {
			changed, err = a.step(tx, *step)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("give a message up: %w", err)
	}
	a.publish(changed...)
	return nil
}

// rowFails gives a row up and returns the step that its message made with it, if any.
func (a *account) rowFails(tx *models.Tx, row models.Outgoing, why string) (*models.Step, error) {
	group, err := toGroup(tx, row)
	if err != nil {
		return nil, err
	}
	if group {
		return a.groupRowFails(tx, row, why)
	}
	taken, err := wasTaken(tx, row.Message)
	if err != nil {
		return nil, err
	}
	if row.Message == 0 || taken {
		return nil, tx.RemoveOutgoingByID(row.ID)
	}
	row.Failed = true
	step := &models.Step{Message: row.Message, State: models.Failed, At: a.Transport.Now().UnixMilli(), Reason: why}
	return step, tx.PutOutgoing(&row)
}

// wasTaken says whether a peer has taken a message.
func wasTaken(tx *models.Tx, message int64) (bool, error) {
	progress, err := tx.Progress(message)
	p := progress[message]
	return p.State != 0 && p.State != models.Queued && p.State != models.Failed, err
}

// step stores a fact about a message and returns the events that tell of it, none where it was known or the message is
// gone.
func (a *account) step(tx *models.Tx, step models.Step) ([]event.Event, error) {
	row, found, err := tx.MessageAt(step.Message)
	if err != nil || !found {
		return nil, err
	}
	fresh, err := tx.AddStep(&step)
	if err != nil || !fresh {
		return nil, err
	}
	chat, _, err := tx.ChatByID(row.Chat)
	if err != nil {
		return nil, err
	}
	return []event.Event{{Kind: event.Ledger, Chat: chat.Name, Message: hexID(row.ID), Step: step.ID}}, nil
}
