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
	mate    bool           // no contact, and somebody who has to do with a group of ours; see standingWith
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

// standingWith is standingOf for whoever sent something: of who is not accepted it says whether they are in a group that we
// joined, or let people into one and we asked them.
func (a *account) standingWith(tx *models.Tx, who identity.PublicKey) (standing, error) {
	s, err := standingOf(tx, who)
	if err != nil || s.accepted() || s.blocked() {
		return s, err
	}
	if s.mate, err = tx.SharesGroup(who); err != nil || s.mate {
		return s, err
	}
	s.mate, err = tx.AskedGroupAdmin(a.author, who)
	return s, err
}

// answered says whether they may learn that we are there, and that what they said came: of who only shares a group with us,
// what belongs to groups.
func (s standing) answered() bool { return s.accepted() || s.mate }

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
