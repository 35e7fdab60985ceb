package secure_test

import (
	"testing"
	"time"

	"sotto/node/secure"
)

func TestPrekeyIsRenewedDaily(t *testing.T) {
	alice := newPeer(t, "alice")
	first := prekeyOf(t, alice, dawn)
	if prekeyOf(t, alice, dawn.Add(day-time.Second)) != first {
		t.Error("renewed too early")
	}
	second := prekeyOf(t, alice, dawn.Add(day))
	if second.Key == first.Key || second.Version <= first.Version {
		t.Errorf("%+v after %+v", second, first)
	}
	// A clock that was wrong by years is no reason to keep a prekey for as long.
	far := prekeyOf(t, alice, dawn.Add(10*365*day))
	back := prekeyOf(t, alice, dawn.Add(2*day))
	if back.Key == far.Key || back.Version <= far.Version {
		t.Errorf("%+v after %+v", back, far)
	}
}

// The version rises even where the prekeys of the last days are forgotten.
func TestVersionOfStateThatWentBack(t *testing.T) {
	alice := newPeer(t, "alice")
	prekeyOf(t, alice, dawn)
	old := alice.state.Clone()
	var last secure.Prekey
	for n := range 10 {
		last = prekeyOf(t, alice, dawn.Add(time.Duration(n)*day))
	}
	alice.state = old
	if p := prekeyOf(t, alice, dawn.Add(10*day)); p.Version <= last.Version {
		t.Errorf("version %d after %d", p.Version, last.Version)
	}
}

// Prekeys are forgotten 45 days after another came in their place, and then what was encrypted to them cannot be read.
func TestPrekeysAreForgotten(t *testing.T) {
	alice, bob := newPeer(t, "alice"), newPeer(t, "bob")
	meet(t, dawn, alice, bob)
	m := alice.write(t, bob, "text", dawn)
	bob.bundle(t, dawn.Add(day))
	for _, c := range []struct {
		days int
		want string
	}{{45, "text"}, {47, ""}} {
		fresh := &peer{bob.Device, bob.state.Clone()}
		now := dawn.Add(time.Duration(c.days) * day)
		fresh.bundle(t, now)
		if c.want != "" {
			fresh.reads(t, m, alice, c.want, now)
		} else {
			fresh.refuses(t, m.Message, alice, secure.ReasonNoSession, now)
		}
	}
}

// Whoever was away for long had the same prekey all the time, and others have written to it until now. That they have a new
// one, as soon as they write something, does not make them deaf.
func TestPrekeyOfLongAbsence(t *testing.T) {
	alice, bob := newPeer(t, "alice"), newPeer(t, "bob")
	meet(t, dawn, alice, bob)
	back := dawn.Add(60 * day)
	m := alice.write(t, bob, "yesterday", back.Add(-day))
	bob.write(t, alice, "I am back", back)
	bob.write(t, alice, "and still here", back.Add(day))
	bob.reads(t, m, alice, "yesterday", back.Add(day))
}

// The newest stays, whatever its age.
func TestNewestPrekeyStays(t *testing.T) {
	alice, bob := newPeer(t, "alice"), newPeer(t, "bob")
	meet(t, dawn, alice, bob)
	m := alice.write(t, bob, "text", dawn)
	later := dawn.Add(400 * day)
	check(t, bob.state.ForgetOwnPrekeys(later))
	bob.reads(t, m, alice, "text", later)
}
