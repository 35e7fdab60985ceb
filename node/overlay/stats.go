package overlay

import (
	"maps"
	"sync"
)

// Stats counts since the server was made.
type Stats struct {
	In, Out  uint64            // bytes on the wire, all connections
	Dials    uint64            // tries to reach a node
	DialsBy  map[Source]uint64 // the same, by where the node was known from
	Refused  map[Reason]uint64 // inbound connections that did not become a peer, by reason
	Searches uint64            // looks for nodes that nobody named
	Found    map[Source]uint64 // nodes of use that were not known before, by where they were found
	MaxPeers int
}

// Stats counts what the server did so far.
func (s *Server) Stats() Stats {
	return Stats{
		In: s.conns.in.Load(), Out: s.conns.out.Load(), Dials: s.dials.Load(),
		DialsBy: s.dialsBy.snapshot(), Refused: s.refused.snapshot(), MaxPeers: s.cfg.MaxPeers,
		Searches: s.searches.Load(), Found: s.found.snapshot(),
	}
}

// counts are counters by name.
type counts[K comparable] struct {
	mu sync.Mutex
	m  map[K]uint64
}

func (c *counts[K]) add(name K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.m == nil {
		c.m = make(map[K]uint64)
	}
	c.m[name]++
}

func (c *counts[K]) snapshot() map[K]uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.m)
}
