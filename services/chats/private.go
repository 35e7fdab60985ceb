package chats

import (
	"errors"
	"slices"
	"time"

	"sotto/models"
	"sotto/node/datasync"
	"sotto/node/identity"
	"sotto/node/payload"
	"sotto/node/secure"
	"sotto/services/event"
	"sotto/services/ingest"
	"sotto/services/pairwise"
)

// Reasons for which a private message is not taken in.
const (
	ReasonBlocked     ingest.Reason = "blocked"      // the sender is blocked
	ReasonIgnored     ingest.Reason = "ignored"      // the sender's request was ignored
	ReasonRequestFull ingest.Reason = "request_full" // a stranger's request holds enough
	ReasonStranger    ingest.Reason = "stranger"     // nothing in it that a stranger may send
)

// Bounds of requests: what strangers can make us keep.
const (
	mostRequests = 200
	requestBytes = 4096 // of text, for each
)

// healable is how old a message may be that lets us tell its sender to begin anew: what mailservers hand out later is about
// sessions of then.
const healable = 48 * time.Hour

// openPrivate takes in a private message. Who is blocked is turned away before anything is decrypted; who is not known can
// only make a request.
func (a *account) openPrivate(tx *models.Tx, e ingest.Envelope) (ingest.Effects, error) {
	from := identity.KeyOf(e.Signer)
	if from == a.author {
		return ingest.Effects{}, secure.ReasonOwn // comes back on topics that we share
	}
	who, err := standingOf(tx, from)
	switch {
	case err != nil:
		return ingest.Effects{}, err
	case who.blocked():
		return ingest.Effects{}, ReasonBlocked
	case who.ignored():
		return ingest.Effects{}, ReasonIgnored
	}
	got, err := a.Pair.Open(tx, e.Payload, from, who.accepted())
	if err != nil {
		return a.healing(e, who, err), err
	}
	if who.accepted() {
		return a.takePrivate(tx, e, who, got)
	}
	return a.takeRequest(tx, e, who, got)
}

// healing is whom a message that could not be opened lets us tell to begin anew.
func (a *account) healing(e ingest.Envelope, who standing, cause error) (effects ingest.Effects) {
	mends := []secure.Reason{secure.ReasonNoSession, secure.ReasonMAC, secure.ReasonGap, secure.ReasonNotForDevice}
	if who.accepted() && slices.Contains(mends, secure.ReasonOf(cause)) && a.Transport.Now().Sub(e.Sent) < healable {
		effects.Heal = append(effects.Heal, who.who)
	}
	return effects
}

// takePrivate files what somebody wrote whom we know. What is of no use in it is counted and acknowledged all the same: to
// send it again would not make it better.
func (a *account) takePrivate(tx *models.Tx, e ingest.Envelope, who standing, got pairwise.Received) (ingest.Effects, error) {
	effects := ingest.Effects{Send: got.Asked}
	for _, reason := range got.Refused {
		effects.Refused = append(effects.Refused, ingest.Reason(reason))
	}
	for _, d := range got.Delivered {
		changed, err := a.delivered(tx, d)
		if err != nil {
			return ingest.Effects{}, err
		}
		effects.Events = append(effects.Events, changed...)
	}
	if len(got.NewDevices) > 0 {
		changed, err := a.newDevice(tx, who, got.NewDevices)
		if err != nil {
			return ingest.Effects{}, err
		}
		effects.Events = append(effects.Events, changed...)
	}
	for _, body := range got.Bodies {
		changed, err := a.fileBody(tx, e, who, body, got.ForwardSecret)
		switch {
		case err == nil:
			effects.Events = append(effects.Events, changed...)
		case refusedBody(err):
			effects.Refused = append(effects.Refused, ingest.ReasonOf(err))
		default:
			return ingest.Effects{}, err
		}
	}
	for _, id := range got.Acks {
		effects.Acks = append(effects.Acks, ingest.Ack{To: who.who, ID: id})
	}
	return effects, nil
}

// refusedBody says whether an error is about the message and not about us.
func refusedBody(err error) bool {
	if _, ours := errors.AsType[ingest.Reason](err); ours {
		return true
	}
	return payload.ReasonOf(err) != ""
}

// fileBody files one application message of somebody.
func (a *account) fileBody(tx *models.Tx, e ingest.Envelope, who standing, body pairwise.Body, forwardSecret bool) ([]event.Event, error) {
	in, err := payload.OpenPrivate(body.Wrapped, payload.PrivateArrival{Self: a.author, Signer: who.who, Sent: e.Sent})
	if err != nil {
		return nil, err
	}
	if in.Type == payload.TypeContact {
		return a.contactUpdate(tx, who, in.Update)
	}
	return a.fileText(tx, e, who, in, forwardSecret)
}

// fileText stores a text in the private chat with its author.
func (a *account) fileText(tx *models.Tx, e ingest.Envelope, who standing, in payload.Private, forwardSecret bool) ([]event.Event, error) {
	if in.Chat.Clock <= who.chat.DeletedAt {
		return nil, ReasonDeleted
	}
	row := rowOf(in.Chat, in.ID, who.who[:], e.Sent)
	row.Chat, row.ForwardSecret = who.chat.ID, forwardSecret
	fresh, err := tx.AddMessage(&row)
	if err != nil {
		return nil, err
	}
	if !fresh {
		return nil, ingest.Duplicate
	}
	return []event.Event{{Kind: event.Message, Chat: who.chat.Name, Message: hexID(row.ID)}}, nil
}

// contactUpdate stores the name that somebody claims, if it is newer than the one that is known.
func (a *account) contactUpdate(tx *models.Tx, who standing, u payload.ContactUpdate) ([]event.Event, error) {
	c := who.contact
	if c.State != models.ContactAdded || u.Clock <= c.LastUpdated {
		return nil, ingest.Duplicate
	}
	c.Name, c.LastUpdated = u.Name, u.Clock
	if err := tx.PutContact(&c); err != nil {
		return nil, err
	}
	return []event.Event{{Kind: event.Contact, Chat: who.who.String()}, {Kind: event.Chat, Chat: who.chat.Name}}, nil
}

// takeRequest keeps what a stranger wrote, within bounds, and tells them nothing.
func (a *account) takeRequest(tx *models.Tx, e ingest.Envelope, who standing, got pairwise.Received) (ingest.Effects, error) {
	var effects ingest.Effects
	var err error
	if who.chat, err = privateChat(tx, who, false, e.Sent.UnixMilli()); err != nil {
		return ingest.Effects{}, err
	}
	taken := 0
	for _, body := range got.Bodies {
		in, err := payload.OpenPrivate(body.Wrapped, payload.PrivateArrival{Self: a.author, Signer: who.who, Sent: e.Sent})
		if err != nil {
			return ingest.Effects{}, err
		}
		taken++
		if in.Type != payload.TypeChat {
			continue
		}
		changed, err := a.requestText(tx, e, who, in, got.ForwardSecret)
		if err != nil {
			return ingest.Effects{}, err
		}
		effects.Events = append(effects.Events, changed...)
	}
	if taken == 0 {
		return ingest.Effects{}, ReasonStranger
	}
	for _, id := range got.Acks {
		if err := tx.OweAck(who.who, id, a.Transport.Now().UnixMilli()); err != nil {
			return ingest.Effects{}, err
		}
	}
	effects.Events = append(effects.Events, event.Event{Kind: event.Contact, Chat: who.who.String()})
	return effects, a.trimRequests(tx)
}

func (a *account) requestText(tx *models.Tx, e ingest.Envelope, who standing, in payload.Private, forwardSecret bool) ([]event.Event, error) {
	held, err := tx.RequestBytes(who.chat.ID)
	if err != nil {
		return nil, err
	}
	if held+len(in.Chat.Text) > requestBytes {
		return nil, ReasonRequestFull
	}
	return a.fileText(tx, e, who, in, forwardSecret)
}

// trimRequests drops the oldest requests that are too many, and everything else that is known of who made them.
func (a *account) trimRequests(tx *models.Tx) error {
	old, err := tx.OldestRequests(mostRequests)
	if err != nil {
		return err
	}
	for _, chat := range old {
		who, err := identity.ParsePublicKey(chat.Name)
		if err != nil {
			return err
		}
		if err := tx.ForgetIdentity(who); err != nil {
			return err
		}
		if err := tx.RemoveChat(chat.ID); err != nil {
			return err
		}
	}
	return nil
}

// delivered stores that a device has a message.
func (a *account) delivered(tx *models.Tx, d datasync.Delivery) ([]event.Event, error) {
	if d.Ref == 0 {
		return nil, nil
	}
	if _, err := tx.RemoveOutgoing(d.Ref); err != nil { // also where it waits to be sent again
		return nil, err
	}
	return a.step(tx, models.Step{Message: d.Ref, State: models.Delivered, At: a.Transport.Now().UnixMilli(), Who: d.Installation})
}

// newDevice writes a line into the chat: a device that appears may be the other's, or somebody else's who has their key.
func (a *account) newDevice(tx *models.Tx, who standing, devices []secure.Installation) ([]event.Event, error) {
	var events []event.Event
	for _, device := range devices {
		id := payload.IDOf(who.who, append([]byte("new device "), device.ID...))
		added, err := a.systemLine(tx, who.chat, id, "A new device of theirs appeared.")
		if err != nil {
			return nil, err
		}
		events = append(events, added...)
	}
	return events, nil
}

// systemLine adds a line of this program to a chat.
func (a *account) systemLine(tx *models.Tx, chat models.Chat, id payload.ID, text string) ([]event.Event, error) {
	now := a.Transport.Now()
	last, err := lastClock(tx, chat.ID, now)
	if err != nil {
		return nil, err
	}
	row := models.Message{ID: id[:], Chat: chat.ID, Clock: payload.NextClock(now, last), Timestamp: now.UnixMilli(),
		Sent: now.UnixMilli(), Author: a.author[:], ContentType: int(payload.ContentSystem), Text: text, Seen: true}
	fresh, err := tx.AddMessage(&row)
	if err != nil || !fresh {
		return nil, err
	}
	return []event.Event{{Kind: event.Message, Chat: chat.Name, Message: hexID(row.ID)}}, nil
}

// finish stores, for a batch of arrivals, what its senders are told.
func (a *account) finish(tx *models.Tx, effects *ingest.Effects) error {
	byPeer := map[identity.PublicKey][]datasync.ID{}
	var order []identity.PublicKey
	for _, ack := range effects.Acks {
		if byPeer[ack.To] == nil {
			order = append(order, ack.To)
		}
		byPeer[ack.To] = append(byPeer[ack.To], ack.ID)
	}
	for _, to := range order {
		if err := a.Pair.Acknowledge(tx, to, byPeer[to]); err != nil {
			return err
		}
		effects.Send, effects.Listen = true, true
	}
	for _, who := range effects.Heal {
		made, err := a.Pair.Heal(tx, who)
		if err != nil {
			return err
		}
		effects.Send = effects.Send || made
	}
	return nil
}

// after does what a committed batch leaves to do.
func (a *account) after(effects ingest.Effects) {
	if effects.Listen {
		a.retune()
	}
	if effects.Send {
		a.wake()
	}
}
