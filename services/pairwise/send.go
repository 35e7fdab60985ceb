package pairwise

import (
	"cmp"
	"slices"
	"time"

	"sotto/models"
	"sotto/node/datasync"
	"sotto/node/identity"
	"sotto/node/secure"
)

// mostControl is how many control messages wait at most; the oldest go. Each of them is made again when it is needed.
const mostControl = 1024

// Ref says to what in the database a private message belongs; zero where nobody sees it.
type Ref struct {
	Message int64 // row
	Chat    int64
}

// Send encrypts a wrapped message for the devices of somebody and puts it into the outbox. It is sent again until every
// device that it was encrypted for has acknowledged it.
func (p *Pair) Send(tx Tx, to identity.PublicKey, wrapped []byte, ref Ref) (secure.Sealed, error) {
	sealed, err := p.begin(tx, to, datasync.New(p.self, to, wrapped, p.now()), ref)
	if err != nil {
		return secure.Sealed{}, err
	}
	return sealed, p.enqueue(tx, to, sealed, ref)
}

// Renew is Send for a message that still stands in the outbox, and of which data sync knows nothing any more. written is when
// it was: so it is the same message as before. What is returned is for the caller to put in the place of what stands there.
func (p *Pair) Renew(tx Tx, to identity.PublicKey, wrapped []byte, written time.Time, ref Ref) (secure.Sealed, error) {
	return p.begin(tx, to, datasync.New(p.self, to, wrapped, written), ref)
}

// begin encrypts a message and lets data sync know that it goes out.
func (p *Pair) begin(tx Tx, to identity.PublicKey, m datasync.Message, ref Ref) (secure.Sealed, error) {
	sealed, err := p.seal(tx, to, datasync.Payload{Messages: []datasync.Message{m}}, nil)
	if err != nil {
		return secure.Sealed{}, err
	}
	return sealed, datasync.Begin(tx, to, m, ref.Message, sealed.Installations, p.now(), p.device.Rand)
}

// Acknowledge tells somebody which of their messages came. It is not repeated: who misses it sends again, and is told again.
func (p *Pair) Acknowledge(tx Tx, to identity.PublicKey, ids []datasync.ID) error {
	for some := range slices.Chunk(ids, datasync.MaxIDs) {
		if err := p.control(tx, to, datasync.Payload{Acks: some}); err != nil {
			return err
		}
	}
	return nil
}

// control encrypts data sync's own messages.
func (p *Pair) control(tx Tx, to identity.PublicKey, payload datasync.Payload) error {
	sealed, err := p.seal(tx, to, payload, nil)
	if err != nil {
		return err
	}
	return p.enqueue(tx, to, sealed, Ref{})
}

// Heal tells somebody with whom the sessions do not fit together any more to begin anew: with new keys not more often than
// every two hours, and meanwhile a few times more with the same. It says whether it did.
func (p *Pair) Heal(tx Tx, who identity.PublicKey) (bool, error) {
	sealed, made, err := p.device.Advertise(tx, who, p.now())
	if err != nil || !made {
		return false, err
	}
	return true, p.enqueue(tx, who, sealed, Ref{})
}

func (p *Pair) seal(tx Tx, to identity.PublicKey, payload datasync.Payload, only []string) (secure.Sealed, error) {
	plaintext, err := payload.Encode()
	if err != nil {
		return secure.Sealed{}, err
	}
	if to == p.self { // without a device it would be for any that has our key
		if alone, err := p.Alone(tx); alone || err != nil {
			return secure.Sealed{}, cmp.Or(err, error(secure.ReasonNoDevice))
		}
	}
	sealed, err := p.device.Seal(tx, to, plaintext, p.now(), only)
	if secure.ReasonOf(err) == secure.ReasonNoDevice && to != p.self {
		return p.device.Seal(tx, to, plaintext, p.now(), nil) // they have other devices now
	}
	return sealed, err
}

// enqueue stores what is to be sent.
func (p *Pair) enqueue(tx Tx, to identity.PublicKey, sealed secure.Sealed, ref Ref) error {
	err := tx.Enqueue(&models.Outgoing{
		Kind: models.PrivateOutgoing, Message: ref.Message, Chat: ref.Chat, Recipient: to[:], Negotiated: sealed.Negotiated,
		Payload: sealed.Message, NextTry: p.now().UnixMilli(),
	})
	if err != nil || ref.Message != 0 {
		return err
	}
	return tx.TrimControl(mostControl)
}

// unheard is how long no device of somebody answers before what is sent again goes where all devices of theirs listen, also a
// new one that knows of nobody it could share a topic with.
const unheard = 10 * time.Minute

// Resend puts up to limit messages into the outbox again that a device has not acknowledged in time, and says how many. What
// still waits there from before is not doubled.
func (p *Pair) Resend(tx Tx, limit int) (int, error) {
	now := p.now()
	due, _, err := datasync.Retransmit(tx, now, limit)
	if err != nil {
		return 0, err
	}
	sent := 0
	for _, d := range due {
		again, err := p.resend(tx, d, now)
		if secure.ReasonOf(err) != "" || datasync.ReasonOf(err) != "" {
			again, err = false, tx.DropSending(d.ID) // it cannot be encrypted, and never will
		}
		if err != nil {
			return sent, err
		}
		if again {
			sent++
		}
	}
	return sent, nil
}

func (p *Pair) resend(tx Tx, d datasync.Unacknowledged, now time.Time) (bool, error) {
	ref := Ref{Message: d.Ref}
	if d.Ref != 0 {
		row, found, err := tx.MessageAt(d.Ref)
		if err != nil {
			return false, err
		}
		if !found {
			return false, tx.DropSending(d.ID)
		}
		ref.Chat = row.Chat
		out, waits, err := tx.OutgoingTo(d.Ref, d.To[:])
		switch {
		case err != nil:
			return false, err
		case out.Failed: // until the person tries again
			return false, datasync.Rest(tx, d.ID, now)
		case waits:
			return false, datasync.Postpone(tx, d.ID, now)
		}
	}
	if blocked, err := tx.Blocked(d.To); err != nil {
		return false, err
	} else if blocked { // it was taken just as they were
		return false, tx.DropSending(d.ID)
	}
	sealed, err := p.seal(tx, d.To, datasync.Payload{Messages: []datasync.Message{d.Message}}, d.Installations)
	if err != nil {
		return false, err
	}
	if !d.Reached && now.Sub(d.Created) >= unheard {
		sealed.Negotiated = false
	}
	if err := datasync.Again(tx, d.ID, sealed.Installations, now, p.device.Rand); err != nil {
		return false, err
	}
	return true, p.enqueue(tx, d.To, sealed, ref)
}
