package chats

import (
	"context"
	"errors"
	"time"

	"sotto/models"
	"sotto/node/identity"
	"sotto/node/payload"
	"sotto/services/contacts"
	"sotto/services/event"
	"sotto/services/ingest"
)

// listing is how another device of ours says that things stand with a chat.
type listing struct {
	active bool
	muted  bool
	partly bool // it says nothing of muted: the message is one that deployed clients know, too
}

// wins decides between two devices that said something in the same millisecond, the same way on each of them.
func (l listing) wins(is models.Chat) bool {
	if l.partly {
		return false
	}
	if l.active != is.Active {
		return is.Active
	}
	return l.muted && !is.Muted
}

// relist makes it so with a chat, if nothing later is known. What channels are listened to follows from the database.
func (a *account) relist(tx *models.Tx, clock uint64, id string, l listing) (ingest.Effects, error) {
	chat, err := chatRow(tx, id)
	missing := errors.Is(err, errNoSuchChat)
	switch {
	case err != nil && !missing:
		return ingest.Effects{}, err
	case missing && KindOf(id) == Group:
		return ingest.Effects{}, ReasonNoChat
	case missing: // made also where it was left: that it was joined may come later
		chat = models.Chat{Kind: kinds[KindOf(id)], Name: id}
	}
	if clock < chat.Synced || clock == chat.Synced && !l.wins(chat) {
		return ingest.Effects{}, contacts.ReasonOutdated
	}
	mayList, err := a.mayList(tx, chat, clock)
	if err != nil {
		return ingest.Effects{}, err
	}
	before := chat
	chat.Synced = clock
	if !l.partly {
		chat.Muted = l.muted
	}
	if mayList && l.active != chat.Active {
		chat.Active, chat.Request = l.active, false
		if l.active {
			chat.JoinedAt = a.Transport.Now().UnixMilli()
		}
	}
	if err := tx.PutChat(&chat); err != nil {
		return ingest.Effects{}, err
	}
	if chat.Active == before.Active && chat.Muted == before.Muted {
		return ingest.Effects{}, nil
	}
	return ingest.Effects{Listen: true, Events: []event.Event{{Kind: event.Chat, Chat: chat.Name}}}, nil
}

// mayList says whether what another device of ours said with a clock decides whether a chat is on the list. For a group its log
// does; with a contact there is always a chat, with who is blocked or ignored none, and what was done about somebody later, or
// written to them, comes after it.
func (a *account) mayList(tx *models.Tx, chat models.Chat, clock uint64) (bool, error) {
	if chat.Kind != models.PrivateChat {
		return chat.Kind == models.PublicChat, nil
	}
	who, err := identity.ParsePublicKey(chat.Name)
	if err != nil || who == a.author {
		return false, ReasonNoChat
	}
	contact, known, err := tx.Contact(who)
	if err != nil || known {
		return contact.State == 0, err
	}
	stood, err := tx.Stood(who)
	if err != nil || chat.ID == 0 {
		return clock >= stood, err
	}
	wrote, err := tx.LastOwn(chat.ID)
	return clock >= max(stood, wrote), err
}

// lastSaid is lastClock of a chat, and of what was done about the other person and the chat with them: what we write comes after
// that on every device of ours.
func lastSaid(tx *models.Tx, in models.Chat, now time.Time) (uint64, error) {
	last, err := lastClock(tx, in.ID, now)
	if err != nil || in.Kind != models.PrivateChat {
		return last, err
	}
	who, err := identity.ParsePublicKey(in.Name)
	if err != nil {
		return last, err
	}
	stood, err := tx.Stood(who)
	if done := max(stood, in.Synced); done <= uint64(max(now.Add(payload.MaxAhead).UnixMilli(), 0)) { // else a clock was wrong
		last = max(last, done)
	}
	return last, err
}

// SetMuted says whether the messages of a chat make no noise, on all devices of ours. The code is no_such_chat.
func (s *Service) SetMuted(ctx context.Context, chat string, muted bool) error {
	return s.with(func(a *account) error {
		changed := false
		err := a.Store.Update(ctx, func(tx *models.Tx) error {
			row, err := activeChat(tx, chat)
			if err != nil || row.Muted == muted {
				return err
			}
			row.Muted, changed = muted, true
			return a.Circle.Listed(tx, &row)
		})
		if err == nil && changed {
			a.publish(event.Event{Kind: event.Chat, Chat: chat})
			a.wake()
		}
		return err
	})
}
