package payload

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// privateArrival is how Alice's private messages come to Bob, whose private key is all 0xbb.
func privateArrival(t testing.TB) PrivateArrival {
	return PrivateArrival{Self: keyOf(private(t, 0xbb)), Signer: keyOf(private(t, 0xaa)), Sent: sentAt}
}

// whisper is a text that passes every rule as a private message to Bob.
func whisper(t testing.TB) Chat {
	c := hello()
	c.ChatType, c.ChatID = ChatPrivate, keyOf(private(t, 0xbb)).String()
	return c
}

func TestOpenPrivateTakesAGoodText(t *testing.T) {
	at := privateArrival(t)
	reply := (ID{7}).String()
	c, err := NewPrivateText(at.Self, "hello Bob", reply, NextClock(sentAt, 0), sentAt)
	if err != nil {
		t.Fatal(err)
	}
	c.ENS = "alice.stateofus.eth"
	wrapped, id, err := c.Seal(private(t, 0xaa))
	if err != nil {
		t.Fatal(err)
	}
	got, err := OpenPrivate(wrapped, at)
	if err != nil {
		t.Fatal(err)
	}
	if got.ID != id || got.Author != at.Signer || got.Type != TypeChat || got.Backdated || !reflect.DeepEqual(got.Chat, c) {
		t.Errorf("got %+v", got)
	}
}

// Each rule that private texts have beside those of public ones refuses by its own name.
func TestOpenPrivateRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Chat)
		want   Reason
	}{
		"for another chat":     {func(c *Chat) { c.ChatID = "status" }, ReasonRecipient},
		"for the sender":       {func(c *Chat) { c.ChatID = keyOf(private(t, 0xaa)).String() }, ReasonRecipient},
		"key in capitals":      {func(c *Chat) { c.ChatID = "0X" + c.ChatID[2:] }, ReasonRecipient},
		"a channel's":          {func(c *Chat) { c.ChatType, c.ChatID = ChatPublic, "status" }, ReasonNotPrivate},
		"a channel's, to me":   {func(c *Chat) { c.ChatType = ChatPublic }, ReasonNotPrivate},
		"a group's":            {func(c *Chat) { c.ChatType = ChatGroup }, ReasonGroup},
		"chat type unheard":    {func(c *Chat) { c.ChatType = 99 }, ReasonNotPrivate},
		"chat type system":     {func(c *Chat) { c.ChatType = ChatSystem }, ReasonChatType},
		"no chat":              {func(c *Chat) { c.ChatID = "" }, ReasonNoChat},
		"clock 0":              {func(c *Chat) { c.Clock = 0 }, ReasonNoClock},
		"clock ahead":          {func(c *Chat) { c.Clock += 120_001 }, ReasonFuture},
		"greatest clock":       {func(c *Chat) { c.Clock = 1<<64 - 1 }, ReasonFuture},
		"timestamp 0":          {func(c *Chat) { c.Timestamp = 0 }, ReasonNoTime},
		"blank":                {func(c *Chat) { c.Text = " \n" }, ReasonBlank},
		"local-only content":   {func(c *Chat) { c.Content = ContentTransaction }, ReasonContent},
		"picture with no data": {func(c *Chat) { c.Content = ContentImage }, ReasonNoImage},
	} {
		t.Run(name, func(t *testing.T) {
			m := whisper(t)
			c.change(&m)
			if _, err := OpenPrivate(sealed(t, m), privateArrival(t)); ReasonOf(err) != c.want {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

// Bob passes Alice's message on to Carol: in an envelope that he signs, in one that nobody signs, or in whatever way as if
// Alice had sent it to her.
func TestForwardedMessagesAreRefused(t *testing.T) {
	alice, bob, carol := keyOf(private(t, 0xaa)), keyOf(private(t, 0xbb)), keyOf(private(t, 0xcc))
	update, _, err := ContactUpdate{Clock: millis(sentAt), Name: "alice.eth"}.Seal(private(t, 0xaa))
	if err != nil {
		t.Fatal(err)
	}
	text := sealed(t, whisper(t))
	for name, wrapped := range map[string][]byte{"text": text, "contact update": update} {
		if _, err := OpenPrivate(wrapped, PrivateArrival{Self: carol, Signer: bob, Sent: sentAt}); ReasonOf(err) != ReasonAuthor {
			t.Errorf("%s in Bob's envelope: %v", name, err)
		}
		if _, err := OpenPrivate(wrapped, PrivateArrival{Self: carol, Sent: sentAt}); ReasonOf(err) != ReasonUnsigned {
			t.Errorf("%s in nobody's envelope: %v", name, err)
		}
	}
	if _, err := OpenPrivate(text, PrivateArrival{Self: carol, Signer: alice, Sent: sentAt}); ReasonOf(err) != ReasonRecipient {
		t.Errorf("Bob's message at Carol's: %v", err)
	}
	if _, err := OpenPrivate(text, PrivateArrival{Self: bob, Signer: alice, Sent: sentAt}); err != nil {
		t.Errorf("Bob's message at Bob's: %v", err)
	}
}

// A wrapper without a signature says nothing about who wrote it: somebody may have put it into an envelope of theirs.
func TestPrivateMessagesMustBeSignedThemselves(t *testing.T) {
	encoded, err := whisper(t).Encode()
	if err != nil {
		t.Fatal(err)
	}
	unsigned := field(nil, 2, encoded)
	unsigned = protowire.AppendVarint(protowire.AppendTag(unsigned, 3, protowire.VarintType), uint64(TypeChat))
	if _, err := OpenPrivate(unsigned, privateArrival(t)); ReasonOf(err) != ReasonUnsigned {
		t.Errorf("got %v", err)
	}
}

// A public message that comes encrypted must not be filed in the channel, and a private one on a channel's topic not in
// the private chat.
func TestTheWayOfArrivalCounts(t *testing.T) {
	if _, err := OpenPrivate(sealed(t, hello()), privateArrival(t)); ReasonOf(err) != ReasonNotPrivate {
		t.Errorf("public as private: %v", err)
	}
	if _, err := OpenPublic(sealed(t, whisper(t)), arrival(t)); ReasonOf(err) != ReasonNotPublic {
		t.Errorf("private as public: %v", err)
	}
	update, _, err := ContactUpdate{Clock: millis(sentAt)}.Seal(private(t, 0xaa))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenPublic(update, arrival(t)); ReasonOf(err) != ReasonType {
		t.Errorf("a contact update in public: %v", err)
	}
}

func TestOpenPrivateNamesTheType(t *testing.T) {
	for _, kind := range []Type{TypeUnknown, TypePair, TypeSync, TypeSyncContact, TypeSyncAccount, TypeSyncChat, TypeSyncState,
		TypeContactCode, TypeReaction, 99, -1} {
		wrapped, err := Wrap(private(t, 0xaa), kind, []byte{8, 1})
		if err != nil {
			t.Fatal(err)
		}
		_, err = OpenPrivate(wrapped, privateArrival(t))
		if ReasonOf(err) != ReasonType || err.Error() != fmt.Sprintf("payload: type: %d", kind) {
			t.Errorf("%d: %v", kind, err)
		}
	}
}

// The type is not signed. A payload that was signed as one message must not be taken as another.
func TestOpenPrivateTypeConfusion(t *testing.T) {
	text, err := whisper(t).Encode()
	if err != nil {
		t.Fatal(err)
	}
	update := func(u ContactUpdate) []byte {
		encoded, err := u.Encode()
		if err != nil {
			t.Fatal(err)
		}
		return encoded
	}
	now := millis(sentAt)
	for name, c := range map[string]struct {
		kind    Type
		payload []byte
		want    Reason
	}{
		"text as update":                 {TypeContact, text, ReasonFields},
		"update as text":                 {TypeChat, update(ContactUpdate{Clock: now, Name: "alice.eth", Image: "data:"}), ReasonFields},
		"update with no name as text":    {TypeChat, update(ContactUpdate{Clock: now, Image: "data:"}), ReasonNoTime},
		"contact code as text":           {TypeChat, nil, ReasonNoClock},
		"contact code as update":         {TypeContact, nil, ReasonNoClock},
		"synced contact as update":       {TypeContact, update(ContactUpdate{Clock: now, Name: keyOf(private(t, 0xcc)).String()}), ReasonName},
		"contact code of push as text":   {TypeChat, field(nil, 1, []byte("push")), ReasonFields},
		"contact code of push as update": {TypeContact, field(nil, 1, []byte("push")), ReasonFields},
	} {
		wrapped, err := Wrap(private(t, 0xaa), c.kind, c.payload)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := OpenPrivate(wrapped, privateArrival(t)); ReasonOf(err) != c.want {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// Old clocks are taken, for a message may have waited, and flagged, for it may have been put into the past.
func TestOpenPrivateFlagsOldClocks(t *testing.T) {
	for back, want := range map[time.Duration]bool{0: false, MaxAhead: false, MaxAhead + time.Millisecond: true, 1000 * time.Hour: true} {
		m := whisper(t)
		m.Clock -= uint64(back.Milliseconds())
		if got, err := OpenPrivate(sealed(t, m), privateArrival(t)); err != nil || got.Backdated != want {
			t.Errorf("text %v back: flagged %v, %v", back, got.Backdated, err)
		}
		wrapped, _, err := ContactUpdate{Clock: m.Clock}.Seal(private(t, 0xaa))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := OpenPrivate(wrapped, privateArrival(t)); err != nil || got.Backdated != want {
			t.Errorf("update %v back: flagged %v, %v", back, got.Backdated, err)
		}
	}
}

func TestNewPrivateTextRefusals(t *testing.T) {
	to := keyOf(private(t, 0xbb))
	for name, c := range map[string]struct {
		text, reply string
		want        error
	}{
		"blank":     {" \n", "", ReasonBlank},
		"bad reply": {"hello", "0x12", ErrID},
	} {
		if _, err := NewPrivateText(to, c.text, c.reply, 1, sentAt); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzOpenPrivate(f *testing.F) {
	f.Add(sealed(f, whisper(f)))
	f.Add(sealed(f, hello()))
	update, _, err := ContactUpdate{Clock: millis(sentAt), Name: "alice.eth", Image: "data:image/png;base64,AAAA"}.Seal(private(f, 0xaa))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(update)
	f.Add([]byte("[\"~#c4\"]"))
	at := privateArrival(f)
	f.Fuzz(func(t *testing.T, wrapped []byte) {
		got, err := OpenPrivate(wrapped, at)
		if err != nil {
			if ReasonOf(err) == "" {
				t.Errorf("refused without a reason: %v", err)
			}
			return
		}
		if got.Author != at.Signer || got.ID != IDOf(at.Signer, wrapped) {
			t.Errorf("accepted %+v", got)
		}
		if got.Type == TypeChat && (got.Chat.ChatID != at.Self.String() || CheckText(got.Chat.Text) != nil) {
			t.Errorf("accepted the text %+v", got.Chat)
		}
	})
}
