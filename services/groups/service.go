package groups

import (
	"context"
	"io"

	"sotto/models"
	"sotto/services/event"
	"sotto/services/stored"
)

// Account is what an unlocked account lends to a Service, from Attach to Detach.
type Account struct {
	Store  stored.Store
	Keeper *Keeper
	Rand   io.Reader
	// Changed is told after a commit that something may wait to be sent, and that other topics may be listened to.
	Changed func()
}

// Service is the private groups of the open account. Its methods may be called from any goroutine; while no account is
// attached they fail with the code locked. chat is the id of a group; keys are taken in any form. Codes beside those named:
// no_such_chat where there is no such group on the list, not_allowed where our role does not allow it.
type Service struct {
	events event.Publisher
	open   stored.Open[Account]
}

// New returns a Service without an account.
func New(events event.Publisher) *Service { return &Service{events: events} }

// Attach takes an unlocked account on. The store must stay usable until Detach has returned.
func (s *Service) Attach(a Account) { s.open.Attach(&a) }

// Detach lets the account go, when running calls have ended.
func (s *Service) Detach() { s.open.Detach() }

// view runs fn in a transaction that only reads.
func (s *Service) view(ctx context.Context, fn func(*Account, *models.Tx) error) error {
	return s.open.With(func(a *Account) error {
		return a.Store.View(ctx, func(tx *models.Tx) error { return fn(a, tx) })
	})
}

// update runs fn in a transaction, and then tells of what it changed.
func (s *Service) update(ctx context.Context, fn func(*Account, *models.Tx) ([]event.Event, error)) error {
	return s.open.With(func(a *Account) error {
		var events []event.Event
		err := a.Store.Update(ctx, func(tx *models.Tx) (err error) {
			events, err = fn(a, tx)
			return err
		})
		if err != nil || len(events) == 0 {
			return err
		}
		for _, e := range events {
			s.events.Publish(e)
		}
		a.Changed()
		return nil
	})
}

// listed is the row of a group that is on the list or among the invitations.
func listed(tx *models.Tx, chat string) (models.Chat, error) {
	row, found, err := tx.ChatNamed(models.GroupChat, chat)
	if err == nil && (!found || !row.Active && !row.Request) {
		err = errNoSuchGroup
	}
	return row, err
}
