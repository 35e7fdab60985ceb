package whisper_test

import (
	"errors"
	"runtime"
	"sync"
	"testing"
	"time"

	"sotto/node/whisper"
	"sotto/node/whisper/whispertest"
)

// attack is what a hostile peer does, and what comes of it.
type attack struct {
	send    func(t testing.TB, c *wire, n int) // one packet; n counts up
	cut     whisper.Reason                     // what it is cut for
	refused whisper.Reason                     // where it is not cut: what is refused
	least   uint64                             // how often, before the attack counts as one
	packets int                                // after so many it hangs up by itself; 0: never
}

// effect is how often the attack was answered.
func (a *attack) effect(w *whisper.Whisper) uint64 {
	s := w.Stats()
	if a.cut != "" {
		return s.Cut[a.cut]
	}
	return s.Refused[a.refused].Envelopes
}

func flood(e func(testing.TB, int) *whisper.Envelope) func(testing.TB, *wire, int) {
	return func(t testing.TB, c *wire, n int) {
		var all []*whisper.Envelope
		for i := range 50 {
			all = append(all, e(t, 50*n+i))
		}
		c.sendEnvelopes(all...)
	}
}

// numbered is an envelope that differs from all others.
func numbered(n, size int, change func(*whisper.Envelope)) *whisper.Envelope {
	now := uint32(time.Now().Unix())
	e := &whisper.Envelope{Expiry: now + 15, TTL: 15, Topic: testTopic, Nonce: uint64(n), Data: make([]byte, size)}
	change(e)
	return e
}

func same(code uint64, payload []byte) func(testing.TB, *wire, int) {
	return func(_ testing.TB, c *wire, _ int) { c.send(code, payload) }
}

func worked(size int) func(testing.TB, *wire, int) {
	return flood(func(_ testing.TB, n int) *whisper.Envelope { return numbered(n, size, func(*whisper.Envelope) {}) })
}

func craftedNumber(t testing.TB, n int) *whisper.Envelope {
	e := crafted(t, time.Now(), []byte{3, 1})
	e.Nonce = uint64(n)
	return e
}

var attacks = map[string]attack{
	"no proof of work": {cut: whisper.ReasonFlood, send: flood(func(_ testing.TB, n int) *whisper.Envelope {
		return numbered(n, 300, func(e *whisper.Envelope) { e.TTL, e.Expiry = 1e9, e.Expiry+1e9-15 })
	})},
	"giant": {cut: whisper.ReasonFlood, send: func(_ testing.TB, c *wire, n int) {
		c.sendEnvelopes(numbered(n, 2<<20, func(*whisper.Envelope) {}))
	}},
	"zero TTL": {cut: whisper.ReasonFlood, send: flood(func(_ testing.TB, n int) *whisper.Envelope {
		return numbered(n, 300, func(e *whisper.Envelope) { e.TTL = 0 })
	})},
	"far future": {cut: whisper.ReasonFlood, send: flood(func(_ testing.TB, n int) *whisper.Envelope {
		return numbered(n, 300, func(e *whisper.Envelope) { e.Expiry += 1e6 })
	})},
	"truncated": {cut: whisper.ReasonMalformed, send: func(_ testing.TB, c *wire, n int) {
		whole := messages(numbered(n, 300, func(*whisper.Envelope) {}))
		c.send(whisper.CodeMessages, whole[:len(whole)/2])
	}},
	"crafted plaintext": {refused: whisper.ReasonPlaintext, least: 100, send: flood(craftedNumber)},
	"confirmations": {cut: whisper.ReasonFlood, send: func(_ testing.TB, c *wire, n int) {
		c.send(whisper.CodeBatchAck, whisper.EncodeBatchAck(whisper.Hash{byte(n)}))
	}},
	"settings": {cut: whisper.ReasonFlood, send: func(_ testing.TB, c *wire, n int) {
		c.send(whisper.CodeBloom, whisper.EncodeBloom(whisper.Bloom{byte(n)}))
	}},
	"unknown packets": {cut: whisper.ReasonFlood, send: same(99, make([]byte, 1000))},
	"empty packets":   {cut: whisper.ReasonFlood, send: same(whisper.CodeMessages, messages())},
	"huge packets":    {cut: whisper.ReasonOversized, send: same(99, make([]byte, 12<<20))},
	"direct messages": {cut: whisper.ReasonFlood, send: same(whisper.CodeDirect, make([]byte, 100_000))},
	"status packets":  {cut: whisper.ReasonFlood, send: same(whisper.CodeStatus, []byte{0xc0})},
	"malformed lists": {cut: whisper.ReasonMalformed, send: same(whisper.CodeMessages, []byte{0xc1, 0x80})},
	"full pool":       {refused: whisper.ReasonPoolShare, least: 100, send: worked(300)},
	"full pool again": {refused: whisper.ReasonPoolShare, least: 2000, send: worked(4000), packets: 13},
}

// One hostile peer at full speed, which comes back whenever it is cut or hangs up, leaves an honest peer's messages
// flowing, and memory and goroutines bounded.
func TestFlood(t *testing.T) {
	for name, attack := range attacks {
		t.Run(name, func(t *testing.T) {
			least := attack.least
			if testing.Short() {
				least /= 2
			}
			w := start(t, whisper.Config{Confirmations: true, PoolBytes: 4 << 20})
			honest := start(t, whisper.Config{Confirmations: true})
			n := network(t)
			n.Connect(honest, w, whispertest.Conditions{})
			until(t, "handshake", func() bool { return len(honest.Peers()) == 1 && len(w.Peers()) == 1 })
			got := listen(t, w)
			before, goroutines := heap(), runtime.NumGoroutine()
			stop, stopped := make(chan struct{}), make(chan struct{})
			go func() {
				defer close(stopped)
				attackUntil(t, w, attack, stop)
			}()
			halt := sync.OnceFunc(func() { close(stop); <-stopped })
			defer halt()
			talk := func() {
				for range 10 {
					post(t, honest, seal(t, time.Now(), "honest"))
					expect(t, got, "honest")
				}
			}
			talk()
			until(t, "the attack", func() bool { return attack.effect(w) >= max(2, least) })
			talk()
			after, more := heap(), runtime.NumGoroutine()-goroutines
			halt()
			if grown := after - before; grown > 64<<20 {
				t.Errorf("heap grew by %d MiB", grown>>20)
			}
			if more > 40 {
				t.Errorf("%d more goroutines", more)
			}
		})
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// attackUntil floods, and dials again each time that the connection ended.
func attackUntil(t *testing.T, w *whisper.Whisper, a attack, stop <-chan struct{}) {
	for n := 0; ; {
		c := dialKeeping(t, w, 66, 0)
		c.send(whisper.CodeStatus, whisper.EncodeStatus(whisper.Status{Version: 6}))
		for alive := true; alive; {
			a.send(t, c, n)
			if n++; a.packets > 0 && n%a.packets == 0 {
				c.pipe.Close()
				<-c.err
				break
			}
			select {
			case <-stop:
				c.pipe.Close()
				return
			case <-c.err:
				alive = false
			default:
			}
		}
	}
}

// A flood of refusals ends the connection, and the reason is named.
func TestFloodIsCut(t *testing.T) {
	for name, attack := range attacks {
		if attack.cut == "" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			w := start(t, whisper.Config{})
			c := join(t, w, 66)
			for n := 0; n < 10_000 && len(c.err) == 0; n++ {
				attack.send(t, c, n)
			}
			if err := c.ended(); !errors.Is(err, attack.cut) || w.Stats().Cut[attack.cut] != 1 {
				t.Errorf("cut for %v, counted %v", err, w.Stats().Cut)
			}
		})
	}
}
