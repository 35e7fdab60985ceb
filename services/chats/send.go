package chats

import (
	"context"
	"strings"
	"time"

	"sotto/models"
	"sotto/node/identity"
	"sotto/node/payload"
	"sotto/node/secure"
	"sotto/services/event"
	"sotto/services/pairwise"
)

// Send stores a text as queued, together with the bytes that will be sealed, and returns it. It goes out as soon as a
// peer is there. replyTo is the id of a message of the same chat, or empty. The codes are text_blank, text_too_long,
// no_such_chat and, for replyTo, no_such_message. A draft that equals the text is gone afterwards.
func (s *Service) Send(ctx context.Context, chat, text, replyTo string) (m Message, err error) {
	if err := payload.CheckText(text); err != nil {
		return Message{}, textRefusal(err)
	}
	err = s.with(func(a *account) error {
		m, err = a.enqueue(ctx, func(tx *models.Tx) (waiting, error) { return a.queue(tx, chat, text, replyTo) })
		return err
	})
	return m, err
}

// waiting is a message that waits to be sent, its chat, and the events that tell of it.
type waiting struct {
	row    models.Message
	chat   string
	events []event.Event
}

// enqueue runs how, which queues a message, in a transaction of its own. It tells of the message and wakes the sender.
func (a *account) enqueue(ctx context.Context, how func(*models.Tx) (waiting, error)) (m Message, err error) {
	var queued waiting
	err = a.Store.Update(ctx, func(tx *models.Tx) error {
		if queued, err = how(tx); err != nil {
			return err
		}
		shown, err := a.messages(tx, queued.chat, []models.Message{queued.row})
		if err == nil {
			m = shown[0]
		}
		return err
	})
	if err != nil {
		return Message{}, err
	}
	a.publish(queued.events...)
	a.wake()
	return m, nil
}

// queue composes a message and stores that it waits.
func (a *account) queue(tx *models.Tx, chat, text, replyTo string) (waiting, error) {
	row, err := a.compose(tx, chat, text, replyTo)
	if err != nil {
		return waiting{}, err
	}
	queued, err := a.queued(tx, row, chat)
	return waiting{row, chat, []event.Event{{Kind: event.Message, Chat: chat, Message: hexID(row.ID)}, queued}}, err
}

// queued stores that a message waits.
func (a *account) queued(tx *models.Tx, row models.Message, chat string) (event.Event, error) {
	step := models.Step{Message: row.Row, State: models.Queued, At: a.Transport.Now().UnixMilli()}
	_, err := tx.AddStep(&step)
	return event.Event{Kind: event.Ledger, Chat: chat, Message: hexID(row.ID), Step: step.ID}, err
}

// compose writes and signs a message and stores it with its outbox row. From here on its bytes never change.
func (a *account) compose(tx *models.Tx, chat, text, replyTo string) (models.Message, error) {
	in, err := a.listedChat(tx, chat)
	if err != nil {
		return models.Message{}, err
	}
	if err := answerable(tx, in.ID, replyTo); err != nil {
		return models.Message{}, err
	}
	now := a.Transport.Now()
	last, err := lastSaid(tx, in, now)
	if err != nil {
		return models.Message{}, err
	}
	said, to, err := newText(in, text, replyTo, payload.NextClock(now, last), now)
	if err != nil {
		return models.Message{}, textRefusal(err)
	}
	if in.Kind == models.GroupChat {
		row, err := a.composeGroup(tx, in, said, now)
		if err != nil {
			return models.Message{}, err
		}
		return row, forgetDraft(tx, in.ID, text)
	}
	wrapped, id, err := said.Seal(a.Key)
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
	if in.Kind == models.PrivateChat {
		return row, a.encrypt(tx, to, wrapped, &row)
	}
	return row, a.enqueuePublic(tx, &models.Outgoing{Kind: models.PublicOutgoing, Message: row.Row, Chat: in.ID}, wrapped)
}

// newText is a text for a chat, and whom it is for where that is one person.
func newText(in models.Chat, text, replyTo string, clock uint64, now time.Time) (said payload.Chat, to identity.PublicKey, err error) {
	switch in.Kind {
	case models.PublicChat:
		said, err = payload.NewText(in.Name, text, replyTo, clock, now)
		return said, to, err
	case models.GroupChat:
		said, err = payload.NewGroupText(in.Name, text, replyTo, clock, now)
		return said, to, err
	}
	if to, err = identity.ParsePublicKey(in.Name); err != nil {
		return said, to, err
	}
	said, err = payload.NewPrivateText(to, text, replyTo, clock, now)
	return said, to, err
}

// encrypt puts a private message into the outbox, and notes for how many devices it was encrypted and how.
func (a *account) encrypt(tx *models.Tx, to identity.PublicKey, wrapped []byte, row *models.Message) error {
	if err := notBlocked(tx, to); err != nil {
		return err
	}
	sealed, err := a.Pair.Send(tx, to, wrapped, pairwise.Ref{Message: row.Row, Chat: row.Chat})
	if err != nil {
		return err
	}
	if err := a.Pair.Mirror(tx, wrapped); err != nil {
		return err
	}
	row.ForwardSecret, row.Addressed = sealed.ForwardSecret, len(sealed.Installations)
	return tx.Encrypted(row.Row, row.ForwardSecret, row.Addressed)
}

// enqueuePublic puts a message that everybody may read into the outbox, with our bundle beside it: who reads it can write to
// us in private at once.
func (a *account) enqueuePublic(tx *models.Tx, o *models.Outgoing, wrapped []byte) error {
	bundle, err := a.Pair.Bundle(tx)
	if err != nil {
		return err
	}
	if o.Payload, err = secure.WrapPublic(a.Pair.Installation(), wrapped, bundle); err != nil {
		return err
	}
	o.NextTry = a.Transport.Now().UnixMilli()
	return tx.Enqueue(o)
}

// lastClock is the clock that an outgoing one has to follow. What lies further ahead than receivers accept is from a time
// when a clock was wrong, and nobody would see what follows it for as long. A second more keeps our own lines in order
// that follow the furthest that is accepted.
func lastClock(tx *models.Tx, chat int64, now time.Time) (uint64, error) {
	return tx.LastClock(chat, uint64(max(now.Add(payload.MaxAhead+time.Second).UnixMilli(), 0)))
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

// Retry sends a message again that failed: the same message, which receivers that have it show once. One whose clock is so
// far ahead that nobody would see it is replaced by a new one with the same text. The codes are no_such_message, and
// not_allowed where it did not fail.
func (s *Service) Retry(ctx context.Context, id string) (m Message, err error) {
	err = s.with(func(a *account) error {
		m, err = a.enqueue(ctx, func(tx *models.Tx) (waiting, error) { return a.again(tx, id) })
		return err
	})
	return m, err
}

// again queues a message that failed.
func (a *account) again(tx *models.Tx, id string) (waiting, error) {
	row, err := messageRow(tx, id)
	if err != nil {
		return waiting{}, err
	}
	failed, err := failedRows(tx, row)
	if err != nil {
		return waiting{}, err
	}
	chat, _, err := tx.ChatByID(row.Chat)
	if err != nil {
		return waiting{}, err
	}
	now := a.Transport.Now()
	if tooEarly(earliest(row.Clock), now) {
		return a.rewrite(tx, chat.Name, row)
	}
	for _, out := range failed {
		if err := a.repeatAgain(tx, chat, &row, &out); err != nil {
			return waiting{}, err
		}
		out.Failed, out.Attempts, out.NextTry, out.Envelope, out.Expiry = false, 0, now.UnixMilli(), nil, 0
		if err := tx.PutOutgoing(&out); err != nil {
			return waiting{}, err
		}
	}
	queued, err := a.queued(tx, row, chat.Name)
	return waiting{row, chat.Name, []event.Event{queued}}, err
}

// failedRows are the rows of the outbox of a message that wait for another try: those for whom we may write to.
func failedRows(tx *models.Tx, row models.Message) (failed []models.Outgoing, err error) {
	list, err := tx.OutgoingOf(row.Row)
	if err != nil {
		return nil, err
	}
	why := error(errNotFailed)
	for _, out := range list {
		if !out.Failed {
			continue
		}
		if err := writable(tx, out); err != nil {
			why = err
			continue
		}
		failed = append(failed, out)
	}
	if len(failed) == 0 {
		return nil, why
	}
	return failed, nil
}

// writable says why nothing goes to whom a message is for, if so.
func writable(tx *models.Tx, out models.Outgoing) error {
	if out.Kind != models.PrivateOutgoing {
		return nil
	}
	to, err := identity.DecodePublicKey(out.Recipient)
	if err != nil {
		return err
	}
	return notBlocked(tx, to)
}

func notBlocked(tx *models.Tx, who identity.PublicKey) error {
	blocked, err := tx.Blocked(who)
	if err == nil && blocked {
		err = errBlocked
	}
	return err
}

// rewrite replaces a message by a new one with the same text and the clock of now: the clock is signed, and the id
// follows from what is signed. The new one comes first, so that no number of a row is used twice. Resync is for readers
// that do not expect a message to vanish.
func (a *account) rewrite(tx *models.Tx, chat string, old models.Message) (waiting, error) {
	_, answered, err := tx.Message(old.ReplyTo) // it may have been replaced, too
	if err != nil {
		return waiting{}, err
	}
	replyTo := ""
	if answered {
		replyTo = hexID(old.ReplyTo)
	}
	anew, err := a.queue(tx, chat, old.Text, replyTo)
	if err != nil {
		return waiting{}, err
	}
	anew.events = append(anew.events,
		event.Event{Kind: event.Message, Chat: chat, Message: hexID(old.ID)}, event.Event{Kind: event.Resync})
	return anew, tx.RemoveMessage(old.Row)
}
