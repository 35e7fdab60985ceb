package whispertest

import (
	"context"
	"crypto/rand"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"sotto/node/whisper"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// line is two nodes, the second of which counts what it gets.
type line struct {
	network *Network
	a, b    *whisper.Whisper
	got     atomic.Int64
}

func newLine(t *testing.T) *line {
	t.Helper()
	l := &line{network: New(1), a: whisper.New(whisper.Config{}), b: whisper.New(whisper.Config{})}
	for _, w := range []*whisper.Whisper{l.a, l.b} {
		w.Start()
		t.Cleanup(w.Stop)
	}
	t.Cleanup(l.network.Close)
	f := whisper.Filter{Key: whisper.NewSymOpener(whisper.SymKey{})}
	if _, err := l.b.Subscribe(f, func(*whisper.Message) { l.got.Add(1) }); err != nil {
		t.Fatal(err)
	}
	return l
}

// post sends one message, and a second one only when the first is through.
func (l *line) post(t *testing.T, n int) {
	t.Helper()
	for range n {
		p := whisper.SealParams{SymKey: &whisper.SymKey{}, Payload: []byte("x"), PoW: 0.001}
		e, err := whisper.Seal(context.Background(), rand.Reader, time.Now(), p)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.a.Post(e, nil); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestPerfectLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(t)
		l.network.Connect(l.a, l.b, Conditions{})
		l.post(t, 100)
		synctest.Wait()
		if got := l.got.Load(); got != 100 {
			t.Errorf("got %d", got)
		}
		if id := l.b.Peers()[0].ID; id != l.network.ID(l.a) || id == l.network.ID(l.b) {
			t.Errorf("b sees %v", id)
		}
	})
}

func TestLoss(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(t)
		l.network.Connect(l.a, l.b, Conditions{Loss: 0.5})
		l.post(t, 100)
		synctest.Wait()
		if got := l.got.Load(); got < 30 || got > 70 {
			t.Errorf("got %d", got)
		}
	})
}

func TestDuplication(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(t)
		l.network.Connect(l.a, l.b, Conditions{Duplicate: 1})
		l.post(t, 100)
		synctest.Wait()
		if got, twice := l.got.Load(), l.b.Stats().Duplicate.Envelopes; got != 100 || twice != 100 {
			t.Errorf("got %d, and %d again", got, twice)
		}
	})
}

func TestDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(t)
		l.network.Connect(l.a, l.b, Conditions{Delay: time.Second})
		time.Sleep(3 * time.Second)
		l.post(t, 1)
		time.Sleep(980 * time.Millisecond)
		if got := l.got.Load(); got != 0 {
			t.Errorf("got %d before a second", got)
		}
		time.Sleep(20 * time.Millisecond)
		if got := l.got.Load(); got != 1 {
			t.Errorf("got %d after a second", got)
		}
	})
}

func TestPartition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(t)
		l.network.Connect(l.a, l.b, Conditions{})
		l.network.Connect(l.b, l.a, Conditions{}) // replaces it
		synctest.Wait()
		if n := len(l.a.Peers()); n != 1 {
			t.Errorf("%d links", n)
		}
		l.network.Partition([]*whisper.Whisper{l.a}, []*whisper.Whisper{l.b})
		l.post(t, 3)
		if got := l.got.Load(); got != 0 || len(l.a.Peers()) != 0 || len(l.b.Peers()) != 0 {
			t.Errorf("got %d across", got)
		}
		l.network.Connect(l.a, l.b, Conditions{})
		synctest.Wait()
		if got := l.got.Load(); got != 3 {
			t.Errorf("got %d when healed", got)
		}
	})
}
