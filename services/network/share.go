package network

import (
	"context"
	"errors"
	"image"

	"sotto/node"
	"sotto/node/overlay"
	"sotto/services/invite"
	"sotto/services/qr"
)

const (
	// unnamed is what a network is called that nobody gave a name.
	unnamed = "Sotto network"
	// codePicture is the width in pixels of a picture of a link.
	codePicture = 512
)

// Invite is the link that leads others to a network, or, where the name is empty, to the active one; without an active one it
// leads to the nodes that this account knows. Roles are those known now, and mailservers that were added by hand belong to the
// active network. It refuses with no_such_network, not_allowed, locked or storage.
func (s *Service) Invite(ctx context.Context, name string) (link string, err error) {
	inv, err := s.invitation(ctx, name)
	return inv.Link(), err
}

// InviteQR is the picture of Invite; where there are more nodes than fit, of the first ones.
func (s *Service) InviteQR(ctx context.Context, name string) (image.Image, error) {
	inv, err := s.invitation(ctx, name)
	if err != nil {
		return nil, err
	}
	return qr.Encode(inv.Within(qr.MaxText).Link(), codePicture)
}

func (s *Service) invitation(ctx context.Context, name string) (inv invite.Invite, err error) {
	a := s.attached()
	if a == nil {
		return inv, locked()
	}
	k, err := find(ctx, a, name)
	switch {
	case errors.Is(err, errNoNetwork) && name == "":
		inv = invite.Invite{Name: unnamed, Nodes: a.around()}
	case err != nil:
		return invite.Invite{}, err
	default:
		if inv, err = invite.Parse(k.Link); err != nil {
			return invite.Invite{}, err
		}
		inv.Nodes = a.today(inv.Nodes, k.Active)
	}
	if len(inv.Nodes) == 0 {
		return invite.Invite{}, errNobodyKnown
	}
	return inv.Within(invite.MaxLink), nil
}

// today are the nodes of a network with the roles known now; those of the active one and, with them, the mailservers that are
// wanted besides.
func (a *attached) today(nodes []invite.Node, active bool) []invite.Node {
	w, status := a.wanted.Load(), a.node.Status()
	if active {
		for _, m := range mailserversOf(node.Status{}, w) {
			if indexOf(nodes, m.Enode) < 0 {
				nodes = append(nodes, invite.Node{Enode: m.Enode, Roles: invite.Relay | invite.Mail})
			}
		}
		for i, n := range nodes {
			nodes[i].Roles |= w.nodes[idOf(n.Enode)].roles
		}
	}
	for _, p := range status.Peers {
		if i := indexOf(nodes, p.Enode); i >= 0 && p.Ready {
			nodes[i].Roles |= w.rolesOf(p)
		}
	}
	return nodes[:min(len(nodes), invite.MaxNodes)]
}

// around are the nodes that others could connect to: those that this account stays connected to, those that it dialled, and
// itself where it has a public address.
func (a *attached) around() (nodes []invite.Node) {
	w, status := a.wanted.Load(), a.node.Status()
	for _, n := range w.nodes {
		nodes = append(nodes, invite.Node{Enode: n.url, Roles: n.roles})
	}
	sortByURL(nodes)
	for _, p := range status.Peers {
		if p.Ready && !p.Inbound {
			nodes = append(nodes, invite.Node{Enode: p.Enode, Roles: w.rolesOf(p)})
		}
	}
	if isPublic(status.Enode) {
		nodes = append(nodes, invite.Node{Enode: status.Enode, Roles: invite.Relay})
	}
	nodes = unique(nodes)
	return nodes[:min(len(nodes), invite.MaxNodes)]
}

// isPublic tells whether an enode URL may be reached from anywhere: it has a host name, or an address that is nobody's own.
func isPublic(url string) bool {
	n, err := overlay.ParseEnode(url)
	if err != nil {
		return false
	}
	ip := n.IPAddr()
	return n.Hostname() != "" || ip.IsGlobalUnicast() && !ip.IsPrivate()
}
