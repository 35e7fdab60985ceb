package overlay

import (
	"cmp"
	"slices"
	"time"

	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/p2p/enode"
)

// PeerInfo is one connected node.
type PeerInfo struct {
	ID      enode.ID
	Enode   string // of an inbound peer with the port that it dialled from, unless it is one of the known
	Name    string // what it calls its program
	Inbound bool
	Static  bool  // one of those that are kept connected
	Roles   Roles // as its record or a candidate said; 0 where nothing is known

	Retention time.Duration // how long it keeps envelopes, as far as it said so
	RTT       time.Duration // as TCP measures it; 0 where the system does not tell
	Since     time.Duration // how long it has been connected
	In, Out   uint64        // bytes on the wire since then
}

// Peers are the connected nodes, in order of their ids.
func (s *Server) Peers() []PeerInfo {
	if !s.isRunning() {
		return nil
	}
	peers := s.p2p.Peers()
	infos := make([]PeerInfo, 0, len(peers))
	for _, p := range peers {
		infos = append(infos, s.info(p))
	}
	slices.SortFunc(infos, func(a, b PeerInfo) int { return cmp.Compare(a.ID.String(), b.ID.String()) })
	return infos
}

func (s *Server) info(p *p2p.Peer) PeerInfo {
	i := PeerInfo{
		ID: p.ID(), Enode: p.Node().URLv4(), Name: p.Fullname(), Inbound: p.Inbound(),
		Since: time.Duration(p.Lifetime()),
	}
	if n := s.known(p.ID()); n != nil {
		i.Enode, i.Static = n.URLv4(), true
	}
	if pool := s.pool.Load(); pool != nil {
		i.Roles, i.Retention = pool.roles(p.ID())
	}
	if s.mail.has(p.ID()) {
		i.Roles |= RoleMail
	}
	if c := s.conns.find(p.LocalAddr(), p.RemoteAddr()); c != nil {
		i.RTT = rtt(c.Conn)
		i.In, i.Out = c.in.Load(), c.out.Load()
	}
	return i
}

func (s *Server) isRunning() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.running
}
