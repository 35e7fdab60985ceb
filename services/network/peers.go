package network

import (
	"context"
	"errors"
	"strings"

	"github.com/ethereum/go-ethereum/p2p/enode"

	"sotto/node/overlay"
	"sotto/services/fault"
	"sotto/services/invite"
)

// maxKnown is how many nodes can be added by hand.
const maxKnown = 256

// AddPeer remembers a node by its enode URL, host names included, and stays connected to it. A node that is known
// takes the new address. It refuses with bad_enode, not_allowed, locked or storage.
func (s *Service) AddPeer(ctx context.Context, url string) error {
	return s.edit(ctx, url, func(a *attached, url string, known []KeptPeer) error {
		return remember(ctx, a, known, KeptPeer{Enode: url, Mail: wasMail(known, url)})
	})
}

// AddMailserver is AddPeer of a node that keeps envelopes for those who are away; it is asked for what was missed.
func (s *Service) AddMailserver(ctx context.Context, url string) error {
	return s.edit(ctx, url, func(a *attached, url string, known []KeptPeer) error {
		return remember(ctx, a, known, KeptPeer{Enode: url, Mail: true})
	})
}

// RemovePeer forgets a node and ends the connection to it; a node that is not known is fine. One that the active network
// names is taken out of it here; where it was the last one, that network is not active any more. It refuses with bad_enode,
// locked or storage.
func (s *Service) RemovePeer(ctx context.Context, url string) error {
	return s.edit(ctx, url, func(a *attached, url string, known []KeptPeer) error {
		if err := forget(ctx, a.store, known, url); err != nil {
			return err
		}
		if err := takeOut(ctx, a.store, url); err != nil {
			return err
		}
		return nodeFault(a.node.RemovePeer(url))
	})
}

// RemoveMailserver is RemovePeer.
func (s *Service) RemoveMailserver(ctx context.Context, url string) error {
	return s.RemovePeer(ctx, url)
}

// edit runs fn with the URL of a node and those that were added by hand.
func (s *Service) edit(ctx context.Context, url string, fn func(a *attached, url string, known []KeptPeer) error) error {
	url = strings.TrimSpace(url)
	if _, err := overlay.ParseEnode(url); err != nil {
		return nodeFault(err)
	}
	return s.change(ctx, func(a *attached) error {
		known, err := a.store.Peers(ctx)
		if err != nil {
			return err
		}
		return fn(a, url, known)
	})
}

// remember stores a node instead of what was known under its key, once the node took it.
func remember(ctx context.Context, a *attached, known []KeptPeer, p KeptPeer) error {
	if len(known)-len(sameNode(known, p.Enode)) >= maxKnown {
		return fault.New(fault.NotAllowed, "Sotto stays connected to at most 256 nodes. Remove one first.")
	}
	if err := a.node.AddPeer(p.Enode); err != nil {
		return nodeFault(err)
	}
	if err := forget(ctx, a.store, known, p.Enode); err != nil {
		return err
	}
	return a.store.AddPeer(ctx, p)
}

func forget(ctx context.Context, store Store, known []KeptPeer, url string) error {
	for _, old := range sameNode(known, url) {
		if err := store.RemovePeer(ctx, old.Enode); err != nil {
			return err
		}
	}
	return nil
}

// takeOut takes a node out of the active network.
func takeOut(ctx context.Context, store Store, url string) error {
	networks, err := store.Networks(ctx)
	if err != nil {
		return err
	}
	k := active(networks)
	if k == nil {
		return nil
	}
	inv, err := invite.Parse(k.Link)
	at := indexOf(inv.Nodes, url)
	switch {
	case err != nil || at < 0:
		return nil
	case len(inv.Nodes) == 1:
		k.Active = false
	default:
		inv.Nodes = append(inv.Nodes[:at], inv.Nodes[at+1:]...)
		k.Link = inv.Link()
	}
	return store.PutNetwork(ctx, *k)
}

// sameNode picks what is known of the node that url names, whatever address it has there.
func sameNode(known []KeptPeer, url string) (same []KeptPeer) {
	id := idOf(url)
	for _, p := range known {
		if idOf(p.Enode) == id {
			same = append(same, p)
		}
	}
	return same
}

func wasMail(known []KeptPeer, url string) bool {
	for _, p := range sameNode(known, url) {
		if p.Mail {
			return true
		}
	}
	return false
}

func idOf(url string) enode.ID {
	n, err := overlay.ParseEnode(url)
	if err != nil {
		return enode.ID{}
	}
	return n.ID()
}

func nodeFault(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, overlay.ErrSelf):
		return fault.Wrap(fault.BadEnode, "That is the address of this Sotto itself. Paste another node's.", err)
	case errors.Is(err, overlay.ErrBadEnode):
		return fault.Wrap(fault.BadEnode,
			"That is not the address of a node. It looks like enode://, 128 letters and digits, @, a host, a colon, a port.", err)
	case errors.Is(err, overlay.ErrStopped):
		return locked()
	}
	return err
}
