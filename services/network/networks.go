package network

import "time"

// Network is one network that this account joined, or could join.
type Network struct {
	Name     string
	Link     string // the invite link that leads to it
	Active   bool   // its nodes are connected; at most one network is active
	Joined   time.Time
	Channel  string // the first channel, or empty
	Nodes    []NetworkNode
	Historic bool // a preset of a network that no longer answers; never dialled unless chosen
}

// NetworkNode is a node that a network names.
type NetworkNode struct {
	Enode string
	Roles []string // relay, mail, boot
}
