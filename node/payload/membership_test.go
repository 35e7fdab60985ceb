package payload

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"sotto/node/payload/group"
)

// circle is the id of a group that Alice made.
func circle(t testing.TB) string { return "circle-" + keyOf(private(t, 0xaa)).String() }

// inCircle is a text to the group, with Alice's creation of it beside.
func inCircle(t testing.TB) Membership {
	t.Helper()
	created, err := group.Sign(private(t, 0xaa), circle(t), group.Event{Clock: millis(sentAt), Type: group.Created, Name: "circle"})
	if err != nil {
		t.Fatal(err)
	}
	text, err := NewGroupText(circle(t), "hello circle", (ID{7}).String(), NextClock(sentAt, 0), sentAt)
	if err != nil {
		t.Fatal(err)
	}
	digest := group.Digest(circle(t), []group.Event{created})
	return Membership{ChatID: circle(t), Events: RawEvents([]group.Event{created}), Text: &text, Digest: digest[:]}
}

// sealedBy wraps a message by Alice.
func sealedBy(t testing.TB, m sealer) []byte {
	t.Helper()
	wrapped, _, err := m.Seal(private(t, 0xaa))
	if err != nil {
		t.Fatal(err)
	}
	return wrapped
}

func TestOpenPrivateTakesAGroupText(t *testing.T) {
	m := inCircle(t)
	wrapped, id, err := m.Seal(private(t, 0xaa))
	if err != nil {
		t.Fatal(err)
	}
	at := privateArrival(t)
	got, err := OpenPrivate(wrapped, at)
	if err != nil || got.ID != id || got.Type != TypeMembership || !reflect.DeepEqual(got.Membership, m) || got.Backdated {
		t.Errorf("got %+v, %v", got, err)
	}
	at.Self = at.Signer
	if got, err := OpenPrivate(wrapped, at); err != nil || got.ID != id {
		t.Errorf("on another device of Alice's: %v", err)
	}
	m.Text.Clock -= uint64(MaxAhead.Milliseconds()) + 1
	if got, err := OpenPrivate(sealedBy(t, m), privateArrival(t)); err != nil || !got.Backdated {
		t.Errorf("an old clock is flagged: %v, %v", got.Backdated, err)
	}
}

// Each rule for what comes in groups refuses by its own name.
func TestOpenPrivateGroupRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Membership)
		want   Reason
	}{
		"only events":       {func(m *Membership) { m.Text = nil }, ""},
		"nothing":           {func(m *Membership) { m.Text, m.Events = nil, nil }, ""},
		"no group":          {func(m *Membership) { m.ChatID = "status" }, ReasonGroupID},
		"another group":     {func(m *Membership) { m.Text.ChatID = "x" + m.ChatID }, ReasonGroup},
		"a channel's text":  {func(m *Membership) { m.Text.ChatType = ChatPublic }, ReasonGroup},
		"a private text":    {func(m *Membership) { m.Text.ChatType = ChatPrivate }, ReasonGroup},
		"a line of ours":    {func(m *Membership) { m.Text.ChatType = ChatSystem }, ReasonChatType},
		"clock 0":           {func(m *Membership) { m.Text.Clock = 0 }, ReasonNoClock},
		"clock ahead":       {func(m *Membership) { m.Text.Clock += 120_001 }, ReasonFuture},
		"blank":             {func(m *Membership) { m.Text.Text = " " }, ReasonBlank},
		"a reaction":        {func(m *Membership) { m.Text, m.Reaction = nil, &Reaction{Clock: 1, Emoji: 2} }, ReasonReaction},
		"an image and none": {func(m *Membership) { m.Text.Content = ContentImage }, ReasonNoImage},
	} {
		t.Run(name, func(t *testing.T) {
			m := inCircle(t)
			c.change(&m)
			if _, err := OpenPrivate(sealedBy(t, m), privateArrival(t)); ReasonOf(err) != c.want || (err == nil) != (c.want == "") {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestDecodeMembershipRefusals(t *testing.T) {
	crowd := make([]byte, 0, 2*(MaxEvents+1))
	for range MaxEvents + 1 {
		crowd = field(crowd, 2, nil)
	}
	number := func(n protowire.Number) []byte {
		return protowire.AppendVarint(protowire.AppendTag(nil, n, protowire.VarintType), 1)
	}
	for name, c := range map[string]struct {
		payload []byte
		want    Reason
	}{
		"noise":                  {[]byte{0xff}, ReasonMalformed},
		"giant":                  {make([]byte, MaxWrapped+1), ReasonOversized},
		"a crowd of events":      {crowd, ReasonTooMany},
		"a contact update":       {number(1), ReasonFields},
		"a number as text":       {number(3), ReasonFields},
		"a number in the text":   {field(nil, 3, number(3)), ReasonFields},
		"a text in the reaction": {field(nil, 4, field(nil, 1, []byte("x"))), ReasonFields},
	} {
		if _, err := DecodeMembership(c.payload); ReasonOf(err) != c.want {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if _, err := (Membership{Events: make([][]byte, MaxEvents+1)}).Encode(); ReasonOf(err) != ReasonTooMany {
		t.Errorf("encoded a crowd: %v", err)
	}
}

// A digest of another length is none: whoever makes them longer one day must still be understood.
func TestDigestOfAnotherLength(t *testing.T) {
	m := inCircle(t)
	m.Digest = make([]byte, DigestLength+1)
	if got, err := OpenPrivate(sealedBy(t, m), privateArrival(t)); err != nil || got.Membership.Digest != nil {
		t.Errorf("digest %x, %v", got.Membership.Digest, err)
	}
}

// The extension is one field more, which deployed clients do not know; what else there is are their bytes.
func TestDigestIsOneFieldMore(t *testing.T) {
	m := inCircle(t)
	with, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	m.Digest = nil
	without, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	var rest []byte
	for len(with) > 0 {
		number, _, size := protowire.ConsumeField(with)
		if number != 1001 {
			rest = append(rest, with[:size]...)
		}
		with = with[size:]
	}
	if !bytes.Equal(rest, without) {
		t.Errorf("%x is left, want %x", rest, without)
	}
}

func TestNewGroupTextRefusals(t *testing.T) {
	if _, err := NewGroupText(circle(t), " ", "", 1, sentAt); !errors.Is(err, ReasonBlank) {
		t.Errorf("blank: %v", err)
	}
}

// What an admin hands over to a newcomer: each message is its author's, of this group, and a text.
func TestHandedOver(t *testing.T) {
	text := sealedBy(t, inCircle(t))
	handed := HandedOver{ChatID: circle(t), Messages: [][]byte{text}}
	bob := PrivateArrival{Self: keyOf(private(t, 0xcc)), Signer: keyOf(private(t, 0xbb)), Sent: sentAt}
	wrapped, _, err := handed.Seal(private(t, 0xbb))
	if err != nil {
		t.Fatal(err)
	}
	got, err := OpenPrivate(wrapped, bob)
	if err != nil || !reflect.DeepEqual(got.HandedOver, handed) {
		t.Fatalf("got %+v, %v", got, err)
	}
	message, err := OpenHandedOver(got.HandedOver.Messages[0], circle(t), sentAt)
	if err != nil || message.Author != keyOf(private(t, 0xaa)) || message.ID != IDOf(message.Author, text) ||
		message.Membership.Text.Text != "hello circle" {
		t.Errorf("opened %+v, %v", message, err)
	}
}

func TestHandedOverRefusals(t *testing.T) {
	change := func(change func(*Membership)) []byte {
		m := inCircle(t)
		change(&m)
		return sealedBy(t, m)
	}
	encoded, err := inCircle(t).Encode()
	if err != nil {
		t.Fatal(err)
	}
	unsigned := protowire.AppendVarint(protowire.AppendTag(field(nil, 2, encoded), 3, protowire.VarintType), uint64(TypeMembership))
	for name, c := range map[string]struct {
		wrapped []byte
		want    Reason
	}{
		"only events":   {change(func(m *Membership) { m.Text = nil }), ReasonGroup},
		"another group": {change(func(m *Membership) { m.ChatID, m.Text.ChatID = "x"+m.ChatID, "x"+m.ChatID }), ReasonGroup},
		"ahead":         {change(func(m *Membership) { m.Text.Clock += 120_001 }), ReasonFuture},
		"unsigned":      {unsigned, ReasonUnsigned},
		"a channel's":   {sealed(t, hello()), ReasonType},
		"of 2019":       {[]byte(`["~#g5",["x",[],null]]`), ReasonUnsigned},
	} {
		if _, err := OpenHandedOver(c.wrapped, circle(t), sentAt); ReasonOf(err) != c.want {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	many := HandedOver{ChatID: circle(t), Messages: make([][]byte, MaxHandedOver+1)}
	much := HandedOver{ChatID: circle(t), Messages: [][]byte{make([]byte, MaxHandedOverBytes+1)}}
	for _, h := range []HandedOver{many, much} {
		if _, err := h.Encode(); ReasonOf(err) != ReasonTooMany {
			t.Errorf("encoded: %v", err)
		}
	}
	bulk := field(nil, 1, []byte(circle(t)))
	for range MaxHandedOver + 1 {
		bulk = field(bulk, 2, nil)
	}
	if _, err := DecodeHandedOver(bulk); ReasonOf(err) != ReasonTooMany {
		t.Errorf("decoded: %v", err)
	}
	nowhere := HandedOver{ChatID: "status"}
	if _, err := OpenPrivate(sealedBy(t, nowhere), privateArrival(t)); ReasonOf(err) != ReasonGroupID {
		t.Errorf("for no group: %v", err)
	}
}

func TestInvitations(t *testing.T) {
	good := Invitation{Clock: millis(sentAt), ChatID: circle(t), Text: "let me in", State: InvitationRequest}
	if got, err := OpenPrivate(sealedBy(t, good), privateArrival(t)); err != nil || got.Invitation != good {
		t.Errorf("got %+v, %v", got, err)
	}
	for name, c := range map[string]struct {
		change func(*Invitation)
		want   Reason
	}{
		"without a text": {func(i *Invitation) { i.Text = "" }, ""},
		"rejected":       {func(i *Invitation) { i.State = InvitationRejected }, ""},
		"no state":       {func(i *Invitation) { i.State = 0 }, ReasonState},
		"another state":  {func(i *Invitation) { i.State = 4 }, ReasonState},
		"no group":       {func(i *Invitation) { i.ChatID = "status" }, ReasonGroupID},
		"clock 0":        {func(i *Invitation) { i.Clock = 0 }, ReasonNoClock},
		"clock ahead":    {func(i *Invitation) { i.Clock += 120_001 }, ReasonFuture},
		"an essay":       {func(i *Invitation) { i.Text = strings.Repeat("x", MaxText+1) }, ReasonTooLong},
	} {
		i := good
		c.change(&i)
		if _, err := OpenPrivate(sealedBy(t, i), privateArrival(t)); ReasonOf(err) != c.want || (err == nil) != (c.want == "") {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func FuzzDecodeMembership(f *testing.F) {
	encoded, err := inCircle(f).Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(encoded)
	f.Fuzz(func(t *testing.T, payload []byte) {
		m, err := DecodeMembership(payload)
		if err != nil {
			if ReasonOf(err) == "" {
				t.Errorf("refused without a reason: %v", err)
			}
			return
		}
		again, err := m.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := DecodeMembership(again); err != nil || back.ChatID != m.ChatID || len(back.Events) != len(m.Events) {
			t.Errorf("comes back as %+v, %v", back, err)
		}
	})
}

func FuzzDecodeHandedOver(f *testing.F) {
	encoded, err := HandedOver{ChatID: circle(f), Messages: [][]byte{sealedBy(f, inCircle(f))}}.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(encoded)
	f.Fuzz(func(t *testing.T, payload []byte) {
		h, err := DecodeHandedOver(payload)
		if (err != nil) != (ReasonOf(err) != "") || err == nil && h.bounded() != nil {
			t.Errorf("%+v, %v", h, err)
		}
		for _, wrapped := range h.Messages {
			if m, err := OpenHandedOver(wrapped, circle(t), sentAt); err == nil && (m.Membership.ChatID != circle(t) || m.Author.IsZero()) {
				t.Errorf("opened %+v", m)
			}
		}
	})
}

func FuzzDecodeInvitation(f *testing.F) {
	encoded, err := Invitation{Clock: 1, ChatID: circle(f), Text: "let me in", State: InvitationRequest}.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(encoded)
	f.Fuzz(func(t *testing.T, payload []byte) { roundTrip(t, payload, DecodeInvitation, Invitation.Encode) })
}

// roundTrip holds that what is read can be written and reads the same.
func roundTrip[M any](t *testing.T, payload []byte, decode func([]byte) (M, error), encode func(M) ([]byte, error)) {
	t.Helper()
	m, err := decode(payload)
	if err != nil {
		if ReasonOf(err) == "" {
			t.Errorf("refused without a reason: %v", err)
		}
		return
	}
	encoded, err := encode(m)
	if err != nil {
		t.Fatal(err)
	}
	if back, err := decode(encoded); err != nil || !reflect.DeepEqual(back, m) {
		t.Errorf("%+v comes back as %+v, %v", m, back, err)
	}
}
