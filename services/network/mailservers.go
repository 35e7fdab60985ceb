package network

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"

	"sotto/node"
	"sotto/node/overlay"
	"sotto/services/invite"
)

// Mailserver is a node that keeps envelopes for those who are away.
type Mailserver struct {
	Enode     string
	Name      string // host name or address
	Connected bool
	Retention time.Duration // how long it keeps envelopes, as it announces itself; 0: unknown

	Ours  bool // the active network names the node, or it was added by hand: whoever asks it tells no stranger what is read here
	Named bool // the same as a mailserver, and not only by itself: what it promises counts
}

// Mailservers lists the mailservers that the active network names, that were added by hand, or that announce themselves, also
// those that are not connected; by enode URL.
func (s *Service) Mailservers(context.Context) []Mailserver {
	a := s.attached()
	if a == nil {
		return nil
	}
	return mailserversOf(a.node.Status(), a.wanted.Load())
}

func mailserversOf(status node.Status, w *wanted) []Mailserver {
	found := make(map[enode.ID]Mailserver)
	for id, n := range w.nodes {
		if n.roles&invite.Mail != 0 {
			found[id] = Mailserver{Enode: n.url, Ours: true, Named: true}
		}
	}
	for _, p := range status.Peers {
		if p.Ready && w.rolesOf(p)&invite.Mail != 0 {
			m := found[p.ID]
			m.Enode, m.Connected, m.Retention = cmp.Or(m.Enode, p.Enode), true, p.Retention
			_, m.Ours = w.nodes[p.ID]
			found[p.ID] = m
		}
	}
	list := make([]Mailserver, 0, len(found))
	for _, m := range found {
		m.Name = hostOf(m.Enode)
		list = append(list, m)
	}
	slices.SortFunc(list, func(a, b Mailserver) int { return cmp.Compare(a.Enode, b.Enode) })
	return list
}

// hostOf is where a node is, without what only programs read.
func hostOf(url string) string {
	n, err := overlay.ParseEnode(url)
	if err != nil {
		return ""
	}
	return cmp.Or(n.Hostname(), n.IPAddr().String())
}
