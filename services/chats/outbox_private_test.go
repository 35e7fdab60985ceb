package chats

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"sotto/services/fault"
)

// TestNothingGoesToWhoIsBlocked holds back what was written before they were, and what is written to them in vain.
func TestNothingGoesToWhoIsBlocked(t *testing.T) {
	attack(t, func(t *testing.T, ann *person, bo, _ *outsider) {
		ann.online(0)
		m := ann.say(bo.self(), "hello")
		bo.to(ann, bo.writes(key(ann), "hello")) // an acknowledgement waits, too
		must(ann.contacts.Block(t.Context(), bo.self()))(t)
		posts := len(ann.node.posts())
		ann.online(1)
		pass(time.Minute) // also for what was posted before, and nobody took
		settle()
		if n := len(ann.node.posts()); n != posts || ann.rows()["outbox"] != 1 {
			t.Errorf("%d posts, %d rows wait", n-posts, ann.rows()["outbox"])
		}
		if got := ann.message(m.ID); got.State != Failed || got.FailureReason != unwanted {
			t.Errorf("the message is %+v", got)
		}
		_, err := ann.Retry(t.Context(), m.ID)
		wantCode(t, err, fault.NotAllowed)
		must(ann.contacts.Unblock(t.Context(), bo.self()))(t)
		must(ann.Retry(t.Context(), m.ID))(t)
		settle()
		if n := len(ann.node.posts()); n != posts+1 {
			t.Errorf("%d posts after they were let in again", n-posts)
		}
	})
}

// TestRepeatedInVain: a message that a peer took once is no failure where nobody takes it again, and it is still repeated
// until its recipient has it.
func TestRepeatedInVain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ann, bo := newPerson(t, "ann"), newPerson(t, "bo")
		defer ann.close()
		defer bo.close()
		link(t, ann, bo)
		m := ann.say(bo.self(), "hello")
		settle()
		lose(ann)
		pass(10 * time.Minute) // nobody takes it any more
		settle()
		if got := ann.message(m.ID); got.State != Sent {
			t.Errorf("the message is %s", got.State)
		}
		_, err := ann.Retry(t.Context(), m.ID)
		wantCode(t, err, fault.NotAllowed)
		ann.carried = len(ann.node.posts())
		pass(time.Hour)
		exchange(ann, bo)
		if got := ann.message(m.ID); got.State != Delivered {
			t.Errorf("the message is %s", got.State)
		}
	})
}

// TestAFailureRests: what failed costs no commits until it is tried again, and then goes its way.
func TestAFailureRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ann, bo := newPerson(t, "ann"), newOutsider(t, "bo")
		defer ann.close()
		store := ann.counted(ann.log)
		must(ann.OpenPrivate(t.Context(), bo.self()))(t)
		m := ann.say(bo.self(), "hello")
		pass(5 * time.Minute)
		settle()
		if got := ann.message(m.ID); got.State != Failed || got.FailureReason != nobody {
			t.Fatalf("the message is %+v", got)
		}
		posts := ann.node.posts()
		store.taken()
		pass(5 * time.Hour)
		settle()
		if n := store.taken(); n > 20 || len(ann.node.posts()) != len(posts) {
			t.Errorf("%d commits, %d posts", n, len(ann.node.posts())-len(posts))
		}
		must(ann.Retry(t.Context(), m.ID))(t)
		settle()
		again := ann.node.posts()
		again[len(again)-1].observe(Outcome{Kind: AcceptedBy, Peer: "relay"})
		pass(2 * time.Hour) // until it is sent once more
		settle()
		if got := ann.message(m.ID); got.State != Sent || len(ann.node.posts()) < len(again)+1 {
			t.Errorf("the message is %s, %d posts", got.State, len(ann.node.posts())-len(again))
		}
	})
}

// TestRepeatedAfterTheClockIsSetBack: what was sent while the clock was a day ahead is not silent for a day.
func TestRepeatedAfterTheClockIsSetBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ann, bo := newPerson(t, "ann"), newPerson(t, "bo")
		defer ann.close()
		defer bo.close()
		ann.node.set(func(n *fakeNode) { n.offset = 24 * time.Hour })
		must(ann.contacts.Add(t.Context(), bo.self()))(t)
		settle()
		lose(ann)
		ann.node.set(func(n *fakeNode) { n.offset = 0 })
		pass(2 * time.Minute)
		settle()
		repeated := slices.ContainsFunc(ann.node.posts()[ann.carried:], func(p posted) bool { return p.to != nil })
		if !repeated {
			t.Error("nothing was sent again")
		}
	})
}

// TestChannelThatBeginsLikeAKey is a channel like any other.
func TestChannelThatBeginsLikeAKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ann := newPerson(t, "ann")
		defer ann.close()
		ann.join("0x04-friends")
		ann.say("0x04-friends", "hello")
		if err := ann.Leave(t.Context(), "0x04-friends"); err != nil {
			t.Error(err)
		}
	})
}
