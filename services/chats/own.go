package chats

import (
	"errors"
	"slices"

	"sotto/models"
	"sotto/node/identity"
	"sotto/node/payload"
	"sotto/node/secure"
	"sotto/services/contacts"
	"sotto/services/event"
	"sotto/services/ingest"
	"sotto/services/pairwise"
)

// Reasons for which what another device of ours tells is not taken in.
const (
	ReasonNotEnabled ingest.Reason = "device_not_enabled" // the device does not take part here
	ReasonNoChat     ingest.Reason = "no_such_chat"       // about a chat that is not here
)

// openOwn takes in what comes from our own key: what another device of ours tells this one. What this device wrote itself, and
// what another wrote to somebody else, comes back on topics that we share. A device that does not take part can announce itself,
// and nothing else of it is acknowledged: once it takes part it sends again.
func (a *account) openOwn(tx *models.Tx, e ingest.Envelope) (ingest.Effects, error) {
	got, takesPart, err := a.Pair.OpenOwn(tx, e.Payload)
	switch {
	case errors.Is(err, pairwise.ErrNotEnabled):
		return ingest.Effects{}, ReasonNotEnabled
	case err != nil:
		return a.healingOwn(tx, e, err)
	case !takesPart && !announces(got):
		return ingest.Effects{}, ReasonNotEnabled
	}
	effects := ingest.Effects{Send: got.Asked}
	for _, reason := range got.Refused {
		effects.Refused = append(effects.Refused, ingest.Reason(reason))
	}
	for _, i := range got.NewDevices {
		effects.Events = append(effects.Events, event.Event{Kind: event.Device, Name: i.ID})
	}
	later, err := a.fileBodies(tx, e, standing{who: a.author}, got, &effects)
	if err != nil || !takesPart {
		return effects, err
	}
	changed, err := a.Circle.Heard(tx, got.Installation, got.ForwardSecret)
	if err != nil {
		return ingest.Effects{}, err
	}
	effects.Events, effects.Send = append(effects.Events, changed...), effects.Send || len(changed) > 0
	acknowledge(&effects, a.author, got.Acks, later)
	return effects, nil
}

// announces says whether a message has nothing in it but what any device of ours may tell. What an announcement really is
// fileOwn sees.
func announces(got pairwise.Received) bool {
	return !slices.ContainsFunc(got.Bodies, func(b pairwise.Body) bool {
		opened, err := payload.Open(b.Wrapped, identity.PublicKey{1})
		return err != nil || opened.Type != payload.TypePair
	})
}

// healingOwn lets our other devices begin anew, where sessions with them do not fit together any more.
func (a *account) healingOwn(tx *models.Tx, e ingest.Envelope, cause error) (effects ingest.Effects, err error) {
	alone, err := a.Circle.Alone(tx)
	if err != nil {
		return ingest.Effects{}, err
	}
	mends := []secure.Reason{secure.ReasonNoSession, secure.ReasonMAC, secure.ReasonGap}
	if !alone && slices.Contains(mends, secure.ReasonOf(cause)) && a.Transport.Now().Sub(e.Sent) < healable {
		effects.Heal = append(effects.Heal, a.author)
	}
	return effects, cause
}

// fileOwn files one message of another device of ours. Nothing of it is told on: it went to all of our devices.
func (a *account) fileOwn(tx *models.Tx, e ingest.Envelope, in payload.Private, body pairwise.Body, got pairwise.Received) (ingest.Effects, error) {
	people := &contacts.Account{Key: a.Key, Pair: a.Pair, Now: a.Transport.Now, Circle: a.Circle}
	switch in.Type {
	case payload.TypePair:
		return a.Circle.Paired(tx, in.Pair, got.Installation)
	case payload.TypeContact: // the name that we go by, which each computer has for itself
		return ingest.Effects{}, nil
	case payload.TypeChat:
		return a.fileCopy(tx, e, in, got.ForwardSecret)
	case payload.TypeSyncContact:
		return people.SyncContact(tx, in.SyncContact)
	case payload.TypeSyncChat:
		return a.relist(tx, in.SyncChat.Clock, in.SyncChat.Name, listing{active: true, partly: true})
	case payload.TypeSyncState:
		s := in.SyncState
		switch {
		case s.Person != nil:
			return people.SyncStanding(tx, s.Clock, *s.Person)
		case s.Read != 0:
			return readElsewhere(tx, s.Chat, s.Read)
		}
		return a.relist(tx, s.Clock, s.Chat, listing{active: !s.Left, muted: s.Muted})
	}
	return a.fileLetter(tx, ingest.Letter{Private: in, From: a.author, Known: true, Sent: e.Sent, Wrapped: body.Wrapped,
		Installation: got.Installation, ForwardSecret: got.ForwardSecret})
}

// fileCopy stores what we wrote to somebody on another device. It has no ledger here: how far it got that device knows.
func (a *account) fileCopy(tx *models.Tx, e ingest.Envelope, in payload.Private, forwardSecret bool) (ingest.Effects, error) {
	to, err := identity.ParsePublicKey(in.Chat.ChatID)
	if err != nil {
		return ingest.Effects{}, payload.ReasonRecipient
	}
	with, err := standingOf(tx, to)
	if err != nil {
		return ingest.Effects{}, err
	}
	if in.Chat.Clock <= with.chat.DeletedAt {
		return ingest.Effects{}, ReasonDeleted
	}
	effects, err := a.revive(tx, &with, in.Chat.Clock)
	if err != nil {
		return ingest.Effects{}, err
	}
	row := rowOf(in.Chat, in.ID, a.author[:], e.Sent)
	row.Chat, row.ForwardSecret, row.Outgoing, row.Seen = with.chat.ID, forwardSecret, true, true
	fresh, err := tx.AddMessage(&row)
	if err != nil {
		return ingest.Effects{}, err
	}
	if !fresh {
		return ingest.Effects{}, ingest.Duplicate
	}
	effects.Events = append(effects.Events, event.Event{Kind: event.Message, Chat: with.chat.Name, Message: hexID(row.ID)})
	return effects, nil
}

// revive puts the chat with somebody on the list because we wrote to them elsewhere, unless it was taken off later, or they are
// blocked or ignored.
func (a *account) revive(tx *models.Tx, with *standing, clock uint64) (effects ingest.Effects, err error) {
	stood, err := tx.Stood(with.who)
	if err != nil {
		return ingest.Effects{}, err
	}
	listed := !with.blocked() && !with.ignored() && clock > max(stood, with.chat.Synced)
	switch {
	case with.chat.Active, with.chat.ID != 0 && !listed:
		return ingest.Effects{}, nil
	case listed:
		if with.chat, err = privateChat(tx, *with, true, a.Transport.Now().UnixMilli()); err != nil {
			return ingest.Effects{}, err
		}
		effects = ingest.Effects{Listen: true, Events: []event.Event{{Kind: event.Chat, Chat: with.chat.Name}}}
	default:
		with.chat = models.Chat{Kind: models.PrivateChat, Name: with.who.String(), JoinedAt: a.Transport.Now().UnixMilli()}
	}
	return effects, tx.PutChat(&with.chat)
}

// readElsewhere marks as looked at what was read on another device. That of what comes later is not: nobody knows whether it was
// there, too.
func readElsewhere(tx *models.Tx, id string, to uint64) (ingest.Effects, error) {
	chat, err := chatRow(tx, id)
	if errors.Is(err, errNoSuchChat) {
		return ingest.Effects{}, ReasonNoChat
	}
	if err != nil {
		return ingest.Effects{}, err
	}
	if to > chat.ReadTo {
		if err := tx.SetRead(chat.ID, to, to); err != nil {
			return ingest.Effects{}, err
		}
	}
	marked, err := tx.MarkReadUpTo(chat.ID, to)
	if err != nil || marked == 0 {
		return ingest.Effects{}, err
	}
	return ingest.Effects{Events: []event.Event{{Kind: event.Chat, Chat: chat.Name}}}, nil
}
