package network

import (
	"context"
	"slices"
	"strings"
	"time"

	"sotto/node/overlay"
	"sotto/services/invite"
)

// Store remembers nodes, networks and settings. Its errors are *fault.Error.
type Store interface {
	Peers(ctx context.Context) ([]KeptPeer, error)
	AddPeer(ctx context.Context, p KeptPeer) error // or what is said of it now
	RemovePeer(ctx context.Context, enodeURL string) error
	SetReceive(ctx context.Context, r Receive) error
	SetBudget(ctx context.Context, bytes int64) error
	StaticOnly(ctx context.Context) (bool, error)
	SetStaticOnly(ctx context.Context, only bool) error

	// Networks lists the networks in the order in which they were joined.
	Networks(ctx context.Context) ([]Kept, error)
	// PutNetwork stores a network instead of the one of its name, whose time of joining stays. Where it is active, no other is.
	PutNetwork(ctx context.Context, k Kept) error
	RemoveNetwork(ctx context.Context, name string) error

	// Found are nodes that were found for the active network, to be tried first.
	Found(ctx context.Context) ([]overlay.Candidate, error)
	ForgetFound(ctx context.Context) error
}

// KeptPeer is a node that was added by hand.
type KeptPeer struct {
	Enode string // enode URL, as it was given
	Mail  bool   // as a mailserver
}

// Kept is a network that was joined.
type Kept struct {
	Name   string // here; the link may have the same name without a number
	Link   string
	Active bool
	Joined time.Time
	Groups []byte // of the network file that it came with, JSON by name of the group; nil where it came with none
}

// nodes are those of the link. One that cannot be read has none.
func (k Kept) nodes() []invite.Node {
	inv, _ := invite.Parse(k.Link)
	return inv.Nodes
}

// unique has each node once, where it is named first, with all its roles.
func unique(nodes []invite.Node) (once []invite.Node) {
	for _, n := range nodes {
		if at := indexOf(once, n.Enode); at >= 0 {
			once[at].Roles |= n.Roles
		} else {
			once = append(once, n)
		}
	}
	return once
}

func sortByURL(nodes []invite.Node) {
	slices.SortFunc(nodes, func(a, b invite.Node) int { return strings.Compare(a.Enode, b.Enode) })
}

// meet tells whether two lists have a node in common.
func meet(a, b []invite.Node) bool {
	return slices.ContainsFunc(a, func(n invite.Node) bool { return indexOf(b, n.Enode) >= 0 })
}

// indexOf is where a node is in a list, whatever address it has there, or -1.
func indexOf(nodes []invite.Node, url string) int {
	id := idOf(url)
	return slices.IndexFunc(nodes, func(n invite.Node) bool { return idOf(n.Enode) == id })
}
