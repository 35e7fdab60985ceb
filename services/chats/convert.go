package chats

import (
	"cmp"
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
	switch row.Kind {
	case models.PrivateChat:
		err = private(tx, row, &c)
	case models.GroupChat:
		err = a.group(tx, row, &c)
	}
	if err != nil {
		return Chat{}, err
	}
	if sum.Last != nil {
		last, err := a.messages(tx, row.Name, []models.Message{*sum.Last})
		if err != nil {
			return Chat{}, err
		}
		c.Last = &last[0]
	}
	return c, nil
}

// private adds what is known of the other person.
func private(tx *models.Tx, row models.Chat, c *Chat) error {
	who, err := identity.ParsePublicKey(row.Name)
	if err != nil {
		return err
	}
	contact, _, err := tx.Contact(who)
	c.Kind, c.Request, c.Verified = Private, row.Request, contact.VerifiedAt != 0
	c.Name = cmp.Or(contact.Nickname, contact.Name, who.Pseudonym())
	return err
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
	authors := authors{tx: tx, known: map[string]Author{}}
	for i, row := range rows {
		list[i] = messageOf(row, chat)
		p, known := progress[row.Row]
		list[i].Elsewhere = row.Outgoing && !known
		if known {
			list[i].State, list[i].Peers, list[i].Unconfirmed, list[i].FailureReason = states[p.State], p.Peers, p.Unconfirmed, p.Reason
			list[i].DeliveredTo = p.Delivered
		}
		var err error
		if KindOf(chat) == Group {
			if err = a.ofGroup(tx, row, &list[i], &authors); err != nil {
				return nil, err
			}
		}
		if list[i].Author, err = authors.of(row); err != nil {
			return nil, err
		}
		if list[i].Quote, err = authors.quote(row); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// ofGroup is what a group's messages have beside others: how many people have one, who handed it over, and words for lines
// about the group.
func (a *account) ofGroup(tx *models.Tx, row models.Message, m *Message, who *authors) (err error) {
	if row.Outgoing {
		m.Addressed, m.DeliveredTo, err = tx.CountGroupRecipients(row.Row)
	}
	if err == nil && m.System {
		m.Text, err = who.groupWords(row, a.author)
	}
	if err != nil || row.Handed == 0 {
		return err
	}
	by, _, err := tx.GroupPersonByID(row.Handed)
	if err != nil {
		return err
	}
	handed, err := who.of(models.Message{Author: by.Key[:]})
	m.HandedBy = &handed
	return err
}

// called is what somebody is called here.
func (x *authors) called(key identity.PublicKey) (string, error) {
	contact, _, err := x.tx.Contact(key)
	return cmp.Or(contact.Nickname, contact.Name, key.Pseudonym()), err
}

// authors looks up who wrote the messages of a page.
type authors struct {
	tx    *models.Tx
	known map[string]Author
}

func (x *authors) of(row models.Message) (Author, error) {
	author, seen := x.known[string(row.Author)]
	if !seen {
		author = Author{Key: hexID(row.Author)}
		if key, err := identity.DecodePublicKey(row.Author); err == nil {
			contact, _, err := x.tx.Contact(key)
			if err != nil {
				return Author{}, err
			}
			author.Pseudonym, author.Nickname = key.Pseudonym(), contact.Nickname
		}
		x.known[string(row.Author)] = author
	}
	author.Claimed = row.Claimed
	return author, nil
}

// quote is what stands above an answer: the message of the same chat that it answers, where that is here.
func (x *authors) quote(row models.Message) (*Quote, error) {
	if len(row.ReplyTo) == 0 {
		return nil, nil
	}
	answered, found, err := x.tx.Message(row.ReplyTo)
	if err != nil || !found || answered.Chat != row.Chat {
		return nil, err
	}
	if who, err := identity.DecodePublicKey(answered.Author); err == nil {
		if blocked, err := x.tx.Blocked(who); blocked || err != nil {
			return nil, err // hidden in channels, also where somebody quotes it
		}
	}
	author, err := x.of(answered)
	return &Quote{Author: author, Text: answered.Text}, err
}

// messageOf is a row without its ledger: sent, as everything is that others wrote.
func messageOf(row models.Message, chat string) Message {
	m := Message{
		ID:          hexID(row.ID),
		Chat:        chat,
		Text:        row.Text,
		ContentType: row.ContentType,
		Unsupported: payload.ContentType(row.ContentType).Unsupported(),
		Clock:       row.Clock,
		Timestamp:   time.UnixMilli(row.Timestamp),
		Outgoing:    row.Outgoing,
		Seen:        row.Seen,
		Backdated:   int64(row.Clock) < row.Sent-payload.MaxAhead.Milliseconds(),
		State:       Sent,

		System:        payload.ContentType(row.ContentType) == payload.ContentSystem,
		ForwardSecret: row.ForwardSecret,
		Addressed:     row.Addressed,
	}
	if m.System {
		m.Unsupported = "" // it is ours, and its text is what it says
	}
	if len(row.ReplyTo) > 0 {
		m.ReplyTo = hexID(row.ReplyTo)
	}
	return m
}

// stepsOf are the steps of a message as services show them.
func stepsOf(tx *models.Tx, steps []models.Step, chat, message string) (list []Step, err error) {
	for _, step := range steps {
		s := stepOf(step, chat, message)
		if step.Person != 0 {
			person, _, err := tx.GroupPersonByID(step.Person)
			if err != nil {
				return nil, err
			}
			s.Person = person.Key.String()
		}
		list = append(list, s)
	}
	return list, nil
}

func stepOf(step models.Step, chat, message string) Step {
	s := Step{ID: step.ID, Chat: chat, Message: message, State: states[step.State], At: time.UnixMilli(step.At), Who: step.Who,
		Reason: step.Reason, Unconfirmed: step.Unconfirmed}
	if step.Until != 0 {
		s.Until = time.UnixMilli(step.Until)
	}
	return s
}

// hexID is bytes in the form that ids and keys have outside: 0x and lower-case digits.
func hexID(b []byte) string { return "0x" + hex.EncodeToString(b) }
