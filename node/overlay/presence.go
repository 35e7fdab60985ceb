package overlay

import (
	"maps"
	"sync"

	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/p2p/enode"
)

// presence knows which nodes are peers now, from p2p's events.
type presence struct {
	mu    sync.Mutex
	nodes map[enode.ID]*present
}

// present is one connected node. An old connection's end may be told after the next one's beginning: hence the count.
type present struct {
	connections int
	gone        chan struct{}
}

func newPresence() *presence { return &presence{nodes: make(map[enode.ID]*present)} }

// tell takes an event and says whether it changed who is there.
func (p *presence) tell(ev *p2p.PeerEvent) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.nodes[ev.Peer]
	switch {
	case ev.Type == p2p.PeerEventTypeAdd && n == nil:
		p.nodes[ev.Peer] = &present{connections: 1, gone: make(chan struct{})}
	case ev.Type == p2p.PeerEventTypeAdd:
		n.connections++
	case ev.Type == p2p.PeerEventTypeDrop && n != nil:
		if n.connections--; n.connections == 0 {
			delete(p.nodes, ev.Peer)
			close(n.gone)
		}
	default:
		return false
	}
	return true
}

// mailPeers are connected nodes that turned out to keep envelopes.
type mailPeers struct {
	mu  sync.Mutex
	ids map[enode.ID]bool
}

func (m *mailPeers) has(id enode.ID) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.ids[id]
}

// learn takes a connected node up, and forgets those that are not connected any more.
func (m *mailPeers) learn(id enode.ID, here func(enode.ID) bool) (news bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	maps.DeleteFunc(m.ids, func(old enode.ID, _ bool) bool { return !here(old) })
	if m.ids[id] || !here(id) {
		return false
	}
	if m.ids == nil {
		m.ids = make(map[enode.ID]bool)
	}
	m.ids[id] = true
	return true
}

// LearnMail tells the server that a connected node keeps envelopes for those who are away, which its own record, or whoever
// named it, need not have said: a client that has a mailserver looks for none.
func (s *Server) LearnMail(id enode.ID) {
	if s.mail.learn(id, func(id enode.ID) bool { return s.presence.gone(id) != nil }) {
		s.changed()
	}
}

// gone is closed when the node is no longer connected; nil if it is not connected now.
func (p *presence) gone(id enode.ID) <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := p.nodes[id]; n != nil {
		return n.gone
	}
	return nil
}

// follow feeds p2p's events into p until stop is closed, and calls changed after each that counts.
// The channel has no buffer: when p2p goes on after an event, it has been taken.
func (p *presence) follow(events <-chan *p2p.PeerEvent, stop <-chan struct{}, changed func()) {
	for {
		select {
		case ev := <-events:
			if p.tell(ev) {
				changed()
			}
		case <-stop:
			return
		}
	}
}
