package secure_test

import (
	"testing"

	"sotto/node/secure"
	"sotto/node/vectortest"
)

// How far a message may run ahead of those before it, on a session that nothing has come on yet.
//
// The reference keeps the key of the message that it read as well, and so has one more afterwards. We keep the keys of those
// that are still to come, and when one of them comes, one less.
func TestVectorSkipLimit(t *testing.T) {
	var cases []struct {
		Error     string
		N         int
		Plaintext string
		Kept      int `json:"stored_message_keys_after"`
	}
	vectortest.Load(t, "doubleratchet.json", "skip_limit_1000", &cases)
	alice, bob := newPeer(t, "alice"), newPeer(t, "bob")
	meet(t, dawn, alice, bob)
	var messages []secure.Sealed
	for n := range 1003 {
		messages = append(messages, alice.write(t, bob, "n"+itoa(n), dawn))
	}
	read := 0
	for _, c := range cases {
		t.Run(itoa(c.N), func(t *testing.T) {
			if c.Error != "" {
				bob.refuses(t, messages[c.N].Message, alice, secure.ReasonGap, dawn)
			} else {
				bob.reads(t, messages[c.N], alice, c.Plaintext, dawn)
				read++
			}
			if got := bob.state.Skipped(); got != c.Kept-read {
				t.Errorf("%d keys are kept, the reference has %d", got, c.Kept)
			}
		})
	}
}

func TestMessagesOutOfOrder(t *testing.T) {
	alice, bob := newPeer(t, "alice"), newPeer(t, "bob")
	meet(t, dawn, alice, bob)
	var messages []secure.Sealed
	for n := range 9 {
		messages = append(messages, alice.write(t, bob, itoa(n), dawn))
	}
	for _, n := range []int{4, 0, 8, 1, 7, 3, 2, 6, 5} {
		bob.reads(t, messages[n], alice, itoa(n), dawn)
	}
	if n := bob.state.Skipped(); n != 0 {
		t.Errorf("%d keys are left", n)
	}
	for _, m := range messages {
		bob.refuses(t, m.Message, alice, secure.ReasonPast, dawn)
	}
}

// What comes late is read even when the ratchet has turned since, and once only.
func TestMessagesOfEarlierChains(t *testing.T) {
	alice, bob := talking(t)
	early, late := alice.write(t, bob, "early", dawn), alice.write(t, bob, "late", dawn)
	bob.reads(t, early, alice, "early", dawn)
	for range 3 {
		bob.says(t, alice, "answer", dawn)
		alice.says(t, bob, "question", dawn)
	}
	bob.reads(t, late, alice, "late", dawn)
	for _, m := range []secure.Sealed{early, late} {
		bob.refuses(t, m.Message, alice, secure.ReasonPast, dawn)
	}
}

// The same with a first message, which could begin a session: also with the other sign of its ephemeral key, with which the
// same is agreed.
func TestFirstMessageAgain(t *testing.T) {
	alice, bob := newPeer(t, "alice"), newPeer(t, "bob")
	meet(t, dawn, alice, bob)
	first := alice.says(t, bob, "first", dawn)
	bob.refuses(t, first.Message, alice, secure.ReasonPast, dawn)
	bob.refuses(t, changed(t, first.Message, func(e *entry) { e.X3DhHeader.Key[0] ^= 1 }), alice, secure.ReasonPast, dawn)
	bob.says(t, alice, "answer", dawn)
	alice.says(t, bob, "second", dawn)
	bob.refuses(t, first.Message, alice, secure.ReasonPast, dawn)
	if n := len(bob.state.All()); n != 1 {
		t.Errorf("%d sessions", n)
	}
}

// More than two thousand keys of a session are not kept: the oldest go, and the session lives on.
func TestOldestSkippedKeysGo(t *testing.T) {
	alice, bob := talking(t)
	var messages []secure.Sealed
	for n := range 2*secure.MaxSkip + 700 {
		messages = append(messages, alice.write(t, bob, itoa(n), dawn))
	}
	for _, n := range []int{secure.MaxSkip, 2 * secure.MaxSkip, 2*secure.MaxSkip + 600} {
		bob.reads(t, messages[n], alice, itoa(n), dawn)
	}
	if n := bob.state.Skipped(); n != secure.MaxSkipped {
		t.Errorf("%d keys are kept", n)
	}
	bob.refuses(t, messages[0].Message, alice, secure.ReasonPast, dawn)
	bob.reads(t, messages[secure.MaxSkip-1], alice, itoa(secure.MaxSkip-1), dawn)
	bob.reads(t, messages[2*secure.MaxSkip+599], alice, itoa(2*secure.MaxSkip+599), dawn)
	bob.says(t, alice, "answer", dawn)
	alice.says(t, bob, "question", dawn)
}

// A gap is counted in each chain: what is missing at the end of one and at the start of the next.
func TestGapInTwoChains(t *testing.T) {
	alice, bob := talking(t)
	alice.says(t, bob, "question", dawn)
	for range secure.MaxSkip {
		alice.write(t, bob, "lost", dawn)
	}
	bob.says(t, alice, "answer", dawn)
	var last secure.Sealed
	for range secure.MaxSkip + 1 {
		last = alice.write(t, bob, "last", dawn)
	}
	over := alice.write(t, bob, "over", dawn)
	before := bob.state.Skipped()
	bob.refuses(t, over.Message, alice, secure.ReasonGap, dawn)
	if n := bob.state.Skipped() - before; n != 0 {
		t.Errorf("%d keys of a message that was refused", n)
	}
	bob.reads(t, last, alice, "last", dawn)
	bob.reads(t, over, alice, "over", dawn)
}
