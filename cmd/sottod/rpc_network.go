package main

import (
	"context"

	"sotto/services/network"
)

// networkObject is a network that was joined.
type networkObject struct {
	Name    string       `json:"name"`
	Link    string       `json:"link"`
	Active  bool         `json:"active"`
	Channel string       `json:"channel"`
	Joined  int64        `json:"joined"`
	Nodes   []nodeObject `json:"nodes"`
}

type nodeObject struct {
	Enode string   `json:"enode"`
	Roles []string `json:"roles"`
}

func objectOfNetwork(n network.Network) networkObject {
	o := networkObject{
		Name: n.Name, Link: n.Link, Active: n.Active, Channel: n.Channel, Joined: n.Joined.UnixMilli(), Nodes: []nodeObject{},
	}
	for _, node := range n.Nodes {
		o.Nodes = append(o.Nodes, nodeObject(node))
	}
	return o
}

type linkParams struct {
	Link string `json:"link"`
}

func joinNetwork(ctx context.Context, s *server, p linkParams) (any, error) {
	n, err := s.Network.Join(ctx, p.Link)
	return objectOfNetwork(n), err
}

func createNetwork(ctx context.Context, s *server, p nameParams) (any, error) {
	n, err := s.Network.Create(ctx, p.Name)
	return objectOfNetwork(n), err
}

func switchNetwork(ctx context.Context, s *server, p nameParams) (any, error) {
	return true, s.Network.Switch(ctx, p.Name)
}

func leaveNetwork(ctx context.Context, s *server, p nameParams) (any, error) {
	return true, s.Network.Leave(ctx, p.Name)
}

func listNetworks(ctx context.Context, s *server, _ none) (any, error) {
	list, err := s.Network.Networks(ctx)
	objects := make([]networkObject, 0, len(list))
	for _, n := range list {
		objects = append(objects, objectOfNetwork(n))
	}
	return objects, err
}

func inviteToNetwork(ctx context.Context, s *server, p nameParams) (any, error) {
	link, err := s.Network.Invite(ctx, p.Name)
	return linkObject{link}, err
}

func addMailserver(ctx context.Context, s *server, p peerParams) (any, error) {
	return true, s.Network.AddMailserver(ctx, p.Enode)
}

type budgetParams struct {
	Bytes int64 `json:"bytes"`
}

func setBudget(ctx context.Context, s *server, p budgetParams) (any, error) {
	return true, s.Network.SetBudget(ctx, p.Bytes)
}

type staticOnlyParams struct {
	Only bool `json:"only"`
}

func setStaticOnly(ctx context.Context, s *server, p staticOnlyParams) (any, error) {
	return true, s.Network.SetStaticOnly(ctx, p.Only)
}
