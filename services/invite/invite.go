package invite

// Role is what a node does for a network; a node may have several.
type Role uint8

// The roles of nodes.
const (
	Boot  Role = 1 << iota // answers who else is there
	Relay                  // hands envelopes on
	Mail                   // keeps envelopes for those who are away
)

// Node is one node of a network.
type Node struct {
	Enode string // enode URL with a host name or an address
	Roles Role
}

// Invite is what a link says of a network.
type Invite struct {
	Name    string // of the network, one line of printable text
	Nodes   []Node
	Channel string // the first channel's name; empty: none
	Unknown []Field
}

// Field is something that a link says and this version does not know. It is kept.
type Field struct{ Name, Value string }
