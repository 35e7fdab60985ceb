package stored

import (
	"context"
	"sync"

	"sotto/models"
	"sotto/services/fault"
)

// Store is the open account's database; *models.Store is one.
type Store interface {
	Update(context.Context, func(*models.Tx) error) error
	View(context.Context, func(*models.Tx) error) error
}

// ErrLocked is the refusal of whatever needs an open account. Its code is locked.
var ErrLocked = fault.New(fault.Locked, "No account is open. Unlock one first.")

// Open is what an unlocked account lends to a service, from Attach to Detach. The zero value holds nothing. Its methods may be
// called from any goroutine.
type Open[A any] struct {
	mu   sync.RWMutex // held for reading by calls, for writing by Attach and Detach
	lent *A           // nil while locked
}

// Attach takes an unlocked account on. What it lends must stay usable until Detach has returned.
func (o *Open[A]) Attach(lent *A) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.lent = lent
}

// Detach lets the account go, when running calls have ended.
func (o *Open[A]) Detach() { o.Attach(nil) }

// With runs fn for the attached account, which stays attached meanwhile. The error is ErrLocked where there is none; errors of
// the store become refusals.
func (o *Open[A]) With(fn func(*A) error) error {
	o.mu.RLock()
	defer o.mu.RUnlock()
	if o.lent == nil {
		return ErrLocked
	}
	return Refusal(fn(o.lent))
}
