package devices

import (
	"sotto/models"
	"sotto/node/identity"
	"sotto/node/payload"
)

// Stand notes that it changed how we stand with somebody, stores it, and tells the others. contact is how we stand now, zero for
// a stranger; stood is what Tx.Stood said before; chat is the private chat with them, zero where there is none.
func (c *Circle) Stand(tx *models.Tx, who identity.PublicKey, stood uint64, contact *models.Contact, chat models.Chat) error {
	last, err := c.lastAbout(tx, who, chat)
	if err != nil {
		return err
	}
	clock := c.next(max(last, stood))
	if contact.State == 0 {
		if err := tx.Estrange(who, clock); err != nil {
			return err
		}
		return c.tellStanding(tx, who, models.Contact{Synced: clock})
	}
	contact.Synced = clock
	if err := tx.PutContact(contact); err != nil {
		return err
	}
	return c.tellStanding(tx, who, *contact)
}

// lastAbout is the clock of the last that any device said about somebody: of what was done about them, about the chat with
// them, or of a text of ours in it.
func (c *Circle) lastAbout(tx *models.Tx, who identity.PublicKey, chat models.Chat) (uint64, error) {
	stood, err := tx.Stood(who)
	if err != nil || chat.ID == 0 {
		return stood, err
	}
	wrote, err := tx.LastOwn(chat.ID)
	return max(stood, chat.Synced, wrote), err
}

func (c *Circle) tellStanding(tx *models.Tx, who identity.PublicKey, contact models.Contact) error {
	if alone, err := c.Alone(tx); alone || err != nil {
		return err
	}
	var l letters
	c.addStanding(&l, who, contact)
	if l.err != nil {
		return l.err
	}
	return c.tell(tx, l.list)
}

// addStanding says how we stand with somebody. Deployed clients know of contacts alone; theirs goes before, with a clock before
// ours.
func (c *Circle) addStanding(l *letters, who identity.PublicKey, contact models.Contact) {
	if contact.State == models.ContactAdded {
		l.add(c.key, payload.SyncContact{Clock: max(contact.Synced, 2) - 1, Key: who, Name: contact.Name, Updated: contact.LastUpdated,
			Tags: []string{payload.TagAdded}, Nickname: contact.Nickname})
	}
	l.add(c.key, payload.SyncState{Clock: contact.Synced, Person: &payload.Standing{Key: who, State: payload.StandingState(contact.State),
		Nickname: contact.Nickname, Verified: contact.VerifiedAt != 0}})
}

// Listed notes that a chat was put on the list, taken off it, or muted, stores it, and tells the others.
func (c *Circle) Listed(tx *models.Tx, chat *models.Chat) error {
	last := chat.Synced
	if who, err := identity.ParsePublicKey(chat.Name); err == nil && chat.Kind == models.PrivateChat {
		if last, err = c.lastAbout(tx, who, *chat); err != nil {
			return err
		}
	}
	chat.Synced = c.next(last)
	if err := tx.PutChat(chat); err != nil {
		return err
	}
	if alone, err := c.Alone(tx); alone || err != nil {
		return err
	}
	var l letters
	c.addListed(&l, *chat)
	if l.err != nil {
		return l.err
	}
	return c.tell(tx, l.list)
}

// addListed says whether a chat is on the list. Deployed clients know of public chats alone.
func (c *Circle) addListed(l *letters, chat models.Chat) {
	if chat.Kind == models.PublicChat && chat.Active {
		l.add(c.key, payload.SyncChat{Clock: max(chat.Synced, 2) - 1, Name: chat.Name})
	}
	l.add(c.key, payload.SyncState{Clock: chat.Synced, Chat: chat.Name, Left: !chat.Active, Muted: chat.Muted})
}

// Read tells the others up to where a chat was read, and notes that they were told.
func (c *Circle) Read(tx *models.Tx, chat models.Chat) error {
	alone, err := c.Alone(tx)
	if err != nil {
		return err
	}
	if !alone {
		var l letters
		c.addRead(&l, chat)
		if l.err != nil {
			return l.err
		}
		if err := c.tell(tx, l.list); err != nil {
			return err
		}
	}
	return tx.SetRead(chat.ID, chat.ReadTo, chat.ReadTo)
}

func (c *Circle) addRead(l *letters, chat models.Chat) {
	l.add(c.key, payload.SyncState{Clock: c.next(0), Chat: chat.Name, Read: chat.ReadTo})
}
