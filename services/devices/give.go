package devices

import (
	"time"

	"sotto/models"
	"sotto/node/identity"
	"sotto/node/payload"
	"sotto/services/event"
)

// heardEvery is how exact it is kept when a device was heard from last.
const heardEvery = time.Minute

// Heard takes note that a device that takes part wrote to this one. addressed says that it encrypted for this device, which it
// does only once this one takes part there, too: the first time that it does so it is given everything.
func (c *Circle) Heard(tx *models.Tx, installation string, addressed bool) (events []event.Event, err error) {
	row, _, err := tx.OwnDevice(installation)
	if err != nil {
		return nil, err
	}
	now := c.now().UnixMilli()
	give := addressed && row.GivenAt == 0
	if !give && now-row.HeardAt < heardEvery.Milliseconds() && now >= row.HeardAt {
		return nil, nil
	}
	row.ID, row.HeardAt = installation, now
	if give {
		row.GivenAt = max(now, 1)
		everything, err := c.everything(tx)
		if err != nil {
			return nil, err
		}
		if err := c.pair.Give(tx, installation, everything); err != nil {
			return nil, err
		}
		events = append(events, event.Event{Kind: event.Device, Name: installation})
	}
	return events, tx.PutOwnDevice(row)
}

// everything is what a device has to know that takes part from now on: whom we know, what is on the list, up to where it was
// read, and what others add. What was said before is not among it.
func (c *Circle) everything(tx *models.Tx) ([][]byte, error) {
	var l letters
	l.add(c.key, payload.ContactUpdate{Clock: c.next(0)})
	if err := c.addPeople(tx, &l); err != nil {
		return nil, err
	}
	chats, err := tx.AllChats()
	if err != nil {
		return nil, err
	}
	for _, chat := range chats {
		if err := c.addChat(tx, &l, chat); err != nil {
			return nil, err
		}
	}
	for _, share := range c.more {
		if err := share(tx, func(wrapped []byte) { l.list = append(l.list, wrapped) }); err != nil {
			return nil, err
		}
	}
	return l.list, l.err
}

// addPeople says how we stand with everybody whom we decided about.
func (c *Circle) addPeople(tx *models.Tx, l *letters) error {
	people, err := tx.Contacts()
	if err != nil {
		return err
	}
	gone, err := tx.Estranged()
	if err != nil {
		return err
	}
	for _, contact := range append(people, gone...) {
		who, err := identity.DecodePublicKey(contact.Key)
		if err != nil {
			return err
		}
		if contact.Synced == 0 {
			contact.Synced = c.since(max(contact.AddedAt, contact.VerifiedAt))
			if err := tx.PutContact(&contact); err != nil {
				return err
			}
		}
		c.addStanding(l, who, contact)
	}
	return nil
}

// addChat says how things stand with a chat.
func (c *Circle) addChat(tx *models.Tx, l *letters, chat models.Chat) error {
	implied, err := implied(tx, chat)
	if err != nil {
		return err
	}
	if chat.Synced == 0 && chat.Active && !implied {
		chat.Synced = c.since(chat.JoinedAt)
		if err := tx.PutChat(&chat); err != nil {
			return err
		}
	}
	if chat.Synced != 0 && !chat.Request {
		c.addListed(l, chat)
	}
	if chat.ReadTo != 0 {
		c.addRead(l, chat)
	}
	return nil
}

// implied says whether it goes without saying that a chat is on the list: with a contact there is always one, and of a group its
// log tells.
func implied(tx *models.Tx, chat models.Chat) (bool, error) {
	if chat.Kind != models.PrivateChat {
		return chat.Kind == models.GroupChat, nil
	}
	who, err := identity.ParsePublicKey(chat.Name)
	if err != nil {
		return false, err
	}
	_, known, err := tx.Contact(who)
	return known, err
}

// since is the clock of what was done at a time, in Unix ms, before anybody noted clocks.
func (c *Circle) since(at int64) uint64 { return uint64(max(min(at, c.now().UnixMilli()), 1)) }
