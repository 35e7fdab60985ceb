package overlay

import (
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/p2p"
)

func TestConnect(t *testing.T) {
	hub := start(t, testConfig(t))
	cfg := testConfig(t)
	cfg.Static = []string{hub.Enode()}
	var told atomic.Int32
	cfg.OnPeers = func() { told.Add(1) }
	s := start(t, cfg)
	eventually(t, 20*time.Second, "both see each other", func() bool { return len(hub.Peers()) == 1 && len(s.Peers()) == 1 })

	out, in := s.Peers()[0], hub.Peers()[0]
	if out.Inbound || !out.Static || out.ID != idOf(hub) || out.Enode != hub.Enode() {
		t.Errorf("dialled peer: %+v", out)
	}
	if !in.Inbound || in.Static || in.ID != idOf(s) || in.Name != "test" {
		t.Errorf("accepted peer: %+v", in)
	}
	eventually(t, time.Second, "OnPeers called", func() bool { return told.Load() > 0 })
	if st := hub.Stats(); st.In == 0 || st.Out == 0 {
		t.Errorf("bytes not counted: %+v", st)
	}
}

// TestFlags holds p2p's private numbers fast: with another flag a connection comes up as well, but limits are not kept.
func TestFlags(t *testing.T) {
	hub := start(t, testConfig(t))
	cfg := testConfig(t)
	cfg.Static = []string{hub.Enode()}
	s := start(t, cfg)
	eventually(t, 20*time.Second, "connected", func() bool { return len(hub.p2p.Peers()) == 1 && len(s.p2p.Peers()) == 1 })
	if p := hub.p2p.Peers()[0]; !p.Inbound() || p.StaticDialed() || p.DynDialed() || p.Trusted() {
		t.Errorf("accepted: inbound %v, static %v, dynamic %v, trusted %v", p.Inbound(), p.StaticDialed(), p.DynDialed(), p.Trusted())
	}
	if p := s.p2p.Peers()[0]; p.Inbound() || !p.StaticDialed() || p.DynDialed() || !p.Trusted() {
		t.Errorf("dialled: inbound %v, static %v, dynamic %v, trusted %v", p.Inbound(), p.StaticDialed(), p.DynDialed(), p.Trusted())
	}
}

// TestInboundLimit: MaxPeers may connect, and one that is trusted beside them.
func TestInboundLimit(t *testing.T) {
	cfg, trusted := testConfig(t), testConfig(t)
	cfg.MaxPeers, cfg.Trusted = 2, []string{nodeURL(t, trusted)}
	hub := start(t, cfg)
	for range 3 {
		c := testConfig(t)
		c.Static = []string{hub.Enode()}
		start(t, c)
	}
	eventually(t, 20*time.Second, "two in and one refused", func() bool {
		return len(hub.Peers()) == 2 && hub.Stats().Refused[FailedHandshake] > 0
	})
	trusted.Static = []string{hub.Enode()}
	start(t, trusted)
	eventually(t, 20*time.Second, "the trusted peer is in", connected(hub, 3))
}

// TestKnownBesideFullSlots: strangers cannot keep us from those that we dial.
func TestKnownBesideFullSlots(t *testing.T) {
	cfg := testConfig(t)
	cfg.MaxPeers = 1
	full := start(t, cfg)
	stranger := testConfig(t)
	stranger.Static = []string{full.Enode()}
	start(t, stranger)
	eventually(t, 20*time.Second, "full", connected(full, 1))
	for range 2 {
		if err := full.AddPeer(start(t, testConfig(t)).Enode()); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, 20*time.Second, "both friends are there, too", connected(full, 3))
}

// nodeURL is an enode URL of the key in cfg, with an address that nobody dials.
func nodeURL(t *testing.T, cfg Config) string {
	t.Helper()
	s, err := New(Config{Key: cfg.Key})
	if err != nil {
		t.Fatal(err)
	}
	return s.Enode() + "@127.0.0.1:9"
}

func TestReconnectAfterPeerRestarts(t *testing.T) {
	cfg := testConfig(t)
	hub := start(t, cfg)
	cfg.Listen = hub.ListenAddr()
	c := testConfig(t)
	c.Static = []string{hub.Enode()}
	s := start(t, c)
	eventually(t, 20*time.Second, "connected", connected(s, 1))
	hub.Stop()
	eventually(t, 20*time.Second, "disconnected", connected(s, 0))
	hub = start(t, cfg)
	eventually(t, 20*time.Second, "connected again", func() bool { return len(s.Peers()) == 1 && len(hub.Peers()) == 1 })
}

// TestStaleConnection: while the peer believes that we are connected, we ask often; so we are back soon after it knows.
func TestStaleConnection(t *testing.T) {
	t.Parallel() // it waits
	hub := start(t, testConfig(t))
	cfg := testConfig(t)
	cfg.Static = []string{hub.Enode()}
	first := start(t, cfg)
	eventually(t, 20*time.Second, "connected", connected(hub, 1))
	second := start(t, cfg) // the same key: what we are after our network changed, while the first lives on at the peer
	eventually(t, 20*time.Second, "refused often", func() bool { return second.Stats().Dials >= 5 })
	first.Stop()
	eventually(t, 10*time.Second, "connected again", connected(second, 1)) // others wait for up to half a minute
}

func TestBlame(t *testing.T) {
	k, tries := &keeper{}, &backoff{}
	for range maxStale {
		k.blame(tries, fmt.Errorf("handshake: %w", p2p.DiscAlreadyConnected))
		if d := tries.delay(); d > time.Second {
			t.Fatalf("asks after %v", d)
		}
	}
	for range 10 {
		k.blame(tries, p2p.DiscAlreadyConnected)
	}
	if d := tries.delay(); d < backoffMost/2 {
		t.Errorf("still asks after %v", d)
	}
	k.blame(tries, errors.New("other"))
	if k.stale != 0 {
		t.Error("another failure does not end the row")
	}
}

func TestAddAndRemovePeer(t *testing.T) {
	hub, s := start(t, testConfig(t)), start(t, testConfig(t))
	if err := s.AddPeer(hub.Enode()); err != nil {
		t.Fatal(err)
	}
	if err := s.AddPeer(hub.Enode()); err != nil {
		t.Fatalf("a second time: %v", err)
	}
	eventually(t, 20*time.Second, "connected", connected(hub, 1))
	if got := s.Known(); len(got) != 1 || got[0] != hub.Enode() {
		t.Errorf("known: %v", got)
	}
	if err := s.RemovePeer(hub.Enode()); err != nil {
		t.Fatal(err)
	}
	eventually(t, 20*time.Second, "disconnected", func() bool { return len(hub.Peers()) == 0 && len(s.Peers()) == 0 })
	if got := s.Known(); len(got) != 0 {
		t.Errorf("still known: %v", got)
	}
}

// TestNewAddress: a peer that is known under an old address is dialled under the new one.
func TestNewAddress(t *testing.T) {
	hub, s := start(t, testConfig(t)), start(t, testConfig(t))
	if err := s.AddPeer(nodeURL(t, hub.cfg)); err != nil { // nobody listens there
		t.Fatal(err)
	}
	if err := s.AddPeer(hub.Enode()); err != nil {
		t.Fatal(err)
	}
	eventually(t, 20*time.Second, "connected", connected(s, 1))
}

func TestRefusals(t *testing.T) {
	s := start(t, testConfig(t))
	if err := s.AddPeer(s.Enode()); !errors.Is(err, ErrSelf) {
		t.Errorf("own enode: %v", err)
	}
	if err := s.AddPeer("enode://zz"); !errors.Is(err, ErrBadEnode) {
		t.Errorf("nonsense: %v", err)
	}
	if err := s.RemovePeer("enode://zz"); !errors.Is(err, ErrBadEnode) {
		t.Errorf("nonsense: %v", err)
	}
	s.Stop()
	if err := s.AddPeer(nodeURL(t, testConfig(t))); !errors.Is(err, ErrStopped) {
		t.Errorf("after Stop: %v", err)
	}
	for name, cfg := range map[string]Config{
		"no key":         {},
		"bad NAT":        {Key: s.cfg.Key, NAT: "maybe"},
		"bad listen":     {Key: s.cfg.Key, Listen: "nowhere"},
		"listen port":    {Key: s.cfg.Key, Listen: "127.0.0.1:70000"},
		"bad public":     {Key: s.cfg.Key, Public: "example.org"},
		"public port 0":  {Key: s.cfg.Key, Public: "example.org:0"},
		"bad static":     {Key: s.cfg.Key, Static: []string{"x"}},
		"bad trusted":    {Key: s.cfg.Key, Trusted: []string{"x"}},
		"public no host": {Key: s.cfg.Key, Public: ":30303"},
	} {
		if _, err := New(cfg); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestStopWithSilentConnections: who connects and says nothing must not hold the end up.
func TestStopWithSilentConnections(t *testing.T) {
	s := start(t, testConfig(t))
	for range 5 {
		c, err := net.Dial("tcp", s.ListenAddr())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	eventually(t, time.Second, "all are shaking hands", func() bool {
		s.conns.mu.Lock()
		defer s.conns.mu.Unlock()
		return len(s.conns.open) == 5
	})
	begun := time.Now()
	s.Stop()
	if took := time.Since(begun); took > time.Second {
		t.Errorf("Stop took %v", took)
	}
	if n := len(s.conns.open); n != 0 {
		t.Errorf("%d connections left open", n)
	}
}

func TestStopEndsProtocols(t *testing.T) {
	var running atomic.Int32
	cfg := testConfig(t)
	cfg.Protocols = []p2p.Protocol{testProtocol(&running)}
	hub := start(t, cfg)
	c := testConfig(t)
	c.Static = []string{hub.Enode(), nodeURL(t, testConfig(t))} // the second is never reached
	s := start(t, c)
	eventually(t, 20*time.Second, "running", func() bool { return running.Load() == 1 })
	hub.Stop()
	if n := running.Load(); n != 0 {
		t.Errorf("%d protocols run after Stop", n)
	}
	s.Stop()
	s.Stop() // a second time does nothing
	if s.Peers() != nil {
		t.Error("peers after Stop")
	}
}

func TestListenTaken(t *testing.T) {
	s := start(t, testConfig(t))
	cfg := testConfig(t)
	cfg.Listen = s.ListenAddr()
	second, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Start(t.Context()); err == nil {
		second.Stop()
		t.Fatal("two servers listen on one port")
	}
}
