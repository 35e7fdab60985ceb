package network

import (
	"cmp"
	"context"
	"slices"

	"sotto/node/overlay"
	"sotto/services/invite"
)

// SetStaticOnly chooses whether this node connects to nothing but what was added by hand or what the active network names:
// then nothing is looked up. It holds after every unlock, and refuses with locked or storage; then nothing has changed.
func (s *Service) SetStaticOnly(ctx context.Context, only bool) error {
	return s.change(ctx, func(a *attached) error { return a.store.SetStaticOnly(ctx, only) })
}

// searchOf is where peers are taken from: from the active network, and then from those that its nodes know.
func (w *wanted) searchOf() overlay.Search {
	var boot []string
	var named []overlay.Candidate
	for _, n := range w.nodes {
		if n.roles&invite.Boot != 0 {
			boot = append(boot, n.url)
		}
		// The layers have the same bits.
		if roles := overlay.Roles(n.roles) & (overlay.RoleRelay | overlay.RoleMail); n.named != "" && roles != 0 {
			named = append(named, overlay.Candidate{Enode: n.named, Roles: roles})
		}
	}
	slices.Sort(boot)
	boot = boot[:min(len(boot), maxBoot)]
	slices.SortFunc(named, func(a, b overlay.Candidate) int { return cmp.Compare(a.Enode, b.Enode) })
	return overlay.Search{Named: named, Discovery: len(boot) > 0 && !w.staticOnly, Boot: boot, StaticOnly: w.staticOnly}
}

// maxBoot is how many nodes are asked who else is there.
const maxBoot = 16

// search lets the node look where what is wanted says. Nodes that were found for one network are not tried for another.
func (s *Service) search(ctx context.Context, a *attached, before, now *wanted) error {
	was, is := before.searchOf(), now.searchOf()
	sameNetwork := before.network == now.network || before.network == unknownNetwork
	if sameNetwork && was.StaticOnly == is.StaticOnly && slices.Equal(was.Boot, is.Boot) && slices.Equal(was.Named, is.Named) {
		return nil
	}
	var found []overlay.Candidate
	if sameNetwork {
		var err error
		if found, err = a.store.Found(ctx); err != nil {
			return err
		}
	}
	s.follow(a.node.SetSearch(is, found))
	if sameNetwork {
		return nil
	}
	return a.store.ForgetFound(ctx)
}
