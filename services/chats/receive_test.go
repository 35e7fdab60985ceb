package chats

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"sotto/node/payload"
	"sotto/node/secure"
	"sotto/services/event"
	"sotto/services/fault"
	"sotto/services/ingest"
)

// wire is a chat message of a person as it is sealed.
func wire(t testing.TB, author string, chat payload.Chat) []byte {
	t.Helper()
	wrapped, _, err := chat.Seal(newKey(author))
	if err != nil {
		t.Fatal(err)
	}
	return must(secure.WrapPublic("", wrapped))(t)
}

// text is a plain text in the lobby, of now.
func text(t testing.TB, said string) payload.Chat {
	t.Helper()
	now := time.Now()
	return must(payload.NewText("lobby", said, "", payload.NextClock(now, 0), now))(t)
}

// arrive delivers bytes on the lobby's topic, in an envelope signed by somebody.
func (d *desk) arrive(signer string, message []byte) {
	d.t.Helper()
	hash := sha256.Sum256(message)
	key := newKey(signer)
	for _, ch := range d.node.channels() {
		d.node.deliver(ch, Delivery{Hash: hash, Payload: message, Signer: &key.PublicKey, Sent: time.Now(), Peer: "enode://relay"})
	}
}

func TestConversation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kay, bo := newDesk(t, "kay", 1), newDesk(t, "bo", 1)
		defer kay.close()
		defer bo.close()
		for _, d := range []*desk{kay, bo} {
			d.join("lobby")
			d.log.take()
		}
		question := kay.say("lobby", "shall we go?")
		settle()
		carry(kay, bo)
		settle()
		if events := bo.log.take(); len(events) != 1 || events[0].Kind != event.Message || events[0].Message != question.ID {
			t.Errorf("events %+v", events)
		}
		got := bo.message(question.ID)
		if got.Text != "shall we go?" || got.Outgoing || got.Seen || got.State != Sent || got.Clock != question.Clock ||
			got.Author != question.Author || !got.Timestamp.Equal(question.Timestamp) || got.Backdated || got.Unsupported != "" {
			t.Errorf("arrived %+v, sent %+v", got, question)
		}
		answer := must(bo.Send(t.Context(), "lobby", "yes", question.ID))(t)
		if answer.Clock <= question.Clock {
			t.Errorf("the answer's clock %d is not after %d", answer.Clock, question.Clock)
		}
		settle()
		carry(bo, kay)
		carry(bo, kay) // relays bring things twice
		settle()
		if texts := kay.texts("lobby"); !slices.Equal(texts, []string{"shall we go?", "yes"}) {
			t.Errorf("texts %q", texts)
		}
		if got := kay.message(answer.ID); got.ReplyTo != question.ID {
			t.Errorf("answer %+v", got)
		}
		if n := kay.refused(ingest.Duplicate); n != 1 {
			t.Errorf("%d duplicates counted", n)
		}
	})
}

// TestOrderDoesNotDependOnArrival delivers in reverse.
func TestOrderDoesNotDependOnArrival(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kay, bo := newDesk(t, "kay", 1), newDesk(t, "bo", 1)
		defer kay.close()
		defer bo.close()
		kay.join("lobby")
		bo.join("lobby")
		for i := range 5 {
			kay.say("lobby", fmt.Sprint(i))
		}
		settle()
		posts := kay.node.posts()
		slices.Reverse(posts)
		for _, p := range posts {
			bo.node.deliver(p.channel, p.delivery("relay"))
		}
		settle()
		if texts := bo.texts("lobby"); !slices.Equal(texts, kay.texts("lobby")) {
			t.Errorf("texts %q", texts)
		}
	})
}

func TestRepostsAreShownOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kay, bo := newDesk(t, "kay", 1), newDesk(t, "bo", 1)
		defer kay.close()
		defer bo.close()
		kay.join("lobby")
		bo.join("lobby")
		kay.say("lobby", "hello")
		pass(3 * (lifetime + grace))
		settle()
		if n := carry(kay, bo); n != 4 {
			t.Fatalf("%d envelopes", n)
		}
		settle()
		if texts := bo.texts("lobby"); len(texts) != 1 || bo.refused(ingest.Duplicate) != 3 {
			t.Errorf("texts %q, refused %v", texts, bo.Counts().Refused)
		}
	})
}

func TestOwnMessagesComeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, "kay", 1)
		defer func() { d.close() }()
		d.join("lobby")
		m := d.say("lobby", "hello")
		settle()
		p := d.node.posts()[0]
		d.node.deliver(p.channel, p.delivery("enode://relay"))
		settle()
		if got := d.message(m.ID); got.State != Sent || got.Peers != 1 || got.Unconfirmed || d.waiting() != 0 {
			t.Errorf("the echo proves nothing: %+v", got)
		}
		p.Hash = [32]byte{1}
		d.node.deliver(p.channel, p.delivery("enode://second"))
		settle()
		if n := len(d.messages("lobby")); n != 1 || d.refused(ingest.Duplicate) != 1 {
			t.Errorf("%d messages, refused %v", n, d.Counts().Refused)
		}
		d.arrive("kay", wire(t, "kay", text(t, "from my other computer")))
		settle()
		other := d.messages("lobby")[0]
		if !other.Outgoing || !other.Seen || other.State != Sent {
			t.Errorf("own message from elsewhere: %+v", other)
		}
		if c := must(d.Get(t.Context(), "lobby"))(t); c.Unread != 0 {
			t.Errorf("%d unread", c.Unread)
		}
	})
}

func TestRefusedMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, "kay", 1)
		defer d.close()
		d.join("lobby")
		with := func(change func(*payload.Chat)) []byte {
			c := text(t, "hello")
			change(&c)
			return wire(t, "bo", c)
		}
		for reason, message := range map[payload.Reason][]byte{
			payload.ReasonNoClock:   with(func(c *payload.Chat) { c.Clock = 0 }),
			payload.ReasonFuture:    with(func(c *payload.Chat) { c.Clock += 121_000 }),
			payload.ReasonBlank:     with(func(c *payload.Chat) { c.Text = " " }),
			payload.ReasonChat:      with(func(c *payload.Chat) { c.ChatID = "other" }),
			payload.ReasonNotPublic: with(func(c *payload.Chat) { c.ChatType = payload.ChatPrivate }),
			payload.ReasonContent:   with(func(c *payload.Chat) { c.Content = payload.ContentTransaction }),
			payload.ReasonNoImage:   with(func(c *payload.Chat) { c.Content = payload.ContentImage }),
		} {
			d.arrive("bo", message)
			settle()
			if d.refused(ingest.Reason(reason)) != 1 {
				t.Errorf("%s: refused %v", reason, d.Counts().Refused)
			}
		}
		d.arrive("eve", wire(t, "bo", text(t, "in another's name")))
		settle()
		if d.refused(ingest.Reason(payload.ReasonAuthor)) != 1 || len(d.messages("lobby")) != 0 {
			t.Errorf("refused %v, stored %v", d.Counts().Refused, d.texts("lobby"))
		}
	})
}

func TestUnsupportedKindsShowOneNeutralLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, "kay", 1)
		defer d.close()
		d.join("lobby")
		sticker := text(t, "Update to latest version to see a nice sticker here!")
		sticker.Content, sticker.Sticker = payload.ContentSticker, payload.Sticker{Hash: "e301"}
		d.arrive("bo", wire(t, "bo", sticker))
		claim := text(t, "hello")
		claim.ENS = "bo.eth"
		d.arrive("bo", wire(t, "bo", claim))
		settle()
		for _, m := range d.messages("lobby") {
			switch m.ContentType {
			case int(payload.ContentSticker):
				if m.Text != "" || m.Unsupported != "This message needs another app: sticker" {
					t.Errorf("sticker %+v", m)
				}
			default:
				if m.Text != "hello" || m.Unsupported != "" || m.Author.Claimed != "bo.eth" {
					t.Errorf("text %+v", m)
				}
			}
		}
	})
}

func TestUnreadAndPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, "kay", 1)
		defer d.close()
		d.join("lobby")
		var want []string
		for i := range 120 {
			if _, found := must2(d.FirstUnread(t.Context(), "lobby"))(t); found != (i > 0) {
				t.Errorf("after %d messages: first unread found is %v", i, found)
			}
			d.arrive("bo", wire(t, "bo", text(t, fmt.Sprint(i))))
			settle()
			want = append(want, fmt.Sprint(i))
			pass(time.Second)
		}
		chat := must(d.Get(t.Context(), "lobby"))(t)
		if chat.Unread != 120 || chat.Last == nil || chat.Last.Text != "119" {
			t.Errorf("chat %+v", chat)
		}
		at, _ := must2(d.FirstUnread(t.Context(), "lobby"))(t)
		page := must(d.Messages(t.Context(), "lobby", Page{After: &at, Limit: 3}))(t)
		if len(page) != 3 || page[0].Text != "3" || page[2].Text != "1" {
			t.Errorf("after the first unread: %+v", page)
		}
		var got []string
		for before := (*Cursor)(nil); ; {
			page := must(d.Messages(t.Context(), "lobby", Page{Before: before}))(t)
			if len(page) == 0 {
				break
			}
			for _, m := range page {
				got = append(got, m.Text)
			}
			last := page[len(page)-1].Cursor()
			before = &last
		}
		slices.Reverse(got)
		if !slices.Equal(got, want) {
			t.Errorf("pages: %q", got)
		}
		before := must(d.Messages(t.Context(), "lobby", Page{Before: &Cursor{Clock: at.Clock + 1}}))(t)
		after := must(d.Messages(t.Context(), "lobby", Page{After: &Cursor{Clock: at.Clock}, Limit: 1}))(t)
		if len(before) != 1 || before[0].Text != "0" || len(after) != 1 || after[0].Text != "0" {
			t.Errorf("by clock alone: before %+v, after %+v", before, after)
		}
		d.log.take()
		for range 2 {
			if err := d.MarkRead(t.Context(), "lobby"); err != nil {
				t.Error(err)
			}
		}
		if kinds := d.log.kinds(); !slices.Equal(kinds, []event.Kind{event.Chat}) {
			t.Errorf("events %v", kinds)
		}
		if chat := must(d.Get(t.Context(), "lobby"))(t); chat.Unread != 0 {
			t.Errorf("%d unread after reading", chat.Unread)
		}
		_, err := d.Messages(t.Context(), "lobby", Page{Before: &at, After: &at})
		wantCode(t, err, fault.NotAllowed)
		_, err = d.Messages(t.Context(), "lobby", Page{Before: &Cursor{ID: "x"}})
		wantCode(t, err, fault.NoSuchMessage)
	})
}

// must2 is must for calls with two results.
func must2[T, U any](v T, u U, err error) func(testing.TB) (T, U) {
	return func(t testing.TB) (T, U) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v, u
	}
}

func TestOldClocksAreFlagged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, "kay", 1)
		defer d.close()
		d.join("lobby")
		old := text(t, "long ago")
		old.Clock -= 600_000
		d.arrive("bo", wire(t, "bo", old))
		d.arrive("bo", wire(t, "bo", text(t, "now")))
		settle()
		list := d.messages("lobby")
		if len(list) != 2 || list[0].Backdated || !list[1].Backdated {
			t.Fatalf("messages %+v", list)
		}
		if at, found := must2(d.FirstUnread(t.Context(), "lobby"))(t); !found || at != list[0].Cursor() {
			t.Errorf("what is new begins at %+v, %v", at, found)
		}
		if c := must(d.Get(t.Context(), "lobby"))(t); c.Unread != 2 {
			t.Errorf("%d unread", c.Unread)
		}
	})
}

func TestNothingArrivesInAChannelThatWasLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kay, bo := newDesk(t, "kay", 1), newDesk(t, "bo", 1)
		defer kay.close()
		defer bo.close()
		kay.join("lobby")
		bo.join("lobby")
		kay.say("lobby", "hello")
		settle()
		p := kay.node.posts()[0]
		handlers := slices.Clone(bo.node.subs[p.channel])
		if err := bo.Leave(t.Context(), "lobby"); err != nil {
			t.Fatal(err)
		}
		handlers[0](p.delivery("relay")) // one that was under way
		settle()
		if bo.refused(ReasonLeft) != 1 {
			t.Errorf("refused %v", bo.Counts().Refused)
		}
		bo.join("lobby")
		bo.node.deliver(p.channel, p.delivery("relay"))
		settle()
		if texts := bo.texts("lobby"); len(texts) != 1 {
			t.Errorf("after joining again: %q", texts)
		}
	})
}
