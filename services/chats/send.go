package chats

import (
	"context"
	"strings"
	"time"

	"sotto/models"
	"sotto/node/payload"
	"sotto/node/secure"
	"sotto/services/event"
)

// Send stores a text as queued, together with the bytes that will be sealed, and returns it. It goes out as soon as a
// peer is there. replyTo is the id of a message of the same chat, or empty. The codes are text_blank, text_too_long,
// no_such_chat and, for replyTo, no_such_message. A draft that equals the text is gone afterwards.
func (s *Service) Send(ctx context.Context, chat, text, replyTo string) (m Message, err error) {
	if err := payload.CheckText(text); err != nil {
		return Message{}, textRefusal(err)
	}
	err = s.with(func(a *account) error {
		var queued models.Step
		err := a.Store.Update(ctx, func(tx *models.Tx) error {
			row, err := a.compose(tx, chat, text, replyTo)
			if err != nil {
				return err
			}
			queued = models.Step{Message: row.Row, State: models.Queued, At: a.Transport.Now().UnixMilli()}
			if _, err := tx.AddStep(&queued); err != nil {
				return err
			}
			m, err = a.message(tx, row)
			return err
		})
		if err != nil {
			return err
		}
		a.publish(event.Event{Kind: event.Message, Chat: m.Chat, Message: m.ID},
			event.Event{Kind: event.Ledger, Chat: m.Chat, Message: m.ID, Step: queued.ID})
		a.wake()
		return nil
	})
	return m, err
}

// compose writes and signs a message and stores it with its outbox row. From here on its bytes never change.
func (a *account) compose(tx *models.Tx, chat, text, replyTo string) (models.Message, error) {
	in, err := activeChat(tx, chat)
	if err != nil {
		return models.Message{}, err
	}
	if err := answerable(tx, in.ID, replyTo); err != nil {
		return models.Message{}, err
	}
	last, err := tx.LastClock(in.ID)
	if err != nil {
		return models.Message{}, err
	}
	now := a.Transport.Now()
	said, err := payload.NewText(in.Name, text, replyTo, payload.NextClock(now, last), now)
	if err != nil {
		return models.Message{}, textRefusal(err)
	}
	wrapped, id, err := said.Seal(a.Key)
	if err != nil {
		return models.Message{}, err
	}
	bytes, err := secure.WrapPublic(a.installation, wrapped)
	if err != nil {
		return models.Message{}, err
	}
	row := rowOf(said, id, a.author[:], now)
	row.Chat, row.Outgoing, row.Seen = in.ID, true, true
	if _, err := tx.AddMessage(&row); err != nil {
		return models.Message{}, err
	}
	if err := forgetDraft(tx, in.ID, text); err != nil {
		return models.Message{}, err
	}
	return row, tx.Enqueue(&models.Outgoing{Message: row.Row, Chat: in.ID, Payload: bytes, NextTry: now.UnixMilli()})
}

// answerable says whether a message can be answered in a chat: it must be in it.
func answerable(tx *models.Tx, chat int64, replyTo string) error {
	if replyTo == "" {
		return nil
	}
	row, err := messageRow(tx, replyTo)
	if err == nil && row.Chat != chat {
		err = errNoSuchMessage
	}
	return err
}

// forgetDraft drops a draft that was just sent, so that it does not stand in the composer again after a crash.
func forgetDraft(tx *models.Tx, chat int64, sent string) error {
	draft, err := tx.Draft(chat)
	if err != nil || draft == "" || strings.TrimSpace(draft) != strings.TrimSpace(sent) {
		return err
	}
	return tx.SetDraft(chat, "", 0)
}

// rowOf is a chat message as it is stored; chat, direction and whether it was seen are for the caller to set.
func rowOf(c payload.Chat, id payload.ID, author []byte, sent time.Time) models.Message {
	row := models.Message{
		ID:          id[:],
		Clock:       c.Clock,
		Timestamp:   int64(c.Timestamp),
		Sent:        sent.UnixMilli(),
		Author:      author,
		Claimed:     c.ENS,
		ContentType: int(c.Content),
	}
	if c.Content.Supported() {
		row.Text = c.Text
	}
	if reply, err := payload.ParseID(c.ReplyTo); err == nil {
		row.ReplyTo = reply[:]
	}
	return row
}

// Retry sends a message again that failed: the same message, which receivers that have it show once. The codes are
// no_such_message, and not_allowed where it did not fail.
func (s *Service) Retry(ctx context.Context, id string) (m Message, err error) {
	err = s.with(func(a *account) error {
		var queued models.Step
		err := a.Store.Update(ctx, func(tx *models.Tx) error {
			row, err := messageRow(tx, id)
			if err != nil {
				return err
			}
			now := a.Transport.Now().UnixMilli()
			if err := requeue(tx, row.Row, now); err != nil {
				return err
			}
			queued = models.Step{Message: row.Row, State: models.Queued, At: now}
			if _, err := tx.AddStep(&queued); err != nil {
				return err
			}
			m, err = a.message(tx, row)
			return err
		})
		if err != nil {
			return err
		}
		a.publish(event.Event{Kind: event.Ledger, Chat: m.Chat, Message: m.ID, Step: queued.ID})
		a.wake()
		return nil
	})
	return m, err
}

func requeue(tx *models.Tx, message, now int64) error {
	out, found, err := tx.Outgoing(message)
	if err != nil {
		return err
	}
	if !found || !out.Failed {
		return errNotFailed
	}
	out.Failed, out.Attempts, out.NextTry, out.Envelope, out.Expiry = false, 0, now, nil, 0
	return tx.PutOutgoing(&out)
}
