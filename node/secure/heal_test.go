package secure_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"sotto/node/secure"
)

// advertises tells somebody to begin anew.
func (p *peer) advertises(t testing.TB, to *peer, now time.Time) secure.Sealed {
	t.Helper()
	m, made, err := p.Advertise(p.state, to.who(), now)
	if err != nil || !made || m.ForwardSecret || m.Negotiated || len(m.Installations) > 0 {
		t.Fatalf("%+v, %v, %v", m, made, err)
	}
	return m
}

// converge lets both write once, and holds that they understand each other on one session, which is another than before.
func converge(t testing.TB, a, b *peer, before agreement, now time.Time) {
	t.Helper()
	a.says(t, b, "there", now)
	b.says(t, a, "back", now)
	a.says(t, b, "and there", now)
	after, _ := a.sendsOn(t, b)
	if !agree(t, a, b) || after == before {
		t.Errorf("sends on %x, before on %x, agreed: %v", after, before, agree(t, a, b))
	}
}

// A new prekey is made once in two hours. Meanwhile the same message may go out again, after waits that grow.
func TestAdvertiseOncePerTwoHours(t *testing.T) {
	alice, bob, carol := newPeer(t, "alice"), newPeer(t, "bob"), newPeer(t, "carol")
	const none, again, anew = 0, 1, 2
	var last []byte
	for _, c := range []struct {
		after time.Duration
		want  int
	}{
		{0, anew}, {time.Second, none}, {time.Minute - time.Second, none}, {time.Minute, again}, {2 * time.Minute, none},
		{5*time.Minute - time.Second, none}, {5 * time.Minute, again}, {21*time.Minute - time.Second, none}, {30 * time.Minute, again},
		{94*time.Minute - time.Second, none}, {94 * time.Minute, again}, {2*time.Hour - time.Second, none},
		{2 * time.Hour, anew}, {3 * time.Hour, again}, {3*time.Hour + time.Second, none},
		{-time.Hour, anew}, // the clock was set back
		{-time.Hour - time.Second, anew}, {-59 * time.Minute, again},
	} {
		before, _, err := alice.state.OwnPrekey()
		if err != nil {
			t.Fatal(err)
		}
		m, made, err := alice.Advertise(alice.state, bob.who(), dawn.Add(c.after))
		after, _, _ := alice.state.OwnPrekey()
		if made != (c.want != none) || (after != before) != (c.want == anew) || err != nil {
			t.Errorf("after %v: made %v, new prekey %v, %v", c.after, made, after != before, err)
		}
		if c.want == again && !bytes.Equal(m.Message, last) {
			t.Errorf("after %v: another message", c.after)
		}
		if made {
			last = m.Message
		}
	}
	alice.advertises(t, carol, dawn) // others are told all the same
}

// However often somebody gives cause, they are told five times in two hours at most, for one new prekey.
func TestAdvertisementsAreBounded(t *testing.T) {
	alice, bob := talking(t)
	own, _, _ := alice.state.OwnPrekey()
	told, prekeys := 0, 0
	for s := range 2 * 60 * 60 {
		if _, made, err := alice.Advertise(alice.state, bob.who(), dawn.Add(time.Duration(s)*time.Second)); err != nil {
			t.Fatal(err)
		} else if made {
			told++
		}
		if now, _, _ := alice.state.OwnPrekey(); now != own {
			own, prekeys = now, prekeys+1
		}
	}
	if told != 5 || prekeys != 1 {
		t.Errorf("told %d times, %d new prekeys", told, prekeys)
	}
}

// The first one is lost, and the other goes on with what nobody reads: the same one again mends it, and ends nothing that was
// begun since.
func TestAdvertisementAgain(t *testing.T) {
	alice, bob := talking(t)
	before, _ := alice.sendsOn(t, bob)
	bob.state = bob.another("").state               // everything is gone but the keys
	bob.advertises(t, alice, dawn.Add(time.Minute)) // is lost
	later := dawn.Add(2 * time.Minute)
	lost := alice.write(t, bob, "lost", later)
	bob.refuses(t, lost.Message, alice, secure.ReasonNoSession, later)
	m := bob.advertises(t, alice, later)
	alice.reads(t, m, bob, "", later)
	converge(t, alice, bob, before, later)
	after, _ := bob.sendsOn(t, alice)
	alice.reads(t, bob.advertises(t, alice, later.Add(4*time.Minute)), bob, "", later)
	for _, p := range [][2]*peer{{alice, bob}, {bob, alice}} {
		if got, _ := p[0].sendsOn(t, p[1]); got != after {
			t.Errorf("begins anew: %x", got)
		}
	}
}

// A device whose session is gone, or is of another day, tells the other, and both begin anew.
func TestHealing(t *testing.T) {
	alice, bob := talking(t)
	before, _ := alice.sendsOn(t, bob)
	bob.state = bob.another("").state // everything is gone but the keys
	lost := alice.write(t, bob, "lost", dawn)
	bob.refuses(t, lost.Message, alice, secure.ReasonNoSession, dawn)
	now := dawn.Add(time.Minute)
	m := bob.advertises(t, alice, now)
	if got := alice.reads(t, m, bob, "", now); !slices.Contains(got.Learned.Raised, bob.Installation) {
		t.Errorf("learned %+v", got.Learned)
	}
	converge(t, alice, bob, before, now)
}

// The same where the state is of an earlier time, so that the prekey is older than the one that the other knows.
func TestHealingOfStateThatWentBack(t *testing.T) {
	alice, bob := talking(t)
	old := bob.state.Clone()
	later := dawn
	for range 5 {
		later = later.Add(day)
		bob.says(t, alice, "with a new prekey", later)
		alice.says(t, bob, "on a new session", later)
	}
	before, _ := alice.sendsOn(t, bob)
	bob.state = old
	lost := alice.write(t, bob, "lost", later)
	bob.refuses(t, lost.Message, alice, secure.ReasonNoSession, later)
	now := later.Add(time.Minute)
	alice.reads(t, bob.advertises(t, alice, now), bob, "", now)
	converge(t, alice, bob, before, now)
}

// Whoever has told the other goes on as if that had arrived, whoever of them began the session.
func TestAdvertisementIsLost(t *testing.T) {
	for name, begins := range map[string]func(*testing.T) (alice, bob *peer){
		"begun by the other": func(t *testing.T) (alice, bob *peer) { return talking(t) },
		"begun by the same":  func(t *testing.T) (alice, bob *peer) { bob, alice = talking(t); return alice, bob },
	} {
		t.Run(name, func(t *testing.T) {
			alice, bob := begins(t)
			before, _ := alice.sendsOn(t, bob)
			bob.advertises(t, alice, dawn)
			if got, found := bob.sendsOn(t, alice); found {
				t.Errorf("still sends on %x", got)
			}
			converge(t, bob, alice, before, dawn.Add(time.Minute))
		})
	}
}

// It comes after both have begun anew: nothing is to be done.
func TestAdvertisementIsLate(t *testing.T) {
	alice, bob := talking(t)
	before, _ := alice.sendsOn(t, bob)
	late := bob.advertises(t, alice, dawn)
	now := dawn.Add(time.Minute)
	converge(t, bob, alice, before, now)
	after, _ := alice.sendsOn(t, bob)
	for range 2 { // and again
		alice.reads(t, late, bob, "", now)
		if got, _ := alice.sendsOn(t, bob); got != after {
			t.Errorf("begins anew: %x", got)
		}
	}
}

func TestAdvertisementsCross(t *testing.T) {
	alice, bob := talking(t)
	before, _ := alice.sendsOn(t, bob)
	there, back := alice.advertises(t, bob, dawn), bob.advertises(t, alice, dawn)
	bob.reads(t, there, alice, "", dawn)
	alice.reads(t, back, bob, "", dawn)
	first, second := alice.write(t, bob, "there", dawn), bob.write(t, alice, "back", dawn)
	bob.reads(t, first, alice, "there", dawn)
	alice.reads(t, second, bob, "back", dawn)
	converge(t, alice, bob, before, dawn)
}

// It crosses a text on the session that it ends. That shows that the session is whole, and so both stay with it or begin a
// new one, but the same.
func TestAdvertisementCrossesText(t *testing.T) {
	alice, bob := talking(t)
	text, m := alice.write(t, bob, "text", dawn), bob.advertises(t, alice, dawn)
	bob.reads(t, text, alice, "text", dawn)
	alice.reads(t, m, bob, "", dawn)
	converge(t, alice, bob, agreement{}, dawn)
}

// A session that its initiator has given up does not come into use by a first message that was under way.
func TestGivenUpSessionComesLate(t *testing.T) {
	alice, bob := newPeer(t, "alice"), newPeer(t, "bob")
	meet(t, dawn, alice, bob)
	late := alice.write(t, bob, "late", dawn)
	now := dawn.Add(time.Minute)
	alice.advertises(t, bob, now) // is lost
	alice.says(t, bob, "anew", now)
	want, _ := alice.sendsOn(t, bob)
	bob.reads(t, late, alice, "late", now)
	if got, _ := bob.sendsOn(t, alice); got != want {
		t.Errorf("sends on %x, want %x", got, want)
	}
}

// One that only seemed so does, with the next message on it.
func TestSessionThatSeemedGivenUp(t *testing.T) {
	alice, bob := newPeer(t, "alice"), newPeer(t, "bob")
	meet(t, dawn, alice, bob)
	first := alice.write(t, bob, "first", dawn)
	tomorrow := dawn.Add(day)
	bob.learn(t, alice.bundle(t, tomorrow), alice.who(), tomorrow) // as from a contact code
	bob.reads(t, first, alice, "first", tomorrow)
	if _, found := bob.sendsOn(t, alice); found {
		t.Error("uses a session of yesterday")
	}
	alice.says(t, bob, "second", tomorrow)
	second, _ := alice.sendsOn(t, bob)
	for _, s := range bob.state.All() {
		if s.Ephemeral == second.ephemeral && s.Retired {
			t.Error("does not use the session that Alice uses")
		}
	}
}

// The other devices of both are not disturbed.
func TestAdvertiseEndsOwnSessionsOnly(t *testing.T) {
	alice, bob := newPeer(t, "alice"), newPeer(t, "bob")
	second := bob.another("bob-2")
	meet(t, dawn, bob, second)
	meet(t, dawn, alice, bob)
	meet(t, dawn, alice, second)
	for _, p := range []*peer{bob, second} {
		m := p.write(t, alice, "hello", dawn)
		alice.reads(t, m, p, "hello", dawn)
	}
	other, _ := alice.sendsOn(t, second)
	mine, _ := alice.sendsOn(t, bob)
	alice.reads(t, bob.advertises(t, alice, dawn), bob, "", dawn)
	if got, _ := alice.sendsOn(t, second); got != other {
		t.Error("the session with another device has ended")
	}
	if got, found := alice.sendsOn(t, bob); found && got == mine {
		t.Error("the session has not ended")
	}
}

// An empty text is no advertisement when it comes on a session, and a text is none however it comes.
func TestWhatIsNoAdvertisement(t *testing.T) {
	alice, bob := talking(t)
	alice.reads(t, bob.write(t, alice, "", dawn), bob, "", dawn)
	forgetful := bob.another(bob.Installation) // knows no device of Alice's
	alice.reads(t, forgetful.write(t, alice, "text", dawn.Add(day)), forgetful, "text", dawn.Add(day))
	for _, s := range alice.state.All() {
		if s.Retired {
			t.Errorf("ended the session on %x", s.Prekey)
		}
	}
}

// A message that comes again after the ratchet turned is known for what it is, and no reason to begin anew.
func TestDuplicateIsNoReasonToHeal(t *testing.T) {
	alice, bob := talking(t)
	m := alice.says(t, bob, "text", dawn)
	for n := range 4 {
		bob.refuses(t, m.Message, alice, secure.ReasonPast, dawn)
		bob.says(t, alice, itoa(n), dawn)
		alice.says(t, bob, itoa(n), dawn)
	}
	// On a second session on the same prekey there is another to try before it.
	now := dawn.Add(time.Minute)
	alice.advertises(t, bob, now)
	m = alice.says(t, bob, "anew", now)
	bob.says(t, alice, "answer", now)
	second := alice.says(t, bob, "on", now)
	alice.advertises(t, bob, now.Add(3*time.Hour))
	alice.says(t, bob, "and anew", now.Add(3*time.Hour))
	for _, again := range []secure.Sealed{m, second} {
		bob.refuses(t, again.Message, alice, secure.ReasonPast, now.Add(3*time.Hour))
	}
}

// Nothing that failed leaves a trace once it is rolled back, and no error tells a key.
func TestErrorsTellNoKeys(t *testing.T) {
	alice, bob := talking(t)
	before := bob.state.Clone()
	raw := alice.write(t, bob, "text", dawn).Message
	var secrets [][]byte
	for _, s := range append(alice.state.All(), bob.state.All()...) {
		secrets = append(secrets, s.Root[:], s.Own[:], s.SendChain[:], s.RecvChain[:])
	}
	for at := range raw {
		bad := bytes.Clone(raw)
		bad[at] ^= 0x55
		_, err := bob.open(bad, alice, dawn)
		if err != nil && secure.ReasonOf(err) == "" {
			t.Fatalf("byte %d: %v is no reason", at, err)
		}
		for _, secret := range secrets {
			if err != nil && bytes.Contains([]byte(err.Error()), secret) {
				t.Fatalf("byte %d: %v", at, err)
			}
		}
		bob.state = before.Clone()
	}
	bob.reads(t, secure.Sealed{Message: raw}, alice, "text", dawn)
}
