package network

import (
	"context"

	"sotto/services/fault"
)

// Bounds of what a day may cost, in bytes.
const (
	MinBudget int64 = 1_000_000
	MaxBudget int64 = 1_000_000_000_000
)

// SetBudget chooses how many bytes a day may cost before less is received, where that is decided automatically: from now on
// and after every unlock. It refuses with not_allowed what is too little or too much, with locked or with storage; then nothing
// has changed.
func (s *Service) SetBudget(ctx context.Context, bytes int64) error {
	if bytes < MinBudget || bytes > MaxBudget {
		return fault.New(fault.NotAllowed, "Choose from 1 MB to 1 TB a day.")
	}
	return s.change(ctx, func(a *attached) error {
		if err := a.store.SetBudget(ctx, bytes); err != nil {
			return err
		}
		a.node.SetBudget(bytes)
		return nil
	})
}
