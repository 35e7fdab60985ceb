package chats

import (
	"encoding/hex"
	"time"

	"sotto/models"
	"sotto/node/identity"
	"sotto/node/payload"
)

// states translates what is stored.
var states = map[models.State]State{
	models.Queued: Queued, models.Sent: Sent, models.Accepted: Accepted, models.Stored: Stored,
	models.Delivered: Delivered, models.Failed: Failed,
}

// chat is a row as services show it.
func (a *account) chat(tx *models.Tx, row models.Chat) (Chat, error) {
	sum, err := tx.Summarize(row)
	if err != nil {
		return Chat{}, err
	}
	c := Chat{ID: row.Name, Kind: Public, Name: row.Name, Unread: sum.Unread, Muted: row.Muted, Draft: sum.Draft,
		Joined: time.UnixMilli(row.JoinedAt)}
	if sum.Last != nil {
		last, err := a.messages(tx, row.Name, []models.Message{*sum.Last})
		if err != nil {
			return Chat{}, err
		}
		c.Last = &last[0]
	}
	return c, nil
}

// activity is when something last happened in a chat, for its place in the list.
func (c Chat) activity() time.Time {
	if c.Last == nil {
		return c.Joined
	}
	return time.UnixMilli(int64(c.Last.Clock))
}

// message is a row as services show it.
func (a *account) message(tx *models.Tx, row models.Message) (Message, error) {
	chat, _, err := tx.ChatByID(row.Chat)
	if err != nil {
		return Message{}, err
	}
	list, err := a.messages(tx, chat.Name, []models.Message{row})
	if err != nil {
		return Message{}, err
	}
	return list[0], nil
}

// messages are rows of one chat as services show them, with what the ledger says of the outgoing ones.
func (a *account) messages(tx *models.Tx, chat string, rows []models.Message) ([]Message, error) {
	var outgoing []int64
	for _, row := range rows {
		if row.Outgoing {
			outgoing = append(outgoing, row.Row)
		}
	}
	var progress map[int64]models.Progress
	if len(outgoing) > 0 {
		var err error
		if progress, err = tx.Progress(outgoing...); err != nil {
			return nil, err
		}
	}
	list := make([]Message, len(rows))
	for i, row := range rows {
		list[i] = messageOf(row, chat)
		if p, known := progress[row.Row]; known {
			list[i].State, list[i].Peers, list[i].Unconfirmed, list[i].FailureReason = states[p.State], p.Peers, p.Unconfirmed, p.Reason
		}
	}
	return list, nil
}

// messageOf is a row without its ledger: sent, as everything is that others wrote.
func messageOf(row models.Message, chat string) Message {
	m := Message{
		ID:          hexID(row.ID),
		Chat:        chat,
		Author:      authorOf(row),
		Text:        row.Text,
		ContentType: row.ContentType,
		Unsupported: payload.ContentType(row.ContentType).Unsupported(),
		Clock:       row.Clock,
		Timestamp:   time.UnixMilli(row.Timestamp),
		Outgoing:    row.Outgoing,
		Seen:        row.Seen,
		Backdated:   int64(row.Clock) < row.Sent-payload.MaxAhead.Milliseconds(),
		State:       Sent,
	}
	if len(row.ReplyTo) > 0 {
		m.ReplyTo = hexID(row.ReplyTo)
	}
	return m
}

func authorOf(row models.Message) Author {
	author := Author{Key: hexID(row.Author), Claimed: row.Claimed}
	if key, err := identity.DecodePublicKey(row.Author); err == nil {
		author.Pseudonym = key.Pseudonym()
	}
	return author
}

func stepOf(step models.Step, chat, message string) Step {
	return Step{ID: step.ID, Chat: chat, Message: message, State: states[step.State], At: time.UnixMilli(step.At), Who: step.Who,
		Reason: step.Reason, Unconfirmed: step.Unconfirmed}
}

// hexID is bytes in the form that ids and keys have outside: 0x and lower-case digits.
func hexID(b []byte) string { return "0x" + hex.EncodeToString(b) }
