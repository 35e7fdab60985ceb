package chats

import (
	"testing"
	"testing/synctest"
	"time"

	"sotto/node/datasync"
	"sotto/services/contacts"
)

// TestRetryAfterBlocking: what was written before somebody was blocked, and goes out after they were let in again, counts as
// delivered when they have it, however it came to wait.
func TestRetryAfterBlocking(t *testing.T) {
	block := func(t *testing.T, ann, bo *person) {
		must(ann.contacts.Block(t.Context(), bo.self()))(t)
		settle()
	}
	let := func(t *testing.T, ann, bo *person) { must(ann.contacts.Unblock(t.Context(), bo.self()))(t) }
	for what, play := range map[string]func(t *testing.T, ann, bo *person, m Message){
		"it failed because of that": func(t *testing.T, ann, bo *person, m Message) {
			block(t, ann, bo)
			ann.online(1)
			pass(2 * time.Hour)
			let(t, ann, bo)
			must(ann.Retry(t.Context(), m.ID))(t)
		},
		"it had failed before": func(t *testing.T, ann, bo *person, m Message) {
			ann.online(1)
			pass(5 * time.Minute) // nobody takes it
			block(t, ann, bo)
			let(t, ann, bo)
			ann.carried = len(ann.node.posts())
			must(ann.Retry(t.Context(), m.ID))(t)
		},
		"no peer was there": func(t *testing.T, ann, bo *person, _ Message) {
			block(t, ann, bo)
			let(t, ann, bo)
			ann.online(1)
		},
		"they were removed": func(t *testing.T, ann, bo *person, m Message) {
			ann.online(1)
			pass(5 * time.Minute)
			must(ann.contacts.Remove(t.Context(), bo.self()))(t)
			must(ann.contacts.Add(t.Context(), bo.self()))(t)
			ann.carried = len(ann.node.posts())
			must(ann.Retry(t.Context(), m.ID))(t)
		},
		"a month has passed": func(t *testing.T, ann, bo *person, m Message) {
			ann.online(1)
			pass(5 * time.Minute)
			for _, p := range []*person{ann, bo} {
				p.node.set(func(n *fakeNode) { n.offset = 31 * 24 * time.Hour })
			}
			pass(2 * time.Hour)
			settle()
			ann.carried = len(ann.node.posts())
			must(ann.Retry(t.Context(), m.ID))(t)
		},
	} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ann, bo := newPerson(t, "ann"), newPerson(t, "bo")
				defer ann.close()
				defer bo.close()
				link(t, ann, bo)
				ann.online(0)
				m := ann.say(bo.self(), "hello")
				play(t, ann, bo, m)
				exchange(ann, bo)
				if got := ann.message(m.ID); got.State != Delivered || got.DeliveredTo != 1 || got.Addressed != 1 {
					t.Errorf("ann sees %+v", got)
				}
				if got := bo.texts(ann.self()); len(got) != 1 {
					t.Errorf("bo has %q", got)
				}
			})
		})
	}
}

// TestRetryIsTheSameMessage also to data sync, when that has to be told of it anew; and it is repeated then until they have it.
func TestRetryIsTheSameMessage(t *testing.T) {
	attack(t, func(t *testing.T, ann *person, bo, _ *outsider) {
		last := func() posted {
			pass(time.Second)
			settle()
			posts := ann.node.posts()
			return posts[len(posts)-1]
		}
		m := ann.say(bo.self(), "hello")
		id := bo.has(last())
		pass(5 * time.Minute) // nobody takes it
		must(ann.contacts.Remove(t.Context(), bo.self()))(t)
		must(ann.Retry(t.Context(), m.ID))(t)
		pass(5 * time.Minute)
		settle()
		if n := ann.rows()["sync_records"]; n != 0 {
			t.Errorf("%d records about a stranger", n)
		}
		must(ann.contacts.Add(t.Context(), bo.self()))(t)
		update := last()
		update.observe(Outcome{Kind: AcceptedBy, Peer: "relay"})
		bo.to(ann, bo.encrypt(key(ann), datasync.Payload{Acks: []datasync.ID{bo.has(update)}}))
		must(ann.Retry(t.Context(), m.ID))(t)
		again := last()
		if got := bo.has(again); got != id {
			t.Errorf("the id was %x and is %x", id, got)
		}
		again.observe(Outcome{Kind: AcceptedBy, Peer: "relay"})
		posts := len(ann.node.posts())
		pass(time.Minute)
		if settle(); len(ann.node.posts()) == posts || bo.has(last()) != id {
			t.Errorf("%d posts more", len(ann.node.posts())-posts)
		}
		bo.to(ann, bo.encrypt(key(ann), datasync.Payload{Acks: []datasync.ID{id}}))
		if got := ann.message(m.ID); got.State != Delivered {
			t.Errorf("the message is %s", got.State)
		}
	})
}

// TestTakenAsTheyAreBlocked: a peer says that it took a message right after its recipient was blocked, and it is not sent again.
func TestTakenAsTheyAreBlocked(t *testing.T) {
	attack(t, func(t *testing.T, ann *person, bo, _ *outsider) {
		ann.say(bo.self(), "hello")
		settle()
		posts := ann.node.posts()
		must(ann.contacts.Block(t.Context(), bo.self()))(t)
		posts[len(posts)-1].observe(Outcome{Kind: AcceptedBy, Peer: "relay"})
		pass(5 * time.Hour)
		settle()
		rows := ann.rows()
		if n := len(ann.node.posts()); n != len(posts) || rows["sync_records"]+rows["sync_messages"]+rows["outbox"] != 0 {
			t.Errorf("%d posts more, left %v", n-len(posts), rows)
		}
		if c := must(ann.contacts.Get(t.Context(), bo.self()))(t); c.State != contacts.Blocked {
			t.Errorf("bo is %s", c.State)
		}
	})
}
