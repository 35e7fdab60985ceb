package whisper_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"

	"sotto/node/whisper"
	"sotto/node/whisper/whispertest"
)

// Each envelope is counted once, as what it turned out to be, with its bytes.
func TestStats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, whisper.Config{PoolBytes: 1 << 20})
		listen(t, w)
		c := join(t, w, 1)
		useful := seal(t, time.Now(), "useful")
		foreign := seal(t, time.Now(), "foreign key", func(p *whisper.SealParams) { p.SymKey = &whisper.SymKey{9} })
		other := seal(t, time.Now(), "foreign topic", func(p *whisper.SealParams) { p.Topic = whisper.Topic{9} })
		own := seal(t, time.Now(), "own")
		c.sendEnvelopes(useful, useful, foreign, other)
		post(t, w, own)
		synctest.Wait()
		s := w.Stats()
		size := func(e *whisper.Envelope) uint64 { return uint64(len(e.Encode())) }
		for name, counts := range map[string][2]whisper.Count{
			"useful":    {s.Useful, {Envelopes: 1, Bytes: size(useful)}},
			"duplicate": {s.Duplicate, {Envelopes: 1, Bytes: size(useful)}},
			"unwanted":  {s.Unwanted, {Envelopes: 2, Bytes: size(foreign) + size(other)}},
			"posted":    {s.Posted, {Envelopes: 1, Bytes: size(own)}},
			"sent":      {s.Sent, {Envelopes: 1, Bytes: size(own)}},
		} {
			if counts[0] != counts[1] {
				t.Errorf("%s: %v, want %v", name, counts[0], counts[1])
			}
		}
		if s.Peers != 1 || s.Pool.Envelopes != 4 || s.Pool.Limit != 1<<20 {
			t.Errorf("%d peers, pool %+v", s.Peers, s.Pool)
		}
	})
}

func TestOnPeers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int64
		w := start(t, whisper.Config{OnPeers: func() { calls.Add(1) }})
		c := join(t, w, 1)
		if calls.Load() != 1 {
			t.Errorf("%d calls after one came", calls.Load())
		}
		c.pipe.Close()
		synctest.Wait()
		if calls.Load() != 2 || len(w.Peers()) != 0 {
			t.Errorf("%d calls after it left", calls.Load())
		}
	})
}

func TestPeersAreListedLongestFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, whisper.Config{})
		var want []enode.ID
		for i := range byte(5) {
			want = append(want, join(t, w, 10-i).id)
			time.Sleep(time.Second)
		}
		w.Trust(want[2])
		for i, p := range w.Peers() {
			if p.ID != want[i] || p.Name != "wire" || p.Trusted != (i == 2) {
				t.Errorf("peer %d is %+v", i, p)
			}
		}
	})
}

// Stop ends what runs, whatever state it is in, and may be called again.
func TestStop(t *testing.T) {
	w := whisper.New(whisper.Config{})
	w.Stop()
	w.Start()
	w.Start()
	n := network(t)
	other := start(t, whisper.Config{})
	n.Connect(w, other, whispertest.Conditions{})
	until(t, "handshake", func() bool { return len(other.Peers()) == 1 })
	w.Stop()
	w.Stop()
	until(t, "the other to notice", func() bool { return len(other.Peers()) == 0 })
}

// What the node seals, every connected peer takes.
func TestNodeSealsForItsPeers(t *testing.T) {
	w := start(t, whisper.Config{})
	c := join(t, w, 1, whisper.Status{PoW: ptr(0.05)})
	e, err := w.Seal(t.Context(), whisper.SealParams{Topic: testTopic, SymKey: &testKey, Payload: []byte("x")})
	if err != nil {
		t.Fatal(err)
	}
	post(t, w, e)
	c.wants(e)
}
