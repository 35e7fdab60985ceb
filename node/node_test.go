package node

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	"go.uber.org/goleak"

	"sotto/node/overlay"
	"sotto/node/whisper"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// The one goroutine of go-ethereum's metrics lives as long as the process, from its package's init on.
		goleak.IgnoreTopFunction("github.com/ethereum/go-ethereum/metrics.(*meterTicker).loop"),
		// p2p's node database in memory: its closing waits for a second, by itself.
		goleak.IgnoreTopFunction("github.com/syndtr/goleveldb/leveldb.(*DB).mpoolDrain"))
}

func testConfig(t testing.TB) Config {
	t.Helper()
	key, err := crypto.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	return Config{Key: key, Name: "test", Listen: "127.0.0.1:0", NAT: "none"}
}

func start(t testing.TB, cfg Config) *Node {
	t.Helper()
	n, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Stop)
	return n
}

func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("not in time: %s", what)
		}
	}
}

func ready(n *Node, peers int) func() bool {
	return func() bool { return len(n.Whisper().Peers()) == peers }
}

// TestThroughRelay: an envelope posted in one node is opened in another that it has no connection to.
func TestThroughRelay(t *testing.T) {
	cfg := testConfig(t)
	cfg.Receive = ReceiveEverything
	relay := start(t, cfg)
	nodes := make([]*Node, 2)
	for i := range nodes {
		c := testConfig(t)
		c.Static = []string{relay.Status().Enode}
		nodes[i] = start(t, c)
	}
	eventually(t, "both are at the relay", ready(relay, 2))
	eventually(t, "and know it", func() bool { return ready(nodes[0], 1)() && ready(nodes[1], 1)() })

	topic, key := whisper.TopicOf("sotto"), whisper.SymKey{1, 2, 3}
	opener := whisper.NewSymOpener(key)
	got := make(chan *whisper.Message, 1)
	sub, err := nodes[1].Whisper().Subscribe(whisper.Filter{Topics: []whisper.Topic{topic}, Key: opener}, func(m *whisper.Message) { got <- m })
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close()
	author, err := crypto.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	payload := []byte("sotto voce")
	w := nodes[0].Whisper()
	env, err := whisper.Seal(t.Context(), rand.Reader, w.Now(), whisper.SealParams{
		TTL: 10, Topic: topic, Payload: payload, SymKey: &key, Signer: author, PoW: w.SealTarget(), Work: 5 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Post(env, nil); err != nil {
		t.Fatal(err)
	}
	select {
	case m := <-got:
		if !bytes.Equal(m.Payload, payload) || m.Signer == nil || !m.Signer.Equal(&author.PublicKey) || m.Hash != env.Hash() {
			t.Errorf("opened %+v", m)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("did not arrive")
	}
	if s := nodes[1].Status(); s.Traffic.Useful == 0 || s.State != Online || len(s.Peers) != 1 || !s.Peers[0].Ready {
		t.Errorf("status of the receiver: %+v", s)
	}
	eventually(t, "the relay has passed it on, for somebody else", func() bool {
		s := relay.Status()
		return s.Traffic.Out > 0 && s.Traffic.Unwanted > 0 && s.Traffic.Useful == 0
	})
}

func TestStatusWhileAlone(t *testing.T) {
	n := start(t, testConfig(t))
	s := n.Status()
	if s.State == Online || len(s.Peers) != 0 || s.Listen == "" || !strings.HasSuffix(s.Enode, "@"+s.Listen) {
		t.Errorf("%+v", s)
	}
	if s.Receive != ReceiveAutomatic || !s.Everything || s.ClockSources != 0 || s.ClockOffset != 0 {
		t.Errorf("%+v", s)
	}
	for _, test := range []struct {
		ready, wayOut bool
		want          State
	}{{true, false, Online}, {true, true, Online}, {false, true, Connecting}, {false, false, Offline}} {
		if got := stateOf(test.ready, test.wayOut); got != test.want {
			t.Errorf("ready %v, way out %v: %v", test.ready, test.wayOut, got)
		}
	}
}

func TestOnChange(t *testing.T) {
	hub := start(t, testConfig(t))
	var told atomic.Int32
	cfg := testConfig(t)
	cfg.OnChange = func() { told.Add(1) }
	n := start(t, cfg)
	if err := n.AddPeer(hub.Status().Enode); err != nil {
		t.Fatal(err)
	}
	eventually(t, "ready", ready(n, 1))
	eventually(t, "told", func() bool { return told.Load() > 0 })
	before := told.Load()
	if err := n.RemovePeer(hub.Status().Enode); err != nil {
		t.Fatal(err)
	}
	eventually(t, "gone", ready(n, 0))
	eventually(t, "told again", func() bool { return told.Load() > before })
	if err := n.AddPeer("x"); !errors.Is(err, overlay.ErrBadEnode) {
		t.Errorf("%v", err)
	}
}

// TestReceive: peers learn what the policy asks for.
func TestReceive(t *testing.T) {
	hub := start(t, testConfig(t))
	cfg := testConfig(t)
	cfg.Static, cfg.Receive = []string{hub.Status().Enode}, ReceiveConcerning
	n := start(t, cfg)
	wants := func(everything bool) func() bool {
		return func() bool {
			p := hub.Whisper().Peers()
			return len(p) == 1 && p[0].Everything == everything
		}
	}
	eventually(t, "narrow", wants(false))
	n.SetReceive(ReceiveEverything)
	eventually(t, "everything", wants(true))
	if s := n.Status(); s.Receive != ReceiveEverything || !s.Everything {
		t.Errorf("%+v", s)
	}
	n.SetReceive(ReceiveConcerning)
	eventually(t, "narrow again", wants(false))
}

// TestSpentBudget: whoever spent the day's budget in an earlier run starts narrow.
func TestSpentBudget(t *testing.T) {
	hub := start(t, testConfig(t))
	cfg := testConfig(t)
	cfg.Static = []string{hub.Status().Enode}
	cfg.Spent = Spent{Day: time.Now().Format(time.DateOnly), Bytes: DailyBudget}
	n := start(t, cfg)
	eventually(t, "connected and narrow", func() bool {
		p := hub.Whisper().Peers()
		return len(p) == 1 && !p[0].Everything
	})
	if s := n.Status(); s.Everything || s.Today.Bytes < DailyBudget {
		t.Errorf("%+v", s)
	}
}

// TestTodayIsUpToDate: what is kept for the next run is what was spent, also after the stop.
func TestTodayIsUpToDate(t *testing.T) {
	hub := start(t, testConfig(t))
	cfg := testConfig(t)
	cfg.Static = []string{hub.Status().Enode}
	n := start(t, cfg)
	eventually(t, "ready", ready(n, 1))
	n.Stop()
	if s, o := n.Status(), n.Overlay(); s.Today.Bytes == 0 || s.Today.Bytes != int64(o.In+o.Out) {
		t.Errorf("%d bytes counted, %d and %d on the wire", s.Today.Bytes, o.In, o.Out)
	}
}

// TestDrain: what a peer was told that we have is handed to a subscription that is closed right after.
func TestDrain(t *testing.T) {
	receiver := start(t, testConfig(t))
	cfg := testConfig(t)
	cfg.Static = []string{receiver.Status().Enode}
	cfg.Whisper.Confirmations = true
	sender := start(t, cfg)
	eventually(t, "connected", func() bool { return ready(receiver, 1)() && ready(sender, 1)() })
	topic, key := whisper.TopicOf("sotto"), whisper.SymKey{1, 2, 3}
	begun, release := make(chan bool), make(chan bool)
	var once sync.Once
	var handled atomic.Int32
	filter := whisper.Filter{Topics: []whisper.Topic{topic}, Key: whisper.NewSymOpener(key)}
	sub, err := receiver.Whisper().Subscribe(filter, func(*whisper.Message) {
		once.Do(func() { close(begun) })
		<-release
		handled.Add(1)
	})
	if err != nil {
		t.Fatal(err)
	}
	const n = 50
	for range n {
		env, err := whisper.Seal(t.Context(), rand.Reader, time.Now(), whisper.SealParams{
			TTL: 60, Topic: topic, Payload: []byte("x"), SymKey: &key,
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := sender.Whisper().Post(env, nil); err != nil {
			t.Fatal(err)
		}
	}
	<-begun
	eventually(t, "taken in", func() bool { return receiver.Whisper().Stats().Pool.Envelopes == n })
	eventually(t, "the rest waits", func() bool { return receiver.Whisper().Stats().Pool.Waiting == n })
	drained := make(chan bool)
	go func() {
		receiver.Drain(t.Context())
		close(drained)
	}()
	eventually(t, "nobody is connected", ready(receiver, 0))
	close(release)
	<-drained
	sub.Close()
	if handled.Load() != n {
		t.Errorf("%d of %d were handed on", handled.Load(), n)
	}
	receiver.Stop()
	receiver.Drain(t.Context()) // harmless
}

func TestCannotStart(t *testing.T) {
	if _, err := New(Config{}); err == nil {
		t.Error("no error without a key")
	}
	cfg := testConfig(t)
	cfg.Static = []string{"x"}
	if _, err := New(cfg); !errors.Is(err, overlay.ErrBadEnode) {
		t.Errorf("%v", err)
	}
	cfg = testConfig(t)
	cfg.Listen = start(t, testConfig(t)).Status().Listen
	n, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Start(t.Context()); err == nil {
		t.Error("no error for a port that is taken")
	}
	n.Stop()
}

// TestNoSecretsInLogs: the node key shows nowhere.
func TestNoSecretsInLogs(t *testing.T) {
	var log lockedBuffer
	hub := start(t, testConfig(t))
	cfg := testConfig(t)
	cfg.Static = []string{hub.Status().Enode}
	cfg.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.Level(-8)}))
	n := start(t, cfg)
	eventually(t, "ready", ready(n, 1))
	n.Stop()
	if log.len() == 0 {
		t.Fatal("nothing logged at all")
	}
	if log.contains(cfg.Key.D.Text(16)) || log.contains(cfg.Key.D.String()) {
		t.Error("the key is in the log")
	}
}
