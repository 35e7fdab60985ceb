package secure_test

import (
	"testing"
	"time"

	"sotto/node/secure"
)

const day = 24 * time.Hour

// Both begin at once. The specification lets the smaller key win; deployed clients never agree. Here one round trip does.
func TestCrossingSessionsConverge(t *testing.T) {
	for _, names := range [][2]string{{"alice", "bob"}, {"bob", "alice"}, {"carol", "dave"}, {"erin", "frank"}} {
		alice, bob := newPeer(t, names[0]), newPeer(t, names[1])
		meet(t, dawn, alice, bob)
		there, back := alice.write(t, bob, "there", dawn), bob.write(t, alice, "back", dawn)
		if agree(t, alice, bob) {
			t.Fatal("nothing crosses")
		}
		bob.reads(t, there, alice, "there", dawn)
		alice.reads(t, back, bob, "back", dawn)
		alice.says(t, bob, "and there", dawn)
		bob.says(t, alice, "and back", dawn)
		if !agree(t, alice, bob) {
			t.Errorf("%v send on different sessions", names)
		}
	}
}

// A message of the session that lost is read all the same, however late.
func TestLateMessageOfCrossedSession(t *testing.T) {
	alice, bob := newPeer(t, "alice"), newPeer(t, "bob")
	meet(t, dawn, alice, bob)
	there, back := alice.write(t, bob, "there", dawn), bob.write(t, alice, "back", dawn)
	alice.reads(t, back, bob, "back", dawn)
	for range 3 {
		alice.says(t, bob, "question", dawn)
		bob.says(t, alice, "answer", dawn)
	}
	bob.reads(t, there, alice, "there", dawn)
}

// The half of X3DH goes along until something came back on the session, and not longer.
func TestInitiationGoesAlongUntilAnswered(t *testing.T) {
	alice, bob := newPeer(t, "alice"), newPeer(t, "bob")
	meet(t, dawn, alice, bob)
	initiates := func(m secure.Sealed) (yes bool) {
		changed(t, m.Message, func(e *entry) { yes = e.GetX3DhHeader() != nil })
		return yes
	}
	lost, second := alice.write(t, bob, "lost", dawn), alice.says(t, bob, "second", dawn)
	if !initiates(lost) || !initiates(second) {
		t.Error("goes without")
	}
	if initiates(bob.says(t, alice, "answer", dawn)) || initiates(alice.says(t, bob, "third", dawn)) {
		t.Error("goes along although answered")
	}
}

func TestNewPrekeyBeginsNewSession(t *testing.T) {
	alice, bob := talking(t)
	old, _ := alice.sendsOn(t, bob)
	later := dawn.Add(day)
	bob.says(t, alice, "the next day", later) // with bob's new prekey
	alice.says(t, bob, "good morning", later)
	again, _ := alice.sendsOn(t, bob)
	if again == old || !agree(t, alice, bob) {
		t.Errorf("%x after %x", again, old)
	}
	// Nothing of the old day is lost.
	late := later.Add(day)
	before := alice.write(t, bob, "written before", later)
	bob.says(t, alice, "the day after", late)
	alice.says(t, bob, "good morning", late)
	bob.reads(t, before, alice, "written before", late)
}

// Two people may have, or claim, the same installation id.
func TestSameInstallationOfTwoPeople(t *testing.T) {
	alice, bob, carol := newPeer(t, "alice"), newPeer(t, "bob"), newPeer(t, "carol")
	carol.Installation = alice.Installation
	meet(t, dawn, alice, bob)
	meet(t, dawn, carol, bob)
	for range 2 {
		alice.says(t, bob, "alice's", dawn)
		carol.says(t, bob, "carol's", dawn)
		bob.says(t, alice, "to alice", dawn)
		bob.says(t, carol, "to carol", dawn)
	}
	for _, s := range bob.state.All() {
		if s.Installation != alice.Installation {
			t.Errorf("session with %s", s.Installation)
		}
	}
	if n := len(bob.state.All()); n != 2 {
		t.Errorf("%d sessions", n)
	}
	// And mine: whoever calls their device like this one does not make me deaf.
	mallory := newPeer(t, "mallory")
	mallory.Installation = bob.Installation
	meet(t, dawn, mallory, bob)
	mallory.says(t, bob, "i am you", dawn)
	bob.says(t, mallory, "you are not", dawn)
	alice.says(t, bob, "still here", dawn)
}

// Somebody who passes another's message on cannot have it taken for theirs: the session is agreed with the identity keys.
func TestMessageOfSomebodyElse(t *testing.T) {
	alice, bob, mallory := newPeer(t, "alice"), newPeer(t, "bob"), newPeer(t, "mallory")
	meet(t, dawn, alice, bob)
	meet(t, dawn, mallory, bob)
	mallory.Installation = alice.Installation
	bob.learn(t, mallory.another(alice.Installation).bundle(t, dawn), mallory.who(), dawn)
	first := alice.write(t, bob, "first", dawn)
	bob.refuses(t, first.Message, mallory, secure.ReasonMAC, dawn)
	bob.reads(t, first, alice, "first", dawn)
	bob.says(t, alice, "answer", dawn)
	bob.refuses(t, alice.write(t, bob, "second", dawn).Message, mallory, secure.ReasonNoSession, dawn)
}

// Sessions with one device are bounded, whoever begins them, and so is the number of names that a device may have.
func TestSessionsAreBounded(t *testing.T) {
	bob := newPeer(t, "bob")
	mallory := newPeer(t, "mallory")
	meet(t, dawn, bob, mallory)
	for range secure.MaxSessions + 10 {
		fresh := &peer{mallory.Device, mallory.state.Clone()} // begins anew each time
		fresh.says(t, bob, "again", dawn)
	}
	if n := len(bob.state.All()); n != secure.MaxSessions {
		t.Errorf("%d sessions", n)
	}
	before := len(bob.state.All())
	for range 10 {
		m := mallory.write(t, bob, "text", dawn)
		renamed := retransmit(t, m.Message, func(p *message) { p.InstallationId = "name" + itoa(before) })
		bob.refuses(t, renamed, mallory, secure.ReasonNoBundle, dawn)
	}
	if n := len(bob.state.All()); n != before {
		t.Errorf("%d sessions with devices of no bundle", n-before)
	}
}

// A state that went back encrypts a second text with the key of a first one, but never on the same stream.
func TestStateThatWentBack(t *testing.T) {
	alice, bob := talking(t)
	before := alice.state.Clone()
	slotOf := func(text string) secure.Slot {
		slots, err := secure.SlotsOf(alice.write(t, bob, text, dawn).Message, []string{bob.Installation})
		check(t, err)
		return slots[0]
	}
	first := slotOf("attack at dawn")
	alice.state = before
	second := slotOf("attack at dusk")
	if first.Ratchet != second.Ratchet || first.N != second.N {
		t.Fatal("not the same key")
	}
	if first.Ciphertext[:16] == second.Ciphertext[:16] || first.Ciphertext[16:26] == second.Ciphertext[16:26] {
		t.Errorf("%x and %x on one stream", first.Ciphertext, second.Ciphertext)
	}
	// Without a session there is a new key each time.
	alice.state = before.Clone()
	carol := newPeer(t, "carol")
	a, b := alice.write(t, carol, "text", dawn).Message, alice.write(t, carol, "text", dawn).Message
	if string(a) == string(b) {
		t.Error("two messages without a session are the same")
	}
}
