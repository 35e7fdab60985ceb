package chats

import (
	"context"
	"slices"

	"sotto/models"
)

// List is the chats as the sidebar shows them, the one with the newest message first.
func (s *Service) List(ctx context.Context) (list []Chat, err error) {
	err = s.with(func(a *account) error {
		return a.Store.View(ctx, func(tx *models.Tx) error {
			rows, err := tx.Chats()
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

// activeChat is the row of a chat that is on the list.
func activeChat(tx *models.Tx, id string) (models.Chat, error) {
	row, found, err := tx.ChatNamed(models.PublicChat, id)
	if err == nil && (!found || !row.Active) {
		err = errNoSuchChat
	}
	return row, err
}
