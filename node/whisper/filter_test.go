package whisper_test

import (
	"context"
	"errors"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethereum/go-ethereum/crypto"

	"sotto/node/whisper"
)

func subscribe(t testing.TB, w *whisper.Whisper, f whisper.Filter) (<-chan *whisper.Message, *whisper.Subscription) {
	t.Helper()
	got := make(chan *whisper.Message, 100)
	s, err := w.Subscribe(f, func(m *whisper.Message) { got <- m })
	if err != nil {
		t.Fatal(err)
	}
	return got, s
}

// Who gets which message: topic, key, sender and proof of work decide.
func TestFilters(t *testing.T) {
	alice, _ := crypto.GenerateKey()
	bob, _ := crypto.GenerateKey()
	sym, asym := whisper.NewSymOpener(testKey), whisper.NewAsymOpener(bob)
	on := []whisper.Topic{testTopic}
	plain := func(*whisper.SealParams) {}
	signed := func(p *whisper.SealParams) { p.Signer = alice }
	toBob := func(p *whisper.SealParams) { p.SymKey, p.Recipient = nil, &bob.PublicKey }
	tests := []struct {
		name   string
		filter whisper.Filter
		seal   func(*whisper.SealParams)
		want   bool
	}{
		{"topic and key", whisper.Filter{Topics: on, Key: sym}, plain, true},
		{"one of several topics", whisper.Filter{Topics: []whisper.Topic{{9}, testTopic, testTopic}, Key: sym}, plain, true},
		{"other topic", whisper.Filter{Topics: []whisper.Topic{{9}}, Key: sym}, plain, false},
		{"every topic", whisper.Filter{Key: sym}, plain, true},
		{"other key", whisper.Filter{Topics: on, Key: whisper.NewSymOpener(whisper.SymKey{9})}, plain, false},
		{"private key", whisper.Filter{Topics: on, Key: asym}, toBob, true},
		{"private key of every topic", whisper.Filter{Key: asym}, toBob, true},
		{"symmetric for private key", whisper.Filter{Topics: on, Key: asym}, plain, false},
		{"right sender", whisper.Filter{Topics: on, Key: sym, From: &alice.PublicKey}, signed, true},
		{"wrong sender", whisper.Filter{Topics: on, Key: sym, From: &bob.PublicKey}, signed, false},
		{"no sender", whisper.Filter{Topics: on, Key: sym, From: &alice.PublicKey}, plain, false},
		{"enough work", whisper.Filter{Topics: on, Key: sym, MinPoW: 0.002}, plain, true},
		{"too little work", whisper.Filter{Topics: on, Key: sym, MinPoW: 1000}, plain, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := start(t, whisper.Config{})
				got, _ := subscribe(t, w, tt.filter)
				join(t, w, 1).sendEnvelopes(seal(t, time.Now(), "x", tt.seal))
				synctest.Wait()
				if (len(got) == 1) != tt.want {
					t.Errorf("%d messages", len(got))
				}
			})
		})
	}
}

func TestFilterWithoutKey(t *testing.T) {
	w := whisper.New(whisper.Config{})
	if _, err := w.Subscribe(whisper.Filter{}, func(*whisper.Message) {}); !errors.Is(err, whisper.ErrFilter) {
		t.Error(err)
	}
	if _, err := w.Subscribe(whisper.Filter{Key: whisper.NewSymOpener(testKey)}, nil); !errors.Is(err, whisper.ErrFilter) {
		t.Error(err)
	}
}

// countingOpener counts tries and calls back in each, to show that no lock is held.
type countingOpener struct {
	whisper.Opener
	tries  *atomic.Int64
	during func()
}

func (o countingOpener) Open(e *whisper.Envelope) (*whisper.Plaintext, error) {
	o.tries.Add(1)
	if o.during != nil {
		o.during()
	}
	return o.Opener.Open(e)
}

func TestOneTryForEachDistinctKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, whisper.Config{})
		right, wrong := new(atomic.Int64), new(atomic.Int64)
		var all []<-chan *whisper.Message
		for i := range 20 {
			f := whisper.Filter{Key: countingOpener{Opener: whisper.NewSymOpener(testKey), tries: right}}
			if i%2 == 0 { // the same key listens to the topic and to everything
				f.Topics = []whisper.Topic{testTopic}
			}
			got, _ := subscribe(t, w, f)
			all = append(all, got)
			subscribe(t, w, whisper.Filter{Topics: []whisper.Topic{testTopic},
				Key: countingOpener{Opener: whisper.NewSymOpener(whisper.SymKey{9}), tries: wrong}})
		}
		join(t, w, 1).sendEnvelopes(seal(t, time.Now(), "x"))
		synctest.Wait()
		if right.Load() != 1 || wrong.Load() > 1 {
			t.Errorf("tried the right key %d times, the wrong one %d times", right.Load(), wrong.Load())
		}
		tries := wrong.Load()
		subscribe(t, w, whisper.Filter{Key: countingOpener{Opener: whisper.NewSymOpener(whisper.SymKey{9}), tries: wrong}})
		join(t, w, 2).sendEnvelopes(seal(t, time.Now(), "nobody's", func(p *whisper.SealParams) { p.SymKey = &whisper.SymKey{8} }))
		synctest.Wait()
		if tries = wrong.Load() - tries; tries != 1 {
			t.Errorf("a key of the topic and of every topic was tried %d times", tries)
		}
		for i, got := range all {
			if len(got) != 1 {
				t.Errorf("subscription %d got %d messages", i, len(got))
			}
		}
	})
}

func TestNoLockWhileDecrypting(t *testing.T) {
	w := start(t, whisper.Config{})
	c := join(t, w, 1)
	entered, leave := make(chan struct{}), make(chan struct{})
	opener := countingOpener{Opener: whisper.NewSymOpener(testKey), tries: new(atomic.Int64), during: func() {
		close(entered)
		<-leave
	}}
	got, s := subscribe(t, w, whisper.Filter{Topics: []whisper.Topic{testTopic}, Key: opener})
	c.sendEnvelopes(seal(t, time.Now(), "x"))
	<-entered
	_, other := subscribe(t, w, whisper.Filter{Topics: []whisper.Topic{testTopic}, Key: whisper.NewSymOpener(testKey)})
	other.Close()
	post(t, w, seal(t, time.Now(), "others go on"))
	c.expect(whisper.CodeMessages)
	close(leave)
	expect(t, got, "x")
	s.Close()
}

// A handler that blocks delays messages, and never the peers.
func TestBlockedHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, whisper.Config{Confirmations: true})
		leave := make(chan struct{})
		var handled atomic.Int64
		_, err := w.Subscribe(whisper.Filter{Topics: []whisper.Topic{testTopic}, Key: whisper.NewSymOpener(testKey)},
			func(*whisper.Message) { <-leave; handled.Add(1) })
		if err != nil {
			t.Fatal(err)
		}
		c := join(t, w, 1, confirming)
		for range 100 {
			c.sendEnvelopes(seal(t, time.Now(), "x"))
			c.expect(whisper.CodeMessageResponse)
			c.expect(whisper.CodeBatchAck)
		}
		time.Sleep(30 * time.Second) // all have expired, none is lost
		if s := w.Stats(); s.Pool.Waiting != 100 || s.Pool.Envelopes != 0 || s.Pool.Bytes == 0 {
			t.Errorf("pool %+v", s.Pool)
		}
		close(leave)
		synctest.Wait()
		if s := w.Stats(); handled.Load() != 100 || s.Pool.Waiting != 0 || s.Pool.Bytes != 0 {
			t.Errorf("handled %d, pool %+v", handled.Load(), s.Pool)
		}
	})
}

// One at a time for each subscription, whatever the number of openers.
func TestHandlerRunsAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, whisper.Config{})
		next := make(chan struct{})
		var entered atomic.Int64
		_, err := w.Subscribe(whisper.Filter{Key: whisper.NewSymOpener(testKey)}, func(*whisper.Message) {
			entered.Add(1)
			<-next
		})
		if err != nil {
			t.Fatal(err)
		}
		c := join(t, w, 1)
		for range 5 {
			c.sendEnvelopes(seal(t, time.Now(), "x"))
		}
		for n := range int64(5) {
			synctest.Wait()
			if entered.Load() != n+1 {
				t.Errorf("%d entered, want %d", entered.Load(), n+1)
			}
			next <- struct{}{}
		}
	})
}

func TestClosedSubscriptionGetsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, whisper.Config{})
		f := whisper.Filter{Topics: []whisper.Topic{testTopic}, Key: whisper.NewSymOpener(testKey)}
		gone, s := subscribe(t, w, f)
		kept, _ := subscribe(t, w, f)
		s.Close()
		s.Close()
		join(t, w, 1).sendEnvelopes(seal(t, time.Now(), "x"))
		synctest.Wait()
		if len(gone) != 0 || len(kept) != 1 {
			t.Errorf("closed got %d, other %d", len(gone), len(kept))
		}
	})
}

// Whoever knows a key can write what he likes inside; it is counted and hurts nobody.
func TestCraftedPlaintext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, whisper.Config{})
		got := listen(t, w)
		c := join(t, w, 1)
		c.sendEnvelopes(crafted(t, time.Now(), []byte{3, 1}), crafted(t, time.Now(), append([]byte{4}, make([]byte, 65)...)))
		c.sendEnvelopes(seal(t, time.Now(), "fine"))
		expect(t, got, "fine")
		synctest.Wait()
		s := w.Stats()
		if s.Refused[whisper.ReasonPlaintext].Envelopes != 1 || s.Refused[whisper.ReasonSignature].Envelopes != 1 {
			t.Errorf("counted %v", s.Refused)
		}
	})
}

// Drain waits for what has come and is not opened yet, as long as it is let.
func TestDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := whisper.New(whisper.Config{})
		if left := w.Drain(t.Context()); left != 0 {
			t.Errorf("%d left before the start", left)
		}
		w.Start()
		defer w.Stop()
		release := make(chan bool)
		var handled atomic.Int32
		_, err := w.Subscribe(whisper.Filter{Key: whisper.NewSymOpener(testKey)}, func(*whisper.Message) {
			<-release
			handled.Add(1)
		})
		if err != nil {
			t.Fatal(err)
		}
		const n = 20
		peer := join(t, w, 1)
		for i := range n {
			peer.sendEnvelopes(seal(t, time.Now(), strconv.Itoa(i)))
		}
		synctest.Wait()
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if left := w.Drain(short); left != n {
			t.Errorf("%d left after a second in which nothing was handled, want %d", left, n)
		}
		var drained atomic.Bool
		go func() {
			if left := w.Drain(t.Context()); left != 0 || handled.Load() != n {
				t.Errorf("%d left, %d handled", left, handled.Load())
			}
			drained.Store(true)
		}()
		for range n - 1 {
			release <- true
		}
		synctest.Wait()
		if drained.Load() {
			t.Error("did not wait for the last one")
		}
		close(release)
		synctest.Wait()
		if !drained.Load() || w.Drain(t.Context()) != 0 {
			t.Error("waits although nothing is left")
		}
	})
}
