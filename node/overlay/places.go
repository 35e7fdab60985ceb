package overlay

import (
	"net/netip"
	"sync"

	"github.com/ethereum/go-ethereum/p2p"
)

// places are what established peers take up, by site. They hold those who came by themselves and whom nobody named, so
// that one site does not fill the node for all others.
type places struct {
	most int // of one site

	mu    sync.Mutex
	taken map[netip.Prefix]int
}

// newPlaces leaves half of all places, and one at least, to one site.
func newPlaces(maxPeers int) *places {
	return &places{most: max(1, maxPeers/2), taken: make(map[netip.Prefix]int)}
}

// take is false when the site has no place left. Whoever got one must leave. Loopback is not limited, as at the gate.
func (p *places) take(addr netip.Addr) bool {
	if addr.IsLoopback() {
		return true
	}
	key := site(addr)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.taken[key] >= p.most {
		return false
	}
	p.taken[key]++
	return true
}

func (p *places) leave(addr netip.Addr) {
	if addr.IsLoopback() {
		return
	}
	key := site(addr)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.taken[key]--; p.taken[key] <= 0 {
		delete(p.taken, key)
	}
}

// seat gives the peer on an inbound connection a place until the connection ends, or disconnects it. Only now, after the
// handshake, is it sure who it is: trusted and known nodes need no place.
func (s *Server) seat(c *conn, addr netip.Addr) {
	p := s.peerOn(c)
	if p == nil || p.Trusted() || s.known(p.ID()) != nil {
		return
	}
	if !s.places.take(addr) {
		s.refused.add(RefusedPlaces)
		s.cfg.Log.Debug("connection refused", "address", c.RemoteAddr(), "reason", RefusedPlaces)
		p.Disconnect(p2p.DiscTooManyPeers)
		return
	}
	defer s.places.leave(addr)
	<-c.closed
}

// peerOn is the peer that the connection belongs to, nil when it has gone.
func (s *Server) peerOn(c *conn) *p2p.Peer {
	want := endsOf(c.LocalAddr(), c.RemoteAddr())
	for _, p := range s.p2p.Peers() {
		if endsOf(p.LocalAddr(), p.RemoteAddr()) == want {
			return p
		}
	}
	return nil
}
