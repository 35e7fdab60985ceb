package contacts

import (
	"context"
	"time"

	"sotto/models"
	"sotto/node/identity"
	"sotto/node/payload"
	"sotto/node/secure"
	"sotto/services/fault"
	"sotto/services/link"
	"sotto/services/pairwise"
)

// Add makes a contact of whoever a text names: a key in any form, or a contact link, whose keys are taken in with it. The
// chat with them is in the list from then on, and they hear that we added them. The codes are bad_key, bad_link, own_key and,
// where they are blocked, not_allowed.
func (s *Service) Add(ctx context.Context, text string) (Contact, error) {
	to, err := parseContact(text)
	if err != nil {
		return Contact{}, err
	}
	return s.changeOf(ctx, to.Key, func(a *Account, tx *models.Tx, p *person) error {
		if p.state() == Blocked {
			return errBlocked
		}
		if err := a.learn(tx, to); err != nil {
			return err
		}
		return a.accept(tx, p)
	})
}

// learn takes in the bundle of a link. One that is older than what is known changes nothing; one that is not genuine means
// that the link is not.
func (a *Account) learn(tx *models.Tx, to link.Link) error {
	if len(to.Bundle) == 0 {
		return nil
	}
	_, err := a.Pair.Learn(tx, to.Bundle, to.Key)
	if secure.ReasonOf(err) != "" {
		return fault.Wrap(fault.BadLink, "The keys in this link are not genuine. Ask for the link again, or add the person by their key.", err)
	}
	return err
}

// accept lets them in: they are a contact, by the name that they claim, their chat is in the list, what they wrote is
// acknowledged, and they are told.
func (a *Account) accept(tx *models.Tx, p *person) error {
	now := a.Now()
	fresh := p.state() != Added
	p.named()
	if err := p.stand(tx, models.ContactAdded, now); err != nil {
		return err
	}
	if err := p.list(tx, true, now); err != nil {
		return err
	}
	if !fresh {
		return nil
	}
	if err := a.acknowledge(tx, p.who); err != nil {
		return err
	}
	return a.tell(tx, p.who, now)
}

// acknowledge tells somebody who is let in what of theirs came before.
func (a *Account) acknowledge(tx *models.Tx, who identity.PublicKey) error {
	owed, err := tx.OwedAcks(who)
	if err != nil || len(owed) == 0 {
		return err
	}
	if err := a.Pair.Acknowledge(tx, who, owed); err != nil {
		return err
	}
	return tx.ForgetOwed(who)
}

// tell sends them a contact update. It has no name: the one of an account is for its own computer.
func (a *Account) tell(tx *models.Tx, to identity.PublicKey, now time.Time) error {
	wrapped, _, err := payload.ContactUpdate{Clock: payload.NextClock(now, 0)}.Seal(a.Key)
	if err != nil {
		return err
	}
	_, err = a.Pair.Send(tx, to, wrapped, pairwise.Ref{})
	return err
}

// Accept answers a request. The code is no_such_contact where there is none.
func (s *Service) Accept(ctx context.Context, key string) (Contact, error) {
	return s.change(ctx, key, func(a *Account, tx *models.Tx, p *person) error {
		switch p.state() {
		case Requested, Ignored:
			return a.accept(tx, p)
		case Added:
			return nil
		}
		return errNoRequest
	})
}

// Ignore puts a request away without an answer: what they write from then on is dropped. Accept and Add still work later. The
// code is no_such_contact where there is no request.
func (s *Service) Ignore(ctx context.Context, key string) (Contact, error) {
	return s.change(ctx, key, func(a *Account, tx *models.Tx, p *person) error {
		switch p.state() {
		case Ignored:
			return nil
		case Requested:
			if err := p.stand(tx, models.ContactIgnored, a.Now()); err != nil {
				return err
			}
			return p.list(tx, false, a.Now())
		}
		return errNoRequest
	})
}

// Block drops what somebody writes, unread and without an answer, hides what they wrote in channels, and takes their chat off
// the list. What they have not acknowledged is not sent to them again. Anybody can be blocked.
func (s *Service) Block(ctx context.Context, key string) (Contact, error) {
	return s.change(ctx, key, func(a *Account, tx *models.Tx, p *person) error {
		if err := p.stand(tx, models.ContactBlocked, a.Now()); err != nil {
			return err
		}
		if err := tx.ForgetTaken(p.who); err != nil {
			return err
		}
		return p.list(tx, false, a.Now())
	})
}

// Unblock ends that. Who was a contact before is one again.
func (s *Service) Unblock(ctx context.Context, key string) (Contact, error) {
	return s.change(ctx, key, func(a *Account, tx *models.Tx, p *person) error {
		if p.state() != Blocked {
			return nil
		}
		if p.contact.AddedAt == 0 {
			p.contact = models.Contact{}
			return tx.RemoveContact(p.who)
		}
		if err := p.stand(tx, models.ContactAdded, a.Now()); err != nil {
			return err
		}
		return p.list(tx, true, a.Now())
	})
}

// Remove makes a stranger of a contact. Their chat leaves the list; what was said stays and is there again when they are added
// anew. The code is no_such_contact.
func (s *Service) Remove(ctx context.Context, key string) (Contact, error) {
	return s.change(ctx, key, func(a *Account, tx *models.Tx, p *person) error {
		if p.state() != Added {
			return errNoContact
		}
		p.contact = models.Contact{}
		if err := tx.RemoveContact(p.who); err != nil {
			return err
		}
		if err := forgetSendings(tx, p.who); err != nil {
			return err
		}
		return p.list(tx, false, a.Now())
	})
}

// forgetSendings ends that something is repeated to a stranger: their acknowledgements are not read, but where they share a
// group with us.
func forgetSendings(tx *models.Tx, who identity.PublicKey) error {
	if mate, err := tx.SharesGroup(who); mate || err != nil {
		return err
	}
	return tx.ForgetSendings(who)
}
