package contacts

import (
	"time"

	"sotto/models"
	"sotto/node/identity"
)

// person is somebody as the database has them.
type person struct {
	who     identity.PublicKey
	contact models.Contact // zero for strangers
	chat    models.Chat    // zero where there is none
}

func personOf(tx *models.Tx, who identity.PublicKey) (person, error) {
	p := person{who: who}
	var err error
	if p.contact, _, err = tx.Contact(who); err != nil {
		return p, err
	}
	p.chat, _, err = tx.ChatNamed(models.PrivateChat, who.String())
	return p, err
}

// everybody lists contacts and then requests.
func everybody(tx *models.Tx) (list []person, err error) {
	contacts, err := tx.Contacts()
	if err != nil {
		return nil, err
	}
	for _, c := range contacts {
		who, err := identity.DecodePublicKey(c.Key)
		if err != nil {
			return nil, err
		}
		p, err := personOf(tx, who)
		if err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	requests, err := tx.Requests()
	if err != nil {
		return nil, err
	}
	for _, chat := range requests {
		who, err := identity.ParsePublicKey(chat.Name)
		if err != nil {
			return nil, err
		}
		list = append(list, person{who: who, chat: chat})
	}
	return list, nil
}

func (p *person) state() State {
	switch {
	case p.contact.State == models.ContactAdded:
		return Added
	case p.contact.State == models.ContactIgnored:
		return Ignored
	case p.contact.State == models.ContactBlocked:
		return Blocked
	case p.chat.Request:
		return Requested
	}
	return Stranger
}

func (p *person) show(tx *models.Tx) (Contact, error) {
	c := Contact{Key: p.who.String(), Short: p.who.Short(), Pseudonym: p.who.Pseudonym(),
		Name: p.contact.Name, Nickname: p.contact.Nickname, State: p.state()}
	if p.contact.VerifiedAt != 0 {
		c.Verified, c.VerifiedAt = true, time.UnixMilli(p.contact.VerifiedAt)
	}
	devices, err := tx.Installations(p.who)
	c.Devices = len(devices)
	return c, err
}

// differs says whether anything is another way that our other devices have to know.
func (p *person) differs(before person) bool {
	return p.contact.State != before.contact.State || p.contact.Nickname != before.contact.Nickname ||
		(p.contact.VerifiedAt != 0) != (before.contact.VerifiedAt != 0)
}

// named takes over the name that they claimed while they were no contact.
func (p *person) named() {
	if p.chat.ClaimedClock > p.contact.LastUpdated {
		p.contact.Name, p.contact.LastUpdated = p.chat.Claimed, p.chat.ClaimedClock
	}
	p.chat.Claimed, p.chat.ClaimedClock = "", 0
}

// stand stores how we stand with them.
func (p *person) stand(tx *models.Tx, state models.ContactState, now time.Time) error {
	p.contact.Key, p.contact.State = p.who[:], state
	if p.contact.AddedAt == 0 && state == models.ContactAdded {
		p.contact.AddedAt = now.UnixMilli()
	}
	return tx.PutContact(&p.contact)
}

// list puts their chat into the list of chats, or takes it off.
func (p *person) list(tx *models.Tx, active bool, now time.Time) error {
	if p.chat.ID == 0 && !active {
		return nil
	}
	if p.chat.ID == 0 {
		p.chat.Kind, p.chat.Name = models.PrivateChat, p.who.String()
	}
	if active && !p.chat.Active {
		p.chat.JoinedAt = now.UnixMilli()
	}
	p.chat.Active, p.chat.Request = active, false
	return tx.PutChat(&p.chat)
}
