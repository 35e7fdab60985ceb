package chats

import (
	"context"
	"errors"

	"sotto/models"
	"sotto/node/payload"
	"sotto/services/event"
	"sotto/services/fault"
)

// Bounds of a page.
const (
	usualPage   = 50
	longestPage = 1000
)

// errBothEnds is a mistake of the program that asks.
var errBothEnds = errors.New("a page is before or after a place, not both")

// Messages is one page of a chat, the newest first. Before gives what is directly before that place, After what is
// directly after it; with neither the page is the chat's end.
func (s *Service) Messages(ctx context.Context, chat string, page Page) (list []Message, err error) {
	if page.Before != nil && page.After != nil {
		return nil, fault.Wrap(fault.NotAllowed, "Ask for what is before a message or after it, not both.", errBothEnds)
	}
	err = s.with(func(a *account) error {
		return a.Store.View(ctx, func(tx *models.Tx) error {
			row, err := activeChat(tx, chat)
			if err != nil {
				return err
			}
			rows, err := pageOf(tx, row.ID, page)
			if err != nil {
				return err
			}
			list, err = a.messages(tx, chat, rows)
			return err
		})
	})
	return list, err
}

// pageOf reads a page's rows, the newest first.
func pageOf(tx *models.Tx, chat int64, page Page) ([]models.Message, error) {
	limit := min(page.Limit, longestPage)
	if limit <= 0 {
		limit = usualPage
	}
	if page.After != nil {
		after, err := place(*page.After)
		if err != nil {
			return nil, err
		}
		rows, err := tx.Newer(chat, after, limit)
		for i, j := 0, len(rows)-1; i < j; i, j = i+1, j-1 {
			rows[i], rows[j] = rows[j], rows[i]
		}
		return rows, err
	}
	if page.Before == nil {
		return tx.Older(chat, nil, limit)
	}
	before, err := place(*page.Before)
	if err != nil {
		return nil, err
	}
	return tx.Older(chat, &before, limit)
}

// place reads a cursor. One without an id stands before all messages of its clock; a clock that no message can have
// stands at the end.
func place(c Cursor) (models.Place, error) {
	clock := min(c.Clock, 1<<63-1)
	if c.ID == "" {
		return models.Place{Clock: clock, ID: []byte{}}, nil
	}
	id, err := payload.ParseID(c.ID)
	if err != nil {
		return models.Place{}, errNoSuchMessage
	}
	return models.Place{Clock: clock, ID: id[:]}, nil
}

// Message is one message by its id. The code is no_such_message where there is none.
func (s *Service) Message(ctx context.Context, id string) (m Message, err error) {
	err = s.with(func(a *account) error {
		return a.Store.View(ctx, func(tx *models.Tx) error {
			row, err := messageRow(tx, id)
			if err != nil {
				return err
			}
			m, err = a.message(tx, row)
			return err
		})
	})
	return m, err
}

// messageRow is the row of the message with that id, 0x….
func messageRow(tx *models.Tx, id string) (models.Message, error) {
	parsed, err := payload.ParseID(id)
	if err != nil {
		return models.Message{}, errNoSuchMessage
	}
	row, found, err := tx.Message(parsed[:])
	if err == nil && !found {
		err = errNoSuchMessage
	}
	return row, err
}

// FirstUnread is the place of the oldest message that was not looked at yet, and whether there is one. Backdated
// messages are unread, but not where the new ones begin.
func (s *Service) FirstUnread(ctx context.Context, chat string) (at Cursor, found bool, err error) {
	err = s.with(func(a *account) error {
		return a.Store.View(ctx, func(tx *models.Tx) error {
			row, err := activeChat(tx, chat)
			if err != nil {
				return err
			}
			var p models.Place
			p, found, err = tx.FirstUnread(row.ID, payload.MaxAhead.Milliseconds())
			if found {
				at = Cursor{Clock: p.Clock, ID: hexID(p.ID)}
			}
			return err
		})
	})
	return at, found, err
}

// MarkRead marks everything in a chat as looked at. Where nothing was unread it changes nothing and raises no event.
func (s *Service) MarkRead(ctx context.Context, chat string) error {
	return s.with(func(a *account) error {
		var marked int64
		err := a.Store.Update(ctx, func(tx *models.Tx) error {
			row, err := activeChat(tx, chat)
			if err != nil {
				return err
			}
			if marked, err = tx.MarkRead(row.ID); err != nil || marked == 0 {
				return err
			}
			return a.noteRead(tx, row)
		})
		if err == nil && marked > 0 {
			a.publish(event.Event{Kind: event.Chat, Chat: chat})
			a.wake()
		}
		return err
	})
}

// Steps is what is known of a message's way, in the order in which it became known.
func (s *Service) Steps(ctx context.Context, id string) (list []Step, err error) {
	err = s.with(func(a *account) error {
		return a.Store.View(ctx, func(tx *models.Tx) error {
			row, err := messageRow(tx, id)
			if err != nil {
				return err
			}
			chat, _, err := tx.ChatByID(row.Chat)
			if err != nil {
				return err
			}
			steps, err := tx.Steps(row.Row)
			if err != nil {
				return err
			}
			list, err = stepsOf(tx, steps, chat.Name, id)
			return err
		})
	})
	return list, err
}
