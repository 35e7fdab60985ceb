package overlay

import (
	"testing"
	"time"
)

// TestBytesOfEachPeer: what one end wrote the other has read, and each peer's bytes are a part of all.
func TestBytesOfEachPeer(t *testing.T) {
	hub := start(t, testConfig(t))
	var clients []*Server
	for range 2 {
		cfg := testConfig(t)
		cfg.Static = []string{hub.Enode()}
		clients = append(clients, start(t, cfg))
	}
	eventually(t, 5*time.Second, "both ends count the same", func() bool {
		var in, out uint64
		for _, c := range clients {
			theirs, ours := c.peer(hub), hub.peer(c)
			if ours.In == 0 || ours.In != theirs.Out || ours.Out == 0 || ours.Out != theirs.In {
				return false
			}
			in, out = in+ours.In, out+ours.Out
		}
		all := hub.Stats()
		return in == all.In && out == all.Out
	})
}

// peer is what s knows of another server, or nothing.
func (s *Server) peer(other *Server) PeerInfo {
	for _, p := range s.Peers() {
		if p.ID == idOf(other) {
			return p
		}
	}
	return PeerInfo{}
}
