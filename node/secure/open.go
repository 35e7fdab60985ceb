package secure

import (
	"slices"
	"time"

	"sotto/node/identity"
)

// Opened is a private transport message that was decrypted.
type Opened struct {
	Plaintext     []byte // empty: it only brought a bundle
	Installation  string // of the sender's device
	ForwardSecret bool   // a key that leaks later does not open it
	Learned       Learned
}

// Open decrypts the part of a private message that is for this device. from has signed the Whisper message. What the
// message changes in the State holds only where there is no error; the caller undoes the rest. The error is a Reason:
//
//   - ReasonNotPrivate, ReasonMalformed and others of form;
//   - ReasonNotForDevice: the sender did not know this device. Advertise tells them;
//   - ReasonOwn: what another device of ours wrote to somebody else;
//   - ReasonNoSession, ReasonMAC, ReasonGap: the sessions do not fit together any more. Heal mends that;
//   - ReasonPast: the message was decrypted before, or its key is too old.
func (d Device) Open(s State, raw []byte, from identity.PublicKey, now time.Time) (Opened, error) {
	m, err := decodeMessage(raw)
	switch {
	case err != nil:
		return Opened{}, err
	case len(m.public) > 0 || len(m.entries) == 0:
		return Opened{}, ReasonNotPrivate
	case m.installation == "" || m.installation == anyDevice:
		return Opened{}, ReasonInstallation
	}
	entry, found, err := m.entryFor(d.Installation)
	switch {
	case err != nil:
		return Opened{}, err
	case !found && from == d.self(), m.installation == d.Installation && from == d.self():
		return Opened{}, ReasonOwn
	case !found:
		return Opened{}, ReasonNotForDevice
	}
	o := Opened{Installation: m.installation, ForwardSecret: entry.ratchet != nil}
	if o.Learned, err = d.learnAll(s, m.bundles, from, now); err != nil {
		return Opened{}, err
	}
	if entry.ratchet != nil {
		o.Plaintext, err = d.openRatchet(s, entry, from, m.installation)
	} else {
		o.Plaintext, err = d.openDH(entry)
	}
	if err != nil {
		return Opened{}, err
	}
	return o, d.opened(s, o, from)
}

// opened takes note of what a message that was decrypted proves.
func (d Device) opened(s State, o Opened, from identity.PublicKey) error {
	if len(o.Plaintext) == 0 && !o.ForwardSecret && slices.Contains(o.Learned.Raised, o.Installation) {
		return s.RetireSessions(from, o.Installation) // they lost their end of them
	}
	list, err := s.Installations(from)
	if err != nil {
		return err
	}
	for _, i := range list {
		if i.ID == o.Installation && !i.Answered && len(o.Plaintext) > 0 {
			i.Answered = true
			return s.PutInstallation(i)
		}
	}
	return nil
}

// openRatchet decrypts on one of the sessions that the entry may belong to.
func (d Device) openRatchet(s State, e direct, from identity.PublicKey, installation string) ([]byte, error) {
	sessions, err := s.Sessions(from, installation, e.prekey)
	if err != nil {
		return nil, err
	}
	if e.x3dh != nil {
		return d.openInitial(s, e, from, installation, sessions)
	}
	failed := error(ReasonNoSession)
	for _, session := range sessions {
		plaintext, err := d.openOn(s, session, e)
		if err == nil || ReasonOf(err) == "" {
			return plaintext, err
		}
		if failed == ReasonNoSession {
			failed = err
		}
	}
	return nil, failed
}

// openInitial decrypts a message that still carries the initiator's half of X3DH: on its session, if this is not the first,
// or on a new one. That there is another session on the same prekey does not hinder it: the initiator may have lost its end.
func (d Device) openInitial(s State, e direct, from identity.PublicKey, installation string, sessions []Session) ([]byte, error) {
	if e.x3dh.prekey != e.prekey {
		return nil, ReasonMalformed
	}
	for _, session := range sessions {
		if !session.Initiated && session.Ephemeral == e.x3dh.ephemeral {
			return d.openOn(s, session, e)
		}
	}
	own, found, err := s.OwnPrekeyOf(e.prekey)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, ReasonNoSession
	}
	session, err := d.answer(own, from, installation, e.x3dh.ephemeral)
	if err != nil {
		return nil, err
	}
	return d.openOn(s, session, e)
}

// openOn decrypts on one session, and stores how it stands then.
func (d Device) openOn(s State, session Session, e direct) ([]byte, error) {
	if session.ID != 0 {
		plaintext, found, err := openSkipped(s, session.ID, e)
		if found || err != nil {
			return plaintext, err
		}
	}
	fresh := session.ID == 0
	session, skipped, plaintext, err := session.openNext(d.Rand, *e.ratchet, e.payload)
	if err != nil {
		return nil, err
	}
	session.Answered = true
	if err := put(s, &session, fresh); err != nil || len(skipped) == 0 {
		return plaintext, err
	}
	return plaintext, s.PutSkipped(session.ID, skipped, maxSkipped)
}

// openSkipped decrypts with a key that was left out earlier, and deletes it.
func openSkipped(s State, session int64, e direct) (plaintext []byte, found bool, err error) {
	key, found, err := s.TakeSkipped(session, e.ratchet.ratchet, e.ratchet.n)
	if !found || err != nil {
		return nil, false, err
	}
	plaintext, err = decrypt(key, *e.ratchet, e.payload)
	return plaintext, true, err
}
