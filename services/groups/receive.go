package groups

import (
	"bytes"
	"slices"
	"time"

	"sotto/models"
	"sotto/node/identity"
	"sotto/node/payload"
	"sotto/node/payload/group"
	"sotto/services/event"
	"sotto/services/ingest"
)

// strangerEvents is how many events a stranger may send at once: each costs a look at its signature.
const strangerEvents = 1024

// settle is how long a difference between two logs may last before the whole log goes out: what is on its way arrives
// meanwhile.
const settle = time.Minute

// membership takes in a membership update, and the text in it if there is one (Status spec 7/GROUP-CHAT). Whoever sends it
// need not have made the events: their signatures say who did.
func (k *Keeper) membership(tx *models.Tx, l ingest.Letter) (ingest.Effects, error) {
	u := l.Membership
	chat, found, err := tx.ChatNamed(models.GroupChat, u.ChatID)
	if err != nil {
		return ingest.Effects{}, err
	}
	if !found {
		chat = models.Chat{Kind: models.GroupChat, Name: u.ChatID}
	}
	var effects ingest.Effects
	fresh, err := k.unknown(tx, chat, l, &effects)
	if err != nil {
		return ingest.Effects{}, err
	}
	own := l.From == k.self
	if len(fresh) > 0 || !found || own && !chat.Active {
		chat, err = k.learn(tx, chat, fresh, l, &effects)
		if !found && err != nil {
			return k.strange(tx, l, fresh, effects, err)
		}
		if err != nil {
			return ingest.Effects{}, err
		}
	}
	later, err := k.told(tx, chat, l)
	if err != nil {
		return ingest.Effects{}, err
	}
	effects.Send = effects.Send || later
	if u.Text == nil {
		return effects, nil
	}
	return effects, k.text(tx, chat, l, &effects)
}

// unknown reads those events of an update that are not in the log.
func (k *Keeper) unknown(tx *models.Tx, chat models.Chat, l ingest.Letter, effects *ingest.Effects) (fresh []group.Event, err error) {
	if !l.Known && l.From != k.self && len(l.Membership.Events) > strangerEvents {
		return nil, ReasonTooMuch
	}
	for _, raw := range l.Membership.Events {
		if chat.ID != 0 && len(raw) > identity.SignatureLength {
			known, err := tx.HasGroupEvent(chat.ID, raw[:identity.SignatureLength], raw)
			if err != nil {
				return nil, err
			}
			if known {
				continue
			}
		}
		e, err := group.DecodeEvent(l.Membership.ChatID, raw)
		if err == nil {
			err = e.CheckClock(l.Sent)
		}
		if err != nil {
			effects.Refused = append(effects.Refused, ingest.Reason(group.ReasonOf(err)))
			continue
		}
		fresh = append(fresh, e)
	}
	return fresh, nil
}

// learn adds events of an update to a group's log and counts those that count for nothing.
func (k *Keeper) learn(tx *models.Tx, chat models.Chat, fresh []group.Event, l ingest.Letter, effects *ingest.Effects) (models.Chat, error) {
	b, err := k.load(tx, chat)
	if err != nil {
		return chat, err
	}
	b.own = l.From == k.self
	c, err := k.commit(tx, b, fresh)
	if err != nil {
		return chat, err
	}
	_, ignored := group.Replay(chat.Name, b.events)
	for _, i := range ignored {
		isFresh := func(e group.Event) bool { return markOf(e) == markOf(i.Event) }
		if slices.ContainsFunc(fresh, isFresh) {
			effects.Refused = append(effects.Refused, ingest.Reason(i.Reason))
		}
	}
	effects.Events, effects.Send = append(effects.Events, c.events...), effects.Send || c.later
	told, err := k.tellOn(tx, b, c, l)
	if err != nil {
		return b.chat, err
	}
	effects.Send = effects.Send || told
	if b.chat.Request {
		dropped, err := k.trimInvitations(tx)
		effects.Events = append(effects.Events, dropped...)
		return b.chat, err
	}
	return b.chat, nil
}

// strange is what becomes of an update of a group that is not known and does not name us. A text may have come before the
// invitation did, or be of a group that we lost.
func (k *Keeper) strange(tx *models.Tx, l ingest.Letter, events []group.Event, effects ingest.Effects, cause error) (ingest.Effects, error) {
	if ingest.ReasonOf(cause) != ReasonNotInvited || l.Membership.Text == nil {
		return ingest.Effects{}, cause
	}
	effects.Refused = append(effects.Refused, ingest.NotYet)
	asked, err := k.askForLog(tx, l, events)
	effects.Send = asked
	return effects, err
}

// told takes note of what stands for the log of whoever sent a message. Where it is another than ours, they are compared once
// more a little later, and it says so.
func (k *Keeper) told(tx *models.Tx, chat models.Chat, l ingest.Letter) (later bool, err error) {
	if len(l.Membership.Digest) == 0 {
		return false, nil
	}
	me, there, err := tx.GroupPerson(chat.ID, k.self)
	if err != nil || !there {
		return false, err
	}
	who := me
	if l.From != k.self {
		if who, there, err = tx.GroupPerson(chat.ID, l.From); err != nil || !there {
			return false, err
		}
	}
	was := who
	if l.From != k.self {
		who.Told = l.Membership.Digest
	}
	switch same := bytes.Equal(l.Membership.Digest, me.Told); {
	case same:
		who.CheckAt = 0
	case who.CheckAt == 0:
		who.CheckAt = k.now().Add(settle).UnixMilli()
	}
	if who.CheckAt == was.CheckAt && bytes.Equal(who.Told, was.Told) {
		return false, nil
	}
	return who.CheckAt != 0, tx.PutGroupPerson(&who)
}

// text files a text of a group.
func (k *Keeper) text(tx *models.Tx, chat models.Chat, l ingest.Letter, effects *ingest.Effects) error {
	why, err := k.admits(tx, chat, l)
	if err != nil {
		return err
	}
	if why != nil {
		effects.Refused = append(effects.Refused, why...)
		return nil
	}
	own := l.From == k.self
	row := rowOf(*l.Membership.Text, l.ID, l.From, l.Sent)
	row.Chat, row.Outgoing, row.Seen, row.ForwardSecret = chat.ID, own, own, l.ForwardSecret
	fresh, err := tx.AddMessage(&row)
	if err != nil {
		return err
	}
	if !fresh {
		effects.Refused = append(effects.Refused, ingest.Duplicate)
		return nil
	}
	effects.Events = append(effects.Events, event.Event{Kind: event.Message, Chat: chat.Name, Message: l.ID.String()})
	return tx.PutWrapped(row.Row, l.Wrapped)
}

// admits judges a text by the rows of its author and our own, and says why it is not taken. What may be different once more of
// the log is here is not acknowledged.
func (k *Keeper) admits(tx *models.Tx, chat models.Chat, l ingest.Letter) ([]ingest.Reason, error) {
	me, _, err := tx.GroupPerson(chat.ID, k.self)
	if err != nil {
		return nil, err
	}
	author, _, err := tx.GroupPerson(chat.ID, l.From)
	if err != nil {
		return nil, err
	}
	text := l.Membership.Text
	switch {
	case me.Member && !me.Joined:
		return []ingest.Reason{ingest.NotYet}, nil
	case !me.Joined:
		return []ingest.Reason{ReasonOut}, nil
	case text.Clock <= chat.DeletedAt:
		return []ingest.Reason{ReasonDeleted}, nil
	case author.ID == 0 || !author.Member && author.Added == 0:
		return []ingest.Reason{ingest.NotYet, ingest.Reason(group.ReasonNotMember)}, nil
	}
	refused := group.ReasonOf(personOf(author).Admits(text.Clock, l.Sent))
	switch refused {
	case "":
		return nil, nil
	case group.ReasonRemoved:
		return []ingest.Reason{ingest.Reason(refused)}, nil
	}
	return []ingest.Reason{ingest.NotYet, ingest.Reason(refused)}, nil
}

// rowOf is a text as it is stored.
func rowOf(c payload.Chat, id payload.ID, author identity.PublicKey, sent time.Time) models.Message {
	row := models.Message{ID: id[:], Clock: c.Clock, Timestamp: int64(c.Timestamp), Sent: sent.UnixMilli(), Author: author[:],
		Claimed: c.ENS, ContentType: int(c.Content)}
	if c.Content.Supported() {
		row.Text = c.Text
	}
	if reply, err := payload.ParseID(c.ReplyTo); err == nil {
		row.ReplyTo = reply[:]
	}
	return row
}

// mostInvitations is how many invitations of strangers are kept; the oldest go.
const mostInvitations = 50

// trimInvitations drops the oldest invitations of strangers that are too many.
func (k *Keeper) trimInvitations(tx *models.Tx) (dropped []event.Event, err error) {
	list, err := tx.GroupInvitations()
	if err != nil {
		return nil, err
	}
	for _, chat := range list[min(len(list), mostInvitations):] {
		if err := tx.RemoveChat(chat.ID); err != nil {
			return nil, err
		}
		dropped = append(dropped, event.Event{Kind: event.Group, Chat: chat.Name})
	}
	return dropped, nil
}
