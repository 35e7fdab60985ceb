package whisper_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sotto/node/whisper"
	"sotto/node/whisper/whispertest"
)

// keeper remembers what a node wants kept and answers when the test says so.
type keeper struct {
	mu      sync.Mutex
	batches [][]whisper.Kept
	dones   []func(error)
}

func (k *keeper) keep(batch []whisper.Kept, done func(error)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.batches, k.dones = append(k.batches, batch), append(k.dones, done)
}

// settle answers the oldest batch that is not answered yet and returns it.
func (k *keeper) settle(t testing.TB, err error) []whisper.Kept {
	t.Helper()
	k.mu.Lock()
	if len(k.dones) == 0 {
		k.mu.Unlock()
		t.Fatal("nothing waits to be kept")
	}
	batch, done := k.batches[0], k.dones[0]
	k.batches, k.dones = k.batches[1:], k.dones[1:]
	k.mu.Unlock()
	done(err)
	return batch
}

func (k *keeper) waiting() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.dones)
}

// expectAck reads packets 12 and 11 and returns what was refused.
func (c *wire) expectAck(batch whisper.Hash) []whisper.EnvelopeError {
	c.t.Helper()
	m, err := whisper.DecodeMessageResponse(c.expect(whisper.CodeMessageResponse))
	if err != nil || m.Batch != batch {
		c.t.Fatalf("response of %v, %v", m.Batch, err)
	}
	if ack, err := whisper.DecodeBatchAck(c.expect(whisper.CodeBatchAck)); err != nil || ack != batch {
		c.t.Fatalf("acknowledged %v, %v", ack, err)
	}
	return m.Errors
}

// What is not durable yet is not acknowledged, whoever brought it first.
func TestAcknowledgedOnceKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var k keeper
		w := start(t, whisper.Config{Confirmations: true, Keep: k.keep})
		nothing := whisper.Status{Bloom: new(whisper.Bloom)} // so that nothing comes but answers
		a, b := join(t, w, 1, nothing), join(t, w, 2, nothing)
		one, two := seal(t, time.Now(), "one"), seal(t, time.Now(), "two")
		first := a.sendEnvelopes(one)
		synctest.Wait()
		second := b.sendEnvelopes(two, one) // of which one is pooled and not durable
		synctest.Wait()
		a.quiet()
		got := k.settle(t, nil)
		if len(got) != 1 || got[0].Hash != one.Hash() || got[0].Sent != one.Sent() || got[0].Topic != testTopic ||
			whisper.HashOf(got[0].Raw) != one.Hash() {
			t.Errorf("kept %+v", got)
		}
		if errs := a.expectAck(first); len(errs) != 0 {
			t.Errorf("refused %v", errs)
		}
		if got := k.settle(t, nil); len(got) != 2 {
			t.Errorf("kept %d with the second packet", len(got))
		}
		if errs := b.expectAck(second); len(errs) != 0 {
			t.Errorf("refused %v", errs)
		}
		third := b.sendEnvelopes(one, two) // durable: nobody need keep them again
		if errs := b.expectAck(third); len(errs) != 0 || k.waiting() != 0 {
			t.Errorf("refused %v, %d wait", errs, k.waiting())
		}
	})
}

// What could not be kept is refused with a text of ours, and kept when it comes again.
func TestNotKeptIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var k keeper
		w := start(t, whisper.Config{Confirmations: true, Keep: k.keep})
		c := join(t, w, 1)
		e := seal(t, time.Now(), "x")
		batch := c.sendEnvelopes(e)
		synctest.Wait()
		k.settle(t, errors.New("secret path of the database"))
		errs := c.expectAck(batch)
		if len(errs) != 1 || errs[0].Hash != e.Hash() || errs[0].Text != string(whisper.ReasonNotKept) {
			t.Errorf("refused %v", errs)
		}
		if n := w.Stats().Refused[whisper.ReasonNotKept].Envelopes; n != 1 {
			t.Errorf("counted %d", n)
		}
		again := c.sendEnvelopes(e)
		synctest.Wait()
		k.settle(t, nil)
		if errs := c.expectAck(again); len(errs) != 0 {
			t.Errorf("refused again: %v", errs)
		}
	})
}

// The sender hears it as a refusal, and as an acknowledgement once it is kept.
func TestSenderHearsWhatWasKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var k keeper
		n := network(t)
		client := start(t, whisper.Config{})
		server := start(t, whisper.Config{Confirmations: true, Keep: k.keep, Retention: 90*time.Second + time.Millisecond})
		n.Connect(client, server, whispertest.Conditions{})
		synctest.Wait()
		events := make(chan whisper.PostEvent, 10)
		for _, err := range []error{errors.New("full"), nil} {
			if err := client.Post(seal(t, time.Now(), "x"), func(ev whisper.PostEvent) { events <- ev }); err != nil {
				t.Fatal(err)
			}
			time.Sleep(50 * time.Millisecond)
			if len(events) != 0 {
				t.Fatalf("told %v before it was kept", <-events)
			}
			k.settle(t, err)
			want := whisper.PostAcked
			if err != nil {
				want = whisper.PostRefused
			}
			if ev := <-events; ev.Kind != want || ev.Peer != n.ID(server) {
				t.Errorf("told %v, want %v", ev, want)
			}
		}
		if p, ok := client.Peer(n.ID(server)); !ok || p.Retention != 90*time.Second {
			t.Errorf("promised %v", p.Retention)
		}
		if p, ok := server.Peer(n.ID(client)); !ok || p.Retention != 0 {
			t.Errorf("the client promised %v", p.Retention)
		}
	})
}

func TestOwnPostsAreKept(t *testing.T) {
	var k keeper
	w := start(t, whisper.Config{Keep: k.keep})
	e := seal(t, time.Now(), "mine")
	post(t, w, e)
	if got := k.settle(t, nil); len(got) != 1 || got[0].Hash != e.Hash() {
		t.Errorf("kept %v", got)
	}
}

// Whoever keeps may be done when the peer, or the node, is gone.
func TestKeptAfterThePeerLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var k keeper
		w := start(t, whisper.Config{Confirmations: true, Keep: k.keep})
		c := join(t, w, 1)
		c.sendEnvelopes(seal(t, time.Now(), "x"))
		synctest.Wait()
		c.pipe.Close()
		synctest.Wait()
		if len(w.Peers()) != 0 {
			t.Fatal("the peer is still there")
		}
		k.settle(t, nil)
		w.Stop()
	})
}

// Without confirmations nothing is answered, and everything is kept.
func TestKeptWithoutConfirmations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var k keeper
		w := start(t, whisper.Config{Keep: k.keep, Retention: time.Hour})
		if s, err := whisper.DecodeStatus(dial(t, w, 9).expect(whisper.CodeStatus)); err != nil || s.Retention != nil {
			t.Errorf("promises %v, %v", s.Retention, err)
		}
		c := join(t, w, 1)
		c.sendEnvelopes(seal(t, time.Now(), "x"))
		synctest.Wait()
		k.settle(t, nil)
		synctest.Wait()
		c.quiet()
	})
}

// A peer whose envelopes are not kept fast enough is not read: nothing of it gets lost, and memory is bounded.
func TestPeerWaitsForTheKeeper(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var k keeper
		w := start(t, whisper.Config{Confirmations: true, Keep: k.keep, MinPoW: -1})
		c := join(t, w, 1)
		large := fillers(10, 1<<20-100, time.Now())
		var sending sync.WaitGroup
		sending.Go(func() {
			for _, e := range large {
				c.sendEnvelopes(e)
			}
		})
		time.Sleep(time.Second)
		if n := k.waiting(); n < 2 || n > 4 {
			t.Fatalf("%d packets wait", n)
		}
		for range large {
			k.settle(t, nil)
			time.Sleep(4 * time.Second) // the peer's allowance of bytes is tested elsewhere
		}
		sending.Wait()
		synctest.Wait()
		if n := w.Stats().Pool.Envelopes; n != len(large) {
			t.Errorf("%d of %d came", n, len(large))
		}
	})
}

// Where not all refusals can be listed, the sender would take the rest for accepted: there is no answer then.
func TestNoAnswerWhereRefusalsAreNotListed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var k keeper
		w := start(t, whisper.Config{Confirmations: true, Keep: k.keep, MinPoW: -1})
		c := join(t, w, 1)
		few, many := fillers(4096, 10, time.Now()), fillers(4097, 20, time.Now())
		batch := c.sendEnvelopes(few...)
		synctest.Wait()
		k.settle(t, errors.New("no"))
		if errs := c.expectAck(batch); len(errs) != len(few) {
			t.Errorf("%d refused", len(errs))
		}
		c.sendEnvelopes(many...)
		synctest.Wait()
		k.settle(t, errors.New("no"))
		synctest.Wait()
		c.quiet()
	})
}

// What came just too late is not the sender's fault, but was not kept either.
func TestJustExpiredIsToldWhereEnvelopesAreKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var k keeper
		w := start(t, whisper.Config{Confirmations: true, Keep: k.keep})
		c := join(t, w, 1)
		batch := c.sendEnvelopes(seal(t, time.Now().Add(-20*time.Second), "late"))
		errs := c.expectAck(batch)
		if !slices.ContainsFunc(errs, func(e whisper.EnvelopeError) bool { return e.Text == string(whisper.ReasonExpired) }) {
			t.Errorf("refused %v", errs)
		}
	})
}

// What could never be delivered is not kept.
func TestTooLargeToDeliverIsNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var k keeper
		w := start(t, whisper.Config{Confirmations: true, Keep: k.keep, MinPoW: -1})
		c := join(t, w, 1)
		batch := c.sendEnvelopes(fillers(1, 1<<20-20, time.Now())...)
		if errs := c.expectAck(batch); len(errs) != 1 || k.waiting() != 0 {
			t.Errorf("refused %v, %d wait", errs, k.waiting())
		}
	})
}
