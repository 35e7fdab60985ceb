package whisper

import (
	"encoding/binary"
	"io"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/p2p/enode"
)

// settle is how long a node is left alone until every peer has everything.
const settle = 5 * time.Second

// BenchmarkThousandKeys is one signed envelope that fits the 500th of 1,000 keys on its topic.
func BenchmarkThousandKeys(b *testing.B) {
	w := New(Config{})
	p := benchParams(generate(b))
	for i := range 1000 {
		key := *p.SymKey
		binary.BigEndian.PutUint16(key[:], uint16(i))
		if i == 500 {
			p.SymKey = &key
		}
		f := Filter{Topics: []Topic{p.Topic}, Key: NewSymOpener(key)}
		if _, err := w.Subscribe(f, func(*Message) {}); err != nil {
			b.Fatal(err)
		}
	}
	e, err := encrypt(randomness(), benchNow, p)
	if err != nil {
		b.Fatal(err)
	}
	raw := e.Encode()
	j := &job{entry: &entry{hash: HashOf(raw), raw: raw, env: *e}}
	defer measure(b)()
	for b.Loop() {
		w.tryKeys(j)
	}
	if w.Stats().Useful.Envelopes == 0 {
		b.Fatal("not opened")
	}
}

// plug connects a peer that says nothing but its status and reads everything.
func plug(b *testing.B, w *Whisper, n byte) p2p.MsgWriter {
	b.Helper()
	near, far := p2p.MsgPipe()
	ended := make(chan error, 1)
	go func() { ended <- w.run(p2p.NewPeer(enode.ID{n}, "plug", nil), far) }()
	go func() {
		for {
			msg, err := near.ReadMsg()
			if err != nil {
				return
			}
			io.Copy(io.Discard, msg.Payload)
		}
	}()
	if err := p2p.Send(near, CodeStatus, []uint{ProtocolVersion}); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { near.Close(); <-ended })
	return near
}

// idleFillers are envelopes of 500 bytes that no key opens, sent now.
func idleFillers(n int) []*Envelope {
	all := make([]*Envelope, n)
	for i := range all {
		data := make([]byte, 500)
		binary.BigEndian.PutUint64(data, uint64(i))
		all[i] = &Envelope{Expiry: uint32(time.Now().Unix()) + 300, TTL: 300, Topic: Topic{1, 2, 3, 4}, Data: data}
	}
	return all
}

// BenchmarkDuplicate is dropping one envelope that the pool has, confirmation included. They come a hundred in a packet.
func BenchmarkDuplicate(b *testing.B) {
	const batch = 100
	w := New(Config{MinPoW: -1, Confirmations: true, BytesPerPeer: 1 << 40})
	w.Start()
	b.Cleanup(w.Stop)
	peer := plug(b, w, 1)
	var raws [][]byte
	for _, e := range idleFillers(batch) {
		raws = append(raws, e.Encode())
	}
	payload := rawPayload(EncodeMessages(raws))
	if err := p2p.Send(peer, CodeMessages, payload); err != nil {
		b.Fatal(err)
	}
	defer measure(b)()
	for i := 0; b.Loop(); i++ {
		if i%batch > 0 {
			continue
		}
		if err := p2p.Send(peer, CodeMessages, payload); err != nil {
			b.Fatal(err)
		}
	}
	if s := w.Stats(); s.Pool.Envelopes != batch || s.Duplicate.Envelopes == 0 {
		b.Fatalf("not dropped as duplicates: %+v", s)
	}
}

// rawPayload is RLP that is sent as it is.
type rawPayload []byte

// EncodeRLP implements rlp.Encoder.
func (p rawPayload) EncodeRLP(w io.Writer) error { _, err := w.Write(p); return err }

// BenchmarkIdle is the share of one core that a node with 20,000 pooled envelopes and 10 peers takes while nothing
// happens. One operation is one second: -benchtime 30x looks for half a minute.
func BenchmarkIdle(b *testing.B) {
	const peers, pooled = 10, 20_000
	w := New(Config{MinPoW: -1, Confirmations: true})
	w.Start()
	b.Cleanup(w.Stop)
	for n := range byte(peers) {
		plug(b, w, n+1)
	}
	for _, e := range idleFillers(pooled) {
		if err := w.Post(e, nil); err != nil {
			b.Fatal(err)
		}
	}
	<-time.After(settle)
	if n := w.Stats().Sent.Envelopes; n != peers*pooled {
		b.Fatalf("%d envelopes sent", n)
	}
	began, before := time.Now(), ProcessTime(b)
	for b.Loop() {
		<-time.After(time.Second)
	}
	b.ReportMetric(100*(ProcessTime(b)-before).Seconds()/time.Since(began).Seconds(), "cpu-percent")
}

// measure reports allocations and what an operation takes of the processor, which other programs on the machine change
// less than the time on the clock. Call it before the loop and what it returns after.
func measure(b *testing.B) func() {
	b.ReportAllocs()
	before := ProcessTime(b)
	return func() { b.ReportMetric(float64((ProcessTime(b)-before).Nanoseconds())/float64(b.N), "cpu-ns/op") }
}
