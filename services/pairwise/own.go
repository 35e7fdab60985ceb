package pairwise

import (
	"errors"
	"slices"

	"sotto/node/datasync"
	"sotto/node/identity"
	"sotto/node/secure"
)

// Bounds of what is given to a device at once, and goes in one envelope: more proof of work is asked for larger ones.
const (
	givenBytes    = 32 << 10
	givenMessages = 128
)

// ErrNotEnabled says that a message came from a device of ours that does not take part.
var ErrNotEnabled = errors.New("pairwise: from a device of ours that does not take part")

// Others lists the other devices of our own that take part.
func (p *Pair) Others(tx Tx) ([]secure.Installation, error) {
	own, err := tx.Installations(p.self)
	return slices.DeleteFunc(own, func(i secure.Installation) bool { return !i.Enabled || i.ID == p.device.Installation }), err
}

// Alone says whether no other device of ours takes part.
func (p *Pair) Alone(tx Tx) (bool, error) {
	others, err := p.Others(tx)
	return len(others) == 0, err
}

// Mirror sends a wrapped message to our own other devices that take part, if there are any. They acknowledge it as others do,
// and nobody is told of that.
func (p *Pair) Mirror(tx Tx, wrapped []byte) error {
	if alone, err := p.Alone(tx); alone || err != nil {
		return err
	}
	_, err := p.Send(tx, p.self, wrapped, Ref{})
	return err
}

// Give is Mirror of many messages for one device, in as few envelopes as they fit into.
func (p *Pair) Give(tx Tx, installation string, wrapped [][]byte) error {
	for len(wrapped) > 0 {
		n, size := 0, 0
		for n < len(wrapped) && n < givenMessages && (n == 0 || size+len(wrapped[n]) <= givenBytes) {
			size += len(wrapped[n])
			n++
		}
		if err := p.give(tx, installation, wrapped[:n]); err != nil {
			return err
		}
		wrapped = wrapped[n:]
	}
	return nil
}

func (p *Pair) give(tx Tx, installation string, wrapped [][]byte) error {
	var messages []datasync.Message
	for _, body := range wrapped {
		m := datasync.New(p.self, p.self, body, p.now())
		_, found, err := tx.Sending(m.ID())
		if err != nil {
			return err
		}
		if !found {
			messages = append(messages, m)
			continue
		}
		// The others were sent the very same within this second.
		if err := tx.PutRecord(datasync.Record{ID: m.ID(), Installation: installation, Next: p.now()}); err != nil {
			return err
		}
	}
	if len(messages) == 0 {
		return nil
	}
	sealed, err := p.seal(tx, p.self, datasync.Payload{Messages: messages}, []string{installation})
	if err != nil {
		return err
	}
	for _, m := range messages {
		if err := datasync.Begin(tx, p.self, m, 0, sealed.Installations, p.now(), p.device.Rand); err != nil {
			return err
		}
	}
	return p.enqueue(tx, p.self, sealed, Ref{})
}

// Announce tells all devices of ours something, also those that do not take part or are not known. It is not repeated, and is
// nothing that has to be kept from who has our key (Status spec 2/ACCOUNT, "Pairing").
func (p *Pair) Announce(tx Tx, wrapped []byte) error { return p.forAll(tx, p.self, wrapped) }

// Inform tells somebody which devices we have now, and nothing else.
func (p *Pair) Inform(tx Tx, who identity.PublicKey) error { return p.forAll(tx, who, nil) }

func (p *Pair) forAll(tx Tx, to identity.PublicKey, text []byte) error {
	sealed, err := p.device.SealForAll(tx, to, text, p.now())
	if err != nil {
		return err
	}
	return p.enqueue(tx, to, sealed, Ref{})
}

// Enable says whether another device of ours takes part. One that does not is sent nothing any more, not even what it has not
// acknowledged.
func (p *Pair) Enable(tx Tx, installation string, enabled bool) error {
	if err := p.device.Enable(tx, installation, enabled, p.now()); err != nil || enabled {
		return err
	}
	ids, err := tx.SendingsTo(p.self)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := tx.DropRecord(id, installation); err != nil {
			return err
		}
		if left, err := tx.Records(id); err != nil {
			return err
		} else if len(left) > 0 {
			continue
		}
		if err := tx.DropSending(id); err != nil {
			return err
		}
	}
	return nil
}

// Hasten sends our own devices at once what they have not acknowledged, because one of them tells that it listens now. It says
// whether there is anything.
func (p *Pair) Hasten(tx Tx) (bool, error) {
	ids, err := tx.SendingsTo(p.self)
	if err != nil {
		return false, err
	}
	for _, id := range ids {
		if err := datasync.Hasten(tx, id, p.now()); err != nil {
			return false, err
		}
	}
	return len(ids) > 0, nil
}

// OpenOwn is Open of what another device of ours sent, and says whether that one takes part. From one that does not only what
// it announces is opened, which comes without data sync; else the error is ErrNotEnabled.
func (p *Pair) OpenOwn(tx Tx, raw []byte) (r Received, takesPart bool, err error) {
	opened, err := p.device.Open(tx, raw, p.self, p.now())
	if err != nil {
		return Received{}, false, err
	}
	r = Received{Installation: opened.Installation, ForwardSecret: opened.ForwardSecret, NewDevices: opened.Learned.New}
	others, err := p.Others(tx)
	if err != nil {
		return Received{}, false, err
	}
	takesPart = slices.ContainsFunc(others, func(i secure.Installation) bool { return i.ID == r.Installation })
	if takesPart {
		if r.Asked, err = p.heard(tx, p.self, r); err != nil {
			return Received{}, false, err
		}
	}
	if len(opened.Plaintext) == 0 {
		return r, takesPart, nil
	}
	payload, err := datasync.DecodePayload(opened.Plaintext)
	switch {
	case datasync.ReasonOf(err) == datasync.ReasonNotDatasync:
		r.Bodies = []Body{{Wrapped: opened.Plaintext}}
		return r, takesPart, nil
	case err != nil:
		return Received{}, false, err
	case !takesPart:
		return Received{}, false, ErrNotEnabled
	}
	return r, takesPart, p.sync(tx, &r, payload, p.self, true)
}
