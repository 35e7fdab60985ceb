package chats

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"sotto/models"
	"sotto/node/secure"
	"sotto/node/whisper"
	"sotto/services/fault"
)

// needed finds the need of a topic.
func needed(needs []Need, topic [4]byte) (Need, bool) {
	for _, n := range needs {
		if n.Topic == topic {
			return n, true
		}
	}
	return Need{}, false
}

func TestNeedsOfChannels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, "kay", 1)
		defer d.close()
		d.join("lobby")
		joined := d.node.Now()
		lobby := [4]byte(whisper.TopicOf("lobby"))
		need, there := needed(must(d.Needs(t.Context()))(t), lobby)
		if !there || need.Chat != "lobby" || need.From.Sub(joined.Add(-beforeJoining)).Abs() > time.Second {
			t.Errorf("just joined: %+v", need)
		}
		d.node.set(func(n *fakeNode) { n.offset = 60 * 24 * time.Hour }) // to live through them takes long
		if need, _ = needed(must(d.Needs(t.Context()))(t), lobby); d.node.Now().Sub(need.From) != longestAgo {
			t.Errorf("long after: %v ago", d.node.Now().Sub(need.From))
		}
		if err := d.Leave(t.Context(), "lobby"); err != nil {
			t.Fatal(err)
		}
		if _, there = needed(must(d.Needs(t.Context()))(t), lobby); there {
			t.Error("a channel that was left is asked for")
		}
	})
}

// What was written to us before we were here cannot be for us; what others published of themselves can.
func TestNeedsOfPrivateTopics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, "kay", 1)
		defer d.close()
		other := newDesk(t, "sam", 1)
		defer other.close()
		chat := must(d.OpenPrivate(t.Context(), other.open.author.String()))(t)
		settle()
		needs := must(d.Needs(t.Context()))(t)
		var made int64
		if err := d.store.View(t.Context(), func(tx *models.Tx) (err error) {
			made, err = tx.Made()
			return err
		}); err != nil {
			t.Fatal(err)
		}
		us := time.UnixMilli(made).Add(-beforeUs)
		self, sam := d.open.author, other.open.author
		negotiated, err := secure.NegotiatedTopic(d.open.Key, sam)
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]Need{
			secure.PartitionedTopic(self): {From: us, Own: true},
			secure.ContactCodeTopic(self): {From: us},
			secure.ContactCodeTopic(sam):  {From: d.node.Now().Add(-longestAgo)},
			negotiated:                    {From: us, Chat: chat.ID},
		} {
			need, there := needed(needs, whisper.TopicOf(name))
			if !there || need.Chat != want.Chat || need.Own != want.Own || need.From.Sub(want.From).Abs() > time.Second {
				t.Errorf("%.20s…: %v, %+v, want %+v", name, there, need, want)
			}
		}
	})
}

// TestARecoveredAccountReachesFurtherBack, also when it is opened again later.
func TestARecoveredAccountReachesFurtherBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, "kay", 1)
		defer d.close()
		own := [4]byte(whisper.TopicOf(secure.PartitionedTopic(d.open.author)))
		if need, _ := needed(must(d.Needs(t.Context()))(t), own); !need.Reach.IsZero() {
			t.Errorf("an account that is new: %+v", need)
		}
		d.open.Recovered = true
		if err := d.open.noteRecovery(t.Context()); err != nil {
			t.Fatal(err)
		}
		d.open.Recovered = false
		d.join("lobby")
		needs := must(d.Needs(t.Context()))(t)
		need, _ := needed(needs, own)
		if d.node.Now().Sub(need.Reach) != longestAgo || need.Reach.After(need.From) {
			t.Errorf("got %+v", need)
		}
		if need, _ = needed(needs, whisper.TopicOf("lobby")); !need.Reach.IsZero() {
			t.Errorf("a channel: %+v", need)
		}
		d.node.set(func(n *fakeNode) { n.offset = 60 * 24 * time.Hour })
		if need, _ = needed(must(d.Needs(t.Context()))(t), own); !need.Reach.IsZero() {
			t.Errorf("long after: %+v", need)
		}
	})
}

func TestFlushWhileLocked(t *testing.T) {
	s := New(Config{})
	if err := s.Flush(t.Context(), nil); fault.CodeOf(err) != fault.Locked {
		t.Errorf("got %v", err)
	}
}

func TestFlushStoresWithWhatArrived(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, "kay", 1)
		defer d.close()
		bad := errors.New("bad")
		if err := d.Flush(t.Context(), func(tx *models.Tx) error { return bad }); !errors.Is(err, bad) {
			t.Errorf("got %v", err)
		}
		if err := d.Flush(t.Context(), func(tx *models.Tx) error { return tx.SetSetting("mark", []byte("x")) }); err != nil {
			t.Error(err)
		}
	})
}

func TestMailserversStoreOrAccept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, "kay", 1)
		defer d.close()
		d.join("lobby")
		m := d.say("lobby", "hello")
		settle()
		observe := d.node.posts()[0].observe
		const keeps = 30 * 24 * time.Hour
		for _, o := range []Outcome{
			{Kind: AcceptedBy, Peer: "enode://relay", Keeps: keeps}, // whoever claims it
			{Kind: AcceptedBy, Peer: "enode://old", Mail: true},
			{Kind: EchoedBy, Peer: "enode://echo", Mail: true, Keeps: keeps},
			{Kind: AcceptedBy, Peer: "enode://mail", Mail: true, Keeps: keeps},
		} {
			observe(o)
		}
		settle()
		steps := must(d.Steps(t.Context(), m.ID))(t)
		if len(steps) != 5 {
			t.Fatalf("steps %+v", steps)
		}
		for i, want := range []State{Queued, Sent, Accepted, Sent, Stored} {
			if steps[i].State != want || steps[i].Until.IsZero() != (want != Stored) {
				t.Errorf("step %d: %+v, want %s", i, steps[i], want)
			}
		}
		if at := steps[4]; at.Who != "enode://mail" || at.Until.Sub(at.At) != keeps {
			t.Errorf("stored: %+v", at)
		}
		if m = d.message(m.ID); m.State != Stored || m.Peers != 4 {
			t.Errorf("message %+v", m)
		}
	})
}
