package whisper_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"

	"sotto/node/whisper"
)

func direct(f *whisper.Filter) { f.Direct = true }

// old is what a mailserver has: long expired, with too little work, off the filter.
func old(t testing.TB) *whisper.Envelope {
	return seal(t, time.Now().Add(-24*time.Hour), "history", func(p *whisper.SealParams) { p.PoW = 0 })
}

func TestDirectMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, whisper.Config{MinPoW: 1})
		got, other := listen(t, w, direct, func(f *whisper.Filter) { f.MinPoW = 5 }), listen(t, w)
		var handed []*whisper.Envelope
		w.OnDirect(func(_ enode.ID, envelopes []*whisper.Envelope) bool {
			handed = append(handed, envelopes...)
			return false
		})
		c := join(t, w, 1)
		w.Trust(c.id)
		one, two := old(t), old(t)
		c.send(whisper.CodeDirect, whisper.EncodeDirect([][]byte{one.Encode()}))
		c.send(whisper.CodeDirect, messages(one, two))
		for range 3 {
			if m := expect(t, got, "history"); !m.Direct || m.From != c.id || m.PoW != 0 {
				t.Errorf("told %+v", m)
			}
		}
		synctest.Wait()
		if len(other) != 0 {
			t.Error("a subscription without Direct got one")
		}
		if s := w.Stats(); s.Pool.Envelopes != 0 || s.Pool.Bytes != 0 || len(handed) != 3 {
			t.Errorf("pool %+v, handed over %d", s.Pool, len(handed))
		}
	})
}

// From peers that are not trusted, packets 125 and 127 are dropped unread.
func TestUntrustedPeers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, whisper.Config{})
		got := listen(t, w, direct)
		w.OnComplete(func(enode.ID, whisper.RequestComplete) { t.Error("completion handed over") })
		c := join(t, w, 1)
		w.Trust(c.id)
		w.Untrust(c.id)
		c.send(whisper.CodeDirect, old(t).Encode())
		c.send(whisper.CodeDirect, []byte("garbage"))
		c.send(whisper.CodeRequestComplete, []byte("garbage"))
		synctest.Wait()
		if n := w.Stats().Refused[whisper.ReasonUntrusted].Envelopes; n != 3 || len(got) != 0 {
			t.Errorf("counted %d, delivered %d", n, len(got))
		}
	})
}

func TestRequestAndCompletionAreHandedOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := network(t)
		client, server := start(t, whisper.Config{}), start(t, whisper.Config{Confirmations: true})
		n.Connect(client, server, slow)
		until(t, "handshake", func() bool { return len(client.Peers()) == 1 && len(server.Peers()) == 1 })
		client.Trust(n.ID(server))
		e := old(t)
		server.OnRequest(func(from enode.ID, q whisper.Request) {
			go func() { // a handler must not wait for the line
				asked, err := whisper.DecodeEnvelope(q.Envelope)
				if err != nil || from != n.ID(client) {
					t.Error(from, err)
					return
				}
				_ = server.SendDirect(from, []*whisper.Envelope{e, e})
				_ = server.SendComplete(from, whisper.RequestComplete{ID: asked.Hash()})
			}()
		})
		done := make(chan whisper.RequestComplete, 1)
		client.OnComplete(func(from enode.ID, c whisper.RequestComplete) { done <- c })
		got := listen(t, client, direct)
		request := seal(t, time.Now(), "give me")
		if err := client.SendRequest(n.ID(server), whisper.Request{Envelope: request.Encode()}); err != nil {
			t.Fatal(err)
		}
		expect(t, got, "history")
		expect(t, got, "history")
		if c := <-done; c.ID != request.Hash() {
			t.Errorf("completed %v", c.ID)
		}
	})
}

// go-ethereum's nodes, which never announce confirmations, end the connection over a list in packet 127.
func TestDirectListsOnlyForPeersThatTakeThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, whisper.Config{})
		geth, status := join(t, w, 1), join(t, w, 2, confirming)
		three := []*whisper.Envelope{old(t), old(t), old(t)}
		for _, c := range []*wire{geth, status} {
			if err := w.SendDirect(c.id, three); err != nil {
				t.Fatal(err)
			}
		}
		for _, e := range three {
			if _, err := whisper.DecodeEnvelope(geth.expect(whisper.CodeDirect)); err != nil {
				t.Errorf("not one bare envelope: %v, %v", err, e.Hash())
			}
		}
		if n := len(hashes(t, status.expect(whisper.CodeDirect))); n != 3 {
			t.Errorf("%d in the list", n)
		}
		geth.quiet()
		if err := w.SendDirect(enode.ID{77}, three); !errors.Is(err, whisper.ErrNoPeer) {
			t.Error(err)
		}
		if err := w.SendComplete(enode.ID{77}, whisper.RequestComplete{}); !errors.Is(err, whisper.ErrNoPeer) {
			t.Error(err)
		}
	})
}

// A packet over 1 MiB would end the connection with go-ethereum's nodes.
func TestDirectMessagesThatNobodyTakesAreNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, whisper.Config{})
		c := join(t, w, 1)
		large := &whisper.Envelope{Expiry: 1, TTL: 1, Data: make([]byte, 1<<20-20)} // as large as nodes pool it
		if err := w.SendDirect(c.id, []*whisper.Envelope{old(t), large}); !errors.Is(err, whisper.ReasonOversized) {
			t.Error(err)
		}
		synctest.Wait()
		c.quiet()
	})
}

// What is refused for its size is not handed over either.
func TestOversizedDirectMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, whisper.Config{MaxMessageSize: 5000})
		var handed []*whisper.Envelope
		w.OnDirect(func(_ enode.ID, envelopes []*whisper.Envelope) bool {
			handed = append(handed, envelopes...)
			return true
		})
		c := join(t, w, 1)
		w.Trust(c.id)
		good := old(t)
		c.send(whisper.CodeDirect, messages(&whisper.Envelope{Expiry: 1, TTL: 1, Data: make([]byte, 5000)}, good))
		synctest.Wait()
		if len(handed) != 1 || handed[0].Hash() != good.Hash() {
			t.Errorf("handed over %d", len(handed))
		}
		if n := w.Stats().Refused[whisper.ReasonOversized].Envelopes; n != 1 {
			t.Errorf("counted %d", n)
		}
	})
}

// Strangers who fill the pool do not keep a mailserver's messages away.
func TestDirectMessagesBesideAFullPool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, whisper.Config{MinPoW: -1, PoolBytes: 10_000})
		got := listen(t, w, direct)
		for _, e := range fillers(10, 660, time.Now()) {
			post(t, w, e)
		}
		if s := w.Stats().Pool; s.Bytes < 9_000 {
			t.Fatalf("not full: %+v", s)
		}
		c := join(t, w, 1)
		w.Trust(c.id)
		c.send(whisper.CodeDirect, messages(old(t)))
		expect(t, got, "history")
	})
}

func TestRequestWithoutMailserver(t *testing.T) {
	w := start(t, whisper.Config{})
	c := join(t, w, 1)
	c.send(whisper.CodeRequest, old(t).Encode())
	until(t, "count", func() bool { return w.Stats().Refused[whisper.ReasonUnknown].Envelopes == 1 })
}
