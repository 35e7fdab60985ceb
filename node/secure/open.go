package secure

import (
	"cmp"
	"encoding/binary"
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
//   - ReasonForOthers: the sender knows it, and sends only to others what they have not acknowledged;
//   - ReasonOwn: what another device of ours wrote to somebody else;
//   - ReasonNoSession, ReasonMAC, ReasonGap: the sessions do not fit together any more. Heal mends that;
//   - ReasonPast: the message was decrypted before, or its key is too old;
//   - ReasonNoBundle: there would be no way to answer on the session that it begins.
//
// Without a session, by Diffie-Hellman alone, nothing tells that a message was decrypted before.
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
		return Opened{}, leftOut(s, from, m.installation)
	}
	o := Opened{Installation: m.installation, ForwardSecret: entry.ratchet != nil}
	if o.Learned, err = d.learnAll(s, m.bundles, from, now); err != nil {
		return Opened{}, err
	}
	if entry.ratchet != nil {
		o.Plaintext, err = d.openRatchet(s, entry, sender{from, m.installation, slices.Contains(o.Learned.Outdated, m.installation)})
	} else {
		o.Plaintext, err = d.openDH(entry)
	}
	if err != nil {
		return Opened{}, err
	}
	return o, d.opened(s, o, from)
}

// leftOut is why a message has no part for this device. Where the sender's device has written to it on a session that still
// holds, it knows this one: what is sent again to a device that is silent would make all others ask to begin anew, again and
// again.
func leftOut(s State, from identity.PublicKey, installation string) error {
	talking, err := s.Talking(from, installation)
	if err == nil && talking {
		return ReasonForOthers
	}
	return cmp.Or(err, error(ReasonNotForDevice))
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

// sender is who wrote a message, with which of their devices, and whether that was late: whether they have told of a newer
// prekey since.
type sender struct {
	who          identity.PublicKey
	installation string
	late         bool
}

// maxTried bounds on how many sessions a message is tried: there is more than one on a prekey only where a party began anew
// on it. Each try costs up to two thousand steps of chains.
const maxTried = 8

// openRatchet decrypts on one of the sessions that the entry may belong to.
func (d Device) openRatchet(s State, e direct, from sender) ([]byte, error) {
	sessions, err := s.Sessions(from.who, from.installation, e.prekey)
	if err != nil {
		return nil, err
	}
	if e.x3dh != nil {
		return d.openInitial(s, e, from, sessions)
	}
	failed := ReasonNoSession
	for _, session := range sessions[:min(len(sessions), maxTried)] {
		plaintext, err := d.openOn(s, session, e, from.late)
		reason := ReasonOf(err)
		if reason == "" || reason == ReasonPast { // only the session that it belongs to knows
			return plaintext, err
		}
		if ReasonOf(failed) == ReasonNoSession {
			failed = reason
		}
	}
	return nil, failed
}

// openInitial decrypts a message that still carries the initiator's half of X3DH: on its session, if this is not the first,
// or on a new one. That there is another session on the same prekey does not hinder it: the initiator may have lost its end.
func (d Device) openInitial(s State, e direct, from sender, sessions []Session) ([]byte, error) {
	if e.x3dh.prekey != e.prekey {
		return nil, ReasonMalformed
	}
	for _, session := range sessions {
		// The sign of the ephemeral key is left out: the same is agreed with either, and it must not make a second session.
		if !session.Initiated && [32]byte(session.Ephemeral[1:]) == [32]byte(e.x3dh.ephemeral[1:]) {
			return d.openOn(s, session, e, from.late)
		}
	}
	own, found, err := s.OwnPrekeyOf(e.prekey)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, ReasonNoSession
	}
	if err := known(s, from); err != nil {
		return nil, err
	}
	session, err := d.answer(own, from.who, from.installation, e.x3dh.ephemeral)
	if err != nil {
		return nil, err
	}
	return d.openOn(s, session, e, from.late)
}

// known says ReasonNoBundle unless the device's bundle came with the message, or before: sessions are kept for the few
// devices that are remembered of somebody, and not for as many names as they may think of.
func known(s State, from sender) error {
	list, err := s.Installations(from.who)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(list, func(i Installation) bool { return i.ID == from.installation }) {
		return ReasonNoBundle
	}
	return nil
}

// openOn decrypts on one session, and stores how it stands then. A message that was not late proves that its sender uses the
// session, whatever we had heard before; one that was late begins none that is used.
func (d Device) openOn(s State, session Session, e direct, late bool) ([]byte, error) {
	fresh := session.ID == 0
	if !fresh {
		plaintext, found, err := openSkipped(s, session.ID, *e.ratchet, e.payload)
		if found || err != nil {
			return plaintext, err
		}
	}
	next, skipped, plaintext, err := session.openNext(d.Rand, *e.ratchet, e.payload)
	if err != nil {
		return nil, pastOr(s, session.ID, *e.ratchet, err)
	}
	next.Answered = true
	next.Retired = late && (fresh || session.Retired)
	if err := put(s, &next, fresh); err != nil || len(skipped) == 0 {
		return plaintext, err
	}
	return plaintext, s.PutSkipped(next.ID, skipped, maxSkipped)
}

// openSkipped decrypts with a key that was left out earlier, and deletes it.
func openSkipped(s State, session int64, h header, ciphertext []byte) (plaintext []byte, found bool, err error) {
	if h.n == chainEnd {
		return nil, false, nil
	}
	key, found, err := s.TakeSkipped(session, h.ratchet, h.n)
	if !found || err != nil {
		return nil, false, err
	}
	plaintext, err = decrypt(key, h, ciphertext)
	return plaintext, true, err
}

// pastOr is ReasonPast where a message that could not be decrypted is of a chain that has ended, and was in it; else the
// reason that is given.
func pastOr(s State, session int64, h header, failed error) error {
	if session == 0 || ReasonOf(failed) == "" {
		return failed
	}
	end, found, err := s.TakeSkipped(session, h.ratchet, chainEnd)
	switch {
	case err != nil:
		return err
	case found && h.n < binary.BigEndian.Uint32(end[:]):
		return ReasonPast
	}
	return failed
}
