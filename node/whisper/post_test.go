package whisper_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sotto/node/whisper"
)

// events collects what an observer is told.
type events struct {
	mu  sync.Mutex
	all []whisper.PostEvent
}

func (e *events) observe(ev whisper.PostEvent) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.all = append(e.all, ev)
}

func (e *events) is(t *testing.T, want ...whisper.PostEvent) {
	t.Helper()
	e.mu.Lock()
	defer e.mu.Unlock()
	if !slices.Equal(e.all, want) {
		t.Errorf("told %v, want %v", e.all, want)
	}
}

func TestPostWrittenToPeerThatDoesNotConfirm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, whisper.Config{})
		c := join(t, w, 1)
		e, told := seal(t, time.Now(), "x"), new(events)
		if err := w.Post(e, told.observe); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		written := whisper.PostEvent{Hash: e.Hash(), Peer: c.id, Kind: whisper.PostWritten}
		told.is(t, written)
		time.Sleep(18 * time.Second)
		told.is(t, written, whisper.PostEvent{Hash: e.Hash(), Kind: whisper.PostExpired})
	})
}

// An own envelope that a full pool pushes out before its time is told of like one that expired, and once.
func TestPostPushedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, whisper.Config{MinPoW: -1, PoolBytes: 9_000})
		all, told := fillers(11, 500, time.Now()), new(events)
		if err := w.Post(all[0], told.observe); err != nil {
			t.Fatal(err)
		}
		post(t, w, all[1:10]...)
		time.Sleep(61 * time.Second)
		told.is(t)
		post(t, w, all[10])
		time.Sleep(2 * time.Second)
		told.is(t, whisper.PostEvent{Hash: all[0].Hash(), Kind: whisper.PostExpired})
		time.Sleep(5 * time.Minute)
		told.is(t, whisper.PostEvent{Hash: all[0].Hash(), Kind: whisper.PostExpired})
		if n := w.Stats().Evicted.Envelopes; n != 1 {
			t.Errorf("%d pushed out", n)
		}
	})
}

func TestPostConfirmed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, whisper.Config{})
		c := join(t, w, 1, confirming)
		e, told := seal(t, time.Now(), "x"), new(events)
		if err := w.Post(e, told.observe); err != nil {
			t.Fatal(err)
		}
		batch := whisper.HashOf(c.expect(whisper.CodeMessages))
		synctest.Wait()
		told.is(t) // writing alone proves nothing here
		c.send(whisper.CodeBatchAck, whisper.EncodeBatchAck(whisper.Hash{1}))
		synctest.Wait()
		told.is(t)
		c.send(whisper.CodeMessageResponse, whisper.EncodeMessageResponse(whisper.MessageResponse{Batch: batch}))
		c.send(whisper.CodeBatchAck, whisper.EncodeBatchAck(batch)) // both come, one counts
		synctest.Wait()
		told.is(t, whisper.PostEvent{Hash: e.Hash(), Peer: c.id, Kind: whisper.PostAcked})
	})
}

func TestPostAckedByPacket11Alone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, whisper.Config{})
		c := join(t, w, 1, confirming)
		e, told := seal(t, time.Now(), "x"), new(events)
		if err := w.Post(e, told.observe); err != nil {
			t.Fatal(err)
		}
		c.send(whisper.CodeBatchAck, whisper.EncodeBatchAck(whisper.HashOf(c.expect(whisper.CodeMessages))))
		synctest.Wait()
		told.is(t, whisper.PostEvent{Hash: e.Hash(), Peer: c.id, Kind: whisper.PostAcked})
	})
}

func TestPostRefusedByOnePeer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, whisper.Config{})
		c := join(t, w, 1, confirming)
		bad, good, told := seal(t, time.Now(), "bad"), seal(t, time.Now(), "good"), new(events)
		for _, e := range []*whisper.Envelope{bad, good} {
			if err := w.Post(e, told.observe); err != nil {
				t.Fatal(err)
			}
		}
		for n := 0; n < 2; {
			payload := c.expect(whisper.CodeMessages)
			n += len(hashes(t, payload))
			c.send(whisper.CodeMessageResponse, whisper.EncodeMessageResponse(whisper.MessageResponse{
				Batch:  whisper.HashOf(payload),
				Errors: []whisper.EnvelopeError{{Hash: bad.Hash(), Code: 37, Text: "clock\x00 wrong\n"}},
			}))
		}
		synctest.Wait()
		told.is(t,
			whisper.PostEvent{Hash: bad.Hash(), Peer: c.id, Kind: whisper.PostRefused, Text: "clock wrong"},
			whisper.PostEvent{Hash: good.Hash(), Peer: c.id, Kind: whisper.PostAcked})
	})
}

func TestPostEchoedOncePerPeer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, whisper.Config{})
		a, b := join(t, w, 1, confirming), join(t, w, 2, confirming)
		e, told := seal(t, time.Now(), "x"), new(events)
		if err := w.Post(e, told.observe); err != nil {
			t.Fatal(err)
		}
		for _, c := range []*wire{a, a, b} {
			c.sendEnvelopes(e)
			synctest.Wait()
		}
		told.is(t,
			whisper.PostEvent{Hash: e.Hash(), Peer: a.id, Kind: whisper.PostEchoed},
			whisper.PostEvent{Hash: e.Hash(), Peer: b.id, Kind: whisper.PostEchoed})
	})
}

// Nothing that any peer would refuse is accepted from ourselves.
func TestPostIsJudged(t *testing.T) {
	now := time.Now()
	w := start(t, whisper.Config{})
	good := seal(t, now, "x")
	post(t, w, good)
	tests := map[whisper.Reason]*whisper.Envelope{
		whisper.ReasonDuplicate: good,
		whisper.ReasonZeroTTL:   {Expiry: good.Expiry, Data: good.Data},
		whisper.ReasonExpired:   {Expiry: good.Expiry - 30, TTL: good.TTL, Data: good.Data},
		whisper.ReasonFuture:    {Expiry: good.Expiry + 30, TTL: good.TTL, Data: good.Data},
		whisper.ReasonOversized: {Expiry: good.Expiry, TTL: good.TTL, Data: make([]byte, 1<<20)},
		whisper.ReasonLowPoW:    {Expiry: good.Expiry - 15 + 1e9, TTL: 1e9, Data: good.Data},
	}
	for want, e := range tests {
		if err := w.Post(e, nil); !errors.Is(err, want) {
			t.Errorf("%v where %v belongs", err, want)
		}
	}
	if n := w.Stats().Posted.Envelopes; n != 1 {
		t.Errorf("posted %d", n)
	}
}

// The caller may go on to use the memory of what was posted.
func TestPostKeepsACopy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, whisper.Config{})
		e := seal(t, time.Now(), "x")
		want := e.Hash()
		post(t, w, e)
		clear(e.Data)
		if got := hashes(t, join(t, w, 1).expect(whisper.CodeMessages)); got[0] != want {
			t.Error("sent something else")
		}
	})
}
