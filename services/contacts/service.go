package contacts

import (
	"context"
	"crypto/ecdsa"
	"reflect"
	"time"

	"sotto/models"
	"sotto/node/identity"
	"sotto/services/devices"
	"sotto/services/event"
	"sotto/services/pairwise"
	"sotto/services/stored"
)

// Account is what an unlocked account lends to a Service, from Attach to Detach.
type Account struct {
	Store stored.Store
	Key   *ecdsa.PrivateKey // the chat key
	Pair  *pairwise.Pair
	Now   func() time.Time
	// Circle tells our other devices how we stand with people; nil: one of its own.
	Circle *devices.Circle
	// Changed is told after a commit that something may wait to be sent, and that other topics may be listened to.
	Changed func()
}

// Service is the people whom the open account knows. Its methods may be called from any goroutine; while no account is
// attached they fail with the code locked.
type Service struct {
	events event.Publisher
	open   stored.Open[Account]
}

// New returns a Service without an account.
func New(events event.Publisher) *Service { return &Service{events: events} }

// Attach takes an unlocked account on. The store must stay usable until Detach has returned.
func (s *Service) Attach(a Account) {
	if a.Circle == nil {
		a.Circle = devices.NewCircle(a.Key, a.Pair, a.Now)
	}
	s.open.Attach(&a)
}

// Detach lets the account go, when running calls have ended.
func (s *Service) Detach() { s.open.Detach() }

// change runs fn in a transaction about somebody, tells of it if anything is another way then, and returns how they stand
// afterwards.
func (s *Service) change(ctx context.Context, key string, fn func(*Account, *models.Tx, *person) error) (c Contact, err error) {
	who, err := parseKey(key)
	if err != nil {
		return Contact{}, err
	}
	return s.changeOf(ctx, who, fn)
}

func (s *Service) changeOf(ctx context.Context, who identity.PublicKey, fn func(*Account, *models.Tx, *person) error) (c Contact, err error) {
	err = s.open.With(func(a *Account) error {
		if who == a.Pair.Self() {
			return errOwnKey
		}
		changed := false
		talked := false // whether there is a chat with them, on the list or not
		err := a.Store.Update(ctx, func(tx *models.Tx) error {
			before, shown, err := look(tx, who)
			if err != nil {
				return err
			}
			stood, err := tx.Stood(who)
			if err != nil {
				return err
			}
			p := before
			if err := fn(a, tx, &p); err != nil {
				return err
			}
			if p.differs(before) {
				if err := a.Circle.Stand(tx, who, stood, &p.contact, p.chat); err != nil {
					return err
				}
			}
			c, err = p.show(tx)
			changed, talked = c != shown || !reflect.DeepEqual(p, before), p.chat.ID != 0
			return err
		})
		if err != nil || !changed {
			return err
		}
		a.Changed()
		s.events.Publish(event.Event{Kind: event.Contact, Chat: who.String()})
		if talked {
			s.events.Publish(event.Event{Kind: event.Chat, Chat: who.String()})
		}
		return nil
	})
	return c, err
}

// Get is how we stand with somebody, who may be a stranger. The code is bad_key.
func (s *Service) Get(ctx context.Context, key string) (c Contact, err error) {
	who, err := parseKey(key)
	if err != nil {
		return Contact{}, err
	}
	err = s.open.With(func(a *Account) error {
		return a.Store.View(ctx, func(tx *models.Tx) error {
			_, c, err = look(tx, who)
			return err
		})
	})
	return c, err
}

// look finds somebody, and is how they are shown.
func look(tx *models.Tx, who identity.PublicKey) (p person, c Contact, err error) {
	if p, err = personOf(tx, who); err == nil {
		c, err = p.show(tx)
	}
	return p, c, err
}

// List is everybody who was added, ignored or blocked, in the order in which that began, and then who waits for an answer to
// a request.
func (s *Service) List(ctx context.Context) (list []Contact, err error) {
	err = s.open.With(func(a *Account) error {
		return a.Store.View(ctx, func(tx *models.Tx) error {
			list = []Contact{}
			people, err := everybody(tx)
			if err != nil {
				return err
			}
			for _, p := range people {
				c, err := p.show(tx)
				if err != nil {
					return err
				}
				list = append(list, c)
			}
			return nil
		})
	})
	return list, err
}
