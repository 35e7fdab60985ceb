package network

import (
	"bytes"
	"context"
	"encoding/json"
	"io"

	"sotto/services/fault"
	"sotto/services/invite"
	"sotto/services/network/fleet"
)

// Offer is a network that a file leads to. Nothing of it is joined.
type Offer struct {
	Network                            // what it would be, neither active nor joined
	Invite  invite.Invite              // the same as an invitation
	groups  map[string]json.RawMessage // of the network file, as they are there; nil where it is a text with a link
}

// Offers reads what a file leads to, which is a network file with fleets (JSON) or a text with an invite link, and joins
// nothing: whoever chose the file sees first what is in it. There is at least one offer; they are sorted by name. It refuses
// with bad_link.
func (s *Service) Offers(_ context.Context, file io.Reader) ([]Offer, error) {
	data, err := io.ReadAll(io.LimitReader(file, fleet.MaxFile+1))
	if err != nil {
		return nil, fault.Wrap(fault.BadLink, "This file could not be read. Choose it again.", err)
	}
	data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\ufeff"))) // what some editors put at the beginning
	if !bytes.HasPrefix(data, []byte("{")) {
		inv, err := invite.Parse(string(data))
		if err != nil {
			return nil, err
		}
		return []Offer{s.offer(inv, nil)}, nil
	}
	fleets, err := fleet.Parse(data)
	if err != nil {
		return nil, err
	}
	offers := make([]Offer, len(fleets))
	for i, f := range fleets {
		inv, err := inviteOf(f)
		if err != nil {
			return nil, err
		}
		offers[i] = s.offer(inv, f.Groups)
	}
	return offers, nil
}

func (s *Service) offer(inv invite.Invite, groups map[string]json.RawMessage) Offer {
	return Offer{Network: s.networkOf(Kept{Name: inv.Name, Link: inv.Link()}), Invite: inv, groups: groups}
}

// Accept joins the network of an offer and makes it the active one, as Join does; what its file said besides is kept. It
// refuses with not_allowed, locked or storage; then nothing has changed.
func (s *Service) Accept(ctx context.Context, o Offer) (joined Network, err error) {
	err = s.change(ctx, func(a *attached) error {
		k, err := s.adopt(ctx, a, o.Invite)
		if err != nil {
			return err
		}
		if o.groups != nil {
			if k.Groups, err = json.Marshal(o.groups); err != nil {
				return err
			}
		}
		k.Active = true
		joined = s.networkOf(k)
		return a.store.PutNetwork(ctx, k)
	})
	if err != nil {
		return Network{}, err
	}
	return joined, nil
}

// inviteOf is a fleet as an invitation.
func inviteOf(f fleet.Fleet) (invite.Invite, error) {
	nodes, err := f.Nodes()
	inv := invite.Invite{Name: f.Name, Nodes: unique(nodes)}
	if err == nil {
		err = inv.Check()
	}
	return inv, err
}

// Export writes a network, or the active one where the name is empty, as a network file with one fleet. It refuses with
// no_such_network, locked or storage.
func (s *Service) Export(ctx context.Context, name string, to io.Writer) error {
	a := s.attached()
	if a == nil {
		return locked()
	}
	k, err := find(ctx, a, name)
	if err != nil {
		return err
	}
	f := fleet.Fleet{Name: k.Name}
	if len(k.Groups) > 0 {
		if err := json.Unmarshal(k.Groups, &f.Groups); err != nil {
			s.cfg.Log.Warn("what a network file said besides was not kept", "error", err)
		}
	}
	data, err := f.With(a.today(k.nodes(), k.Active)).Encode(s.cfg.Now())
	if err != nil {
		return err
	}
	if _, err = to.Write(data); err != nil {
		return fault.Wrap(fault.StorageProblem, "The file could not be written. Choose another place.", err)
	}
	return nil
}
