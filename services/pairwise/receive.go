package pairwise

import (
	"sotto/node/datasync"
	"sotto/node/identity"
	"sotto/node/secure"
)

// Received is what a private message held.
type Received struct {
	Bodies        []Body
	Acks          []datasync.ID // what is to be acknowledged
	Delivered     []datasync.Delivery
	Installation  string // of the sender's device
	ForwardSecret bool
	NewDevices    []secure.Installation // that appeared beside those that were known
	Refused       []datasync.Reason     // one for each message in it that was not taken
	Asked         bool                  // something waits to be sent because of it
}

// Body is one wrapped application message.
type Body struct {
	ID      datasync.ID // zero where it came without data sync
	Wrapped []byte
}

// Open decrypts a private message and takes data sync off it. answer says whether the sender may learn that we are there:
// only then what they ask for is sent. The errors are those of secure.Device.Open and datasync.DecodePayload.
func (p *Pair) Open(tx Tx, raw []byte, from identity.PublicKey, answer bool) (Received, error) {
	before, err := tx.Installations(from)
	if err != nil {
		return Received{}, err
	}
	opened, err := p.device.Open(tx, raw, from, p.now())
	if err != nil {
		return Received{}, err
	}
	r := Received{Installation: opened.Installation, ForwardSecret: opened.ForwardSecret}
	if len(before) > 0 {
		r.NewDevices = opened.Learned.New
	}
	if answer {
		if r.Asked, err = p.heard(tx, from, r); err != nil {
			return Received{}, err
		}
	}
	if len(opened.Plaintext) == 0 {
		return r, nil
	}
	payload, err := datasync.DecodePayload(opened.Plaintext)
	if datasync.ReasonOf(err) == datasync.ReasonNotDatasync {
		r.Bodies = []Body{{Wrapped: opened.Plaintext}}
		return r, nil
	}
	if err != nil {
		return Received{}, err
	}
	return r, p.sync(tx, &r, payload, from, answer)
}

// heard sends to new devices of somebody what others of theirs have not acknowledged, and to the one that wrote what waits for
// it slowly since it was silent. It says whether there is anything.
func (p *Pair) heard(tx Tx, from identity.PublicKey, r Received) (some bool, err error) {
	if some, err = p.appeared(tx, r.NewDevices); err != nil {
		return false, err
	}
	more, err := datasync.Heard(tx, from, r.Installation, p.now())
	return some || more, err
}

func (p *Pair) sync(tx Tx, r *Received, payload datasync.Payload, from identity.PublicKey, answer bool) error {
	got, err := datasync.Receive(tx, p.self, payload, from, r.Installation, p.now())
	if err != nil {
		return err
	}
	r.Acks, r.Delivered, r.Refused = got.Ack, got.Delivered, got.Refused
	for _, m := range got.Fresh {
		r.Bodies = append(r.Bodies, Body{ID: m.ID(), Wrapped: m.Body})
	}
	if !answer {
		return nil
	}
	for _, id := range got.Resend {
		if err := datasync.Hasten(tx, id, p.now()); err != nil {
			return err
		}
	}
	r.Asked = r.Asked || len(got.Resend) > 0 || len(got.Request) > 0
	if len(got.Request) == 0 {
		return nil
	}
	return p.control(tx, from, datasync.Payload{Requests: got.Request})
}
