package overlay

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"
)

func testGate(perAddress int) (*gate, *machine) {
	m := newMachine()
	return newGate(perAddress, m.now), m
}

func TestGatePending(t *testing.T) {
	g, _ := testGate(2)
	a, b := netip.MustParseAddr("198.51.100.7"), netip.MustParseAddr("198.51.100.8")
	for range 2 {
		if why, ok := g.enter(a); !ok {
			t.Fatal(why)
		}
	}
	if why, ok := g.enter(a); ok || why != RefusedPending {
		t.Errorf("a third at a time: %v, %v", why, ok)
	}
	if why, ok := g.enter(b); !ok {
		t.Errorf("another address: %v", why)
	}
	g.leave(a)
	if why, ok := g.enter(a); !ok {
		t.Errorf("after one left: %v", why)
	}
	for range 2 {
		g.leave(a)
	}
	g.leave(b)
	if len(g.pending) != 0 {
		t.Errorf("remembers %v", g.pending)
	}
}

func TestGateRate(t *testing.T) {
	g, m := testGate(1)
	a := netip.MustParseAddr("198.51.100.7")
	pass := func() (Reason, bool) {
		why, ok := g.enter(a)
		if ok {
			g.leave(a)
		}
		return why, ok
	}
	for i := range connectBurst {
		if why, ok := pass(); !ok {
			t.Fatalf("connection %d: %v", i+1, why)
		}
	}
	if why, ok := pass(); ok || why != RefusedRate {
		t.Errorf("one more: %v, %v", why, ok)
	}
	m.pass(time.Second)
	for i := range int(connectRate) {
		if why, ok := pass(); !ok {
			t.Errorf("a second later, connection %d: %v", i+1, why)
		}
	}
	if _, ok := pass(); ok {
		t.Error("one more than the rate")
	}
}

func TestGateLoopback(t *testing.T) {
	g, _ := testGate(1)
	for _, s := range []string{"127.0.0.1", "::1"} {
		for range 2 * connectBurst {
			if why, ok := g.enter(netip.MustParseAddr(s)); !ok {
				t.Fatal(why)
			}
		}
		g.leave(netip.MustParseAddr(s))
	}
}

func TestHousehold(t *testing.T) {
	for addr, want := range map[string]string{
		"198.51.100.7":        "198.51.100.7/32",
		"::ffff:198.51.100.7": "198.51.100.7/32",
		"2001:db8:1:2:3::4":   "2001:db8:1:2::/64",
		"fe80::1%eth0":        "fe80::/64",
	} {
		if got := household(netip.MustParseAddr(addr)); got.String() != want {
			t.Errorf("%s: %v, want %s", addr, got, want)
		}
	}
}

// TestGateForgets: an attacker with many networks does not fill the memory, and full budgets go first.
func TestGateForgets(t *testing.T) {
	g, m := testGate(1)
	spent := netip.MustParseAddr("198.51.100.7")
	fill := func(from uint64, n int) {
		for i := range n {
			var raw [16]byte
			raw[0] = 0x20
			binary.BigEndian.PutUint64(raw[0:], 0x2001_0000_0000_0000|from+uint64(i))
			a := netip.AddrFrom16(raw)
			g.enter(a)
			g.leave(a)
		}
	}
	fill(0, maxTracked-1)
	m.pass(time.Minute)
	for range connectBurst {
		if _, ok := g.enter(spent); ok {
			g.leave(spent)
		}
	}
	fill(1_000_000, 10)
	if len(g.rates) > 100 {
		t.Errorf("%d addresses remembered", len(g.rates))
	}
	if _, ok := g.enter(spent); ok {
		t.Error("the budget of a spent address was forgotten")
	}
	fill(2_000_000, 2*maxTracked)
	if len(g.rates) > maxTracked {
		t.Errorf("%d addresses remembered", len(g.rates))
	}
}
