package payload

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"sotto/node/identity"
)

func TestOpenPublicTakesAGoodMessage(t *testing.T) {
	at := arrival(t)
	c := hello()
	c.ReplyTo, c.ENS = (ID{1}).String(), "alice.stateofus.eth"
	wrapped, id, err := c.Seal(private(t, 0xaa))
	if err != nil {
		t.Fatal(err)
	}
	got, err := OpenPublic(wrapped, at)
	if err != nil {
		t.Fatal(err)
	}
	if got.ID != id || got.Author != at.Signer || got.Text != c.Text || got.ReplyTo != c.ReplyTo || got.ENS != c.ENS || got.Backdated {
		t.Errorf("got %+v", got)
	}
}

// Each rule refuses by its own name.
func TestOpenPublicRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Chat)
		want   Reason
	}{
		"clock 0":             {func(c *Chat) { c.Clock = 0 }, ReasonNoClock},
		"clock ahead":         {func(c *Chat) { c.Clock += 120_001 }, ReasonFuture},
		"clock of 2019":       {func(c *Chat) { c.Clock *= 100 }, ReasonFuture},
		"greatest clock":      {func(c *Chat) { c.Clock = 1<<64 - 1 }, ReasonFuture},
		"timestamp 0":         {func(c *Chat) { c.Timestamp = 0 }, ReasonNoTime},
		"no chat":             {func(c *Chat) { c.ChatID = "" }, ReasonNoChat},
		"another chat":        {func(c *Chat) { c.ChatID = "other" }, ReasonChat},
		"chat in capitals":    {func(c *Chat) { c.ChatID = "Status" }, ReasonChat},
		"chat type 0":         {func(c *Chat) { c.ChatType = ChatUnknown }, ReasonChatType},
		"chat type system":    {func(c *Chat) { c.ChatType = ChatSystem }, ReasonChatType},
		"private on public":   {func(c *Chat) { c.ChatType = ChatPrivate }, ReasonNotPublic},
		"group on public":     {func(c *Chat) { c.ChatType = ChatGroup }, ReasonNotPublic},
		"chat type unheard":   {func(c *Chat) { c.ChatType = 99 }, ReasonNotPublic},
		"blank":               {func(c *Chat) { c.Text = " \n\t\u00a0" }, ReasonBlank},
		"empty":               {func(c *Chat) { c.Text = "" }, ReasonBlank},
		"too long":            {func(c *Chat) { c.Text = strings.Repeat("é", MaxText+1) }, ReasonTooLong},
		"content 0":           {func(c *Chat) { c.Content = ContentUnknown }, ReasonContent},
		"content 5":           {func(c *Chat) { c.Content = ContentTransaction }, ReasonContent},
		"content 6":           {func(c *Chat) { c.Content = ContentSystem }, ReasonContent},
		"sticker, no hash":    {func(c *Chat) { c.Content = ContentSticker; c.Sticker.Pack = 1 }, ReasonNoSticker},
		"image, no data":      {func(c *Chat) { c.Content = ContentImage; c.Image.Format = 1 }, ReasonNoImage},
		"image, no format":    {func(c *Chat) { c.Content = ContentImage; c.Image.Data = []byte{1} }, ReasonNoImage},
		"audio, no data":      {func(c *Chat) { c.Content = ContentAudio; c.Audio.Format = 1 }, ReasonNoAudio},
		"audio, no format":    {func(c *Chat) { c.Content = ContentAudio; c.Audio.Data = []byte{1} }, ReasonNoAudio},
		"sticker, blank text": {func(c *Chat) { c.Content = ContentSticker; c.Sticker.Hash = "e3"; c.Text = "" }, ReasonBlank},
	} {
		t.Run(name, func(t *testing.T) {
			m := hello()
			c.change(&m)
			if _, err := OpenPublic(sealed(t, m), arrival(t)); ReasonOf(err) != c.want {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

// What lies just inside the rules is taken.
func TestOpenPublicLimits(t *testing.T) {
	for name, change := range map[string]func(*Chat){
		"clock at the bound":  func(c *Chat) { c.Clock += 120_000 },
		"longest text":        func(c *Chat) { c.Text = strings.Repeat("🙂", MaxText) },
		"status":              func(c *Chat) { c.Content = ContentStatus },
		"content of later":    func(c *Chat) { c.Content = 77 },
		"image with data":     func(c *Chat) { c.Content = ContentImage; c.Image = Media{Data: []byte{1}, Format: 4} },
		"audio with data":     func(c *Chat) { c.Content = ContentAudio; c.Audio = Media{Data: []byte{1}, Format: 2} },
		"sticker with a hash": func(c *Chat) { c.Content = ContentSticker; c.Sticker.Hash = "e3" },
	} {
		t.Run(name, func(t *testing.T) {
			m := hello()
			change(&m)
			if _, err := OpenPublic(sealed(t, m), arrival(t)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestOpenPublicAuthor(t *testing.T) {
	wrapped := sealed(t, hello())
	at := arrival(t)
	at.Signer = keyOf(private(t, 0xbb))
	if _, err := OpenPublic(wrapped, at); ReasonOf(err) != ReasonAuthor {
		t.Errorf("another's message passed on: %v", err)
	}
	at.Signer = identity.PublicKey{}
	if _, err := OpenPublic(wrapped, at); ReasonOf(err) != ReasonUnsigned {
		t.Errorf("unsigned Whisper message: %v", err)
	}
}

// The type is not signed: a payload under a type that is not its own must not pass, whatever its fields happen to be.
func TestOpenPublicTypeConfusion(t *testing.T) {
	key := private(t, 0xaa)
	encoded, err := hello().Encode()
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []Type{TypeUnknown, TypeContact, TypeReaction, TypeInvitation, 99} {
		wrapped, err := Wrap(key, kind, encoded)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := OpenPublic(wrapped, arrival(t)); ReasonOf(err) != ReasonType {
			t.Errorf("a chat message under type %d: %v", kind, err)
		}
	}
	// A message that has text where a chat message has its timestamp, and all of a chat message behind it.
	foreign := protowire.AppendTag(nil, 2, protowire.BytesType)
	foreign = append(protowire.AppendString(foreign, "somebody.eth"), encoded...)
	wrapped, err := Wrap(key, TypeChat, foreign)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenPublic(wrapped, arrival(t)); ReasonOf(err) != ReasonFields {
		t.Errorf("another message under the type of chat messages: %v", err)
	}
}

func TestOpenPublicFlagsOldClocks(t *testing.T) {
	for back, want := range map[time.Duration]bool{0: false, MaxAhead: false, MaxAhead + time.Millisecond: true, 1000 * time.Hour: true} {
		m := hello()
		m.Clock -= uint64(back.Milliseconds())
		got, err := OpenPublic(sealed(t, m), arrival(t))
		if err != nil || got.Backdated != want {
			t.Errorf("%v back: flagged %v, %v", back, got.Backdated, err)
		}
	}
}

// Claims that nothing can be done with are dropped, and the message stays.
func TestOpenPublicDropsIdleClaims(t *testing.T) {
	m := hello()
	m.ReplyTo, m.ENS, m.Timestamp = "0xnonsense", strings.Repeat("x", MaxENS+1), 1<<63
	got, err := OpenPublic(sealed(t, m), arrival(t))
	if err != nil || got.ReplyTo != "" || got.ENS != "" || got.Timestamp != millis(sentAt)+120_000 {
		t.Errorf("got %+v, %v", got, err)
	}
}

// The shown time is the author's, but not further from the clock than clocks may be off: who writes now must not seem to
// have written yesterday. What was written yesterday and is sent now keeps its time.
func TestOpenPublicBoundsTheShownTime(t *testing.T) {
	now, day := millis(sentAt), uint64((24 * time.Hour).Milliseconds())
	for name, c := range map[string]struct{ clock, timestamp, want uint64 }{
		"of now":               {now, now, now},
		"a little off":         {now, now - 119_000, now - 119_000},
		"yesterday's time":     {now, now - day, now - 120_000},
		"no time":              {now, 1, now - 120_000},
		"yesterday's message":  {now - day, now - day, now - day},
		"answered one ahead":   {now + 120_000, now, now},
		"that, an hour later":  {now - 3_480_000, now - 3_600_000, now - 3_600_000},
		"yesterday's, no time": {now - day, 1, now - day - 120_000},
		"of long ago":          {1, 1, 1},
	} {
		m := hello()
		m.Clock, m.Timestamp = c.clock, c.timestamp
		wrapped := sealed(t, m)
		got, err := OpenPublic(wrapped, arrival(t))
		if err != nil || got.Timestamp != c.want || got.ID != IDOf(arrival(t).Signer, wrapped) {
			t.Errorf("%s: shows %d, want %d; %v", name, got.Timestamp, c.want, err)
		}
	}
}

func TestNextClock(t *testing.T) {
	now := millis(sentAt)
	for last, want := range map[uint64]uint64{0: now, now - 1: now, now: now + 1, now + 120_000: now + 120_001} {
		if got := NextClock(sentAt, last); got != want {
			t.Errorf("after %d: %d, want %d", last, got, want)
		}
	}
}

func TestNewTextIsTaken(t *testing.T) {
	reply := (ID{7}).String()
	m, err := NewText("status", "hello", reply, NextClock(sentAt, 0), sentAt)
	if err != nil {
		t.Fatal(err)
	}
	got, err := OpenPublic(sealed(t, m), arrival(t))
	if err != nil || got.Text != "hello" || got.ReplyTo != reply {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestNewTextRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		text, reply string
		want        error
	}{
		"blank":       {" \n", "", ReasonBlank},
		"too long":    {strings.Repeat("x", MaxText+1), "", ReasonTooLong},
		"giant":       {strings.Repeat("x", 1<<20), "", ReasonTooLong},
		"not unicode": {"a\xffb", "", ReasonBadText},
		"bad reply":   {"hello", "0x12", ErrID},
	} {
		if _, err := NewText("status", c.text, c.reply, 1, sentAt); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzOpenPublic(f *testing.F) {
	f.Add(sealed(f, hello()))
	m := hello()
	m.Content, m.Sticker = ContentSticker, Sticker{"e3", 4}
	f.Add(sealed(f, m))
	f.Add([]byte("[\"~#c4\"]"))
	at := arrival(f)
	f.Fuzz(func(t *testing.T, wrapped []byte) {
		got, err := OpenPublic(wrapped, at)
		if err != nil {
			if ReasonOf(err) == "" {
				t.Errorf("refused without a reason: %v", err)
			}
			return
		}
		if got.ID != IDOf(at.Signer, bytes.Clone(wrapped)) || got.ChatID != at.Chat || CheckText(got.Text) != nil {
			t.Errorf("accepted %+v", got)
		}
	})
}

func BenchmarkOpenPublic(b *testing.B) {
	wrapped, at := sealed(b, hello()), arrival(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := OpenPublic(wrapped, at); err != nil {
			b.Fatal(err)
		}
	}
}
