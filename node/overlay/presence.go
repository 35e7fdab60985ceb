package overlay

import (
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
