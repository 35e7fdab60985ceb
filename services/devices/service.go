package devices

import (
	"context"
	"time"

	"sotto/models"
	"sotto/node/identity"
	"sotto/services/event"
	"sotto/services/network"
	"sotto/services/pairwise"
	"sotto/services/stored"
)

// MostDevices is how many installations of an account take part, this one included.
const MostDevices = 3

// Device is one installation of the open account.
type Device struct {
	ID      string // UUID
	Name    string // that its owner gave it; may be empty where only its keys are known
	Kind    string // such as "desktop"; may be empty
	This    bool   // this computer's
	Enabled bool   // takes part: what we write and read goes to it
	Heard   time.Time
	// Code is what this computer and the other show for the same pair of devices, five groups of four digits; empty for This.
	Code string
}

// Network is what the network says of itself; *network.Service is one.
type Network interface {
	Status(context.Context) network.Status
	Degraded() []network.Degraded
}

// Account is what an unlocked account lends to a Service, from Attach to Detach. All but Network is needed.
type Account struct {
	Store   stored.Store
	Pair    *pairwise.Pair
	Circle  *Circle
	Network Network // nil: nothing is known of it
	// Fresh says that this installation was made just now, of an account that was elsewhere before: it announces itself.
	Fresh bool
	// Changed is told after a commit that something may wait to be sent.
	Changed func()
}

// Service is the devices of the open account. Its methods may be called from any goroutine; while no account is attached
// they fail with the code locked.
type Service struct {
	events event.Publisher
	open   stored.Open[Account]
}

// New returns a Service without an account.
func New(events event.Publisher) *Service { return &Service{events: events} }

// Attach takes an unlocked account on. A fresh installation queues its announcement, which goes out when a peer is there. The
// store must stay usable until Detach has returned.
func (s *Service) Attach(ctx context.Context, a Account) error {
	if a.Fresh {
		if err := a.Store.Update(ctx, a.Circle.Announce); err != nil {
			return err
		}
		a.Changed()
	}
	s.open.Attach(&a)
	return nil
}

// Detach lets the account go, when running calls have ended.
func (s *Service) Detach() { s.open.Detach() }

// change runs fn in a transaction about a device, and tells of it where fn says that it changed something.
func (s *Service) change(ctx context.Context, id string, fn func(*Account, *models.Tx) (bool, error)) (d Device, err error) {
	err = s.open.With(func(a *Account) error {
		changed := false
		err := a.Store.Update(ctx, func(tx *models.Tx) (err error) {
			if changed, err = fn(a, tx); err != nil {
				return err
			}
			list, err := a.list(tx)
			for _, known := range list {
				if known.ID == id {
					d = known
				}
			}
			return err
		})
		if err == nil && changed {
			a.Changed()
			s.events.Publish(event.Event{Kind: event.Device, Name: id})
		}
		return err
	})
	return d, err
}

func (a *Account) self() identity.PublicKey { return a.Pair.Self() }
