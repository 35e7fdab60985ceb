package overlay

import (
	"context"
	"slices"

	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/p2p/enode"
)

// AddPeer keeps the node of an enode URL connected from now on. A node that is kept already takes the new address. Errors
// are ErrSelf, ErrStopped, or wrap ErrBadEnode.
func (s *Server) AddPeer(url string) error {
	n, err := ParseEnode(url)
	if err != nil {
		return err
	}
	if n.ID() == enode.PubkeyToIDV4(&s.cfg.Key.PublicKey) {
		return ErrSelf
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.running {
		return ErrStopped
	}
	if old := s.keepers[n.ID()]; old != nil {
		if dialAddress(old.node) == dialAddress(n) {
			return nil
		}
		old.cancel()
	}
	k := &keeper{node: n, server: s}
	s.keepers[n.ID()] = k
	s.startKeeper(k)
	return nil
}

// RemovePeer no longer keeps the node connected, and disconnects it.
func (s *Server) RemovePeer(url string) error {
	n, err := ParseEnode(url)
	if err != nil {
		return err
	}
	s.mu.Lock()
	k := s.keepers[n.ID()]
	delete(s.keepers, n.ID())
	running := s.running
	s.mu.Unlock()
	if !running {
		return ErrStopped
	}
	if k != nil {
		k.cancel()
		<-k.done
	}
	if p := s.pool.Load(); p != nil {
		p.dismiss(n.ID())
	}
	s.disconnect(p2p.DiscRequested, func(p *p2p.Peer) bool { return p.ID() == n.ID() })
	return nil
}

// startKeeper is called with the lock held.
func (s *Server) startKeeper(k *keeper) {
	ctx, cancel := context.WithCancel(s.ctx)
	k.cancel, k.done = cancel, make(chan struct{})
	s.wg.Go(func() {
		defer cancel()
		k.run(ctx)
	})
}

// Known are the enode URLs that are kept connected, in order.
func (s *Server) Known() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	urls := make([]string, 0, len(s.keepers))
	for _, k := range s.keepers {
		urls = append(urls, k.node.URLv4())
	}
	slices.Sort(urls)
	return urls
}

func (s *Server) known(id enode.ID) *enode.Node {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k := s.keepers[id]; k != nil {
		return k.node
	}
	return nil
}

// disconnect ends the connections of the peers that match.
func (s *Server) disconnect(why p2p.DiscReason, match func(*p2p.Peer) bool) (n int) {
	for _, p := range s.p2p.Peers() {
		if match(p) {
			p.Disconnect(why)
			n++
		}
	}
	return n
}
