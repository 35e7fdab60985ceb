package chats

import (
	"cmp"
	"errors"
	"fmt"
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

// healable is how old a message may be that lets us tell its sender to begin anew: what mailservers hand out later is about
// sessions of then.
const healable = 48 * time.Hour

// openPrivate takes in a private message. Who is blocked is turned away before anything is decrypted; who is not known can
// only make a request.
func (a *account) openPrivate(tx *models.Tx, e ingest.Envelope) (ingest.Effects, error) {
	from := identity.KeyOf(e.Signer)
	if from == a.author {
		return a.openOwn(tx, e)
	}
	who, err := a.standingWith(tx, from)
	switch {
	case err != nil:
		return ingest.Effects{}, err
	case who.blocked():
		return ingest.Effects{}, ReasonBlocked
	case who.ignored() && !who.mate:
		return ingest.Effects{}, ReasonIgnored
	}
	got, err := a.Pair.Open(tx, e.Payload, from, who.answered())
	if err != nil {
		effects, failed := a.healing(tx, e, who, err)
		return effects, cmp.Or(failed, err)
	}
	switch {
	case who.accepted():
		return a.takePrivate(tx, e, who, got)
	case who.mate:
		return a.takeFromMate(tx, e, who, got)
	}
	return a.takeFromStranger(tx, e, who, got)
}

// healing is whom a message that could not be opened lets us tell to begin anew.
func (a *account) healing(tx *models.Tx, e ingest.Envelope, who standing, cause error) (effects ingest.Effects, err error) {
	mends := []secure.Reason{secure.ReasonNoSession, secure.ReasonMAC, secure.ReasonGap, secure.ReasonNotForDevice}
	if !slices.Contains(mends, secure.ReasonOf(cause)) || a.Transport.Now().Sub(e.Sent) >= healable {
		return ingest.Effects{}, nil
	}
	tells := who.answered()
	if !tells && secure.ReasonOf(cause) == secure.ReasonNotForDevice {
		if tells, err = a.wroteToOurOld(tx); err != nil {
			return ingest.Effects{}, err
		}
	}
	if tells {
		effects.Heal = append(effects.Heal, who.who)
	}
	return effects, nil
}

// An account that was recovered does not know any more whom it knew: for a month whoever writes to another device of ours is told
// of this one, a few in two hours.
const (
	oldPeers      = 32
	oldPeersPause = 2 * time.Hour
)

// wroteToOurOld says whether somebody whom we do not know, and who wrote to other devices of ours, is told of this one.
func (a *account) wroteToOurOld(tx *models.Tx) (bool, error) {
	now := a.Transport.Now()
	if recovered, err := tx.RecoveredSince(now.Add(-longestAgo)); err != nil || !recovered {
		return false, err
	}
	told, err := tx.HealedSince(now.Add(-oldPeersPause))
	return told < oldPeers, err
}

// takePrivate files what somebody wrote whom we know. What is of no use in it is counted and acknowledged all the same: to
// send it again would not make it better.
func (a *account) takePrivate(tx *models.Tx, e ingest.Envelope, who standing, got pairwise.Received) (ingest.Effects, error) {
	effects, err := a.heard(tx, who, got)
	if err != nil {
		return ingest.Effects{}, err
	}
	if len(got.NewDevices) > 0 {
		changed, err := a.newDevice(tx, who, got.NewDevices)
		if err != nil {
			return ingest.Effects{}, err
		}
		effects.Events = append(effects.Events, changed...)
	}
	later, err := a.fileBodies(tx, e, who, got, &effects)
	if err != nil {
		return ingest.Effects{}, err
	}
	acknowledge(&effects, who.who, got.Acks, later)
	return effects, nil
}

// heard takes in what a message says beside what it brings: what was not taken of it, what it acknowledges, and devices that
// appeared.
func (a *account) heard(tx *models.Tx, who standing, got pairwise.Received) (ingest.Effects, error) {
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
	if len(got.NewDevices) == 0 {
		return effects, nil
	}
	effects.Send = true
	return effects, a.Groups.Appeared(tx, who.who)
}

// fileBodies files what a message of somebody brings, and returns what of it is to come again. What is refused is undone and
// counted.
func (a *account) fileBodies(tx *models.Tx, e ingest.Envelope, who standing, got pairwise.Received, effects *ingest.Effects) (later []datasync.ID, err error) {
	for _, body := range got.Bodies {
		var filed ingest.Effects
		err := tx.Savepoint(func() (err error) {
			filed, err = a.fileBody(tx, e, who, body, got)
			return err
		})
		switch {
		case err == nil:
			join(effects, filed)
		case models.Broken(err) || !refusedBody(err):
			return nil, err
		default:
			effects.Refused = append(effects.Refused, ingest.ReasonOf(err))
			continue
		}
		if !slices.Contains(filed.Refused, ingest.NotYet) {
			continue
		}
		if err := tx.Unreceive(who.who, body.ID); err != nil {
			return nil, err
		}
		later = append(later, body.ID)
	}
	return later, nil
}

// acknowledge lets somebody know what came, but for what is to come again.
func acknowledge(effects *ingest.Effects, to identity.PublicKey, ids, later []datasync.ID) {
	for _, id := range ids {
		if !slices.Contains(later, id) {
			effects.Acks = append(effects.Acks, ingest.Ack{To: to, ID: id})
		}
	}
}

// join adds what one letter brings about to what others do.
func join(all *ingest.Effects, more ingest.Effects) {
	all.Events, all.Acks, all.Heal = append(all.Events, more.Events...), append(all.Acks, more.Acks...), append(all.Heal, more.Heal...)
	all.Refused = append(all.Refused, more.Refused...)
	all.Listen, all.Send = all.Listen || more.Listen, all.Send || more.Send
}

// refusedBody says whether an error is about the message and not about us.
func refusedBody(err error) bool {
	if _, ours := errors.AsType[ingest.Reason](err); ours {
		return true
	}
	return payload.ReasonOf(err) != ""
}

// fileBody files one application message of somebody.
func (a *account) fileBody(tx *models.Tx, e ingest.Envelope, who standing, body pairwise.Body, got pairwise.Received) (filed ingest.Effects, err error) {
	in, err := payload.OpenPrivate(body.Wrapped, payload.PrivateArrival{Self: a.author, Signer: who.who, Sent: e.Sent})
	if err != nil {
		return ingest.Effects{}, err
	}
	if who.who == a.author {
		return a.fileOwn(tx, e, in, body, got)
	}
	switch in.Type {
	case payload.TypeContact:
		filed.Events, err = a.contactUpdate(tx, who, in.Update)
	case payload.TypeChat:
		filed.Events, err = a.fileText(tx, e, who, in, got.ForwardSecret)
	case payload.TypeSeen:
	default:
		return a.fileLetter(tx, ingest.Letter{Private: in, From: who.who, Known: who.answered(), Sent: e.Sent, Wrapped: body.Wrapped,
			Installation: got.Installation, ForwardSecret: got.ForwardSecret})
	}
	return filed, err
}

// fileLetter hands a letter to whoever files its type.
func (a *account) fileLetter(tx *models.Tx, l ingest.Letter) (ingest.Effects, error) {
	file, known := a.filers[l.Type]
	if !known {
		return ingest.Effects{}, ingest.UnknownType
	}
	return file(tx, l)
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

// contactUpdate stores the name that somebody claims, if it is newer than the one that is known. Who is no contact gets it when
// they become one.
func (a *account) contactUpdate(tx *models.Tx, who standing, u payload.ContactUpdate) ([]event.Event, error) {
	c := who.contact
	if c.State != models.ContactAdded {
		if _, news := claim(&who.chat, u); !news {
			return nil, ingest.Duplicate
		}
		return nil, tx.PutChat(&who.chat)
	}
	if u.Clock <= c.LastUpdated {
		return nil, ingest.Duplicate
	}
	c.Name, c.LastUpdated = u.Name, u.Clock
	if err := tx.PutContact(&c); err != nil {
		return nil, err
	}
	return []event.Event{{Kind: event.Contact, Chat: who.who.String()}, {Kind: event.Chat, Chat: who.chat.Name}}, nil
}

// delivered stores that a device has a message. What waits to be sent to it again goes.
func (a *account) delivered(tx *models.Tx, d datasync.Delivery) ([]event.Event, error) {
	row, found, err := tx.MessageAt(d.Ref)
	if d.Ref == 0 || err != nil || !found {
		return nil, err
	}
	if err := tx.RemoveOutgoingTo(d.Ref, d.To[:]); err != nil {
		return nil, err
	}
	person, _, err := tx.GroupPerson(row.Chat, d.To)
	if err != nil {
		return nil, err
	}
	return a.step(tx, models.Step{Message: d.Ref, State: models.Delivered, At: a.Transport.Now().UnixMilli(), Who: d.Installation, Person: person.ID})
}

// newDevice writes a line into the chat: a device that appears may be the other's, or somebody else's who has their key.
// Several that appear at once get one line.
func (a *account) newDevice(tx *models.Tx, who standing, devices []secure.Installation) ([]event.Event, error) {
	text := "A new device of theirs appeared."
	if len(devices) > 1 {
		text = fmt.Sprintf("%d new devices of theirs appeared.", len(devices))
	}
	id := payload.IDOf(who.who, append([]byte("new device "), devices[0].ID...))
	return a.systemLine(tx, who.chat, id, text)
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
		if err := a.Pair.Acknowledge(tx, to, byPeer[to]); a.hopeless(err) != nil {
			return err
		}
		effects.Send = true
	}
	for _, who := range effects.Heal {
		made, err := a.Pair.Heal(tx, who)
		if a.hopeless(err) != nil {
			return err
		}
		effects.Send = effects.Send || made
	}
	return nil
}

// hopeless keeps what one person cannot be told from holding up what everybody wrote: it drops an error that is about them.
func (a *account) hopeless(err error) error {
	if secure.ReasonOf(err) == "" && datasync.ReasonOf(err) == "" {
		return err
	}
	a.cfg.Log.Warn("somebody cannot be answered", "err", err)
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
