package chats

import (
	"context"
	"slices"
	"time"

	"sotto/models"
	"sotto/node/identity"
	"sotto/services/event"
	"sotto/services/fault"
)

// List is the chats as the sidebar shows them, the one with the newest message first.
func (s *Service) List(ctx context.Context) ([]Chat, error) {
	list, err := s.all(ctx, (*models.Tx).Chats)
	slices.SortStableFunc(list, func(x, y Chat) int { return y.activity().Compare(x.activity()) })
	return list, err
}

// Get is one chat. The code is no_such_chat where it was not joined or was left.
func (s *Service) Get(ctx context.Context, id string) (chat Chat, err error) {
	err = s.with(func(a *account) error {
		return a.Store.View(ctx, func(tx *models.Tx) error {
			row, err := activeChat(tx, id)
			if err != nil {
				return err
			}
			chat, err = a.chat(tx, row)
			return err
		})
	})
	return chat, err
}

// SetDraft keeps what was typed into a chat and not sent. Empty text removes it. It raises no event: whoever typed knows.
func (s *Service) SetDraft(ctx context.Context, chat, text string) error {
	return s.with(func(a *account) error {
		return a.Store.Update(ctx, func(tx *models.Tx) error {
			row, err := activeChat(tx, chat)
			if err != nil {
				return err
			}
			return tx.SetDraft(row.ID, text, a.Transport.Now().UnixMilli())
		})
	})
}

// Requests is what strangers wrote who wait for an answer, the newest first.
func (s *Service) Requests(ctx context.Context) ([]Chat, error) {
	return s.all(ctx, (*models.Tx).Requests)
}

// all is the chats that a query finds.
func (s *Service) all(ctx context.Context, query func(*models.Tx) ([]models.Chat, error)) (list []Chat, err error) {
	err = s.with(func(a *account) error {
		return a.Store.View(ctx, func(tx *models.Tx) error {
			rows, err := query(tx)
			if err != nil {
				return err
			}
			list = make([]Chat, len(rows))
			for i, row := range rows {
				if list[i], err = a.chat(tx, row); err != nil {
					return err
				}
			}
			return nil
		})
	})
	return list, err
}

// OpenPrivate is the chat with somebody, whose key may be given in any form. Where there is none yet, it is made; they hear of
// it with the first message. The codes are bad_key, own_key and, where they are blocked, not_allowed.
func (s *Service) OpenPrivate(ctx context.Context, key string) (chat Chat, err error) {
	who, err := identity.ParsePublicKey(key)
	if err != nil {
		return Chat{}, fault.Wrap(fault.BadKey, "That is not a person's key.", err)
	}
	err = s.with(func(a *account) error {
		if who == a.author {
			return errOwnKey
		}
		fresh, made, ignored := false, false, false
		err := a.Store.Update(ctx, func(tx *models.Tx) error {
			with, err := standingOf(tx, who)
			switch {
			case err != nil:
				return err
			case with.blocked():
				return errBlocked
			case with.ignored():
				ignored = true
				// Who writes to somebody wants to read the answer.
				stood := with.contact.Synced
				with.contact = models.Contact{}
				if err := a.Circle.Stand(tx, who, stood, &with.contact, with.chat); err != nil {
					return err
				}
			}
			made = !with.chat.Active && !with.chat.Request
			row := with.chat
			if made {
				if row, err = privateChat(tx, with, true, a.Transport.Now().UnixMilli()); err != nil {
					return err
				}
			}
			if fresh, err = a.hasFreshBundle(tx, who); err != nil {
				return err
			}
			chat, err = a.chat(tx, row)
			return err
		})
		if err != nil {
			return err
		}
		if !fresh {
			a.read(who)
		}
		a.retune()
		if ignored {
			a.wake()
			a.publish(event.Event{Kind: event.Contact, Chat: chat.ID})
		}
		if made {
			a.publish(event.Event{Kind: event.Chat, Chat: chat.ID})
		}
		return nil
	})
	return chat, err
}

// hasFreshBundle says whether a bundle of somebody is known that is not older than a day.
func (a *account) hasFreshBundle(tx *models.Tx, who identity.PublicKey) (bool, error) {
	list, err := tx.Installations(who)
	if err != nil || len(list) == 0 {
		return false, err
	}
	return a.Transport.Now().Sub(time.Unix(0, list[0].Timestamp)) < freshBundle, nil
}

// kinds translates what is stored.
var kinds = map[Kind]models.ChatKind{Public: models.PublicChat, Private: models.PrivateChat, Group: models.GroupChat}

// chatRow is the row of a chat by its id: a channel's name, a person's key, or a group's id. It may be out of the list.
func chatRow(tx *models.Tx, id string) (models.Chat, error) {
	row, found, err := tx.ChatNamed(kinds[KindOf(id)], id)
	if err == nil && !found {
		err = errNoSuchChat
	}
	return row, err
}

// activeChat is the row of a chat that can be looked at: one that is on the list, or a request.
func activeChat(tx *models.Tx, id string) (models.Chat, error) {
	row, err := chatRow(tx, id)
	if err == nil && !row.Active && !row.Request {
		err = errNoSuchChat
	}
	return row, err
}

// listedChat is the row of a chat that can be written to.
func (a *account) listedChat(tx *models.Tx, id string) (models.Chat, error) {
	row, err := chatRow(tx, id)
	switch {
	case err != nil:
		return row, err
	case row.Request && row.Kind == models.GroupChat:
		return row, errInvited
	case row.Request:
		return row, errRequest
	case !row.Active:
		return row, errNoSuchChat
	}
	return row, a.inGroup(tx, row)
}
