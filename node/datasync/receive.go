package datasync

import (
	"slices"
	"time"

	"sotto/node/identity"
)

// Delivery is that a device has acknowledged a message of ours.
type Delivery struct {
	Ref          int64 // of the Sending
	ID           ID
	Installation string // the device
	To           identity.PublicKey
}

// Received is what came of a payload.
type Received struct {
	Fresh     []Message  // to hand up
	Ack       []ID       // to acknowledge to all devices of the sender: every message, new or not
	Delivered []Delivery // messages of ours that were acknowledged
	Resend    []ID       // messages of ours that this device lacks and asks for: see Hasten
	Request   []ID       // to ask for: they offer it, and it is not here
	Refused   []Reason   // one for each message that was not taken
}

// Receive takes in a payload that came to us, self, from a device of somebody, or from another device of ours (2/MVDS,
// "Flow"). What it returns is to be done once the caller's transaction is committed, so that an acknowledgement never
// precedes what it acknowledges.
//
// Nothing in a payload touches what was sent to somebody else: acknowledgements and requests count only for messages to
// their sender, and a message of another group than theirs and ours is refused (deployed clients do not look). An id that
// is unknown does not keep the rest from being read.
func Receive(s State, self identity.PublicKey, p Payload, from identity.PublicKey, installation string, now time.Time) (Received, error) {
	r := receiving{s: s, from: from, installation: installation}
	if err := r.messages(p.Messages, GroupOf(self, from), now.Truncate(time.Millisecond)); err != nil {
		return Received{}, err
	}
	if err := each(p.Acks, r.ack); err != nil {
		return Received{}, err
	}
	if err := each(p.Requests, r.request); err != nil {
		return Received{}, err
	}
	if err := each(p.Offers, r.offer); err != nil {
		return Received{}, err
	}
	return r.Received, nil
}

// receiving is a payload that is being taken in.
type receiving struct {
	Received
	s            State
	from         identity.PublicKey
	installation string
}

// each takes every id once.
func each(ids []ID, take func(ID) error) error {
	seen := make(map[ID]bool, len(ids))
	for _, id := range ids {
		if seen[id] {
			continue
		}
		seen[id] = true
		if err := take(id); err != nil {
			return err
		}
	}
	return nil
}

// messages takes in the messages of the conversation. One that is there already is acknowledged as well: it comes again
// because the first acknowledgement was lost.
func (r *receiving) messages(list []Message, group [32]byte, now time.Time) error {
	for _, m := range list {
		if m.Group != group {
			r.Refused = append(r.Refused, ReasonForeign)
			continue
		}
		id := m.ID()
		fresh, err := r.s.MarkReceived(r.from, id, now)
		if err != nil {
			return err
		}
		if fresh {
			r.Fresh = append(r.Fresh, m)
		}
		if !slices.Contains(r.Ack, id) {
			r.Ack = append(r.Ack, id)
		}
	}
	return nil
}

// ack drops the record that a device's acknowledgement settles, and the message with its last record. The other devices may
// wait for longer then.
func (r *receiving) ack(id ID) error {
	sending, mine, others, err := r.records(id)
	if err != nil || len(mine) == 0 {
		return err
	}
	r.Delivered = append(r.Delivered, Delivery{sending.Ref, id, r.installation, sending.To})
	if len(others) == 0 {
		return r.s.DropSending(id)
	}
	for _, record := range mine {
		if err := r.s.DropRecord(id, record.Installation); err != nil {
			return err
		}
	}
	if sending.Reached {
		return nil
	}
	sending.Reached = true
	return r.s.PutSending(id, sending)
}

// request notes what a device asks for, unless it never was to have it or has it by its own account.
func (r *receiving) request(id ID) error {
	_, mine, _, err := r.records(id)
	if err == nil && len(mine) > 0 {
		r.Resend = append(r.Resend, id)
	}
	return err
}

// records reads a message that we sent to the sender of the payload, with the records that concern the device which sent
// it, and the others. Both are empty where there is no such message.
func (r *receiving) records(id ID) (sending Sending, mine, others []Record, err error) {
	sending, found, err := r.s.Sending(id)
	if err != nil || !found || sending.To != r.from {
		return Sending{}, nil, nil, err
	}
	all, err := r.s.Records(id)
	for _, record := range all {
		if record.Installation == r.installation || record.Installation == Anyone {
			mine = append(mine, record)
		} else {
			others = append(others, record)
		}
	}
	return sending, mine, others, err
}

// offer asks for what is offered and not here.
func (r *receiving) offer(id ID) error {
	known, err := r.s.Received(r.from, id)
	if err == nil && !known {
		r.Request = append(r.Request, id)
	}
	return err
}
