package whisper_test

import (
	"errors"
	"runtime"
	"testing"
	"time"

	"sotto/node/whisper"
	"sotto/node/whisper/whispertest"
)

// attack writes one packet of a flood. n counts up.
type attack func(t testing.TB, c *wire, n int)

func flood(e func(testing.TB, int) *whisper.Envelope) attack {
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

var attacks = map[string]attack{
	"no proof of work": flood(func(_ testing.TB, n int) *whisper.Envelope {
		return numbered(n, 300, func(e *whisper.Envelope) { e.TTL, e.Expiry = 1e9, e.Expiry+1e9-15 })
	}),
	"giant": func(_ testing.TB, c *wire, n int) {
		c.sendEnvelopes(numbered(n, 2<<20, func(*whisper.Envelope) {}))
	},
	"zero TTL": flood(func(_ testing.TB, n int) *whisper.Envelope {
		return numbered(n, 300, func(e *whisper.Envelope) { e.TTL = 0 })
	}),
	"far future": flood(func(_ testing.TB, n int) *whisper.Envelope {
		return numbered(n, 300, func(e *whisper.Envelope) { e.Expiry += 1e6 })
	}),
	"truncated": func(_ testing.TB, c *wire, n int) {
		whole := messages(numbered(n, 300, func(*whisper.Envelope) {}))
		c.send(whisper.CodeMessages, whole[:len(whole)/2])
	},
	"crafted plaintext": flood(func(t testing.TB, n int) *whisper.Envelope {
		e := crafted(t, time.Now(), []byte{3, 1})
		e.Nonce = uint64(n)
		return e
	}),
	"confirmations": func(_ testing.TB, c *wire, n int) {
		c.send(whisper.CodeBatchAck, whisper.EncodeBatchAck(whisper.Hash{byte(n)}))
	},
	"settings": func(_ testing.TB, c *wire, n int) {
		c.send(whisper.CodeBloom, whisper.EncodeBloom(whisper.Bloom{byte(n)}))
	},
	"unknown packets":  func(_ testing.TB, c *wire, _ int) { c.send(99, make([]byte, 1000)) },
	"empty packets":    func(_ testing.TB, c *wire, _ int) { c.sendEnvelopes() },
	"huge packets":     func(_ testing.TB, c *wire, _ int) { c.send(99, make([]byte, 12<<20)) },
	"direct messages":  func(_ testing.TB, c *wire, _ int) { c.send(whisper.CodeDirect, make([]byte, 100_000)) },
	"status packets":   func(_ testing.TB, c *wire, _ int) { c.send(whisper.CodeStatus, []byte{0xc0}) },
	"malformed lists":  func(_ testing.TB, c *wire, _ int) { c.send(whisper.CodeMessages, []byte{0xc1, 0x80}) },
	"worthless worked": flood(func(_ testing.TB, n int) *whisper.Envelope { return numbered(n, 300, func(*whisper.Envelope) {}) }),
}

// One hostile peer at full speed, which comes back whenever it is cut, leaves an honest peer's messages flowing, and
// memory and goroutines bounded.
func TestFlood(t *testing.T) {
	for name, attack := range attacks {
		t.Run(name, func(t *testing.T) {
			w := start(t, whisper.Config{Confirmations: true, PoolBytes: 16 << 20})
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
			for range 20 {
				post(t, honest, seal(t, time.Now(), "honest"))
				expect(t, got, "honest")
			}
			after, more := heap(), runtime.NumGoroutine()-goroutines
			close(stop)
			<-stopped
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

// attackUntil floods, and dials again each time it was cut.
func attackUntil(t *testing.T, w *whisper.Whisper, attack attack, stop <-chan struct{}) {
	for n := 0; ; {
		c := dialKeeping(t, w, 66, 0)
		c.send(whisper.CodeStatus, whisper.EncodeStatus(whisper.Status{Version: 6}))
		for alive := true; alive; n++ {
			attack(t, c, n)
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
	for name, want := range map[string]whisper.Reason{
		"no proof of work": whisper.ReasonFlood,
		"giant":            whisper.ReasonFlood,
		"zero TTL":         whisper.ReasonFlood,
		"far future":       whisper.ReasonFlood,
		"truncated":        whisper.ReasonMalformed,
		"confirmations":    whisper.ReasonFlood,
		"settings":         whisper.ReasonFlood,
		"unknown packets":  whisper.ReasonFlood,
		"empty packets":    whisper.ReasonFlood,
		"direct messages":  whisper.ReasonFlood,
		"status packets":   whisper.ReasonFlood,
		"huge packets":     whisper.ReasonOversized,
	} {
		t.Run(name, func(t *testing.T) {
			w := start(t, whisper.Config{})
			c := join(t, w, 66)
			for n := 0; n < 10_000 && len(c.err) == 0; n++ {
				attacks[name](t, c, n)
			}
			if err := c.ended(); !errors.Is(err, want) || w.Stats().Cut[want] != 1 {
				t.Errorf("cut for %v, counted %v", err, w.Stats().Cut)
			}
		})
	}
}
