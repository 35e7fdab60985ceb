package chats

import (
	"sotto/models"
	"sotto/node/datasync"
	"sotto/node/identity"
	"sotto/node/payload"
	"sotto/services/event"
	"sotto/services/ingest"
	"sotto/services/pairwise"
)

// Bounds of requests: what strangers can make us keep. All but the first are for each.
const (
	mostRequests   = 200
	requestBytes   = 4096 // of texts and claimed names
	requestTexts   = 64
	requestSkipped = 256 // keys of messages that may still come
)

// takeRequest keeps what a stranger wrote, within bounds, and tells them nothing. That they made a contact of us is enough for
// a request; where they wait already it adds nothing but another name.
func (a *account) takeRequest(tx *models.Tx, e ingest.Envelope, who standing, got pairwise.Received) (ingest.Effects, error) {
	var effects ingest.Effects
	waits := who.chat.Request
	var err error
	if who.chat, err = privateChat(tx, who, false, e.Sent.UnixMilli()); err != nil {
		return ingest.Effects{}, err
	}
	wrote := false
	for _, body := range got.Bodies {
		in, err := payload.OpenPrivate(body.Wrapped, payload.PrivateArrival{Self: a.author, Signer: who.who, Sent: e.Sent})
		if err != nil {
			return ingest.Effects{}, err
		}
		if in.Type == payload.TypeSeen {
			continue // nobody who is not let in learns anything by it
		}
		if in.Type != payload.TypeChat {
			named, err := requestName(tx, &who.chat, in.Update)
			if err != nil {
				return ingest.Effects{}, err
			}
			wrote = wrote || named || !waits
			continue
		}
		wrote = true
		changed, err := a.requestText(tx, e, who, in, got.ForwardSecret)
		if err != nil {
			return ingest.Effects{}, err
		}
		effects.Events = append(effects.Events, changed...)
	}
	if !wrote {
		return ingest.Effects{}, ReasonStranger
	}
	if err := a.owe(tx, who.who, got.Acks); err != nil {
		return ingest.Effects{}, err
	}
	if err := tx.TrimSkipped(who.who, requestSkipped); err != nil {
		return ingest.Effects{}, err
	}
	effects.Events = append(effects.Events, event.Event{Kind: event.Contact, Chat: who.who.String()})
	dropped, err := a.trimRequests(tx)
	effects.Events = append(effects.Events, dropped...)
	return effects, err
}

// requestText stores a text of a stranger.
func (a *account) requestText(tx *models.Tx, e ingest.Envelope, who standing, in payload.Private, forwardSecret bool) ([]event.Event, error) {
	held, err := tx.Held(who.chat.ID)
	if err != nil {
		return nil, err
	}
	if held.Messages >= requestTexts || held.Bytes+len(who.chat.Claimed)+len(in.Chat.Text)+len(in.Chat.ENS) > requestBytes {
		return nil, ReasonRequestFull
	}
	return a.fileText(tx, e, who, in, forwardSecret)
}

// requestName keeps the last name that a stranger claimed, for the contact that they may become, and says whether it is
// another than before.
func requestName(tx *models.Tx, chat *models.Chat, u payload.ContactUpdate) (named bool, err error) {
	named, news := claim(chat, u)
	if !news {
		return false, nil
	}
	held, err := tx.Held(chat.ID)
	if err != nil {
		return false, err
	}
	if held.Bytes+len(chat.Claimed) > requestBytes {
		return false, ReasonRequestFull
	}
	return named, tx.PutChat(chat)
}

// claim writes into the chat with somebody what they say that they are called. It says whether that is another name, and
// whether it is news at all.
func claim(chat *models.Chat, u payload.ContactUpdate) (named, news bool) {
	if u.Clock <= chat.ClaimedClock {
		return false, false
	}
	named = u.Name != chat.Claimed
	chat.Claimed, chat.ClaimedClock = u.Name, u.Clock
	return named, true
}

// owe remembers which messages of a stranger are acknowledged once they are let in.
func (a *account) owe(tx *models.Tx, who identity.PublicKey, ids []datasync.ID) error {
	for _, id := range ids {
		if err := tx.OweAck(who, id, a.Transport.Now().UnixMilli()); err != nil {
			return err
		}
	}
	owed, err := tx.OwedAcks(who)
	if err == nil && len(owed) > requestTexts {
		err = ReasonRequestFull
	}
	return err
}

// trimRequests drops the oldest requests that are too many, and everything else that is known of who made them.
func (a *account) trimRequests(tx *models.Tx) (events []event.Event, err error) {
	old, err := tx.OldestRequests(mostRequests)
	if err != nil {
		return nil, err
	}
	for _, chat := range old {
		if err := dropRequest(tx, chat); err != nil {
			return nil, err
		}
		events = append(events, event.Event{Kind: event.Contact, Chat: chat.Name})
	}
	return events, nil
}

// dropRequest forgets a request. A conversation that we took part in once stays, off the list: strangers in any number must
// not make it go.
func dropRequest(tx *models.Tx, chat models.Chat) error {
	ours, err := tx.WroteIn(chat.ID)
	if err != nil {
		return err
	}
	if ours {
		chat.Request, chat.Claimed, chat.ClaimedClock = false, "", 0
		return tx.PutChat(&chat)
	}
	who, err := identity.ParsePublicKey(chat.Name)
	if err != nil {
		return err
	}
	if err := tx.ForgetIdentity(who); err != nil {
		return err
	}
	return tx.RemoveChat(chat.ID)
}
