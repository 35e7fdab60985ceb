package chats

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sotto/services/contacts"
	"sotto/services/fault"
)

// TestRemovedContactWritesAgain makes a request of what a former contact writes, and nothing of what was said before is lost.
func TestRemovedContactWritesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ann, bo := newPerson(t, "ann"), newPerson(t, "bo")
		defer ann.close()
		defer bo.close()
		link(t, ann, bo)
		long := strings.Repeat("x", requestBytes)
		ann.say(bo.self(), long)
		exchange(ann, bo)
		bo.say(ann.self(), "too long")
		exchange(ann, bo)
		must(bo.contacts.Remove(t.Context(), ann.self()))(t)
		posts := len(bo.node.posts())
		ann.say(bo.self(), "shorter")
		exchange(ann, bo)
		if c := must(bo.contacts.Get(t.Context(), ann.self()))(t); c.State != contacts.Requested {
			t.Errorf("who writes again is %s", c.State)
		}
		if requests := must(bo.Requests(t.Context()))(t); len(requests) != 1 || requests[0].Last.Text != "shorter" {
			t.Errorf("requests %+v", requests)
		}
		if n := len(bo.node.posts()); n != posts || len(must(bo.List(t.Context()))(t)) != 0 {
			t.Errorf("%d posts to a stranger", n-posts)
		}
		must(bo.contacts.Accept(t.Context(), ann.self()))(t)
		if got := bo.texts(ann.self()); !slices.Equal(got, []string{long, "too long", "shorter"}) {
			t.Errorf("bo has %.20q", got)
		}
	})
}

// TestNothingIsRepeatedForWhoIsBlocked ends what data sync would send again for a month.
func TestNothingIsRepeatedForWhoIsBlocked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ann, bo := newPerson(t, "ann"), newPerson(t, "bo")
		defer ann.close()
		defer bo.close()
		link(t, ann, bo)
		m := ann.say(bo.self(), "hello")
		settle()
		lose(ann)
		must(ann.contacts.Block(t.Context(), bo.self()))(t)
		posts := len(ann.node.posts())
		pass(time.Hour)
		settle()
		if n := len(ann.node.posts()); n != posts || ann.message(m.ID).State != Sent {
			t.Errorf("%d posts, %s", n-posts, ann.message(m.ID).State)
		}
	})
}

// TestLeavingAPrivateChat works with somebody who is no contact, and they can make a request afterwards.
func TestLeavingAPrivateChat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ann, bo := newPerson(t, "ann"), newPerson(t, "bo")
		defer ann.close()
		defer bo.close()
		must(ann.contacts.Add(t.Context(), bo.self()))(t)
		exchange(ann, bo)
		wantCode(t, ann.Leave(t.Context(), bo.self()), fault.NotAllowed)
		wantCode(t, bo.Leave(t.Context(), ann.self()), fault.NotAllowed) // a request
		must(ann.contacts.Remove(t.Context(), bo.self()))(t)
		wantCode(t, ann.Leave(t.Context(), bo.self()), fault.NoSuchChat)

		must(ann.OpenPrivate(t.Context(), bo.self()))(t)
		must(bo.contacts.Accept(t.Context(), ann.self()))(t)
		exchange(ann, bo)
		if err := ann.Leave(t.Context(), bo.self()); err != nil {
			t.Fatal(err)
		}
		bo.say(ann.self(), "still there?")
		settle()
		exchange(ann, bo)
		if requests := must(ann.Requests(t.Context()))(t); len(requests) != 1 || requests[0].Last.Text != "still there?" {
			t.Errorf("requests %+v", requests)
		}
	})
}
