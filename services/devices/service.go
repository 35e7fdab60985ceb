package devices

import (
	"context"
	"sync"
	"time"

	"sotto/models"
	"sotto/node/identity"
	"sotto/services/event"
	"sotto/services/fault"
	"sotto/services/network"
	"sotto/services/pairwise"
	"sotto/services/stored"
)

// Publisher tells the rest of the program what changed, after it is stored. It does not block.
type Publisher interface{ Publish(event.Event) }

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

// Store is the open account's database; *models.Store is one.
type Store interface {
	Update(context.Context, func(*models.Tx) error) error
	View(context.Context, func(*models.Tx) error) error
}

// Network is what the network says of itself; *network.Service is one.
type Network interface {
	Status(context.Context) network.Status
	Degraded() []network.Degraded
}

// Account is what an unlocked account lends to a Service, from Attach to Detach. All but Network is needed.
type Account struct {
	Store   Store
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
	events Publisher
	mu     sync.RWMutex // held for reading by calls, for writing by Attach and Detach
	open   *Account     // nil while locked
}

// New returns a Service without an account.
func New(events Publisher) *Service { return &Service{events: events} }

// Attach takes an unlocked account on. A fresh installation queues its announcement, which goes out when a peer is there. The
// store must stay usable until Detach has returned.
func (s *Service) Attach(ctx context.Context, a Account) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a.Fresh {
		if err := a.Store.Update(ctx, a.Circle.Announce); err != nil {
			return err
		}
		a.Changed()
	}
	s.open = &a
	return nil
}

// Detach lets the account go, when running calls have ended.
func (s *Service) Detach() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open = nil
}

// with runs fn for the attached account, which stays attached meanwhile. Errors of the store become refusals.
func (s *Service) with(fn func(*Account) error) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.open == nil {
		return fault.New(fault.Locked, "No account is open. Unlock one first.")
	}
	return stored.Refusal(fn(s.open))
}

// change runs fn in a transaction about a device, and tells of it where fn says that it changed something.
func (s *Service) change(ctx context.Context, id string, fn func(*Account, *models.Tx) (bool, error)) (d Device, err error) {
	err = s.with(func(a *Account) error {
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
