package chats

import (
	"sotto/models"
	"sotto/node/identity"
)

// standing is how this account stands with somebody: it decides what becomes of what they write.
type standing struct {
	who     identity.PublicKey
	contact models.Contact // zero for strangers
	chat    models.Chat    // zero where there is none
}

func standingOf(tx *models.Tx, who identity.PublicKey) (standing, error) {
	s := standing{who: who}
	var err error
	if s.contact, _, err = tx.Contact(who); err != nil {
		return s, err
	}
	s.chat, _, err = tx.ChatNamed(models.PrivateChat, who.String())
	return s, err
}

// accepted says whether they may learn that we are there: we added them, or opened a chat with them ourselves.
func (s standing) accepted() bool { return s.chat.Active && !s.blocked() }

func (s standing) blocked() bool { return s.contact.State == models.ContactBlocked }

func (s standing) ignored() bool { return s.contact.State == models.ContactIgnored }

// privateChat is the row of the chat with somebody, made where there is none. active says that it is in the list; else it is
// a request, also where it was in the list once and was taken off.
func privateChat(tx *models.Tx, s standing, active bool, at int64) (models.Chat, error) {
	c := s.chat
	if c.Active || c.Request && !active {
		return c, nil
	}
	if c.ID == 0 {
		c.Kind, c.Name = models.PrivateChat, s.who.String()
	}
	c.JoinedAt, c.Active, c.Request = at, active, !active
	return c, tx.PutChat(&c)
}
