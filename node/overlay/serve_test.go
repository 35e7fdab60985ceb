package overlay

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enr"
)

// TestOwnRecord: what a node that serves says of itself.
func TestOwnRecord(t *testing.T) {
	cfg := serving(t, RoleRelay|RoleMail)
	cfg.Record = []enr.Entry{enr.WithEntry("x", uint64(7))}
	s := start(t, cfg)
	n := s.p2p.Self()
	var shh, mail, x uint64
	for key, v := range map[string]*uint64{"shh": &shh, "mail": &mail, "x": &x} {
		if err := n.Load(enr.WithEntry(key, v)); err != nil {
			t.Errorf("%s: %v", key, err)
		}
	}
	if shh != 6 || mail != 30*24*3600 || x != 7 {
		t.Errorf("shh %d, mail %d, x %d", shh, mail, x)
	}
	udp, _ := s.packets.LocalAddr().(*net.UDPAddr)
	if n.IPAddr().String() != "127.0.0.1" || n.UDP() != udp.Port || fmt.Sprint(n.TCP()) != portOf(s.ListenAddr()) {
		t.Errorf("record leads to %v, UDP %d, TCP %d", n.IPAddr(), n.UDP(), n.TCP())
	}
	if n.UDP() == n.TCP() != !strings.Contains(s.Enode(), "discport") {
		t.Errorf("enode %s for UDP %d", s.Enode(), n.UDP())
	}
}

func portOf(address string) string {
	_, port, _ := net.SplitHostPort(address)
	return port
}

// TestPublicNameInRecord: records have addresses, so that a public name is resolved for them, to one of each kind.
func TestPublicNameInRecord(t *testing.T) {
	names := &fakeDNS{hosts: map[string][]netip.Addr{}}
	names.set("relay.example.org", "198.51.100.7", "198.51.100.8", "2001:db8::7")
	cfg := serving(t, RoleRelay)
	cfg.Public, cfg.Resolver = "relay.example.org:443", names
	s := start(t, cfg)
	var four enr.IPv4Addr
	var six enr.IPv6Addr
	eventually(t, 5*time.Second, "both addresses", func() bool {
		n := s.p2p.Self()
		return n.Load(&four) == nil && n.Load(&six) == nil
	})
	if netip.Addr(four).String() != "198.51.100.7" || netip.Addr(six).String() != "2001:db8::7" {
		t.Errorf("record leads to %v and %v", netip.Addr(four), netip.Addr(six))
	}
	// 443 is a port that discovery takes no record with: UDP stays on the port of the socket.
	udp, _ := s.packets.LocalAddr().(*net.UDPAddr)
	if n := s.p2p.Self(); n.TCP() != 443 || n.UDP() != udp.Port {
		t.Errorf("TCP %d, UDP %d", n.TCP(), n.UDP())
	}
	if want := fmt.Sprintf("@relay.example.org:443?discport=%d", udp.Port); !strings.HasSuffix(s.Enode(), want) {
		t.Errorf("enode %s, want …%s", s.Enode(), want)
	}
}

// TestFacing: of the addresses of this computer the record has the best, and beside it a public one of the other kind.
func TestFacing(t *testing.T) {
	for _, test := range []struct{ addresses, want string }{
		{"127.0.0.1", "127.0.0.1"},
		{"127.0.0.1 192.168.1.5", "192.168.1.5"},
		{"192.168.1.5 fd00::1", "192.168.1.5"},
		{"192.168.1.5 2001:db8::1", "2001:db8::1"},
		{"198.51.100.7 2001:db8::1 2001:db8::2", "198.51.100.7 2001:db8::1"},
	} {
		m := newMachine(strings.Fields(test.addresses)...)
		cfg := serving(t, RoleRelay)
		cfg.Listen, cfg.addresses = "0.0.0.0:0", m.addresses
		s := start(t, cfg)
		s.mu.Lock()
		host, _ := s.whereabouts()
		got := fmt.Sprint(s.facing(host))
		s.mu.Unlock()
		if got != "["+test.want+"]" {
			t.Errorf("of %s: %s", test.addresses, got)
		}
	}
}

// TestServersDoNotSeek: a node with a role dials those that it was told to, and nobody else.
func TestServersDoNotSeek(t *testing.T) {
	hub := start(t, serving(t, RoleBoot|RoleRelay|RoleMail))
	cfg := serving(t, RoleRelay, hub.Enode())
	cfg.Cached = []Candidate{{Enode: hub.Enode(), Roles: RoleRelay}}
	s := start(t, cfg)
	eventually(t, 20*time.Second, "they know each other", func() bool { return len(table(hub)) == 1 })
	if n := s.Stats(); n.Dials != 0 || n.Searches != 0 {
		t.Errorf("counted %+v", n)
	}
	if err := s.SetSearch(Search{}, nil); !errors.Is(err, ErrNoPool) {
		t.Errorf("SetSearch: %v", err)
	}
}

// TestServingNeedsItsPort: an administrator hears of a port that is taken when the node starts.
func TestServingNeedsItsPort(t *testing.T) {
	taken, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	cfg := serving(t, RoleBoot)
	cfg.Listen = taken.LocalAddr().String()
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(t.Context()); err == nil || !strings.Contains(err.Error(), "discovery") {
		t.Errorf("started: %v", err)
		s.Stop()
	}
}
