package chats

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sotto/models"
	"sotto/services/event"
	"sotto/services/fault"
)

func TestTextsThatCannotBeSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, "kay", 0)
		defer d.close()
		d.join("lobby")
		d.join("other")
		elsewhere := d.say("other", "elsewhere")
		for name, c := range map[string]struct {
			chat, text, reply string
			code              fault.Code
		}{
			"blank":          {"lobby", " \n\t ", "", fault.TextBlank},
			"too long":       {"lobby", strings.Repeat("ü", 4097), "", fault.TextTooLong},
			"not text":       {"lobby", "\xff\xfe", "", fault.NotAllowed},
			"no such chat":   {"nowhere", "hello", "", fault.NoSuchChat},
			"bad id":         {"lobby", "hello", "0x12", fault.NoSuchMessage},
			"unknown id":     {"lobby", "hello", "0x" + strings.Repeat("ab", 32), fault.NoSuchMessage},
			"of another one": {"lobby", "hello", elsewhere.ID, fault.NoSuchMessage},
		} {
			_, err := d.Send(t.Context(), c.chat, c.text, c.reply)
			if fault.CodeOf(err) != c.code {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n := len(d.messages("lobby")); n != 0 {
			t.Errorf("%d messages stored", n)
		}
		first := d.say("lobby", strings.Repeat("ü", 4096))
		answer := must(d.Send(t.Context(), "lobby", "yes", first.ID))(t)
		if answer.ReplyTo != first.ID {
			t.Errorf("answer %+v", answer)
		}
	})
}

func TestQueuedThenSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, "kay", 0)
		defer d.close()
		d.join("lobby")
		d.log.take()
		m := d.say("lobby", "hello")
		if m.State != Queued || !m.Outgoing || !m.Seen || m.Chat != "lobby" || m.Author.Pseudonym == "" || m.Peers != 0 {
			t.Errorf("queued %+v", m)
		}
		if kinds := d.log.kinds(); !slices.Equal(kinds, []event.Kind{event.Message, event.Ledger}) {
			t.Errorf("events %v", kinds)
		}
		pass(time.Hour)
		if n := len(d.node.posts()); n != 0 {
			t.Fatalf("%d posts while offline", n)
		}
		d.online(2)
		settle()
		posts := d.node.posts()
		if len(posts) != 1 {
			t.Fatalf("%d posts when a peer came", len(posts))
		}
		posts[0].observe(Outcome{Kind: RefusedBy, Peer: "enode://b", Text: "low PoW"})
		settle()
		if m = d.message(m.ID); m.State != Queued {
			t.Errorf("after a refusal %+v", m)
		}
		posts[0].observe(Outcome{Kind: AcceptedBy, Peer: "enode://a"})
		posts[0].observe(Outcome{Kind: AcceptedBy, Peer: "enode://a"})
		posts[0].observe(Outcome{Kind: AcceptedBy, Peer: "enode://c"})
		posts[0].observe(Outcome{Kind: NobodyTook})
		settle()
		if m = d.message(m.ID); m.State != Sent || m.Peers != 2 || m.Unconfirmed {
			t.Errorf("sent %+v", m)
		}
		steps := must(d.Steps(t.Context(), m.ID))(t)
		if len(steps) != 3 || steps[0].State != Queued || steps[1].Who != "enode://a" || steps[2].Who != "enode://c" ||
			steps[1].At.Sub(steps[0].At) < time.Hour {
			t.Errorf("steps %+v", steps)
		}
		ledger := d.log.take()
		if len(ledger) != 2 || ledger[0].Kind != event.Ledger || ledger[0].Step != steps[1].ID || ledger[0].Message != m.ID {
			t.Errorf("events %+v, steps %+v", ledger, steps)
		}
		pass(time.Hour)
		if n := len(d.node.posts()); n != 1 || d.waiting() != 0 {
			t.Errorf("%d posts, %d rows wait after it was sent", n, d.waiting())
		}
	})
}

func TestPeersWithoutConfirmations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, "kay", 1)
		defer d.close()
		d.join("lobby")
		m := d.say("lobby", "hello")
		settle()
		d.node.posts()[0].observe(Outcome{Kind: Written, Peer: "enode://geth"})
		settle()
		if m = d.message(m.ID); m.State != Sent || m.Peers != 1 || !m.Unconfirmed {
			t.Errorf("written %+v", m)
		}
		d.node.posts()[0].observe(Outcome{Kind: EchoedBy, Peer: "enode://geth"})
		settle()
		if m = d.message(m.ID); m.State != Sent || m.Peers != 1 || m.Unconfirmed {
			t.Errorf("echoed %+v", m)
		}
	})
}

func TestPostedAgainUntilGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, "kay", 1)
		defer d.close()
		d.join("lobby")
		m := d.say("lobby", "hello")
		pass(3 * (lifetime + grace))
		settle()
		if n := len(d.node.posts()); n != 4 || d.message(m.ID).State != Queued {
			t.Errorf("%d posts after three lifetimes, want 4", n)
		}
		pass(time.Hour)
		settle()
		posts := d.node.posts()
		if len(posts) != 7 {
			t.Errorf("%d posts, want one and six more", len(posts))
		}
		for i, p := range posts {
			if !bytes.Equal(p.payload, posts[0].payload) || i > 0 && p.Hash == posts[i-1].Hash {
				t.Errorf("post %d: other bytes, or the same envelope", i)
			}
			if i > 0 && p.at.Before(posts[i-1].Expires) {
				t.Errorf("post %d comes while the one before is in force", i)
			}
		}
		if m = d.message(m.ID); m.State != Failed || m.FailureReason == "" {
			t.Errorf("in the end %+v", m)
		}
		steps := must(d.Steps(t.Context(), m.ID))(t)
		events := d.log.take()
		if last := events[len(events)-1]; last.Kind != event.Ledger || last.Step != steps[len(steps)-1].ID {
			t.Errorf("events %+v, steps %+v", events, steps)
		}
	})
}

func TestRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, "kay", 1)
		defer d.close()
		d.join("lobby")
		m := d.say("lobby", "hello")
		_, err := d.Retry(t.Context(), m.ID)
		wantCode(t, err, fault.NotAllowed)
		pass(time.Hour)
		again := must(d.Retry(t.Context(), m.ID))(t)
		if again.State != Queued || again.ID != m.ID {
			t.Errorf("retried %+v", again)
		}
		settle()
		posts := d.node.posts()
		if len(posts) != mostAttempts+1 || !bytes.Equal(posts[0].payload, posts[mostAttempts].payload) {
			t.Fatalf("%d posts", len(posts))
		}
		posts[0].observe(Outcome{Kind: AcceptedBy, Peer: "enode://late"})
		settle()
		if m = d.message(m.ID); m.State != Sent || d.waiting() != 0 {
			t.Errorf("a late acknowledgement: %+v", m)
		}
		_, err = d.Retry(t.Context(), m.ID)
		wantCode(t, err, fault.NotAllowed)
		_, err = d.Retry(t.Context(), "0x"+strings.Repeat("ab", 32))
		wantCode(t, err, fault.NoSuchMessage)
	})
}

// TestOfflineCostsNoAttempt goes offline after the first post: when peers come back, six more follow.
func TestOfflineCostsNoAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, "kay", 1)
		defer d.close()
		d.join("lobby")
		m := d.say("lobby", "hello")
		settle()
		d.online(0)
		pass(24 * time.Hour)
		if n := len(d.node.posts()); n != 1 || d.message(m.ID).State != Queued {
			t.Errorf("%d posts while offline", n)
		}
		d.codePublished()
		d.online(1)
		pass(time.Hour)
		settle()
		if n := len(d.node.posts()); n != mostAttempts || d.message(m.ID).State != Failed {
			t.Errorf("%d posts afterwards", n)
		}
	})
}

// TestNobodyTells finds the peers although NetworkChanged is never called.
func TestNobodyTells(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, "kay", 0)
		defer d.close()
		d.join("lobby")
		d.say("lobby", "hello")
		settle()
		d.node.set(func(n *fakeNode) { n.peers = 1 })
		pass(lookAgain)
		settle()
		if n := len(d.node.posts()); n != 1 {
			t.Errorf("%d posts", n)
		}
	})
}

func TestSealingOrPostingFails(t *testing.T) {
	for name, set := range map[string]func(*fakeNode, func() error){
		"seal": func(n *fakeNode, f func() error) { n.sealer = f },
		"post": func(n *fakeNode, f func() error) { n.poster = f },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(t, "kay", 1)
				defer d.close()
				d.join("lobby")
				tries := 0
				fail := func() error {
					if tries++; tries <= 3 {
						return errNo
					}
					return nil
				}
				d.node.set(func(n *fakeNode) { set(n, fail) })
				m := d.say("lobby", "hello")
				pass(4 * retrySeal)
				settle()
				if n := len(d.node.posts()); n != 1 || d.message(m.ID).State != Queued {
					t.Errorf("%d posts after three failures", n)
				}
				d.node.set(func(n *fakeNode) { set(n, func() error { return errNo }) })
				m = d.say("lobby", "second")
				pass(time.Hour)
				settle()
				if m = d.message(m.ID); m.State != Failed || m.FailureReason != unable {
					t.Errorf("a message that never leaves: %+v", m)
				}
			})
		})
	}
}

// TestFailuresHereAreNoAttempts: when sealing or posting fails on our side, every attempt that peers can take is still to
// come.
func TestFailuresHereAreNoAttempts(t *testing.T) {
	for name, set := range map[string]func(*fakeNode, func() error){
		"seal": func(n *fakeNode, f func() error) { n.sealer = f },
		"post": func(n *fakeNode, f func() error) { n.poster = f },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(t, "kay", 1)
				defer d.close()
				d.join("lobby")
				d.node.set(func(n *fakeNode) { set(n, func() error { return errNo }) })
				m := d.say("lobby", "hello")
				pass((mostAttempts + 3) * retrySeal)
				settle()
				if got := d.message(m.ID); got.State != Queued {
					t.Fatalf("%+v", got)
				}
				d.node.set(func(n *fakeNode) { set(n, func() error { return nil }) })
				pass(time.Hour)
				settle()
				if n, got := len(d.node.posts()), d.message(m.ID); n != mostAttempts || got.FailureReason != nobody {
					t.Errorf("%d posts, want %d; %+v", n, mostAttempts, got)
				}
			})
		})
	}
}

// TestClockRule: the clock is now, or one more than the last one of the chat, also when that lies ahead; such a message
// goes out only when receivers will take it.
func TestClockRule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kay, bo := newDesk(t, "kay", 1), newDesk(t, "bo", 1)
		defer kay.close()
		defer bo.close()
		kay.join("lobby")
		bo.join("lobby")
		first := kay.say("lobby", "first")
		second := kay.say("lobby", "second")
		if now := uint64(time.Now().UnixMilli()); first.Clock != now || second.Clock != now+1 {
			t.Errorf("clocks %d, %d at %d", first.Clock, second.Clock, now)
		}
		ahead := uint64(time.Now().Truncate(time.Second).Add(2 * time.Minute).UnixMilli()) // the most that is allowed
		inject(t, kay, "eve", ahead)
		pushed, after := kay.say("lobby", "pushed ahead"), kay.say("lobby", "after it")
		if pushed.Clock != ahead+1 || after.Clock != ahead+2 {
			t.Errorf("clocks %d, %d, want %d and one more", pushed.Clock, after.Clock, ahead+1)
		}
		pass(2 * time.Second)
		settle()
		carry(kay, bo)
		settle()
		if got := bo.texts("lobby"); !slices.Equal(got, []string{"first", "second", "pushed ahead", "after it"}) {
			t.Errorf("the other side has %q, refused %v", got, bo.Counts().Refused)
		}
	})
}

// inject stores a message of somebody else directly.
func inject(t testing.TB, d *desk, author string, clock uint64) {
	t.Helper()
	err := d.store.Update(t.Context(), func(tx *models.Tx) error {
		chat, _, err := tx.ChatNamed(models.PublicChat, "lobby")
		if err != nil {
			return err
		}
		id := [32]byte{}
		copy(id[:], fmt.Sprint(author, clock))
		_, err = tx.AddMessage(&models.Message{ID: id[:], Chat: chat.ID, Clock: clock, Author: []byte(author), Text: author, ContentType: 1})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestWrittenWithAWrongClock: what was written before peers told that our clock is three minutes ahead waits until
// receivers take it. They would refuse it before, and nobody would know.
func TestWrittenWithAWrongClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kay, bo := newDesk(t, "kay", 0), newDesk(t, "bo", 1)
		defer kay.close()
		defer bo.close()
		kay.join("lobby")
		bo.join("lobby")
		kay.node.set(func(n *fakeNode) { n.offset = 3 * time.Minute })
		kay.say("lobby", "written ahead")
		kay.node.set(func(n *fakeNode) { n.offset = 0 })
		kay.online(1)
		pass(59 * time.Second)
		settle()
		if n := len(kay.node.posts()); n != 0 {
			t.Errorf("%d posts that everybody refuses", n)
		}
		pass(2 * time.Second)
		settle()
		if len(kay.node.posts()) == 0 {
			t.Fatal("not posted in time")
		}
		carry(kay, bo)
		settle()
		if got := bo.texts("lobby"); len(got) != 1 {
			t.Errorf("the other side has %q, refused %v", got, bo.Counts().Refused)
		}
	})
}

// TestClockThatWasHoursAhead: one line that was written while the clock was two hours ahead neither waits for two hours
// nor takes what is written later with it, and goes out when it is tried again.
func TestClockThatWasHoursAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kay, bo := newDesk(t, "kay", 0), newDesk(t, "bo", 1)
		defer kay.close()
		defer bo.close()
		kay.join("lobby")
		bo.join("lobby")
		question := kay.say("lobby", "a question")
		kay.node.set(func(n *fakeNode) { n.offset = 2 * time.Hour })
		ahead := must(kay.Send(t.Context(), "lobby", "written ahead", question.ID))(t)
		kay.node.set(func(n *fakeNode) { n.offset = 0 })
		kay.online(1)
		later := kay.say("lobby", "written later")
		if now := uint64(time.Now().UnixMilli()); later.Clock != now+1 { // one more than the question's
			t.Errorf("clock %d at %d", later.Clock, now)
		}
		settle()
		carry(kay, bo)
		settle()
		if got := bo.texts("lobby"); !slices.Equal(got, []string{"a question", "written later"}) {
			t.Errorf("the other side has %q, refused %v", got, bo.Counts().Refused)
		}
		if ahead = kay.message(ahead.ID); ahead.State != Failed || ahead.FailureReason != wrongClock {
			t.Errorf("the one ahead: %+v", ahead)
		}
		wantRewritten(t, kay, bo, ahead)
	})
}

// wantRewritten tries a message again and wants it out in a moment, once, as a new one.
func wantRewritten(t *testing.T, kay, bo *desk, old Message) {
	t.Helper()
	pass(time.Second)
	kay.log.take()
	again := must(kay.Retry(t.Context(), old.ID))(t)
	now := uint64(time.Now().UnixMilli())
	if again.State != Queued || again.Text != old.Text || again.ReplyTo != old.ReplyTo || again.Clock != now {
		t.Errorf("tried again: %+v", again)
	}
	want := []event.Event{
		{Kind: event.Message, Chat: "lobby", Message: again.ID}, {Kind: event.Ledger, Chat: "lobby", Message: again.ID},
		{Kind: event.Message, Chat: "lobby", Message: old.ID}, {Kind: event.Resync},
	}
	events := kay.log.take()
	for i := range events {
		events[i].Step = 0
	}
	if !slices.Equal(events, want) {
		t.Errorf("events %+v", events)
	}
	_, err := kay.Retry(t.Context(), old.ID)
	wantCode(t, err, fault.NoSuchMessage)
	settle()
	carry(kay, bo)
	settle()
	both := []string{"a question", "written later", old.Text}
	if theirs, ours := bo.texts("lobby"), kay.texts("lobby"); !slices.Equal(theirs, both) || !slices.Equal(ours, both) {
		t.Errorf("the other side has %q, refused %v; we have %q", theirs, bo.Counts().Refused, ours)
	}
	posts := kay.node.posts()
	posts[len(posts)-1].observe(Outcome{Kind: AcceptedBy, Peer: "enode://a"})
	settle()
	if m := kay.message(again.ID); m.State != Sent {
		t.Errorf("acknowledged: %+v", m)
	}
}

// TestClockSetBackAfterPosting: what may have reached somebody waits as the same message, for a new one would double it;
// and a late acknowledgement of one that was replaced all the same does no harm.
func TestClockSetBackAfterPosting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, "kay", 1)
		defer d.close()
		d.join("lobby")
		d.node.set(func(n *fakeNode) { n.offset = 2 * time.Hour })
		m := d.say("lobby", "hello")
		settle()
		d.node.set(func(n *fakeNode) { n.offset = 0 })
		pass(longestWait)
		settle()
		if got := d.message(m.ID); got.State != Queued || len(d.node.posts()) != 1 {
			t.Errorf("%d posts of %+v", len(d.node.posts()), got)
		}
		d.node.set(func(n *fakeNode) { n.offset = 2 * time.Hour })
		pass(time.Hour)
		d.node.set(func(n *fakeNode) { n.offset = -time.Hour })
		again := must(d.Retry(t.Context(), m.ID))(t)
		d.node.posts()[0].observe(Outcome{Kind: AcceptedBy, Peer: "enode://late"})
		settle()
		if got := d.message(again.ID); again.ID == m.ID || got.State != Queued || len(d.messages("lobby")) != 1 {
			t.Errorf("replaced: %+v", got)
		}
		next := d.say("lobby", "next")
		settle()
		posts := d.node.posts()
		posts[len(posts)-1].observe(Outcome{Kind: AcceptedBy, Peer: "enode://a"})
		settle()
		if got := d.message(next.ID); got.State != Sent {
			t.Errorf("the next one: %+v", got)
		}
	})
}

// TestAnswerToWhatIsGone: what was answered may have been replaced meanwhile; the answer can be tried again all the
// same.
func TestAnswerToWhatIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, "kay", 0)
		defer d.close()
		d.join("lobby")
		d.node.set(func(n *fakeNode) { n.offset = 2 * time.Hour })
		first := d.say("lobby", "first")
		answer := must(d.Send(t.Context(), "lobby", "answer", first.ID))(t)
		d.node.set(func(n *fakeNode) { n.offset = 0 })
		d.online(1)
		settle()
		must(d.Retry(t.Context(), first.ID))(t)
		if again := must(d.Retry(t.Context(), answer.ID))(t); again.Text != "answer" || again.ReplyTo != "" {
			t.Errorf("tried again: %+v", again)
		}
	})
}

// TestClockSetBack: a row that was posted by a clock ten minutes ahead is not held for ten minutes.
func TestClockSetBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, "kay", 1)
		defer d.close()
		d.join("lobby")
		d.say("lobby", "hello")
		d.node.set(func(n *fakeNode) { n.offset = 10 * time.Minute })
		pass(lifetime + grace) // the second envelope is sealed by the clock that is ahead
		settle()
		d.node.set(func(n *fakeNode) { n.offset = 0 })
		before := len(d.node.posts())
		pass(longestWait)
		settle()
		if after := len(d.node.posts()); after <= before {
			t.Errorf("%d posts, %d a minute ago", after, before)
		}
	})
}

// TestClockIsCorrected: a computer whose clock is ten minutes behind sends with the time that its peers tell.
func TestClockIsCorrected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, "kay", 1)
		defer d.close()
		d.node.set(func(n *fakeNode) { n.offset = 10 * time.Minute })
		d.join("lobby")
		m := d.say("lobby", "hello")
		if want := time.Now().Add(10 * time.Minute); !m.Timestamp.Equal(want) || m.Clock != uint64(want.UnixMilli()) {
			t.Errorf("sent %v, clock %d", m.Timestamp, m.Clock)
		}
	})
}
