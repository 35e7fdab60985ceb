package network

import "time"

// State is how the node stands to the network.
type State string

// The states: Offline has no way out, Connecting has no completed handshake, Online has at least one.
const (
	Offline    State = "offline"
	Connecting State = "connecting"
	Online     State = "online"
)

// Receive says how much of the network's traffic this node asks its peers for.
type Receive string

// The settings of what is received. Receiving everything tells peers nothing about what this person reads; receiving what
// concerns them tells peers the bloom filter of the topics (EIP-627).
const (
	ReceiveAutomatic  Receive = "automatic"  // everything, until a day has cost 100 MB; the default
	ReceiveEverything Receive = "everything" // best privacy
	ReceiveConcerning Receive = "concerning" // only what matches this person's topics, and some besides
)

// Known says whether r is one of the settings.
func (r Receive) Known() bool {
	return r == ReceiveAutomatic || r == ReceiveEverything || r == ReceiveConcerning
}

// Peer is one connected node.
type Peer struct {
	Enode   string
	Name    string // what the peer calls its program
	Inbound bool
	Roles   []string // relay, mail, boot
	RTT     time.Duration
	// BytesIn and BytesOut went over the wire since this connection began, in both directions as seen from here.
	BytesIn, BytesOut uint64
}

// Traffic counts bytes since the node started.
type Traffic struct {
	Useful    uint64 // opened by one of our keys
	Duplicate uint64
	Unwanted  uint64 // valid, for somebody else
	Refused   uint64
	Out       uint64
}

// Today is what the network cost today, whichever runs of the program it came in.
type Today struct {
	Day     string  // YYYY-MM-DD, local time; empty while locked
	Bytes   int64   // on the wire, both ways
	Traffic Traffic // of the envelopes among them
}

// Status is the network at one moment.
type Status struct {
	State       State
	Enode       string // ours; empty while locked
	Listen      string
	Peers       []Peer
	Known       []string // enode URLs that are kept connected: those added by hand, and those of an active network with few nodes
	Network     string   // the active network's name; empty: none
	Traffic     Traffic
	Today       Today
	Budget      int64 // bytes a day until ReceiveAutomatic narrows what is received
	Receive     Receive
	Everything  bool          // everything is received now
	StaticOnly  bool          // nothing is connected but what was added by hand or what the active network names
	ClockOffset time.Duration // how far this computer's clock is behind its peers'; 0 while unknown
}

// Degraded is a named state in which something does not work, with what to do about it.
type Degraded struct {
	Name   string
	Since  time.Time
	Until  time.Time // zero while it lasts
	Text   string    // one sentence: what is wrong
	Remedy string    // one sentence: what to do
}
