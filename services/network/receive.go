package network

import (
	"context"

	"sotto/node"
	"sotto/services/fault"
)

// Receive is how much of the network's traffic is received, as it was set. It refuses with locked.
func (s *Service) Receive(context.Context) (Receive, error) {
	a := s.attached()
	if a == nil {
		return "", locked()
	}
	return Receive(a.node.Status().Receive), nil
}

// SetReceive chooses how much is received, from now on and after every unlock. It refuses with not_allowed what is no
// setting, with locked or with storage; then nothing has changed.
func (s *Service) SetReceive(ctx context.Context, r Receive) error {
	if !r.Known() {
		return fault.New(fault.NotAllowed, "Sotto receives everything, what concerns you, or decides automatically. Choose one of these.")
	}
	s.editing.Lock()
	defer s.editing.Unlock()
	a := s.attached()
	if a == nil {
		return locked()
	}
	if err := a.store.SetReceive(ctx, r); err != nil {
		return err
	}
	a.node.SetReceive(node.Policy(r))
	s.Changed()
	return nil
}
