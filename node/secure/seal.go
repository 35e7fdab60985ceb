package secure

import (
	"bytes"
	"slices"
	"time"

	"sotto/node/identity"
)

// mostDevices is how many devices of one person a message is encrypted for: those with the newest bundles.
const mostDevices = 3

// maxSessions is how many sessions with one device are kept, for messages that come late.
const maxSessions = 48

// Sealed is a private transport message, ready for Whisper.
type Sealed struct {
	Message       []byte
	Installations []string // for whom it was encrypted; none: for any device, by Diffie-Hellman alone
	ForwardSecret bool     // a key that leaks later does not open it
	Negotiated    bool     // every addressed device has answered before, so it may go to the negotiated topic
}

// Seal encrypts a text for the devices of somebody, or for those in only where it is not empty. Where no device is known it
// is encrypted to the identity key. ReasonNoDevice tells that none of only is in use any more.
func (d Device) Seal(s State, to identity.PublicKey, plaintext []byte, now time.Time, only []string) (Sealed, error) {
	devices, known, err := d.devices(s, to, only)
	switch {
	case err != nil:
		return Sealed{}, err
	case !known:
		return d.sealForAny(s, to, plaintext, now)
	case len(devices) == 0:
		return Sealed{}, ReasonNoDevice
	}
	bundle, err := d.Bundle(s, now) // first: it may bring the prekey that sessions have to follow
	if err != nil {
		return Sealed{}, err
	}
	out := Sealed{ForwardSecret: true, Negotiated: true}
	m := message{installation: d.Installation, bundles: [][]byte{bundle}}
	for _, device := range devices {
		entry, err := d.sealFor(s, device, plaintext)
		if err != nil {
			return Sealed{}, err
		}
		m.entries = append(m.entries, entry)
		out.Installations = append(out.Installations, device.ID)
		out.Negotiated = out.Negotiated && device.Answered && device.Protocol >= protocolSelf
	}
	out.Message, err = encodeMessage(m)
	return out, err
}

// devices are those of somebody that a message goes to. known says whether there are any, whatever only leaves of them.
func (d Device) devices(s State, to identity.PublicKey, only []string) (list []Installation, known bool, err error) {
	all, err := s.Installations(to)
	if err != nil {
		return nil, false, err
	}
	own := to == d.self()
	for _, i := range all {
		if i.Enabled && (!own || i.ID != d.Installation) && len(list) < mostDevices {
			list = append(list, i)
		}
	}
	known = len(list) > 0
	if len(only) > 0 {
		list = slices.DeleteFunc(list, func(i Installation) bool { return !slices.Contains(only, i.ID) })
	}
	return list, known, nil
}

// SealForAll encrypts a text to somebody's identity key, so that all of their devices can read it, known or not. An empty one
// only brings our bundle.
func (d Device) SealForAll(s State, to identity.PublicKey, plaintext []byte, now time.Time) (Sealed, error) {
	return d.sealForAny(s, to, plaintext, now)
}

func (d Device) sealForAny(s State, to identity.PublicKey, plaintext []byte, now time.Time) (Sealed, error) {
	bundle, err := d.Bundle(s, now)
	if err != nil {
		return Sealed{}, err
	}
	e, err := d.sealDH(to, plaintext)
	if err != nil {
		return Sealed{}, err
	}
	entry, err := encodeDirect(anyDevice, e)
	if err != nil {
		return Sealed{}, err
	}
	encoded, err := encodeMessage(message{installation: d.Installation, bundles: [][]byte{bundle}, entries: [][]byte{entry}})
	return Sealed{Message: encoded}, err
}

// sealFor encrypts for one device, on the session in use or a new one.
func (d Device) sealFor(s State, to Installation, plaintext []byte) ([]byte, error) {
	session, found, err := d.sending(s, to)
	if err != nil {
		return nil, err
	}
	if !found {
		if session, err = d.begin(to); err != nil {
			return nil, err
		}
	}
	h, ciphertext, err := session.sealNext(d.Rand, plaintext)
	if err != nil {
		return nil, err
	}
	if err := put(s, &session, !found); err != nil {
		return nil, err
	}
	e := direct{ratchet: &h, prekey: session.Prekey, payload: ciphertext}
	if session.Initiated && !session.Answered {
		e.x3dh = &initiation{session.Ephemeral, session.Prekey}
	}
	return encodeDirect(to.ID, e)
}

func put(s State, session *Session, fresh bool) error {
	if err := s.PutSession(session); err != nil || !fresh {
		return err
	}
	return s.TrimSessions(session.Identity, session.Installation, maxSessions)
}

// sending is the session that a message to a device goes on: one whose prekey is still its owner's newest. Where both sides
// began at once there are two, and both take the one on the smaller prekey; that both ends know without asking. The
// specification compares the agreed keys, which nobody has to keep for that; deployed clients compare nothing and take
// either.
func (d Device) sending(s State, to Installation) (Session, bool, error) {
	prekeys := []Point{to.Prekey}
	own, found, err := s.OwnPrekey()
	if err != nil {
		return Session{}, false, err
	}
	if found {
		prekeys = append(prekeys, own.Key)
	}
	slices.SortFunc(prekeys, func(a, b Point) int { return bytes.Compare(a[:], b[:]) })
	for _, prekey := range prekeys {
		list, err := s.Sessions(to.Identity, to.ID, prekey)
		if err != nil {
			return Session{}, false, err
		}
		for _, session := range list {
			if !session.Retired {
				return session, true, nil
			}
		}
	}
	return Session{}, false, nil
}
