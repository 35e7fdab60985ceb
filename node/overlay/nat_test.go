package overlay

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethereum/go-ethereum/p2p/nat"
)

// router is one that remembers what it was asked.
type router struct {
	mu    sync.Mutex
	outer uint16
	fail  bool
	where net.IP // nil: it does not tell
	asked []string
}

func (r *router) AddMapping(protocol string, ext, in int, _ string, life time.Duration) (uint16, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, fmt.Sprintf("add %s %d %d %v", protocol, ext, in, life))
	if r.fail {
		return 0, errors.New("busy")
	}
	return r.outer, nil
}

func (r *router) DeleteMapping(protocol string, ext, in int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, fmt.Sprintf("delete %s %d %d", protocol, ext, in))
	return nil
}

func (r *router) ExternalIP() (net.IP, error) {
	if r.where == nil {
		return nil, errors.New("not connected")
	}
	return r.where, nil
}

func (r *router) String() string { return "test" }

func (r *router) log() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.asked)
}

func TestMapping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &router{outer: 40000, fail: true, where: net.IPv4(203, 0, 113, 9)}
		var told []netip.AddrPort
		m := &mapper{
			protocol: "TCP", router: func() nat.Interface { return r }, port: 30303, log: testLog(t),
			mapped: func(a netip.AddrPort) { told = append(told, a) },
		}
		ctx, cancel := context.WithCancel(t.Context())
		e := newEpochs(ctx)
		done := make(chan struct{})
		go func() { defer close(done); m.run(ctx, e.now) }()

		synctest.Wait()
		r.mu.Lock()
		r.fail = false
		r.mu.Unlock()
		time.Sleep(mappingRetry + mappingRenew + time.Second) // the bubble's clock
		cancel()
		<-done
		want := []string{
			"add TCP 30303 30303 10m0s", // refused
			"add TCP 30303 30303 10m0s", // granted, with another port
			"add TCP 40000 30303 10m0s", // renewed
			"delete TCP 40000 30303",
		}
		if got := r.log(); !slices.Equal(got, want) {
			t.Errorf("asked %q\nwant  %q", got, want)
		}
		if len(told) != 2 || told[0] != netip.MustParseAddrPort("203.0.113.9:40000") {
			t.Errorf("told %v", told)
		}
	})
}

// TestMappingInANewNetwork: the new network has a new router. What the old one gave is no longer told, even where the
// new one gives nothing, and is not asked for there.
func TestMappingInANewNetwork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		routers := []*router{
			{outer: 1, where: net.IPv4(203, 0, 113, 1)}, {outer: 2, where: net.IPv4(203, 0, 113, 2)}, {fail: true},
		}
		n := -1
		var told []netip.AddrPort
		m := &mapper{
			protocol: "TCP", router: func() nat.Interface { n++; return routers[n] }, port: 30303, log: testLog(t),
			mapped: func(a netip.AddrPort) { told = append(told, a) },
		}
		ctx, cancel := context.WithCancel(t.Context())
		e := newEpochs(ctx)
		done := make(chan struct{})
		go func() { defer close(done); m.run(ctx, e.now) }()
		synctest.Wait()
		for range routers[1:] {
			e.next()
			synctest.Wait()
		}
		cancel()
		<-done
		for i, r := range routers {
			if got := r.log(); !slices.Equal(got, []string{"add TCP 30303 30303 10m0s"}) {
				t.Errorf("router %d was asked %q", i, got)
			}
		}
		first, second := netip.MustParseAddrPort("203.0.113.1:1"), netip.MustParseAddrPort("203.0.113.2:2")
		if want := []netip.AddrPort{first, {}, second, {}}; !slices.Equal(told, want) {
			t.Errorf("told %v, want %v", told, want)
		}
	})
}

// TestMappingAtAnUnknownAddress: a router that maps the port and does not say where is asked again soon, and has the
// mapping taken back in the end.
func TestMappingAtAnUnknownAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &router{outer: 40000}
		m := &mapper{
			protocol: "TCP", router: func() nat.Interface { return r }, port: 30303, log: testLog(t),
			mapped: func(a netip.AddrPort) { t.Errorf("told %v", a) },
		}
		ctx, cancel := context.WithCancel(t.Context())
		e := newEpochs(ctx)
		done := make(chan struct{})
		go func() { defer close(done); m.run(ctx, e.now) }()
		synctest.Wait()
		cancel()
		<-done
		if want := []string{"add TCP 30303 30303 10m0s", "delete TCP 40000 30303"}; !slices.Equal(r.log(), want) {
			t.Errorf("asked %q, want %q", r.log(), want)
		}
	})
}

// TestMappedEnode: what the router gave is what others are told, and the end takes it back.
func TestMappedEnode(t *testing.T) {
	r := &router{outer: 40000, where: net.IPv4(203, 0, 113, 9)}
	cfg := testConfig(t)
	cfg.Listen, cfg.NAT, cfg.router = ":0", "auto", func() nat.Interface { return r }
	s := start(t, cfg)
	eventually(t, 5*time.Second, "mapped", func() bool { return s.Enode() == nodeID(s)+"@203.0.113.9:40000" })
	if n := s.p2p.Self(); n.TCP() != 40000 || n.IPAddr().String() != "203.0.113.9" {
		t.Errorf("own record: %v", n)
	}
	s.Stop()
	if got := r.log(); len(got) != 2 {
		t.Errorf("asked %q", got)
	}
}

// TestNoMapping: nothing is mapped where it makes no sense or was not asked for.
func TestNoMapping(t *testing.T) {
	for name, cfg := range map[string]Config{
		"none":      {Listen: "0.0.0.0:30303", NAT: "none"},
		"unset":     {Listen: "0.0.0.0:30303"},
		"loopback":  {Listen: "127.0.0.1:30303", NAT: "auto"},
		"loopback6": {Listen: "[::1]:30303", NAT: "auto"},
		"private":   {Listen: "192.168.1.5:30303", NAT: "auto"},
		"public":    {Listen: "0.0.0.0:30303", NAT: "auto", Public: "relay.example.org:30303"},
	} {
		s := &Server{cfg: cfg}
		if s.mappable(netip.MustParseAddrPort(cfg.Listen).Addr()) {
			t.Errorf("%s: would be mapped", name)
		}
	}
	s := &Server{cfg: Config{NAT: "auto"}}
	if !s.mappable(netip.IPv4Unspecified()) || s.mappable(netip.Addr{}) {
		t.Error("only a listener on all addresses is mapped")
	}
}
