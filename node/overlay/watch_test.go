package overlay

import (
	"context"
	"errors"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// machine is a computer whose clock and addresses a test moves.
type machine struct {
	mu    sync.Mutex
	clock time.Time
	addrs []netip.Addr
	err   error
}

func newMachine(addrs ...string) *machine {
	m := &machine{clock: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	m.set(addrs...)
	return m
}

func (m *machine) set(addrs ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.addrs = nil
	for _, a := range addrs {
		m.addrs = append(m.addrs, netip.MustParseAddr(a))
	}
}

func (m *machine) pass(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.clock = m.clock.Add(d)
}

func (m *machine) now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.clock
}

func (m *machine) addresses() ([]netip.Addr, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.addrs), m.err
}

func TestWatcher(t *testing.T) {
	m := newMachine("127.0.0.1")
	w := &watcher{now: m.now, addresses: m.addresses, interval: 2 * time.Second}
	w.look()
	look := func(after time.Duration) change {
		m.pass(after)
		return w.look()
	}
	if c := look(2 * time.Second); c.any() {
		t.Errorf("nothing happened: %+v", c)
	}
	if w.wayOut() {
		t.Error("loopback is a way out")
	}
	if c := look(6 * time.Second); c.any() {
		t.Errorf("a late tick is no sleep: %+v", c)
	}
	if c := look(time.Hour + 2*time.Second); c.slept != time.Hour {
		t.Errorf("slept %v, want 1h", c.slept)
	}
	if c := look(-time.Hour); c.any() {
		t.Errorf("the clock was set back: %+v", c)
	}
	m.set("127.0.0.1", "192.168.1.5")
	if c := look(2 * time.Second); len(c.come) != 1 || len(c.gone) != 0 || !w.wayOut() {
		t.Errorf("an address came: %+v, way out %v", c, w.wayOut())
	}
	m.set("127.0.0.1", "10.0.0.5")
	if c := look(2 * time.Second); len(c.come) != 1 || len(c.gone) != 1 || c.gone[0].String() != "192.168.1.5" {
		t.Errorf("another network: %+v", c)
	}
	m.err = errors.New("no netlink here")
	if c := look(2 * time.Second); c.any() || !w.wayOut() {
		t.Errorf("where the system does not tell, nothing changed and there is a way out: %+v", c)
	}
}

func TestInterfaceAddresses(t *testing.T) {
	addrs, err := interfaceAddresses()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addrs {
		if a.IsLinkLocalUnicast() || a.Is4In6() {
			t.Errorf("%v is no address that a route starts from", a)
		}
	}
}

// links are interfaces as the system lists them, each with the one address of its name.
func links(flags map[string]net.Flags) func() ([]netip.Addr, error) {
	return func() ([]netip.Addr, error) {
		var all []net.Interface
		for _, name := range slices.Sorted(maps.Keys(flags)) {
			all = append(all, net.Interface{Name: name, Flags: flags[name]})
		}
		return addressesOf(all, func(i *net.Interface) ([]net.Addr, error) {
			return []net.Addr{&net.IPNet{IP: net.ParseIP(i.Name)}}, nil
		})
	}
}

// TestInterfacesThatCarryNothing: what has an address and no way to others is no way out, and is told to nobody.
func TestInterfacesThatCarryNothing(t *testing.T) {
	flags := map[string]net.Flags{
		"127.0.0.1":    net.FlagUp | net.FlagRunning | net.FlagLoopback,
		"172.17.0.1":   net.FlagUp | net.FlagBroadcast, // docker0 without a container: no carrier
		"198.51.100.7": net.FlagBroadcast,              // switched off
		"fe80::1":      net.FlagUp | net.FlagRunning,
	}
	m := newMachine("127.0.0.1")
	cfg := testConfig(t)
	cfg.Listen, cfg.Now, cfg.addresses = ":0", m.now, links(flags)
	s := start(t, cfg)
	if s.WayOut() || !strings.Contains(s.Enode(), "@127.0.0.1:") {
		t.Errorf("way out %v, reached at %s", s.WayOut(), s.Enode())
	}
	s.Stop()
	flags["172.17.0.1"] |= net.FlagRunning
	s = start(t, cfg)
	if !s.WayOut() || !strings.Contains(s.Enode(), "@172.17.0.1:") {
		t.Errorf("with a container: way out %v, reached at %s", s.WayOut(), s.Enode())
	}
}

func TestInterfaceThatCannotBeRead(t *testing.T) {
	all := []net.Interface{{Flags: net.FlagUp | net.FlagRunning}}
	failing := func(*net.Interface) ([]net.Addr, error) { return nil, errors.New("no netlink here") }
	if addrs, err := addressesOf(all, failing); err == nil {
		t.Errorf("got %v", addrs)
	}
}

// TestReconnectAfterNetworkChange: a peer that could not be reached is dialled as soon as the network changes, and not
// when its back-off is over, let alone after the 35 seconds of p2p's dial history.
func TestReconnectAfterNetworkChange(t *testing.T) {
	hub := start(t, testConfig(t))
	way := &detour{broken: true}
	m := newMachine("127.0.0.1")
	cfg := testConfig(t)
	cfg.Static, cfg.Dial = []string{hub.Enode()}, way.dial
	cfg.Now, cfg.addresses, cfg.tick = m.now, m.addresses, 5*time.Millisecond
	s := start(t, cfg)
	eventually(t, 20*time.Second, "the back-off is at 2 seconds or more", func() bool { return way.count() >= 4 })

	way.mend()
	changed := time.Now()
	m.set("127.0.0.1", "192.168.1.5")
	eventually(t, 20*time.Second, "connected", connected(s, 1))
	if took := time.Since(changed); took > 1500*time.Millisecond {
		t.Errorf("reconnected %v after the change", took)
	}
}

func TestWayOut(t *testing.T) {
	m := newMachine("127.0.0.1")
	cfg := testConfig(t)
	cfg.addresses, cfg.tick = m.addresses, 5*time.Millisecond
	s := start(t, cfg)
	if s.WayOut() {
		t.Error("only loopback, and a way out")
	}
	m.set("127.0.0.1", "192.168.1.5")
	eventually(t, 20*time.Second, "a way out", s.WayOut)
	m.set("127.0.0.1")
	eventually(t, 20*time.Second, "no way out", func() bool { return !s.WayOut() })
	if err := s.AddPeer(nodeURL(t, testConfig(t))); err != nil {
		t.Fatal(err)
	}
	if !s.WayOut() {
		t.Error("a known node on loopback is within reach")
	}
	s.Stop()
	if s.WayOut() {
		t.Error("a way out after Stop")
	}
}

// TestHangingDialIsCutShort: what was begun in the old network is not waited for, and does not count as one more
// failure after those there.
func TestHangingDialIsCutShort(t *testing.T) {
	hub := start(t, testConfig(t))
	way := &detour{broken: true}
	cfg := testConfig(t)
	cfg.Static, cfg.Dial = []string{hub.Enode()}, way.dial
	s := start(t, cfg)
	eventually(t, 20*time.Second, "the back-off is at 1 second or more", func() bool { return way.count() >= 3 })
	way.hang()
	eventually(t, 20*time.Second, "dialling", func() bool { return way.count() >= 4 })
	way.mend()
	changed := time.Now()
	s.NetworkChanged()
	eventually(t, 20*time.Second, "connected", connected(s, 1))
	if took := time.Since(changed); took > 1500*time.Millisecond {
		t.Errorf("reconnected %v after the change", took)
	}
}

// TestVanishedAddress: connections from an address that is gone are ended at once, on both kinds of side.
func TestVanishedAddress(t *testing.T) {
	m := newMachine("127.0.0.1")
	hub := start(t, testConfig(t))
	cfg := testConfig(t)
	cfg.Static = []string{hub.Enode()}
	cfg.Now, cfg.addresses, cfg.tick = m.now, m.addresses, 5*time.Millisecond
	s := start(t, cfg)
	eventually(t, 20*time.Second, "connected", connected(s, 1))
	before := s.Stats().Dials
	m.set()
	eventually(t, 20*time.Second, "dialled anew", func() bool { return s.Stats().Dials > before })
}

func TestWhatAChangeKills(t *testing.T) {
	hub := start(t, testConfig(t))
	cfg := testConfig(t)
	cfg.Static = []string{hub.Enode()}
	s := start(t, cfg)
	eventually(t, 20*time.Second, "connected", connected(s, 1))
	p := s.p2p.Peers()[0]
	for name, test := range map[string]struct {
		change
		want bool
	}{
		"nothing":        {change{}, false},
		"came":           {change{come: []netip.Addr{netip.MustParseAddr("127.0.0.1")}}, false},
		"its own gone":   {change{gone: []netip.Addr{netip.MustParseAddr("127.0.0.1")}}, true},
		"another gone":   {change{gone: []netip.Addr{netip.MustParseAddr("127.0.0.2")}}, false},
		"slept loopback": {change{slept: time.Hour}, false},
	} {
		if got := test.kills(p); got != test.want {
			t.Errorf("%s: kills %v", name, got)
		}
	}
}

// detour is a way to peers that fails or hangs until it is mended.
type detour struct {
	mu      sync.Mutex
	broken  bool
	hanging bool
	dialled []string
}

func (d *detour) dial(ctx context.Context, network, address string) (net.Conn, error) {
	d.mu.Lock()
	d.dialled = append(d.dialled, address)
	broken, hanging := d.broken, d.hanging
	d.mu.Unlock()
	if hanging {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if broken {
		return nil, errors.New("no route")
	}
	return (&net.Dialer{}).DialContext(ctx, network, address)
}

func (d *detour) hang() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hanging = true
}

func (d *detour) mend() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.broken, d.hanging = false, false
}

func (d *detour) count() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.dialled)
}
