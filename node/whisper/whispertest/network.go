// Package whispertest connects Whisper nodes in memory, with loss, delay, duplication and partition, for tests and
// benchmarks of whatever stands on Whisper. It uses no socket, so it also runs inside testing/synctest.
package whispertest

import (
	"math/rand/v2"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/p2p/enode"

	"sotto/node/whisper"
)

// Conditions are what a link does to packets after the handshake. The zero value is a perfect line.
type Conditions struct {
	Loss      float64       // part of the packets that never arrive, 0 to 1
	Duplicate float64       // part of the packets that arrive twice
	Delay     time.Duration // one way; order is kept
}

// Network is a set of nodes and links. Its random decisions follow from its seed.
type Network struct {
	mu    sync.Mutex
	rand  *rand.Rand
	ids   map[*whisper.Whisper]enode.ID
	links map[pair]*link
}

type pair struct{ a, b *whisper.Whisper }

// New makes an empty network.
func New(seed uint64) *Network {
	return &Network{
		rand:  rand.New(rand.NewPCG(seed, seed)),
		ids:   make(map[*whisper.Whisper]enode.ID),
		links: make(map[pair]*link),
	}
}

// ID is the node ID under which other nodes see w.
func (n *Network) ID(w *whisper.Whisper) enode.ID {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.id(w)
}

func (n *Network) id(w *whisper.Whisper) enode.ID {
	id, known := n.ids[w]
	if !known {
		id[0], id[1], id[31] = byte((len(n.ids)+1)>>8), byte(len(n.ids)+1), 1
		n.ids[w] = id
	}
	return id
}

// Connect links two running nodes; a is the one that dials. Linking the same two again replaces the link.
func (n *Network) Connect(a, b *whisper.Whisper, c Conditions) {
	n.Disconnect(a, b)
	left, right := p2p.MsgPipe()
	l := &link{left: left, right: right}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.links[pair{a, b}] = l
	n.serve(l, a, n.id(b), left, c)
	n.serve(l, b, n.id(a), right, c)
}

func (n *Network) serve(l *link, w *whisper.Whisper, other enode.ID, pipe *p2p.MsgPipeRW, c Conditions) {
	protocol := w.Protocol()
	caps := []p2p.Cap{{Name: protocol.Name, Version: protocol.Version}}
	end := newEnd(n, pipe, c)
	l.lives.Go(func() {
		defer close(end.closed)
		defer pipe.Close()
		_ = protocol.Run(p2p.NewPeerPipe(other, "whispertest", caps, pipe), end)
	})
	if c.Delay > 0 {
		l.lives.Go(end.forward)
	}
}

// Disconnect ends the link between two nodes, whoever dialled, and waits until both have noticed.
func (n *Network) Disconnect(a, b *whisper.Whisper) {
	n.mu.Lock()
	var ending []*link
	for _, p := range []pair{{a, b}, {b, a}} {
		if l := n.links[p]; l != nil {
			ending = append(ending, l)
			delete(n.links, p)
		}
	}
	n.mu.Unlock()
	for _, l := range ending {
		l.close()
	}
}

// Partition ends every link between a node of one side and a node of another.
func (n *Network) Partition(sides ...[]*whisper.Whisper) {
	for i, side := range sides {
		for _, other := range sides[i+1:] {
			for _, a := range side {
				for _, b := range other {
					n.Disconnect(a, b)
				}
			}
		}
	}
}

// Close ends all links and waits for them. The nodes keep running.
func (n *Network) Close() {
	n.mu.Lock()
	links := n.links
	n.links = make(map[pair]*link)
	n.mu.Unlock()
	for _, l := range links {
		l.close()
	}
}

func (n *Network) chance(part float64) bool {
	if part <= 0 {
		return false
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.rand.Float64() < part
}

type link struct {
	left, right *p2p.MsgPipeRW
	lives       sync.WaitGroup
}

func (l *link) close() {
	l.left.Close()
	l.right.Close()
	l.lives.Wait()
}
