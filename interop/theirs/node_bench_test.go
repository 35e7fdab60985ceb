package theirs

import (
	"context"
	"encoding/binary"
	"io"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/p2p/enode"
	"github.com/ethereum/go-ethereum/rlp"
	shh "github.com/ethereum/go-ethereum/whisper/whisperv6"
)

const (
	relayed   = 20_000
	dataSize  = 500
	bigPacket = 10 << 20 // the largest packet that go-ethereum can be told to take
	patience  = 30 * time.Second
)

func newNode(b *testing.B, maxMessage uint32) *shh.Whisper {
	b.Helper()
	w := shh.StandaloneWhisperService(&shh.Config{MaxMessageSize: maxMessage})
	w.SetMinimumPowTest(0)
	if err := w.Start(); err != nil {
		b.Fatal(err)
	}
	return w
}

func serve(b *testing.B, w *shh.Whisper) *p2p.Server {
	b.Helper()
	s := &p2p.Server{Config: p2p.Config{
		PrivateKey: generate(b), MaxPeers: 50, NoDiscovery: true, ListenAddr: "127.0.0.1:0", Protocols: w.Protocols(),
	}}
	if err := s.Start(); err != nil {
		b.Fatal(err)
	}
	return s
}

// chain connects nodes in a row over TCP on loopback.
func chain(b *testing.B, nodes []*shh.Whisper) (stop func()) {
	b.Helper()
	servers := make([]*p2p.Server, len(nodes))
	for i, w := range nodes {
		servers[i] = serve(b, w)
		if i > 0 {
			servers[i-1].AddPeer(servers[i].Self())
			until(b, "connected", func() bool { return servers[i].PeerCount() == 1 && servers[i-1].PeerCount() == min(i, 2) })
		}
	}
	return func() {
		for _, s := range servers {
			s.Stop()
		}
		for _, w := range nodes {
			w.Stop()
		}
	}
}

func until(b *testing.B, what string, is func() bool) {
	b.Helper()
	if !within(b, patience, is) {
		b.Fatalf("%s: not in %v", what, patience)
	}
}

// within asks every millisecond for so long.
func within(b *testing.B, limit time.Duration, is func() bool) bool {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), limit)
	defer cancel()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// fillers are envelopes that no key opens, sent now.
func fillers(n int) []*shh.Envelope {
	all := make([]*shh.Envelope, n)
	for i := range all {
		data := make([]byte, dataSize)
		binary.BigEndian.PutUint64(data, uint64(i))
		all[i] = &shh.Envelope{Expiry: uint32(time.Now().Unix()) + 300, TTL: 300, Topic: topic, Data: data}
	}
	return all
}

func post(b *testing.B, w *shh.Whisper, envelopes []*shh.Envelope) {
	b.Helper()
	for _, e := range envelopes {
		if err := w.Send(e); err != nil {
			b.Fatal(err)
		}
	}
}

// measure reports allocations and what an operation takes of the processor, which other programs on the machine change
// less than the time on the clock. Call it before the loop and what it returns after.
func measure(b *testing.B) func() {
	b.ReportAllocs()
	before := cpuTime(b)
	return func() { b.ReportMetric(float64((cpuTime(b)-before).Nanoseconds())/float64(b.N), "cpu-ns/op") }
}

func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// archive counts what a node took.
type archive struct {
	mu sync.Mutex
	n  int
}

func (a *archive) Archive(*shh.Envelope) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.n++
}

func (a *archive) DeliverMail(*shh.Peer, *shh.Envelope) {}

func (a *archive) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.n
}

// relay posts everything at once at the first of three nodes in a row and waits until the last has it, or for as long
// as limit says.
func relay(b *testing.B, maxMessage uint32, limit time.Duration) (lost int, wall, cpu time.Duration) {
	b.Helper()
	nodes := make([]*shh.Whisper, 3)
	for i := range nodes {
		nodes[i] = newNode(b, maxMessage)
	}
	last := &archive{}
	nodes[2].RegisterServer(last)
	defer chain(b, nodes)()
	envelopes := fillers(relayed)
	began, used := time.Now(), cpuTime(b)
	post(b, nodes[0], envelopes)
	within(b, limit, func() bool { return last.count() == relayed })
	return relayed - last.count(), time.Since(began), cpuTime(b) - used
}

// BenchmarkRelayABC counts what is lost under the default limit for packets, where all envelopes go into one that
// exceeds it. Time is taken under the largest limit, where nothing is lost, and like in our benchmark a first
// run does not count.
func BenchmarkRelayABC(b *testing.B) {
	lost, _, _ := relay(b, shh.DefaultMaxMessageSize, 5*time.Second)
	relay(b, bigPacket, patience)
	var wall, cpu time.Duration
	for b.Loop() {
		runtime.GC()
		missing, w, c := relay(b, bigPacket, patience)
		if missing > 0 {
			b.Fatalf("%d lost under the large limit, too", missing)
		}
		wall, cpu = wall+w, cpu+c
	}
	b.ReportMetric(float64(lost), "lost")
	b.ReportMetric(float64(cpu.Microseconds())/float64(b.N*relayed), "cpu-us/envelope")
	b.ReportMetric(float64(b.N*relayed)/wall.Seconds(), "envelopes/s")
}

// BenchmarkOneHop is the time from posting an envelope to finding it in the filter of the next node, sealing not
// counted. The filter is looked into every millisecond; go-ethereum's own subscriptions do it every 250.
func BenchmarkOneHop(b *testing.B) {
	nodes := []*shh.Whisper{newNode(b, shh.DefaultMaxMessageSize), newNode(b, shh.DefaultMaxMessageSize)}
	defer chain(b, nodes)()
	filter := &shh.Filter{KeySym: symKey, Topics: [][]byte{topic[:]}, Messages: map[common.Hash]*shh.ReceivedMessage{}}
	if _, err := nodes[1].Subscribe(filter); err != nil {
		b.Fatal(err)
	}
	key := generate(b)
	var took []time.Duration
	for b.Loop() {
		e := seal(b, params(key))
		began := time.Now()
		post(b, nodes[0], []*shh.Envelope{e})
		until(b, "message", func() bool { return len(filter.Retrieve()) == 1 })
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "median-ms")
}

// plug connects a peer that says nothing but its status and reads everything.
func plug(b *testing.B, w *shh.Whisper) p2p.MsgWriter {
	b.Helper()
	near, far := p2p.MsgPipe()
	var id enode.ID
	copy(id[:], crypto.Keccak256([]byte{byte(len(w.Envelopes()))}))
	ended := make(chan error, 1)
	go func() { ended <- w.Protocols()[0].Run(p2p.NewPeer(id, "plug", nil), far) }()
	go func() {
		for {
			msg, err := near.ReadMsg()
			if err != nil {
				return
			}
			io.Copy(io.Discard, msg.Payload)
		}
	}()
	if err := p2p.Send(near, 0, []uint{6}); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { near.Close(); <-ended })
	return near
}

// BenchmarkDuplicate is dropping one envelope that the pool has. They come a hundred in a packet.
func BenchmarkDuplicate(b *testing.B) {
	const batch = 100
	w := newNode(b, shh.DefaultMaxMessageSize)
	defer w.Stop()
	peer, envelopes := plug(b, w), fillers(batch)
	payload, err := rlp.EncodeToBytes(envelopes)
	if err != nil {
		b.Fatal(err)
	}
	if err := p2p.Send(peer, 1, rlp.RawValue(payload)); err != nil {
		b.Fatal(err)
	}
	defer measure(b)()
	for i := 0; b.Loop(); i++ {
		if i%batch > 0 {
			continue
		}
		if err := p2p.Send(peer, 1, rlp.RawValue(payload)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkIdle is the share of one core that a node with 20,000 pooled envelopes and 10 peers takes while nothing
// happens. One operation is one second.
func BenchmarkIdle(b *testing.B) {
	const peers, settle = 10, 5 * time.Second
	w := newNode(b, bigPacket)
	defer w.Stop()
	for range peers {
		plug(b, w)
	}
	post(b, w, fillers(relayed))
	<-time.After(settle) // until every peer has everything
	began, before := time.Now(), cpuTime(b)
	for b.Loop() {
		<-time.After(time.Second)
	}
	b.ReportMetric(100*(cpuTime(b)-before).Seconds()/time.Since(began).Seconds(), "cpu-percent")
}
