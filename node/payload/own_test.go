package payload

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"sotto/node/identity"
)

// ownArrival is how what another device of Alice's tells comes to this one.
func ownArrival(t testing.TB) PrivateArrival {
	alice := keyOf(private(t, 0xaa))
	return PrivateArrival{Self: alice, Signer: alice, Sent: sentAt}
}

// A copy of what we wrote on another device names whom we wrote to. A note to ourselves is in no chat.
func TestCopiesOfOwnTexts(t *testing.T) {
	m := whisper(t) // to Bob
	wrapped, id, err := m.Seal(private(t, 0xaa))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := OpenPrivate(wrapped, ownArrival(t)); err != nil || got.ID != id || got.Chat.ChatID != m.ChatID {
		t.Errorf("got %+v, %v", got, err)
	}
	for name, c := range map[string]struct {
		change func(*Chat)
		want   Reason
	}{
		"to ourselves":   {func(c *Chat) { c.ChatID = ownArrival(t).Self.String() }, ReasonOwnDevice},
		"to nobody":      {func(c *Chat) { c.ChatID = "status" }, ReasonRecipient},
		"to a short key": {func(c *Chat) { c.ChatID = keyOf(private(t, 0xbb)).Short() }, ReasonRecipient},
		"a channel's":    {func(c *Chat) { c.ChatType = ChatPublic }, ReasonNotPrivate},
		"a group's":      {func(c *Chat) { c.ChatType = ChatGroup }, ReasonGroup},
		"clock ahead":    {func(c *Chat) { c.Clock += 120_001 }, ReasonFuture},
	} {
		m := whisper(t)
		c.change(&m)
		if _, err := OpenPrivate(sealed(t, m), ownArrival(t)); ReasonOf(err) != c.want {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// ownMessages is one good message of each type that only devices of our own send.
func ownMessages(t testing.TB) map[Type]sealer {
	now := millis(sentAt)
	return map[Type]sealer{
		TypeSyncContact: SyncContact{Clock: now, Key: keyOf(private(t, 0xbb)), Name: "bob.eth", Updated: now, Tags: []string{TagAdded}, Nickname: "bobby"},
		TypeSyncChat:    SyncChat{Clock: now, Name: "status"},
		TypeSyncState:   SyncState{Clock: now, Chat: "status", Read: now, Muted: true},
	}
}

func TestOwnDevicesTell(t *testing.T) {
	for kind, m := range ownMessages(t) {
		wrapped := sealedBy(t, m)
		got, err := OpenPrivate(wrapped, ownArrival(t))
		if err != nil || got.Type != kind || got.Backdated {
			t.Errorf("%d: %+v, %v", kind, got, err)
		}
		have := map[Type]any{TypeSyncContact: got.SyncContact, TypeSyncChat: got.SyncChat, TypeSyncState: got.SyncState}[kind]
		if !reflect.DeepEqual(have, m) {
			t.Errorf("read as %+v, want %+v", have, m)
		}
		if _, err := OpenPrivate(wrapped, privateArrival(t)); ReasonOf(err) != ReasonType {
			t.Errorf("%d to Bob: %v", kind, err)
		}
		at := ownArrival(t)
		at.Sent = at.Sent.Add(-MaxAhead - time.Millisecond)
		if _, err := OpenPrivate(wrapped, at); ReasonOf(err) != ReasonFuture {
			t.Errorf("%d from the future: %v", kind, err)
		}
		at.Sent = sentAt.Add(MaxAhead + time.Millisecond)
		if got, err := OpenPrivate(wrapped, at); err != nil || !got.Backdated {
			t.Errorf("%d of before: flagged %v, %v", kind, got.Backdated, err)
		}
	}
	for _, kind := range []Type{TypeInvitation, TypeHandedOver, TypeSync, TypeSyncAccount, TypeContactCode, TypeReaction} {
		wrapped, err := Wrap(private(t, 0xaa), kind, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := OpenPrivate(wrapped, ownArrival(t)); ReasonOf(err) != ReasonType {
			t.Errorf("%d from ourselves: %v", kind, err)
		}
	}
}

// The message by which a new device tells of itself is not signed. Only our own may be so, and only this one.
func TestPairing(t *testing.T) {
	pair := Pair{Clock: millis(sentAt), Installation: "d1b8a0e0-0000-4000-8000-000000000001", Kind: "desktop", Name: "study"}
	wrapped, err := pair.Wrap()
	if err != nil {
		t.Fatal(err)
	}
	got, err := OpenPrivate(wrapped, ownArrival(t))
	if err != nil || got.Signed || got.Author != ownArrival(t).Self || got.Pair != pair {
		t.Errorf("got %+v, %v", got, err)
	}
	encoded, err := pair.Encode()
	if err != nil {
		t.Fatal(err)
	}
	signed, err := Wrap(private(t, 0xaa), TypePair, encoded)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := OpenPrivate(signed, ownArrival(t)); err != nil || !got.Signed || got.Pair != pair {
		t.Errorf("signed, as the specification has it: %+v, %v", got, err)
	}
	if _, err := OpenPrivate(wrapped, privateArrival(t)); ReasonOf(err) != ReasonUnsigned {
		t.Errorf("unsigned, at Bob's: %v", err)
	}
	if _, err := OpenPrivate(signed, privateArrival(t)); ReasonOf(err) != ReasonType {
		t.Errorf("signed, at Bob's: %v", err)
	}
	if _, err := OpenPrivate(wrapped, PrivateArrival{Self: ownArrival(t).Self, Sent: sentAt}); ReasonOf(err) != ReasonUnsigned {
		t.Errorf("in nobody's envelope: %v", err)
	}
	unsigned := protowire.AppendVarint(protowire.AppendTag(field(nil, 2, encoded), 3, protowire.VarintType), uint64(TypeSyncChat))
	if _, err := OpenPrivate(unsigned, ownArrival(t)); ReasonOf(err) != ReasonUnsigned {
		t.Errorf("another type, unsigned: %v", err)
	}
}

func TestPairingRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Pair)
		want   Reason
	}{
		"no id":       {func(p *Pair) { p.Installation = " " }, ReasonDevice},
		"long id":     {func(p *Pair) { p.Installation = strings.Repeat("x", MaxDevice+1) }, ReasonDevice},
		"clock 0":     {func(p *Pair) { p.Clock = 0 }, ReasonNoClock},
		"clock ahead": {func(p *Pair) { p.Clock += 120_001 }, ReasonFuture},
		"no name":     {func(p *Pair) { p.Name, p.Kind = "", "" }, ""},
		"bad name":    {func(p *Pair) { p.Name = "study\u202e" }, ""},
		"endless":     {func(p *Pair) { p.Name = strings.Repeat("x", MaxDevice+1) }, ""},
	} {
		p := Pair{Clock: millis(sentAt), Installation: "one", Name: "study"}
		c.change(&p)
		wrapped, err := p.Wrap()
		if err != nil {
			t.Fatal(err)
		}
		got, err := OpenPrivate(wrapped, ownArrival(t))
		if ReasonOf(err) != c.want || (err == nil) != (c.want == "") || err == nil && got.Pair.Name != "" {
			t.Errorf("%s: %+v, %v, want %q", name, got.Pair, err, c.want)
		}
	}
	if _, err := (Pair{Name: "\xff"}).Wrap(); ReasonOf(err) != ReasonBadText {
		t.Errorf("not unicode: %v", err)
	}
	if _, err := (Pair{Name: strings.Repeat("x", MaxWrapped)}).Wrap(); ReasonOf(err) != ReasonOversized {
		t.Errorf("giant: %v", err)
	}
}

// What cannot be shown, or says nothing, is dropped or refused, although it is our own device that tells it.
func TestOwnDevicesAreHeldToRulesToo(t *testing.T) {
	now, bob := millis(sentAt), keyOf(private(t, 0xbb))
	contact := func(c SyncContact) SyncContact { c.Clock, c.Key = now, bob; return c }
	standing := func(state StandingState) SyncState {
		return SyncState{Clock: now, Person: &Standing{Key: bob, State: state}}
	}
	for name, c := range map[string]struct {
		message sealer
		want    Reason
	}{
		"contact of the future":  {contact(SyncContact{Updated: now + 120_001}), ReasonFuture},
		"contact without clock":  {SyncContact{Key: bob}, ReasonNoClock},
		"channel in capitals":    {SyncChat{now, "Status"}, ReasonNoChat},
		"channel without a name": {SyncChat{now, ""}, ReasonNoChat},
		"channel that is a key":  {SyncChat{now, bob.String()}, ReasonNoChat},
		"state of nothing":       {SyncState{Clock: now, Muted: true}, ReasonState},
		"state of both":          {SyncState{Clock: now, Chat: "status", Person: &Standing{Key: bob}}, ReasonState},
		"state of no chat":       {SyncState{Clock: now, Chat: "no chat"}, ReasonState},
		"state of a chat":        {SyncState{Clock: now, Chat: bob.String(), Left: true}, ""},
		"state of a group":       {SyncState{Clock: now, Chat: circle(t), Left: true}, ""},
		"read in the future":     {SyncState{Clock: now, Chat: "status", Read: now + 120_001}, ReasonFuture},
		"blocked":                {standing(ContactBlocked), ""},
		"a stranger":             {standing(Stranger), ""},
		"standing unheard":       {standing(4), ReasonState},
		"standing below":         {standing(-1), ReasonState},
	} {
		if _, err := OpenPrivate(sealedBy(t, c.message), ownArrival(t)); ReasonOf(err) != c.want || (err == nil) != (c.want == "") {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	odd := contact(SyncContact{Name: "b\u202eob", Nickname: strings.Repeat("x", MaxNickname+1), Image: strings.Repeat("x", MaxProfileImage+1)})
	got, err := OpenPrivate(sealedBy(t, odd), ownArrival(t))
	if err != nil || got.SyncContact.Name != "" || got.SyncContact.Nickname != "" || got.SyncContact.Image != "" {
		t.Errorf("got %+v, %v", got.SyncContact, err)
	}
	nick := SyncState{Clock: now, Person: &Standing{Key: bob, State: ContactAdded, Nickname: "b\nob", Verified: true}}
	got, err = OpenPrivate(sealedBy(t, nick), ownArrival(t))
	if err != nil || got.SyncState.Person.Nickname != "" || !got.SyncState.Person.Verified {
		t.Errorf("got %+v, %v", got.SyncState.Person, err)
	}
}

func TestDecodeSyncRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		decode func() error
		want   Reason
	}{
		"contact that is nobody": {func() error { _, err := DecodeSyncContact(field(nil, 2, []byte("bob"))); return err }, ReasonKey},
		"contact in capitals": {func() error {
			_, err := DecodeSyncContact(field(nil, 2, []byte("0X"+keyOf(private(t, 0xbb)).String()[2:])))
			return err
		}, ReasonKey},
		"standing of nobody": {func() error { _, err := DecodeSyncState(field(nil, 5, nil)); return err }, ReasonKey},
		"number as standing": {func() error { _, err := DecodeSyncState(field(nil, 5, []byte{8, 1})); return err }, ReasonFields},
		"contact under chat": {func() error { _, err := DecodeSyncChat([]byte{8, 1, 16, 1}); return err }, ReasonFields},
		"noise as pairing":   {func() error { _, err := DecodePair([]byte{0xff}); return err }, ReasonMalformed},
	} {
		if err := c.decode(); ReasonOf(err) != c.want {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// Tags are read up to a bound, and a contact with thousands of them is still a contact.
func TestEndlessTags(t *testing.T) {
	c := SyncContact{Clock: 1, Key: keyOf(private(t, 0xbb)), Tags: make([]string, 10*mostTags)}
	encoded, err := c.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := DecodeSyncContact(encoded); err != nil || len(got.Tags) != mostTags {
		t.Errorf("%d tags, %v", len(got.Tags), err)
	}
}

func encodedOf(f *testing.F, m interface{ Encode() ([]byte, error) }) []byte {
	f.Helper()
	encoded, err := m.Encode()
	if err != nil {
		f.Fatal(err)
	}
	return encoded
}

func FuzzDecodePair(f *testing.F) {
	f.Add(encodedOf(f, Pair{Clock: 1, Installation: "one", Kind: "desktop", Name: "study"}))
	f.Fuzz(func(t *testing.T, payload []byte) { roundTrip(t, payload, DecodePair, Pair.Encode) })
}

func FuzzDecodeSyncContact(f *testing.F) {
	f.Add(encodedOf(f, SyncContact{Clock: 1, Key: keyOf(private(f, 0xbb)), Name: "bob.eth", Tags: []string{TagAdded}, Nickname: "bobby"}))
	f.Fuzz(func(t *testing.T, payload []byte) {
		roundTrip(t, payload, DecodeSyncContact, SyncContact.Encode)
		if c, err := DecodeSyncContact(payload); err == nil && c.Key == (identity.PublicKey{}) {
			t.Error("a contact that is nobody")
		}
	})
}

func FuzzDecodeSyncChat(f *testing.F) {
	f.Add(encodedOf(f, SyncChat{1, "status"}))
	f.Fuzz(func(t *testing.T, payload []byte) { roundTrip(t, payload, DecodeSyncChat, SyncChat.Encode) })
}

func FuzzDecodeSyncState(f *testing.F) {
	f.Add(encodedOf(f, SyncState{Clock: 1, Chat: "status", Read: 2, Left: true, Muted: true}))
	f.Add(encodedOf(f, SyncState{Clock: 1, Person: &Standing{keyOf(private(f, 0xbb)), ContactBlocked, "bobby", true}}))
	f.Fuzz(func(t *testing.T, payload []byte) { roundTrip(t, payload, DecodeSyncState, SyncState.Encode) })
}
