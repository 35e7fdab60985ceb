package chats

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sotto/node/identity"
	"sotto/services/contacts"
	"sotto/services/fault"
)

// person is a desk with contacts.
type person struct {
	*desk
	contacts *contacts.Service
	carried  int // posts that were handed on already
}

func newPerson(t testing.TB, name string) *person {
	t.Helper()
	p := &person{desk: newDesk(t, name, 1)}
	p.meet()
	return p
}

// meet lends the open account to the contacts service.
func (p *person) meet() {
	p.contacts = contacts.New(p.log)
	p.contacts.Attach(contacts.Account{Store: p.store, Key: p.key, Pair: p.open.Pair, Now: p.node.Now, Changed: p.ContactsChanged})
}

func (p *person) self() string { return identity.KeyOf(&p.key.PublicKey).String() }

// hand gives what a person posted since the last time to another, and says how much there was.
func (p *person) hand(to *person) int {
	list := p.node.posts()[p.carried:]
	for _, post := range list {
		to.node.take(post, "relay")
		post.observe(Outcome{Kind: AcceptedBy, Peer: "enode://relay"})
	}
	p.carried += len(list)
	return len(list)
}

// exchange carries everything both ways until nobody posts any more.
func exchange(a, b *person) {
	for settle(); a.hand(b)+b.hand(a) > 0; {
		settle()
	}
}

// link makes two people each other's contacts, by b's link.
func link(t testing.TB, a, b *person) {
	t.Helper()
	must(a.contacts.Add(context.Background(), must(b.contacts.Link(context.Background()))(t)))(t)
	must(b.contacts.Add(context.Background(), a.self()))(t)
	exchange(a, b)
}

// TestPrivateConversation goes the way of two people of whom one has the other's link: everything is forward secret from the
// first message on, each device's acknowledgement is stored, and the conversation moves to the topic that only they know.
func TestPrivateConversation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ann, bo := newPerson(t, "ann"), newPerson(t, "bo")
		defer ann.close()
		defer bo.close()
		must(ann.contacts.Add(t.Context(), must(bo.contacts.Link(t.Context()))(t)))(t)
		first := ann.say(bo.self(), "hello")
		if !first.ForwardSecret || first.Addressed != 1 || first.State != Queued {
			t.Errorf("queued as %+v", first)
		}
		exchange(ann, bo)
		if list := must(bo.List(t.Context()))(t); len(list) != 0 {
			t.Errorf("a stranger is in the list: %+v", list)
		}
		requests := must(bo.Requests(t.Context()))(t)
		if len(requests) != 1 || requests[0].Last.Text != "hello" || !requests[0].Request {
			t.Fatalf("requests %+v", requests)
		}
		if m := ann.message(first.ID); m.State != Sent || m.DeliveredTo != 0 {
			t.Errorf("before the request is accepted: %+v", m)
		}
		must(bo.contacts.Accept(t.Context(), ann.self()))(t)
		exchange(ann, bo)
		if m := ann.message(first.ID); m.State != Delivered || m.DeliveredTo != 1 {
			t.Errorf("after the request was accepted: %+v", m)
		}
		answer := bo.say(ann.self(), "hello yourself")
		exchange(ann, bo)
		if !answer.ForwardSecret || bo.message(answer.ID).State != Delivered {
			t.Errorf("the answer is %+v", bo.message(answer.ID))
		}
		if got := ann.texts(bo.self()); !slices.Equal(got, []string{"hello", "hello yourself"}) {
			t.Errorf("ann has %q", got)
		}
		if last := ann.node.posts()[len(ann.node.posts())-1]; last.to != nil {
			t.Error("the conversation is not on the negotiated topic")
		}
	})
}

// TestFirstMessageWithoutBundle has nothing but the key: the message says that it is not forward secret, and the next one is.
func TestFirstMessageWithoutBundle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ann, bo := newPerson(t, "ann"), newPerson(t, "bo")
		defer ann.close()
		defer bo.close()
		must(ann.OpenPrivate(t.Context(), bo.self()))(t)
		first := ann.say(bo.self(), "hello")
		if first.ForwardSecret || first.Addressed != 0 {
			t.Errorf("queued as %+v", first)
		}
		exchange(ann, bo)
		must(bo.contacts.Accept(t.Context(), ann.self()))(t)
		exchange(ann, bo)
		if m := bo.messages(ann.self())[0]; m.ForwardSecret {
			t.Error("received as forward secret")
		}
		if m := ann.message(first.ID); m.State != Delivered || m.DeliveredTo != 1 {
			t.Errorf("after the request was accepted: %+v", m)
		}
		if second := ann.say(bo.self(), "and again"); !second.ForwardSecret {
			t.Error("the second message is not forward secret")
		}
	})
}

// TestRetransmission loses a message and then its acknowledgement: it comes once, and is acknowledged again.
func TestRetransmission(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ann, bo := newPerson(t, "ann"), newPerson(t, "bo")
		defer ann.close()
		defer bo.close()
		link(t, ann, bo)
		m := ann.say(bo.self(), "hello")
		settle()
		lose(ann)
		pass(40 * time.Second)
		settle()
		if ann.hand(bo) == 0 {
			t.Fatal("not sent again")
		}
		settle()
		lose(bo) // the acknowledgement
		pass(2 * time.Minute)
		exchange(ann, bo)
		if got := bo.texts(ann.self()); !slices.Equal(got, []string{"hello"}) {
			t.Errorf("bo has %q", got)
		}
		if got := ann.message(m.ID); got.State != Delivered {
			t.Errorf("ann sees %+v", got)
		}
		posts := len(ann.node.posts())
		pass(2 * time.Hour)
		settle()
		if n := len(ann.node.posts()); n != posts {
			t.Errorf("%d posts after it was acknowledged", n-posts)
		}
	})
}

// lose drops what a person posted, although a relay took it.
func lose(p *person) {
	for _, post := range p.node.posts()[p.carried:] {
		post.observe(Outcome{Kind: AcceptedBy, Peer: "enode://relay"})
		p.carried++
	}
	settle()
}

func TestRequestsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bo := newPerson(t, "bo")
		defer bo.close()
		ann := newPerson(t, "ann")
		defer ann.close()
		must(ann.OpenPrivate(t.Context(), bo.self()))(t)
		for range 6 {
			ann.say(bo.self(), strings.Repeat("x", 1000))
		}
		exchange(ann, bo)
		if got := len(bo.messages(ann.self())); got != 4 {
			t.Errorf("%d messages of a stranger are kept", got)
		}
		if bo.refused(ReasonRequestFull) != 2 || len(bo.node.posts()) != 0 {
			t.Errorf("refused %v, posted %d", bo.Counts().Refused, len(bo.node.posts()))
		}
		must(bo.contacts.Accept(t.Context(), ann.self()))(t)
		pass(2 * time.Minute)
		exchange(ann, bo)
		if got := len(bo.messages(ann.self())); got != 6 {
			t.Errorf("%d messages after the request was accepted", got)
		}
	})
}

func TestBlockedAndIgnored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ann, bo := newPerson(t, "ann"), newPerson(t, "bo")
		defer ann.close()
		defer bo.close()
		link(t, ann, bo)
		must(bo.contacts.Block(t.Context(), ann.self()))(t)
		posts := len(bo.node.posts())
		m := ann.say(bo.self(), "hello")
		exchange(ann, bo)
		if len(bo.node.posts()) != posts || ann.message(m.ID).State != Sent {
			t.Errorf("%d posts, ann sees %s", len(bo.node.posts())-posts, ann.message(m.ID).State)
		}
		_, err := bo.Send(t.Context(), ann.self(), "x", "")
		wantCode(t, err, fault.NoSuchChat)
		must(bo.contacts.Unblock(t.Context(), ann.self()))(t)
		pass(2 * time.Minute)
		exchange(ann, bo)
		if got := bo.texts(ann.self()); !slices.Equal(got, []string{"hello"}) {
			t.Errorf("bo has %q after unblocking", got)
		}

		cleo := newPerson(t, "cleo")
		defer cleo.close()
		must(cleo.OpenPrivate(t.Context(), bo.self()))(t)
		cleo.say(bo.self(), "hi")
		exchange(cleo, bo)
		must(bo.contacts.Ignore(t.Context(), cleo.self()))(t)
		cleo.say(bo.self(), "are you there?")
		exchange(cleo, bo)
		must(bo.contacts.Block(t.Context(), cleo.self()))(t)
		cleo.say(bo.self(), "why not?")
		exchange(cleo, bo)
		if bo.refused(ReasonIgnored) != 1 || bo.refused(ReasonBlocked) != 1 || len(must(bo.Requests(t.Context()))(t)) != 0 {
			t.Errorf("refused %v", bo.Counts().Refused)
		}
	})
}

// TestContactCodeIsRead opens a chat with somebody of whom only the key is known, while their contact code is published.
func TestContactCodeIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ann, bo := newPerson(t, "ann"), newPerson(t, "bo")
		defer ann.close()
		defer bo.close()
		pass(7 * time.Hour)
		settle()
		code := len(bo.node.posts())
		if code == 0 {
			t.Fatal("no contact code was published")
		}
		must(ann.OpenPrivate(t.Context(), bo.self()))(t)
		settle()
		exchange(ann, bo)
		if m := ann.say(bo.self(), "hello"); !m.ForwardSecret {
			t.Error("the bundle of the contact code is not used")
		}
	})
}

func TestAnAnswerQuotes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ann, bo := newPerson(t, "ann"), newPerson(t, "bo")
		defer ann.close()
		defer bo.close()
		link(t, ann, bo)
		question := ann.say(bo.self(), "when?")
		exchange(ann, bo)
		answer := must(bo.Send(t.Context(), ann.self(), "at noon", question.ID))(t)
		if answer.Quote == nil || answer.Quote.Text != "when?" {
			t.Errorf("answered with %+v", answer)
		}
		exchange(ann, bo)
		if m := ann.message(answer.ID); m.Quote == nil || m.Quote.Author.Key != ann.self() {
			t.Errorf("ann sees %+v", m)
		}
	})
}

// TestRestartKeepsSessions closes both sides in the middle of a conversation.
func TestRestartKeepsSessions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ann, bo := newPerson(t, "ann"), newPerson(t, "bo")
		defer func() { ann.close(); bo.close() }()
		link(t, ann, bo)
		for i, text := range []string{"one", "two", "three"} {
			ann.say(bo.self(), text)
			exchange(ann, bo)
			bo.say(ann.self(), text)
			exchange(ann, bo)
			if i == 1 {
				ann.reopen()
				bo.reopen()
			}
		}
		want := []string{"one", "one", "two", "two", "three", "three"}
		if a, b := ann.texts(bo.self()), bo.texts(ann.self()); !slices.Equal(a, want) || !slices.Equal(b, want) {
			t.Errorf("ann has %q, bo has %q", a, b)
		}
		if refused := bo.Counts().Refused; len(refused) != 0 {
			t.Errorf("bo refused %v", refused)
		}
	})
}

func (p *person) reopen() {
	p.restart(1)
	p.carried = 0
	p.meet()
}

// TestBlockedPeopleAreNotQuoted answers in a channel what somebody wrote who is blocked: what is hidden must not come back
// above the answer.
func TestBlockedPeopleAreNotQuoted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ann, bo := newPerson(t, "ann"), newPerson(t, "bo")
		defer ann.close()
		defer bo.close()
		ann.join("lobby")
		bo.join("lobby")
		said := bo.say("lobby", "an insult")
		exchange(ann, bo)
		answer := must(ann.Send(t.Context(), "lobby", "enough", said.ID))(t)
		if answer.Quote == nil {
			t.Fatal("no quote before")
		}
		must(ann.contacts.Block(t.Context(), bo.self()))(t)
		if m := ann.message(answer.ID); m.Quote != nil || m.ReplyTo != said.ID {
			t.Errorf("quoted %+v", m.Quote)
		}
	})
}
