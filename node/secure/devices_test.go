package secure_test

import (
	"slices"
	"testing"
	"time"

	"sotto/node/secure"
)

func TestMessageForOtherDevices(t *testing.T) {
	alice, bob := talking(t)
	fresh, sibling := bob.another("bob-2"), alice.another("alice-2")
	m := alice.write(t, bob, "text", dawn)
	fresh.refuses(t, m.Message, alice, secure.ReasonNotForDevice, dawn)
	sibling.refuses(t, m.Message, alice, secure.ReasonOwn, dawn)
	alice.refuses(t, m.Message, alice, secure.ReasonOwn, dawn)
	// What any device can read, this one wrote all the same.
	any := alice.write(t, newPeer(t, "carol"), "text", dawn)
	alice.refuses(t, any.Message, alice, secure.ReasonOwn, dawn)
}

// Devices of our own take part when the person says so: they get what we write to ourselves, and are in our bundle.
func TestEnableOwnDevice(t *testing.T) {
	alice, bob := newPeer(t, "alice"), newPeer(t, "bob")
	second := alice.another("alice-2")
	alice.learn(t, second.bundle(t, dawn), second.who(), dawn)
	if i, _ := alice.knows(t, second); i.Enabled {
		t.Error("enabled by itself")
	}
	in := func() []string {
		b, err := secure.DecodeBundle(alice.bundle(t, dawn))
		check(t, err)
		check(t, b.Verify())
		var ids []string
		for id := range b.Prekeys {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		return ids
	}
	if ids := in(); len(ids) != 1 {
		t.Errorf("bundle of %v", ids)
	}
	if m := alice.write(t, alice, "to myself", dawn); m.ForwardSecret {
		t.Errorf("encrypted for %v", m.Installations)
	}
	alice.enable(t, second.Installation, true, dawn.Add(time.Second))
	if ids := in(); !slices.Equal(ids, []string{alice.Installation, second.Installation}) {
		t.Errorf("bundle of %v", ids)
	}
	// Others learn of the second device by the first, and write to both.
	bob.learn(t, alice.bundle(t, dawn), alice.who(), dawn.Add(time.Second))
	m := bob.write(t, alice, "to both", dawn)
	alice.reads(t, m, bob, "to both", dawn)
	second.reads(t, m, bob, "to both", dawn)
	second.reads(t, alice.write(t, alice, "to myself", dawn), alice, "to myself", dawn)
	alice.enable(t, second.Installation, false, dawn.Add(2*time.Second))
	if ids := in(); len(ids) != 1 {
		t.Errorf("bundle of %v", ids)
	}
	alice.enable(t, "no such device", true, dawn)
}

// Four devices of one person: a bundle has three of them.
func TestOwnBundleIsBounded(t *testing.T) {
	alice := newPeer(t, "alice")
	all := []*peer{alice}
	for n := range 4 {
		all = append(all, alice.another("alice-"+itoa(n+2)))
	}
	meet(t, dawn, all...)
	b, err := secure.DecodeBundle(alice.bundle(t, dawn))
	if err != nil || len(b.Prekeys) != 3 {
		t.Errorf("%d, %v", len(b.Prekeys), err)
	}
}

// A text that some devices have not acknowledged is encrypted again for them alone.
func TestOnlySomeDevices(t *testing.T) {
	alice, bob := newPeer(t, "alice"), newPeer(t, "bob")
	second, third := bob.another("bob-2"), bob.another("bob-3")
	for _, p := range []*peer{bob, second, third} {
		alice.learn(t, p.bundle(t, dawn), bob.who(), dawn)
	}
	all := alice.write(t, bob, "text", dawn)
	if len(all.Installations) != 3 {
		t.Fatalf("for %v", all.Installations)
	}
	again := alice.write(t, bob, "text", dawn, second.Installation, "gone")
	if !slices.Equal(again.Installations, []string{second.Installation}) {
		t.Fatalf("for %v", again.Installations)
	}
	second.reads(t, again, alice, "text", dawn)
	bob.refuses(t, again.Message, alice, secure.ReasonNotForDevice, dawn)
	before := len(alice.state.All())
	if _, err := alice.Seal(alice.state, bob.who(), []byte("text"), dawn, []string{"gone"}); secure.ReasonOf(err) != secure.ReasonNoDevice {
		t.Error(err)
	}
	if len(alice.state.All()) != before {
		t.Error("a session for nobody")
	}
	// Where no device is known there is none to leave out.
	if m := alice.write(t, newPeer(t, "carol"), "text", dawn, "some device"); m.ForwardSecret || len(m.Installations) > 0 {
		t.Errorf("%+v", m)
	}
}

// A device that has what others of its owner's lack is not asked to begin anew by what they are sent again. It is where the
// sender does not know it any more, and has begun anew.
func TestSentAgainToOthers(t *testing.T) {
	alice, bob := talking(t)
	second := bob.another("bob-2")
	alice.learn(t, second.bundle(t, dawn), second.who(), dawn)
	again := alice.write(t, bob, "text", dawn, second.Installation)
	bob.refuses(t, again.Message, alice, secure.ReasonForOthers, dawn)
	second.refuses(t, alice.write(t, bob, "text", dawn, bob.Installation).Message, alice, secure.ReasonNotForDevice, dawn)
	anew := alice.another("alice-anew")
	anew.learn(t, second.bundle(t, dawn), second.who(), dawn)
	bob.refuses(t, anew.write(t, bob, "text", dawn).Message, anew, secure.ReasonNotForDevice, dawn)
	bob.advertises(t, alice, dawn)
	bob.refuses(t, alice.write(t, bob, "text", dawn, second.Installation).Message, alice, secure.ReasonNotForDevice, dawn)
}

// The negotiated topic is for when everybody who is written to is known to listen there.
func TestNegotiated(t *testing.T) {
	alice, bob := newPeer(t, "alice"), newPeer(t, "bob")
	second := bob.another("bob-2")
	if alice.write(t, bob, "to nobody in particular", dawn).Negotiated {
		t.Error("without a device")
	}
	meet(t, dawn, alice, bob)
	if alice.write(t, bob, "unanswered", dawn).Negotiated {
		t.Error("nobody has answered")
	}
	bob.says(t, alice, "answer", dawn)
	if !alice.write(t, bob, "answered", dawn).Negotiated {
		t.Error("all have answered")
	}
	second.learn(t, alice.bundle(t, dawn), alice.who(), dawn)
	m, _, err := second.Advertise(second.state, alice.who(), dawn)
	check(t, err)
	alice.reads(t, m, second, "", dawn)
	if alice.write(t, bob, "to a new device too", dawn).Negotiated {
		t.Error("one has not answered, only told that it is there")
	}
	if !alice.write(t, bob, "to the old one", dawn, bob.Installation).Negotiated {
		t.Error("all of those have")
	}
	second.says(t, alice, "answer", dawn)
	if !alice.write(t, bob, "answered by both", dawn).Negotiated {
		t.Error("both have answered")
	}
}

// A program from before there were such topics says protocol version 0, or nothing.
func TestNegotiatedWithOldProgram(t *testing.T) {
	alice, bob := newPeer(t, "alice"), newPeer(t, "bob")
	prekey := prekeyOf(t, bob, dawn)
	prekey.Protocol = 0
	alice.learn(t, sign(t, bob, dawn, map[string]secure.Prekey{bob.Installation: prekey}), bob.who(), dawn)
	bob.learn(t, alice.bundle(t, dawn), alice.who(), dawn)
	old := secure.Sealed{Message: retransmit(t, bob.write(t, alice, "answer", dawn).Message, func(m *message) { m.Bundles = nil })}
	alice.reads(t, old, bob, "answer", dawn)
	if alice.write(t, bob, "text", dawn).Negotiated {
		t.Error("it does not listen there")
	}
}

// Without a device there is no forward secrecy, and the message says so to both.
func TestMessageWithoutDevice(t *testing.T) {
	alice, bob := newPeer(t, "alice"), newPeer(t, "bob")
	second := bob.another("bob-2")
	m := alice.write(t, bob, "text", dawn)
	if m.ForwardSecret || len(m.Installations) > 0 {
		t.Errorf("%+v", m)
	}
	for _, p := range []*peer{bob, second} {
		if p.reads(t, m, alice, "text", dawn).ForwardSecret {
			t.Error("said to be forward secret")
		}
	}
	newPeer(t, "carol").refuses(t, m.Message, alice, secure.ReasonMAC, dawn)
	if len(bob.state.All()) > 0 {
		t.Error("it made a session")
	}
	if !bob.says(t, alice, "answer", dawn).ForwardSecret || !alice.says(t, bob, "and again", dawn).ForwardSecret {
		t.Error("what follows is not forward secret")
	}
}
