package network

import (
	"context"
	"fmt"
	"slices"
	"time"

	"sotto/services/fault"
	"sotto/services/invite"
)

// maxNetworks is how many networks an account can have joined.
const maxNetworks = 64

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
type NetworkNode struct { //nolint:revive // Node is what runs while an account is open
	Enode string
	Roles []string // relay, mail, boot
}

// Networks lists the networks that this account joined, in that order. It refuses with locked or storage.
func (s *Service) Networks(ctx context.Context) ([]Network, error) {
	a := s.attached()
	if a == nil {
		return nil, locked()
	}
	list, err := a.store.Networks(ctx)
	if err != nil {
		return nil, err
	}
	networks := make([]Network, 0, len(list))
	for _, k := range list {
		networks = append(networks, s.networkOf(k))
	}
	return networks, nil
}

// Join joins the network that an invite link leads to and makes it the active one; the link may stand in a text. A network
// that is known, which is one of the same name that has a node in common, takes the nodes of the link. Another network of the
// same name gets a number behind it. It refuses with bad_link, not_allowed, locked or storage.
func (s *Service) Join(ctx context.Context, link string) (joined Network, err error) {
	inv, err := invite.Parse(link)
	if err != nil {
		return Network{}, err
	}
	err = s.change(ctx, func(a *attached) error {
		k, err := s.adopt(ctx, a, inv)
		if err != nil {
			return err
		}
		k.Active = true
		joined = s.networkOf(k)
		return a.store.PutNetwork(ctx, k)
	})
	return joined, err
}

// Create makes a network of the nodes that this account is connected to or knows, and of its own node where that has a public
// address, and makes it the active one. It refuses with bad_name, not_allowed, locked or storage.
func (s *Service) Create(ctx context.Context, name string) (made Network, err error) {
	if !invite.IsName(name) {
		return Network{}, errBadName
	}
	err = s.change(ctx, func(a *attached) error {
		list, err := a.store.Networks(ctx)
		if err != nil {
			return err
		}
		inv := invite.Invite{Name: name, Nodes: a.around()}
		switch {
		case byName(list, name) != nil:
			return errNameTaken
		case len(list) >= maxNetworks:
			return errManyNetworks
		case len(inv.Nodes) == 0:
			return errNobodyKnown
		}
		k := Kept{Name: name, Link: inv.Link(), Active: true, Joined: s.cfg.Now()}
		made = s.networkOf(k)
		return a.store.PutNetwork(ctx, k)
	})
	return made, err
}

// Switch makes a network that was joined the active one: the nodes of the one before it are let go. It refuses with
// no_such_network, locked or storage.
func (s *Service) Switch(ctx context.Context, name string) error {
	return s.change(ctx, func(a *attached) error {
		k, err := joinedAs(ctx, a, name)
		if err != nil {
			return err
		}
		k.Active = true
		return a.store.PutNetwork(ctx, *k)
	})
}

// Leave forgets a network; its nodes are let go, but for those that were added by hand. Chats and messages stay. It refuses
// with no_such_network, locked or storage.
func (s *Service) Leave(ctx context.Context, name string) error {
	return s.change(ctx, func(a *attached) error {
		if _, err := joinedAs(ctx, a, name); err != nil {
			return err
		}
		return a.store.RemoveNetwork(ctx, name)
	})
}

// change runs fn while nobody else changes what is remembered, and then lets the node follow.
func (s *Service) change(ctx context.Context, fn func(*attached) error) error {
	s.editing.Lock()
	defer s.editing.Unlock()
	a := s.attached()
	if a == nil {
		return locked()
	}
	if err := fn(a); err != nil {
		return err
	}
	if err := s.settle(ctx, a); err != nil {
		return err
	}
	s.Changed()
	return nil
}

// adopt is the network that an invitation means, known or new, with what the invitation says.
func (s *Service) adopt(ctx context.Context, a *attached, inv invite.Invite) (Kept, error) {
	list, err := a.store.Networks(ctx)
	if err != nil {
		return Kept{}, err
	}
	inv.Nodes = unique(inv.Nodes)
	for n := 1; ; n++ {
		name := inv.Name
		if n > 1 {
			name = fmt.Sprintf("%s (%d)", name, n)
		}
		k := byName(list, name)
		switch {
		case k == nil && len(list) >= maxNetworks:
			return Kept{}, errManyNetworks
		case k == nil:
			return Kept{Name: name, Link: inv.Link(), Joined: s.cfg.Now()}, nil
		case meet(k.nodes(), inv.Nodes):
			k.Link = inv.Link()
			return *k, nil
		}
	}
}

// joinedAs is a network by its name.
func joinedAs(ctx context.Context, a *attached, name string) (*Kept, error) {
	list, err := a.store.Networks(ctx)
	if err != nil {
		return nil, err
	}
	k := byName(list, name)
	if k == nil {
		return nil, errNoNetwork
	}
	return k, nil
}

// find is a network by its name, or the active one where that is empty.
func find(ctx context.Context, a *attached, name string) (*Kept, error) {
	if name != "" {
		return joinedAs(ctx, a, name)
	}
	list, err := a.store.Networks(ctx)
	if err != nil {
		return nil, err
	}
	k := active(list)
	if k == nil {
		return nil, errNoNetwork
	}
	return k, nil
}

func byName(list []Kept, name string) *Kept {
	if i := slices.IndexFunc(list, func(k Kept) bool { return k.Name == name }); i >= 0 {
		return &list[i]
	}
	return nil
}

func active(list []Kept) *Kept {
	if i := slices.IndexFunc(list, func(k Kept) bool { return k.Active }); i >= 0 {
		return &list[i]
	}
	return nil
}

// networkOf is a stored network as it is shown.
func (s *Service) networkOf(k Kept) Network {
	inv, err := invite.Parse(k.Link)
	if err != nil {
		s.cfg.Log.Warn("a stored network cannot be read", "error", err)
	}
	n := Network{Name: k.Name, Link: k.Link, Active: k.Active, Joined: k.Joined, Channel: inv.Channel, Historic: historic(inv.Nodes)}
	for _, node := range inv.Nodes {
		n.Nodes = append(n.Nodes, NetworkNode{Enode: node.Enode, Roles: namesOf(node.Roles)})
	}
	return n
}

var (
	errBadName      = fault.New(fault.BadName, "A network's name is one line of 1 to 100 characters.")
	errNameTaken    = fault.New(fault.BadName, "You have a network of this name. Choose another one.")
	errNoNetwork    = fault.New(fault.NoSuchNetwork, "You have not joined this network. Join it with its link.")
	errManyNetworks = fault.New(fault.NotAllowed, "You have joined 64 networks. Leave one first.")
	errNobodyKnown  = fault.New(fault.NotAllowed, "You know no node yet that a network could be made of. Connect to one first.")
)
