package network

import (
	"context"

	"sotto/node"
)

// Status is the network now. While no account is open there is none: the state is Offline and the rest empty.
func (s *Service) Status(context.Context) Status {
	a := s.attached()
	if a == nil {
		return Status{State: Offline}
	}
	return statusOf(a.node.Status(), a.wanted.Load())
}

func statusOf(n node.Status, w *wanted) Status {
	status := Status{
		State: State(n.State), Enode: n.Enode, Listen: n.Listen, Known: n.Known, Network: w.network, ClockOffset: n.ClockOffset,
		Traffic: Traffic{
			Useful: n.Traffic.Useful, Duplicate: n.Traffic.Duplicate, Unwanted: n.Traffic.Unwanted,
			Refused: n.Traffic.Refused, Out: n.Traffic.Out,
		},
		Today:   Today{Day: n.Today.Day, Bytes: n.Today.Bytes, Traffic: Traffic(n.Today.Kinds)},
		Budget:  n.Budget,
		Receive: Receive(n.Receive), Everything: n.Everything, StaticOnly: w.staticOnly,
	}
	for _, p := range n.Peers {
		if p.Ready {
			status.Peers = append(status.Peers, Peer{
				Enode: p.Enode, Name: p.Name, Inbound: p.Inbound, Roles: namesOf(w.rolesOf(p)), RTT: p.RTT,
				BytesIn: p.In, BytesOut: p.Out,
			})
		}
	}
	return status
}
