package whisper

import (
	"context"
	"encoding/binary"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/p2p/enode"
)

// nobody is a peer without a line, to hand packets to.
func nobody(w *Whisper) *peer {
	p := w.newPeer(p2p.NewPeer(enode.ID{1}, "nobody", nil), nil)
	p.setBloom(FullBloom())
	p.slot, p.share = w.pool.join(originOf(p.conn.RemoteAddr(), p.id))
	return p
}

// sealedFor is the RLP of an envelope of about 1.3 kB that one key of many opens.
func sealedFor(tb testing.TB, key SymKey, topic Topic) []byte {
	tb.Helper()
	signer, err := crypto.GenerateKey()
	if err != nil {
		tb.Fatal(err)
	}
	p := benchParams(signer)
	p.SymKey, p.Topic = &key, topic
	e, err := Seal(tb.Context(), nonRandom{}, time.Now(), p)
	if err != nil {
		tb.Fatal(err)
	}
	return e.Encode()
}

// nonRandom is a source that always gives the same.
type nonRandom struct{}

func (nonRandom) Read(b []byte) (int, error) { return len(b), nil }

// manyKeys subscribes to one topic with n keys that do not fit and one that does.
func manyKeys(tb testing.TB, n int) (w *Whisper, j *job) {
	tb.Helper()
	w = New(Config{})
	topic, right := TopicOf("shared"), SymKey{255, 255, 255}
	for i := range n {
		var key SymKey
		binary.BigEndian.PutUint32(key[:], uint32(i))
		w.subscribeFor(tb, key, topic)
	}
	w.subscribeFor(tb, right, topic)
	raw := sealedFor(tb, right, topic)
	env, err := DecodeEnvelope(raw)
	if err != nil {
		tb.Fatal(err)
	}
	return w, &job{entry: &entry{hash: HashOf(raw), raw: raw, env: *env, pow: 1}}
}

func (w *Whisper) subscribeFor(tb testing.TB, key SymKey, topic Topic) {
	tb.Helper()
	f := Filter{Topics: []Topic{topic}, Key: NewSymOpener(key)}
	if _, err := w.Subscribe(f, func(*Message) {}); err != nil {
		tb.Fatal(err)
	}
}

// BenchmarkTakeIn takes envelopes of about 1.3 kB in that nobody here listens to.
func BenchmarkTakeIn(b *testing.B) {
	w := New(Config{MinPoW: -1, PoolBytes: 1 << 40})
	p := nobody(w)
	e, err := DecodeEnvelope(sealedFor(b, SymKey{}, Topic{1}))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		e.Nonce++
		payload := EncodeMessages([][]byte{e.Encode()})
		b.StartTimer()
		if err := p.receive(context.Background(), payload); err != nil {
			b.Fatal(err)
		}
	}
}

// What `make test` holds us to: bytes and allocations, which do not depend on the machine.
func TestAllocations(t *testing.T) {
	w, j := manyKeys(t, 999)
	duplicate := New(Config{})
	p := nobody(duplicate)
	payload := EncodeMessages([][]byte{sealedFor(t, SymKey{}, Topic{1})})
	tests := []struct {
		name   string
		bytes  uint64
		allocs float64
		run    func()
	}{
		{"an envelope against 1,000 keys on one topic", 20_000, 40, func() { w.tryKeys(j) }},
		{"a duplicate", 256, 4, func() { _ = p.receive(context.Background(), payload) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.run()
			if got := bytesPerRun(t, tt.run); got > tt.bytes {
				t.Errorf("%d bytes, want at most %d", got, tt.bytes)
			}
			if got := testing.AllocsPerRun(10, tt.run); got > tt.allocs {
				t.Errorf("%v allocations, want at most %v", got, tt.allocs)
			}
		})
	}
}

// BenchmarkTake opens a page of 1,000 signed envelopes of a mailserver and delivers it in order.
func BenchmarkTake(b *testing.B) {
	const page = 1000
	w := New(Config{})
	w.Start()
	defer w.Stop()
	f := Filter{Topics: []Topic{{1}}, Key: NewSymOpener(SymKey{}), Direct: true}
	delivered := 0
	if _, err := w.Subscribe(f, func(*Message) { delivered++ }); err != nil {
		b.Fatal(err)
	}
	envelopes := make([]*Envelope, page)
	for i := range envelopes {
		e, err := DecodeEnvelope(sealedFor(b, SymKey{}, Topic{1}))
		if err != nil {
			b.Fatal(err)
		}
		envelopes[i] = e
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := w.Take(context.Background(), envelopes, enode.ID{1}); err != nil {
			b.Fatal(err)
		}
	}
	if delivered != b.N*page {
		b.Fatalf("%d delivered", delivered)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*page), "us/envelope")
}
