package network

import (
	"context"
	"errors"

	"github.com/ethereum/go-ethereum/p2p/enode"

	"sotto/node"
	"sotto/node/overlay"
	"sotto/services/invite"
)

// wanted is what the node is to be connected to: nodes that were added by hand, and those of the active network. Of a large
// network a few are enough.
type wanted struct {
	network    string // the active one's name; empty: none
	nodes      map[enode.ID]wantedNode
	staticOnly bool // nothing else
}

// unknownNetwork stands for the active network before it was read. No network has this name.
const unknownNetwork = "\x00"

// wantedNode is one of them.
type wantedNode struct {
	url   string
	roles invite.Role // as the network says, or as it was added
	kept  bool        // always connected; of the others the node chooses
	named string      // the address that the network has for it; empty: it was added by hand only
}

// wantedNow reads what is wanted. Where a node was added by hand, its address is the one that the person gave.
func wantedNow(ctx context.Context, store Store) (*wanted, error) {
	peers, err := store.Peers(ctx)
	if err != nil {
		return nil, err
	}
	networks, err := store.Networks(ctx)
	if err != nil {
		return nil, err
	}
	w := &wanted{nodes: make(map[enode.ID]wantedNode)}
	if w.staticOnly, err = store.StaticOnly(ctx); err != nil {
		return nil, err
	}
	if k := active(networks); k != nil {
		w.network = k.Name
		nodes := unique(k.nodes())
		for _, n := range nodes {
			w.nodes[idOf(n.Enode)] = wantedNode{n.Enode, orRelay(n.Roles), isSmall(nodes), n.Enode}
		}
	}
	for _, p := range peers {
		id := idOf(p.Enode)
		old := w.nodes[id]
		n := wantedNode{p.Enode, orRelay(old.roles), true, old.named}
		if p.Mail {
			n.roles |= invite.Mail
		}
		w.nodes[id] = n
	}
	return w, nil
}

// orRelay takes a node of which nothing is said for a relay.
func orRelay(roles invite.Role) invite.Role {
	if roles == 0 {
		return invite.Relay
	}
	return roles
}

// isSmall tells whether a network has no more nodes than a client is connected to anyway: then all are kept. Whoever is no
// mailserver counts as a relay.
func isSmall(nodes []invite.Node) bool {
	relays, mail := 0, 0
	for _, n := range nodes {
		if n.Roles&invite.Mail != 0 {
			mail++
		}
		if n.Roles != invite.Mail {
			relays++
		}
	}
	return len(nodes) <= overlay.MaxRelays || relays <= overlay.MaxRelays && mail <= overlay.MaxMail
}

// settle lets the node follow what is wanted now.
func (s *Service) settle(ctx context.Context, a *attached) error {
	now, err := wantedNow(ctx, a.store)
	if err != nil {
		return err
	}
	before := a.wanted.Swap(now)
	for id, n := range before.nodes {
		if n.kept && !now.nodes[id].kept {
			s.follow(a.node.RemovePeer(n.url))
		}
	}
	for id, n := range now.nodes {
		if old := before.nodes[id]; n.kept && (!old.kept || old.url != n.url) {
			s.follow(a.node.AddPeer(n.url))
		}
	}
	return s.search(ctx, a, before, now)
}

// follow notes that the node did not follow. It does not dial itself, which a network may name, nor after its end.
func (s *Service) follow(err error) {
	if err != nil && !errors.Is(err, overlay.ErrSelf) && !errors.Is(err, overlay.ErrStopped) {
		s.cfg.Log.Warn("a node is not kept connected", "error", err)
	}
}

// rolesOf is what a peer does for others, as far as that is known: what the network says of it, and what it announces itself.
// Whoever speaks Whisper relays, unless the network says otherwise.
func (w *wanted) rolesOf(p node.Peer) invite.Role {
	n, known := w.nodes[p.ID]
	if !known {
		n.roles = invite.Relay
	}
	n.roles |= invite.Role(p.Roles) // the layers have the same bits
	if p.Retention > 0 {
		n.roles |= invite.Mail
	}
	return n.roles
}

// namesOf are the names of roles in status, in the order of the contract.
func namesOf(roles invite.Role) []string {
	names := []string{}
	for _, r := range []struct {
		role invite.Role
		name string
	}{{invite.Relay, "relay"}, {invite.Mail, "mail"}, {invite.Boot, "boot"}} {
		if roles&r.role != 0 {
			names = append(names, r.name)
		}
	}
	return names
}
