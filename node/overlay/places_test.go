package overlay

import (
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"
)

func TestPlaces(t *testing.T) {
	p := newPlaces(5)
	a, b := netip.MustParseAddr("2001:db8:1:2::7"), netip.MustParseAddr("2001:db8:1:3::7") // of one /48
	if !p.take(a) || !p.take(b) {
		t.Fatal("half of five is two")
	}
	if p.take(a) {
		t.Error("a third place of five")
	}
	if other := netip.MustParseAddr("2001:db8:2:2::7"); !p.take(other) {
		t.Error("another site")
	} else {
		p.leave(other)
	}
	p.leave(b)
	if !p.take(a) {
		t.Error("no place after one left")
	}
	p.leave(a)
	p.leave(a)
	if len(p.taken) != 0 {
		t.Errorf("remembers %v", p.taken)
	}
	if one := newPlaces(1); !one.take(a) {
		t.Error("no place for anybody")
	}
	for range 100 {
		if !p.take(netip.MustParseAddr("::1")) {
			t.Fatal("loopback is limited")
		}
	}
}

// elsewhere is a connection that seems to come from another address.
type elsewhere struct {
	net.Conn
	from net.Addr
}

func (e elsewhere) RemoteAddr() net.Addr { return e.from }

// entrance is a listener of which every connection seems to come from one address.
func entrance(t *testing.T, s *Server, from string) (address string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			fd, err := ln.Accept()
			if err != nil {
				return
			}
			port := fd.RemoteAddr().(*net.TCPAddr).Port
			if !s.admit(elsewhere{fd, &net.TCPAddr{IP: net.ParseIP(from), Port: port}}, func() {}) {
				fd.Close()
			}
		}
	}()
	t.Cleanup(func() {
		ln.Close()
		<-done
	})
	return ln.Addr().String()
}

// visitor dials the server through an entrance, and keeps trying.
func visitor(t *testing.T, hub *Server, cfg Config, through string) *Server {
	t.Helper()
	cfg.Static = []string{enodeAt(t, hub, through)}
	return start(t, cfg)
}

func enodeAt(t *testing.T, s *Server, address string) string {
	t.Helper()
	ap := netip.MustParseAddrPort(address)
	return enode.NewV4(&s.cfg.Key.PublicKey, ap.Addr().AsSlice(), int(ap.Port()), int(ap.Port())).URLv4()
}

// TestOneAddressDoesNotTakeAllPlaces: half of them are left for others, for good, and whom the node knows needs none.
func TestOneAddressDoesNotTakeAllPlaces(t *testing.T) {
	trusted := testConfig(t)
	cfg := testConfig(t)
	cfg.MaxPeers, cfg.Trusted = 4, []string{nodeURL(t, trusted)}
	hub := start(t, cfg)
	crowded, other := entrance(t, hub, "198.51.100.7"), entrance(t, hub, "198.51.100.8")
	var crowd []*Server
	for range 4 {
		crowd = append(crowd, visitor(t, hub, testConfig(t), crowded))
	}
	eventually(t, 5*time.Second, "two refused", func() bool { return hub.Stats().Refused[RefusedPlaces] >= 2 })
	eventually(t, 5*time.Second, "half of the places", connected(hub, 2))

	visitor(t, hub, trusted, crowded)
	eventually(t, 5*time.Second, "a trusted one is in", func() bool { return len(hub.Peers()) >= 3 && hasPeer(hub, trusted) })
	guest := testConfig(t)
	visitor(t, hub, guest, other)
	eventually(t, 5*time.Second, "another address", func() bool { return hasPeer(hub, guest) })

	for _, s := range crowd {
		s.Stop()
	}
	eventually(t, 5*time.Second, "places are given back", func() bool {
		hub.places.mu.Lock()
		defer hub.places.mu.Unlock()
		return len(hub.places.taken) == 1
	})
	late := testConfig(t)
	visitor(t, hub, late, crowded)
	eventually(t, 5*time.Second, "in after the others left", func() bool { return hasPeer(hub, late) })
}

func hasPeer(s *Server, cfg Config) bool {
	id := enode.PubkeyToIDV4(&cfg.Key.PublicKey)
	return slices.ContainsFunc(s.Peers(), func(p PeerInfo) bool { return p.ID == id })
}
