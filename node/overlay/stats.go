package overlay

import (
	"maps"
	"sync"
)

// Stats counts since the server was made.
type Stats struct {
	In, Out  uint64            // bytes on the wire, all connections
	Dials    uint64            // tries to reach a known node
	Refused  map[Reason]uint64 // inbound connections that did not become a peer, by reason
	MaxPeers int
}

// Stats counts what the server did so far.
func (s *Server) Stats() Stats {
	return Stats{
		In: s.conns.in.Load(), Out: s.conns.out.Load(), Dials: s.dials.Load(),
		Refused: s.refused.snapshot(), MaxPeers: s.cfg.MaxPeers,
	}
}

// counts are counters by reason.
type counts struct {
	mu sync.Mutex
	m  map[Reason]uint64
}

func (c *counts) add(r Reason) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.m == nil {
		c.m = make(map[Reason]uint64)
	}
	c.m[r]++
}

func (c *counts) snapshot() map[Reason]uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.m)
}
