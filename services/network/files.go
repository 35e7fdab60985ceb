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

// Import joins the networks of a file, which is a network file with fleets (JSON) or a text with an invite link. Where the
// file has one network, it becomes the active one. It refuses with bad_link, not_allowed, locked or storage; then nothing has
// changed.
func (s *Service) Import(ctx context.Context, file io.Reader) ([]Network, error) {
	data, err := io.ReadAll(io.LimitReader(file, fleet.MaxFile+1))
	if err != nil {
		return nil, fault.Wrap(fault.BadLink, "This file could not be read. Choose it again.", err)
	}
	data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\ufeff"))) // what some editors put at the beginning
	if !bytes.HasPrefix(data, []byte("{")) {
		joined, err := s.Join(ctx, string(data))
		if err != nil {
			return nil, err
		}
		return []Network{joined}, nil
	}
	fleets, err := fleet.Parse(data)
	if err != nil {
		return nil, err
	}
	return s.importFleets(ctx, fleets)
}

func (s *Service) importFleets(ctx context.Context, fleets []fleet.Fleet) (joined []Network, err error) {
	invites := make([]invite.Invite, len(fleets))
	for i, f := range fleets {
		if invites[i], err = inviteOf(f); err != nil {
			return nil, err
		}
	}
	err = s.change(ctx, func(a *attached) error {
		for i, f := range fleets {
			k, err := s.adopt(ctx, a, invites[i])
			if err != nil {
				return err
			}
			if k.Groups, err = json.Marshal(f.Groups); err != nil {
				return err
			}
			k.Active = k.Active || len(fleets) == 1
			if err := a.store.PutNetwork(ctx, k); err != nil {
				return err
			}
			joined = append(joined, s.networkOf(k))
		}
		return nil
	})
	if err != nil {
		return nil, err
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
