package secure

import (
	"crypto/ecdsa"
	"io"
	"time"

	"sotto/node/identity"
)

// How long own prekeys serve. They are renewed lazily, with the next message that is sent. What mailservers still hold was
// encrypted to prekeys of the last thirty days; a message that comes later than a prekey is forgotten cannot be read, and a
// recorded one cannot be played again.
const (
	prekeyAge  = 24 * time.Hour
	prekeyKept = 45 * 24 * time.Hour
)

// maxAhead is how far a bundle's timestamp may lie in the future: more than clocks go wrong by time zones, less than would
// shut out the bundles that follow for long.
const maxAhead = 24 * time.Hour

// Device is this installation of an account: what its secrets are made with. Its methods are steps over a State: they change
// it as a whole or fail, and then the caller has to undo what was put.
type Device struct {
	Key          *ecdsa.PrivateKey // the identity key
	Installation string
	Rand         io.Reader // crypto/rand in production
}

func (d Device) self() identity.PublicKey { return identity.KeyOf(&d.Key.PublicKey) }

// Bundle is our signed bundle, with a new prekey where the last one is older than a day.
func (d Device) Bundle(s State, now time.Time) ([]byte, error) {
	own, found, err := s.OwnPrekey()
	if err != nil {
		return nil, err
	}
	if !found || now.Sub(own.Created).Abs() >= prekeyAge { // by either sign: clocks are set back, too
		return d.renew(s, own.Version, now)
	}
	if stored, err := s.OwnBundle(); err != nil || len(stored) > 0 {
		return stored, err
	}
	return d.sign(s, own, now)
}

// renew makes a prekey of a version above the given one. Others learn of it with the next message. The version follows the
// time, so that it rises even where our state went back to an earlier day and the last versions are forgotten: others would
// take no notice of a version that they have passed, and go on with prekeys that are not here.
func (d Device) renew(s State, version uint32, now time.Time) ([]byte, error) {
	fresh, err := newPair(d.Rand)
	if err != nil {
		return nil, err
	}
	own := OwnPrekey{Key: fresh.public, Private: fresh.private, Version: max(version+1, uint32(now.Unix())), Created: now}
	if err := s.PutOwnPrekey(own); err != nil {
		return nil, err
	}
	if err := s.ForgetOwnPrekeys(now.Add(-prekeyKept)); err != nil {
		return nil, err
	}
	return d.sign(s, own, now)
}

// sign makes and stores the bundle of our prekey and those of our other enabled installations.
func (d Device) sign(s State, own OwnPrekey, now time.Time) ([]byte, error) {
	b := Bundle{Timestamp: now.UnixNano(), Prekeys: map[string]Prekey{
		d.Installation: {Key: own.Key, Version: own.Version, Protocol: protocolSelf},
	}}
	others, err := s.Installations(d.self())
	if err != nil {
		return nil, err
	}
	for _, o := range others {
		if o.Enabled && len(b.Prekeys) < ownInBundle {
			b.Prekeys[o.ID] = Prekey{Key: o.Prekey, Version: o.Version, Protocol: o.Protocol}
		}
	}
	encoded, err := b.Encode(d.Key)
	if err != nil {
		return nil, err
	}
	return encoded, s.PutOwnBundle(encoded)
}

// Enable says whether another installation of our own identity takes part: whether it is in our bundles, and whether what we
// write goes to it, too. It does nothing where the installation is not known.
func (d Device) Enable(s State, installation string, enabled bool, now time.Time) error {
	others, err := s.Installations(d.self())
	if err != nil {
		return err
	}
	for _, o := range others {
		if o.ID != installation {
			continue
		}
		o.Enabled = enabled
		if err := s.PutInstallation(o); err != nil {
			return err
		}
		own, found, err := s.OwnPrekey()
		if err != nil || !found {
			return err
		}
		_, err = d.sign(s, own, now)
		return err
	}
	return nil
}
