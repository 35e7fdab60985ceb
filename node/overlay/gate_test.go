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

// TestGateForgets: an attacker with many networks does not fill the memory, and addresses that are still busy are kept.
func TestGateForgets(t *testing.T) {
	g, _ := testGate(1)
	spent := netip.MustParseAddr("198.51.100.7")
	for range connectBurst {
		if _, ok := g.enter(spent); ok {
			g.leave(spent)
		}
	}
	for i := range uint64(10 * generation) {
		passFrom(g, i)
		if i%generation == 0 {
			if _, ok := g.enter(spent); ok {
				t.Fatalf("after %d others the budget of a spent address was forgotten", i)
			}
		}
	}
	if n := len(g.rates) + len(g.older); n > 2*generation {
		t.Errorf("%d addresses remembered", n)
	}
}

// passFrom lets the nth of many IPv6 networks in and out.
func passFrom(g *gate, n uint64) {
	var raw [16]byte
	binary.BigEndian.PutUint64(raw[:], 0x2001_0000_0000_0000|n)
	a := netip.AddrFrom16(raw)
	if _, ok := g.enter(a); ok {
		g.leave(a)
	}
}

func BenchmarkGate(b *testing.B) {
	g := newGate(DefaultPendingPerAddress, time.Now)
	b.ReportAllocs()
	for n := uint64(0); b.Loop(); n++ {
		passFrom(g, n)
	}
}
