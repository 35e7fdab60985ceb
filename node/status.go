package node

import (
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"

	"sotto/node/overlay"
	"sotto/node/whisper"
)

// State is how the node stands to the network.
type State string

// The states of a node.
const (
	Offline    State = "offline"    // this computer has no way out
	Connecting State = "connecting" // no peer has completed the Whisper handshake
	Online     State = "online"     // at least one has
)

// Peer is one connected node.
type Peer struct {
	ID      enode.ID
	Enode   string        // enode://<128 hex digits>@<address>:<port>
	Name    string        // what the peer calls its program
	Inbound bool          // it dialled us
	RTT     time.Duration // smoothed by the kernel; 0 where it is not known
	Ready   bool          // the Whisper handshake is complete
	Roles   overlay.Roles // as far as they were told; 0 where nothing is known
	// Retention is how long it keeps what it acknowledges for those who are away, as it says; 0: it does not say so.
	Retention time.Duration
	In, Out   uint64 // bytes on the wire of this connection
}

// Traffic counts bytes of envelopes since the node started, by what became of them.
type Traffic struct {
	Useful    uint64            // opened by one of our keys
	Duplicate uint64            // had already, and dropped
	Unwanted  uint64            // valid, for somebody else
	Refused   uint64            // not accepted
	Out       uint64            // written to peers
	Reasons   map[string]uint64 // envelopes refused, by reason
}

// Status is the node at one moment.
type Status struct {
	State        State
	Enode        string // how others reach us
	Listen       string // the address that is listened on, HOST:PORT
	Peers        []Peer
	Known        []string // enode URLs that are kept connected
	Traffic      Traffic
	ClockOffset  time.Duration // how far this computer's clock is behind its peers'; 0 while unknown
	ClockSources int           // peers that the offset was estimated from
	Receive      Policy
	Everything   bool  // whether everything is received now, whatever the policy
	Budget       int64 // bytes a day for ReceiveAutomatic
	Today        Spent // what the network cost today
}

// Status tells how the node stands to the network now.
func (n *Node) Status() Status {
	s := Status{
		Enode: n.overlay.Enode(), Listen: n.overlay.ListenAddr(), Known: n.overlay.Known(),
		Traffic: trafficOf(n.whisper.Stats()), Everything: n.everything.Load(),
	}
	s.ClockOffset, s.ClockSources = n.whisper.ClockOffset()
	n.countTraffic()
	s.Receive, s.Budget, s.Today = n.budget.state()
	ready := make(map[enode.ID]whisper.PeerInfo)
	for _, p := range n.whisper.Peers() {
		ready[p.ID] = p
	}
	for _, p := range n.overlay.Peers() {
		hello, isReady := ready[p.ID]
		s.Peers = append(s.Peers, Peer{
			ID: p.ID, Enode: p.Enode, Name: p.Name, Inbound: p.Inbound, RTT: p.RTT, Roles: p.Roles,
			Ready: isReady, Retention: hello.Retention, In: p.In, Out: p.Out,
		})
	}
	s.State = stateOf(len(ready) > 0, n.overlay.WayOut())
	return s
}

func stateOf(ready, wayOut bool) State {
	switch {
	case ready:
		return Online
	case wayOut:
		return Connecting
	default:
		return Offline
	}
}

func trafficOf(w whisper.Stats) Traffic {
	t := Traffic{
		Useful: w.Useful.Bytes, Duplicate: w.Duplicate.Bytes, Unwanted: w.Unwanted.Bytes, Out: w.Sent.Bytes,
		Reasons: make(map[string]uint64, len(w.Refused)),
	}
	for reason, n := range w.Refused {
		t.Refused += n.Bytes
		t.Reasons[string(reason)] = n.Envelopes
	}
	return t
}

// Overlay are the counters of the layer below Whisper: bytes on the wire, dials, connections refused.
func (n *Node) Overlay() overlay.Stats { return n.overlay.Stats() }
