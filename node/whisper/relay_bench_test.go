package whisper_test

import (
	"encoding/binary"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/p2p"

	"sotto/node/whisper"
)

// serve runs a devp2p server for w on loopback. The caller stops it.
func serve(t testing.TB, w *whisper.Whisper) *p2p.Server {
	t.Helper()
	key, err := crypto.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	s := &p2p.Server{Config: p2p.Config{
		PrivateKey: key, MaxPeers: 50, NoDiscovery: true, ListenAddr: "127.0.0.1:0",
		Protocols: []p2p.Protocol{w.Protocol()},
	}}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	return s
}

// fillers are envelopes of so many data bytes that no key opens, sent now.
func fillers(n, size int, now time.Time) []*whisper.Envelope {
	all := make([]*whisper.Envelope, n)
	for i := range all {
		data := make([]byte, size)
		binary.BigEndian.PutUint64(data, uint64(i))
		all[i] = &whisper.Envelope{Expiry: uint32(now.Unix()) + 300, TTL: 300, Topic: testTopic, Data: data}
	}
	return all
}

// BenchmarkRelayABC posts 20,000 envelopes of 500 bytes at once at A and waits until C, two hops over TCP on
// loopback away, has them all. A first run does not count: it gets the memory from the system, which on a virtual
// machine takes as long as all the rest and happens once in a node's life.
func BenchmarkRelayABC(b *testing.B) {
	const count = 20_000
	relayChain(b, count)
	var cpu, wall time.Duration
	for b.Loop() {
		runtime.GC()
		w, c := relayChain(b, count)
		wall, cpu = wall+w, cpu+c
	}
	b.ReportMetric(float64(cpu.Microseconds())/float64(b.N*count), "cpu-us/envelope")
	b.ReportMetric(float64(b.N*count)/wall.Seconds(), "envelopes/s")
}

// relayChain is one run with nodes of its own.
func relayChain(b *testing.B, count int) (wall, cpu time.Duration) {
	nodes := make([]*whisper.Whisper, 3)
	for i := range nodes {
		nodes[i] = whisper.New(whisper.Config{MinPoW: -1, Confirmations: true})
		nodes[i].Start()
		defer nodes[i].Stop()
	}
	defer chainServers(b, nodes)()
	envelopes := fillers(count, 500, time.Now())
	began, used := time.Now(), whisper.ProcessTime(b)
	for _, e := range envelopes {
		if err := nodes[0].Post(e, nil); err != nil {
			b.Fatal(err)
		}
	}
	until(b, "all at C", func() bool { return nodes[2].Stats().Pool.Envelopes == count })
	return time.Since(began), whisper.ProcessTime(b) - used
}

// chainServers connects nodes in a row. They are not remembered by the test, so that what they hold goes with them.
func chainServers(t testing.TB, nodes []*whisper.Whisper) (stop func()) {
	servers := make([]*p2p.Server, len(nodes))
	for i, w := range nodes {
		servers[i] = serve(t, w)
		if i > 0 {
			servers[i-1].AddPeer(servers[i].Self())
			until(t, "handshake", func() bool { return len(w.Peers()) == 1 && len(nodes[i-1].Peers()) == min(i, 2) })
		}
	}
	return func() {
		for _, s := range servers {
			s.Stop()
		}
	}
}

// BenchmarkOneHop is the time from posting an envelope to the handler at the next node over TCP on loopback, sealing
// not counted.
func BenchmarkOneHop(b *testing.B) {
	a, c := start(b, whisper.Config{}), start(b, whisper.Config{})
	defer chainServers(b, []*whisper.Whisper{a, c})()
	got := listen(b, c)
	var took []time.Duration
	for b.Loop() {
		b.StopTimer()
		e := seal(b, time.Now(), "hop")
		b.StartTimer()
		began := time.Now()
		if err := a.Post(e, nil); err != nil {
			b.Fatal(err)
		}
		expect(b, got, "hop")
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "median-ms")
}
