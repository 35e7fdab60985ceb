package whisper_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"

	"sotto/node/whisper"
)

// History comes to the subscriptions that take direct messages, in the order given, and costs one try for each envelope
// on a topic that somebody listens to.
func TestTake(t *testing.T) {
	w := start(t, whisper.Config{})
	opener := countingOpener{Opener: whisper.NewSymOpener(testKey), tries: new(atomic.Int64)}
	listen(t, w) // takes no direct messages
	var got []string
	f := whisper.Filter{Topics: []whisper.Topic{testTopic}, Key: opener, Direct: true, MinPoW: 99}
	_, err := w.Subscribe(f, func(m *whisper.Message) {
		if !m.Direct || m.From != (enode.ID{7}) {
			t.Errorf("told %+v", m)
		}
		got = append(got, string(m.Payload)) // without a lock: one goroutine calls
	})
	if err != nil {
		t.Fatal(err)
	}
	var envelopes []*whisper.Envelope
	var want []string
	past := time.Now().Add(-time.Hour)
	none := func(p *whisper.SealParams) { p.PoW = 0 }
	for i := range 1000 {
		want = append(want, fmt.Sprint(i))
		envelopes = append(envelopes, seal(t, past, want[i], none),
			seal(t, past, "elsewhere", none, func(p *whisper.SealParams) { p.Topic = whisper.TopicOf("elsewhere") }))
	}
	if err := w.Take(t.Context(), envelopes, enode.ID{7}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %d, not in order or not all", len(got))
	}
	if n := opener.tries.Load(); n != 1000 {
		t.Errorf("tried %d times", n)
	}
	if s := w.Stats(); s.Useful.Envelopes != 1000 || s.Unwanted.Envelopes != 1000 || s.Pool.Waiting != 0 {
		t.Errorf("counted %+v", s)
	}
}

// A handler that waits holds Take back, and the end of the context or of the node ends it.
func TestTakeEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, whisper.Config{})
		turn := make(chan struct{})
		f := whisper.Filter{Topics: []whisper.Topic{testTopic}, Key: whisper.NewSymOpener(testKey), Direct: true}
		if _, err := w.Subscribe(f, func(*whisper.Message) { turn <- struct{}{} }); err != nil {
			t.Fatal(err)
		}
		var envelopes []*whisper.Envelope
		for range 1000 {
			envelopes = append(envelopes, seal(t, time.Now(), "x"))
		}
		for _, end := range []struct {
			cancel func(stop context.CancelFunc)
			want   error
		}{
			{func(stop context.CancelFunc) { stop() }, context.Canceled},
			{func(context.CancelFunc) { go w.Stop() }, whisper.ErrStopped},
		} {
			ctx, stop := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() { done <- w.Take(ctx, envelopes, enode.ID{7}) }()
			for range 200 {
				<-turn
			}
			synctest.Wait() // the next waits in the handler
			end.cancel(stop)
			synctest.Wait()
			<-turn
			if err := <-done; !errors.Is(err, end.want) {
				t.Errorf("ended with %v, want %v", err, end.want)
			}
			stop()
		}
		if err := w.Take(t.Context(), envelopes, enode.ID{7}); !errors.Is(err, whisper.ErrStopped) {
			t.Error(err)
		}
	})
}

// What a handler takes for itself goes to no subscription.
func TestDirectMessagesThatAreTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, whisper.Config{})
		got := listen(t, w, direct)
		var handed int
		w.OnDirect(func(_ enode.ID, envelopes []*whisper.Envelope) bool {
			handed += len(envelopes)
			return true
		})
		c := join(t, w, 1)
		w.Trust(c.id)
		c.send(whisper.CodeDirect, messages(old(t), old(t)))
		synctest.Wait()
		if handed != 2 || len(got) != 0 {
			t.Errorf("handed over %d, delivered %d", handed, len(got))
		}
		w.OnDirect(nil)
		c.send(whisper.CodeDirect, messages(old(t)))
		expect(t, got, "history")
	})
}
