package network

import (
	"context"
	"sync"

	"sotto/assets/networks"
	"sotto/services/invite"
	"sotto/services/network/fleet"
)

// presets are the networks that Sotto knows of. All of them are history: they are shown so that nobody looks for them, and
// nothing of them is dialled before somebody joined one.
var presets = sync.OnceValue(func() (list []Network) {
	fleets, err := fleet.Parse(networks.Status)
	if err != nil {
		panic(err) // it is embedded, and a test reads it
	}
	for _, f := range fleets {
		inv, err := inviteOf(f)
		if err != nil {
			panic(err)
		}
		inv.Name = "Status " + f.Name
		n := Network{Name: inv.Name, Link: inv.Link(), Historic: true}
		for _, node := range inv.Nodes {
			n.Nodes = append(n.Nodes, NetworkNode{Enode: node.Enode, Roles: namesOf(node.Roles)})
		}
		list = append(list, n)
	}
	return list
})

// Presets lists networks that can be joined with their link without anybody's invitation. Today all are historic.
func (s *Service) Presets(context.Context) []Network { return append([]Network(nil), presets()...) }

// historic tells whether nodes are those of a network that no longer answers.
func historic(nodes []invite.Node) bool {
	known := make(map[string]bool)
	for _, preset := range presets() {
		for _, n := range preset.Nodes {
			known[n.Enode] = true
		}
	}
	for _, n := range nodes {
		if !known[n.Enode] {
			return false
		}
	}
	return len(nodes) > 0
}
