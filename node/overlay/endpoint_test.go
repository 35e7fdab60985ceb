package overlay

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

func nodeID(s *Server) string {
	id, _, _ := strings.Cut(s.Enode(), "@")
	return id
}

func TestEnode(t *testing.T) {
	m := newMachine("127.0.0.1", "192.168.1.5", "2001:db8::1")
	for name, test := range map[string]struct{ listen, public, want string }{
		"loopback":        {"127.0.0.1:0", "", "127.0.0.1:PORT"},
		"any":             {"0.0.0.0:0", "", "[2001:db8::1]:PORT"},
		"public name":     {"127.0.0.1:0", "relay.example.org:443", "relay.example.org:443"},
		"public address6": {"127.0.0.1:0", "[2001:db8::2]:443", "[2001:db8::2]:443"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := testConfig(t)
			cfg.Listen, cfg.Public, cfg.addresses = test.listen, test.public, m.addresses
			s := start(t, cfg)
			_, port, _ := net.SplitHostPort(s.ListenAddr())
			want := strings.Replace(test.want, "PORT", port, 1)
			_, got, _ := strings.Cut(s.Enode(), "@")
			if got != want {
				t.Errorf("reached at %s, want %s", got, want)
			}
			if _, err := ParseEnode(s.Enode()); err != nil {
				t.Errorf("own enode: %v", err)
			}
		})
	}
}

func TestEnodeWithoutListener(t *testing.T) {
	cfg := testConfig(t)
	cfg.Listen = ""
	s := start(t, cfg)
	if s.ListenAddr() != "" || strings.Contains(s.Enode(), "@") {
		t.Errorf("listens on %q, reached at %q", s.ListenAddr(), s.Enode())
	}
}

func TestBestAddress(t *testing.T) {
	order := []string{"127.0.0.1", "fe80::1", "fd00::1", "192.168.1.5", "2001:db8::1", "198.51.100.7"}
	var addrs []netip.Addr
	for i, a := range order {
		addrs = append(addrs, netip.MustParseAddr(a))
		want := a
		if i < 2 {
			want = "127.0.0.1"
		}
		if got := bestAddress(addrs); got.String() != want {
			t.Errorf("of %v: %v", addrs, got)
		}
	}
}

// TestHostName: each dial goes to the name, so that the resolver is asked anew.
func TestHostName(t *testing.T) {
	hub := start(t, testConfig(t))
	_, port, _ := net.SplitHostPort(hub.ListenAddr())
	names := &resolver{to: hub.ListenAddr()}
	cfg := testConfig(t)
	cfg.Static, cfg.Dial = []string{nodeID(hub) + "@relay.example.org:" + port}, names.dial
	s := start(t, cfg)
	eventually(t, 5*time.Second, "connected", connected(s, 1))
	if got := s.Peers()[0].Enode; got != cfg.Static[0] {
		t.Errorf("shown as %s", got)
	}
	hub.Stop()
	moved := hub.cfg // the same node, elsewhere
	moved.Listen = "127.0.0.1:0"
	hub2 := start(t, moved)
	names.move(hub2.ListenAddr())
	eventually(t, 10*time.Second, "connected again", connected(hub2, 1))
}

// resolver stands for one name that moves.
type resolver struct {
	detour
	to string
}

func (r *resolver) move(to string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.to = to
}

func (r *resolver) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if !strings.HasPrefix(address, "relay.example.org:") {
		return nil, &net.DNSError{Name: address}
	}
	r.mu.Lock()
	to := r.to
	r.mu.Unlock()
	return r.detour.dial(ctx, network, to)
}

func TestLocalhostIsResolved(t *testing.T) {
	if addrs, err := net.LookupHost("localhost"); err != nil || !slices.Contains(addrs, "127.0.0.1") {
		unavailable(t, "localhost is not known here")
	}
	hub := start(t, testConfig(t))
	_, port, _ := net.SplitHostPort(hub.ListenAddr())
	cfg := testConfig(t)
	cfg.Static = []string{nodeID(hub) + "@localhost:" + port}
	s := start(t, cfg)
	eventually(t, 5*time.Second, "connected", connected(s, 1))
}
