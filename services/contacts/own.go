package contacts

import (
	"cmp"

	"sotto/models"
	"sotto/node/identity"
	"sotto/node/payload"
	"sotto/services/event"
	"sotto/services/ingest"
)

// Reasons for which what another device of ours says of somebody is not taken in.
const (
	ReasonOutdated ingest.Reason = "outdated" // something later is known of the same thing
	ReasonSelf     ingest.Reason = "self"     // it is about ourselves
)

// told is how another device of ours says that we stand with somebody.
type told struct {
	who      identity.PublicKey
	clock    uint64
	state    models.ContactState
	nickname string
	verified bool
	partly   bool // it says nothing of verified: the message is one that deployed clients know, too

	name    string // that they claim
	updated uint64 // clock of the contact update that told it, 0 if none
}

// SyncContact takes in that another device of ours added somebody.
func (a *Account) SyncContact(tx *models.Tx, in payload.SyncContact) (ingest.Effects, error) {
	return a.apply(tx, told{who: in.Key, clock: in.Clock, state: models.ContactAdded, nickname: in.Nickname, partly: true,
		name: in.Name, updated: in.Updated})
}

// SyncStanding takes in how we stand with somebody, as another device of ours says.
func (a *Account) SyncStanding(tx *models.Tx, clock uint64, in payload.Standing) (ingest.Effects, error) {
	return a.apply(tx, told{who: in.Key, clock: clock, state: models.ContactState(in.State), nickname: in.Nickname, verified: in.Verified})
}

// apply makes it so, if nothing later is known. It is not told to anybody: whoever said it told all of our devices.
func (a *Account) apply(tx *models.Tx, t told) (ingest.Effects, error) {
	if t.who == a.Pair.Self() {
		return ingest.Effects{}, ReasonSelf
	}
	before, shown, err := look(tx, t.who)
	if err != nil {
		return ingest.Effects{}, err
	}
	stood, err := tx.Stood(t.who)
	switch {
	case err != nil:
		return ingest.Effects{}, err
	case t.clock < stood, t.clock == stood && !t.wins(before.contact):
		return ingest.Effects{}, ReasonOutdated
	}
	p := before
	if err := a.follow(tx, &p, t); err != nil {
		return ingest.Effects{}, err
	}
	after, err := p.show(tx)
	if err != nil || after == shown && p.chat.Active == before.chat.Active {
		return ingest.Effects{}, err
	}
	effects := ingest.Effects{Listen: true, Send: true, Events: []event.Event{{Kind: event.Contact, Chat: t.who.String()}}}
	if p.chat.ID != 0 {
		effects.Events = append(effects.Events, event.Event{Kind: event.Chat, Chat: t.who.String()})
	}
	return effects, nil
}

// wins decides between two devices that said something in the same millisecond, the same way on each of them.
func (t told) wins(is models.Contact) bool {
	if t.partly {
		return false
	}
	rank := map[bool]int{true: 1}
	return cmp.Or(cmp.Compare(t.state, is.State), cmp.Compare(t.nickname, is.Nickname),
		cmp.Compare(rank[t.verified], rank[is.VerifiedAt != 0])) > 0
}

// follow stores how we stand with somebody now.
func (a *Account) follow(tx *models.Tx, p *person, t told) error {
	was := p.contact.State
	if err := a.settle(tx, p, was, t); err != nil {
		return err
	}
	if t.state == 0 {
		p.contact = models.Contact{}
		return tx.Estrange(p.who, t.clock)
	}
	p.contact.Nickname, p.contact.Synced = t.nickname, t.clock
	if t.updated > p.contact.LastUpdated {
		p.contact.Name, p.contact.LastUpdated = t.name, t.updated
	}
	switch {
	case t.partly:
	case !t.verified:
		p.contact.VerifiedAt = 0
	case p.contact.VerifiedAt == 0:
		p.contact.VerifiedAt = a.Now().UnixMilli()
	}
	return p.stand(tx, t.state, a.Now())
}

// settle does to the chat with somebody, and to what is owed to them, what goes with how we stand with them now.
func (a *Account) settle(tx *models.Tx, p *person, was models.ContactState, t told) error {
	switch {
	case t.state == models.ContactAdded:
		p.named()
		if err := a.acknowledge(tx, p.who); err != nil {
			return err
		}
		return p.list(tx, true, a.Now())
	case t.state == models.ContactBlocked:
		if err := tx.ForgetTaken(p.who); err != nil {
			return err
		}
	case was == models.ContactAdded:
		if err := forgetSendings(tx, p.who); err != nil {
			return err
		}
	}
	if t.state == 0 && p.chat.ID != 0 {
		// What we wrote to a stranger since, on any device, puts the chat on the list again, also where that came first.
		wrote, err := tx.LastOwn(p.chat.ID)
		switch {
		case err != nil:
			return err
		case wrote > max(p.chat.Synced, t.clock):
			return p.list(tx, true, a.Now())
		case p.chat.Synced > t.clock:
			return nil
		}
	}
	return p.list(tx, false, a.Now())
}
