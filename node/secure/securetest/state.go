// Package securetest has a secure.State in memory, for tests of the layers above the store.
package securetest

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"sotto/node/identity"
	"sotto/node/secure"
)

// State is a secure.State in memory. It is for one goroutine.
type State struct {
	prekeys  []secure.OwnPrekey
	bundle   []byte
	devices  map[device]secure.Installation
	sessions []secure.Session // the oldest first
	skipped  map[int64][]secure.SkippedKey
	healed   map[identity.PublicKey]secure.Healing
	last     int64
}

type device struct {
	who identity.PublicKey
	id  string
}

// New returns an empty State.
func New() *State {
	return &State{devices: map[device]secure.Installation{}, skipped: map[int64][]secure.SkippedKey{}, healed: map[identity.PublicKey]secure.Healing{}}
}

// Clone is a copy: what a database would go back to.
func (s *State) Clone() *State {
	c := *s
	c.prekeys, c.bundle, c.sessions = slices.Clone(s.prekeys), slices.Clone(s.bundle), slices.Clone(s.sessions)
	c.devices, c.healed = maps.Clone(s.devices), maps.Clone(s.healed)
	c.skipped = make(map[int64][]secure.SkippedKey, len(s.skipped))
	for id, keys := range s.skipped {
		c.skipped[id] = slices.Clone(keys)
	}
	return &c
}

// Forgotten is what is left where an installation begins anew: others' devices.
func (s *State) Forgotten() *State {
	left := New()
	left.devices, left.last = maps.Clone(s.devices), s.last
	return left
}

// All lists every session, the oldest first.
func (s *State) All() []secure.Session { return slices.Clone(s.sessions) }

// Skipped is how many skipped keys there are.
func (s *State) Skipped() (n int) {
	for _, keys := range s.skipped {
		n += len(keys)
	}
	return n
}

// OwnPrekey implements secure.State.
func (s *State) OwnPrekey() (secure.OwnPrekey, bool, error) {
	if len(s.prekeys) == 0 {
		return secure.OwnPrekey{}, false, nil
	}
	return slices.MaxFunc(s.prekeys, func(a, b secure.OwnPrekey) int { return cmp.Compare(a.Version, b.Version) }), true, nil
}

// OwnPrekeyOf implements secure.State.
func (s *State) OwnPrekeyOf(key secure.Point) (secure.OwnPrekey, bool, error) {
	at := slices.IndexFunc(s.prekeys, func(p secure.OwnPrekey) bool { return p.Key == key })
	if at < 0 {
		return secure.OwnPrekey{}, false, nil
	}
	return s.prekeys[at], true, nil
}

// PutOwnPrekey implements secure.State.
func (s *State) PutOwnPrekey(p secure.OwnPrekey) error {
	s.prekeys = append(s.prekeys, p)
	return nil
}

// ForgetOwnPrekeys implements secure.State.
func (s *State) ForgetOwnPrekeys(before time.Time) error {
	all := slices.Clone(s.prekeys)
	s.prekeys = slices.DeleteFunc(s.prekeys, func(p secure.OwnPrekey) bool {
		return slices.ContainsFunc(all, func(o secure.OwnPrekey) bool { return o.Version > p.Version && o.Created.Before(before) })
	})
	return nil
}

// OwnBundle implements secure.State.
func (s *State) OwnBundle() ([]byte, error) { return s.bundle, nil }

// PutOwnBundle implements secure.State.
func (s *State) PutOwnBundle(b []byte) error {
	s.bundle = slices.Clone(b)
	return nil
}

// Installations implements secure.State.
func (s *State) Installations(who identity.PublicKey) ([]secure.Installation, error) {
	var list []secure.Installation
	for at, i := range s.devices {
		if at.who == who {
			list = append(list, i)
		}
	}
	slices.SortFunc(list, func(a, b secure.Installation) int {
		return cmp.Or(cmp.Compare(b.Timestamp, a.Timestamp), cmp.Compare(a.ID, b.ID))
	})
	return list, nil
}

// PutInstallation implements secure.State.
func (s *State) PutInstallation(i secure.Installation) error {
	s.devices[device{i.Identity, i.ID}] = i
	return nil
}

// ForgetInstallation implements secure.State.
func (s *State) ForgetInstallation(who identity.PublicKey, id string) error {
	delete(s.devices, device{who, id})
	return s.TrimSessions(who, id, 0)
}

// Sessions implements secure.State.
func (s *State) Sessions(who identity.PublicKey, installation string, prekey secure.Point) ([]secure.Session, error) {
	var list []secure.Session
	for _, session := range slices.Backward(s.sessions) {
		if session.Identity == who && session.Installation == installation && session.Prekey == prekey {
			list = append(list, session)
		}
	}
	return list, nil
}

// PutSession implements secure.State.
func (s *State) PutSession(session *secure.Session) error {
	if session.ID == 0 {
		s.last++
		session.ID = s.last
		s.sessions = append(s.sessions, *session)
		return nil
	}
	at := slices.IndexFunc(s.sessions, func(o secure.Session) bool { return o.ID == session.ID })
	s.sessions[at] = *session
	return nil
}

// TrimSessions implements secure.State.
func (s *State) TrimSessions(who identity.PublicKey, installation string, keep int) error {
	n := 0
	for _, session := range slices.Backward(s.sessions) {
		if session.Identity != who || session.Installation != installation {
			continue
		}
		if n++; n > keep {
			delete(s.skipped, session.ID)
			s.sessions = slices.DeleteFunc(s.sessions, func(o secure.Session) bool { return o.ID == session.ID })
		}
	}
	return nil
}

// RetireSessions implements secure.State.
func (s *State) RetireSessions(who identity.PublicKey, installation string) error {
	for i := range s.sessions {
		if s.sessions[i].Identity == who && (installation == "" || s.sessions[i].Installation == installation) {
			s.sessions[i].Retired = true
		}
	}
	return nil
}

// Talking implements secure.State.
func (s *State) Talking(who identity.PublicKey, installation string) (bool, error) {
	return slices.ContainsFunc(s.sessions, func(is secure.Session) bool {
		return is.Identity == who && is.Installation == installation && is.Answered && !is.Retired
	}), nil
}

// Healed implements secure.State.
func (s *State) Healed(who identity.PublicKey) (secure.Healing, error) { return s.healed[who], nil }

// PutHealed implements secure.State.
func (s *State) PutHealed(who identity.PublicKey, h secure.Healing) error {
	s.healed[who] = h
	return nil
}

// TakeSkipped implements secure.State.
func (s *State) TakeSkipped(session int64, ratchet secure.Point, n uint32) ([32]byte, bool, error) {
	keys := s.skipped[session]
	at := slices.IndexFunc(keys, func(k secure.SkippedKey) bool { return k.Ratchet == ratchet && k.N == n })
	if at < 0 {
		return [32]byte{}, false, nil
	}
	key := keys[at].Key
	s.skipped[session] = slices.Delete(slices.Clone(keys), at, at+1)
	return key, true, nil
}

// PutSkipped implements secure.State.
func (s *State) PutSkipped(session int64, keys []secure.SkippedKey, keep int) error {
	all := append(slices.Clone(s.skipped[session]), keys...)
	s.skipped[session] = all[max(len(all)-keep, 0):]
	return nil
}
