package devices

import (
	"context"

	"sotto/models"
	"sotto/services/network"
)

// Trouble is why another device may not have been heard, and what to do.
type Trouble struct{ Text, Remedy string }

// Trouble says in a sentence each, with what to do, why another device may not have been heard: no peers, a wrong clock,
// another phrase. It is empty where nothing is wrong that this computer can see. That no other device was heard of at all is
// something.
func (s *Service) Trouble(ctx context.Context) (list []Trouble) {
	err := s.open.With(func(a *Account) error {
		list = a.networkTrouble(ctx)
		return a.Store.View(ctx, func(tx *models.Tx) error {
			known, err := a.list(tx)
			if err == nil && len(known) == 1 {
				list = append(list, Trouble{
					"No other device of this account was heard of. Another recovery phrase makes another account; this one has the key " + a.self().Short() + ".",
					"Compare the key with the one that the other device shows. If it is the same, let both announce themselves.",
				})
			}
			return err
		})
	})
	if err != nil {
		return nil // nothing that can be said of it has to do with devices
	}
	return list
}

// networkTrouble is what keeps this computer from hearing anybody.
func (a *Account) networkTrouble(ctx context.Context) (list []Trouble) {
	if a.Network == nil {
		return nil
	}
	if len(a.Network.Status(ctx).Peers) == 0 {
		list = append(list, Trouble{
			"This computer is connected to nobody. What devices tell each other waits until it is.",
			"Check the connection, or join a network that both devices use.",
		})
	}
	for _, d := range a.Network.Degraded() {
		if d.Name == network.DegradedClock {
			list = append(list, Trouble{d.Text, d.Remedy})
		}
	}
	return list
}
