package groups

import (
	"slices"

	"sotto/models"
	"sotto/node/identity"
	"sotto/node/payload"
	"sotto/node/payload/group"
	"sotto/services/event"
	"sotto/services/ingest"
	"sotto/services/pairwise"
)

// handOver sends the last messages of a group to people who are new in it, each as its author signed it, the oldest first.
func (k *Keeper) handOver(tx *models.Tx, b *book, to []identity.PublicKey, last int) error {
	list, err := tx.LastWrapped(b.chat.ID, min(last, payload.MaxHandedOver))
	if err != nil {
		return err
	}
	size := 0
	for i, wrapped := range list {
		if size += len(wrapped); size > payload.MaxHandedOverBytes {
			list = list[:i]
			break
		}
	}
	if len(list) == 0 {
		return nil
	}
	slices.Reverse(list)
	wrapped, _, err := payload.HandedOver{ChatID: b.chat.Name, Messages: list}.Seal(k.key)
	if err != nil {
		return err
	}
	for _, who := range to {
		if _, _, err := k.send(tx, who, wrapped, pairwise.Ref{}); err != nil {
			return err
		}
	}
	return nil
}

// handedOver takes in earlier messages of a group that a member hands over. Each must be signed by somebody who had joined
// when it was written, by the log.
func (k *Keeper) handedOver(tx *models.Tx, l ingest.Letter) (ingest.Effects, error) {
	chat, me, by, err := k.bothIn(tx, l.HandedOver.ChatID, l.From)
	switch {
	case err != nil:
		return ingest.Effects{}, err
	case !chat.Active || !me.Member || !by.Member && by.GoneAt < me.Added: // who left since we were added was in then
		return ingest.Effects{Refused: []ingest.Reason{ingest.NotYet}}, nil
	}
	b, err := k.load(tx, chat)
	if err != nil {
		return ingest.Effects{}, err
	}
	var effects ingest.Effects
	fresh := false
	for _, wrapped := range l.HandedOver.Messages {
		filed, err := k.handed(tx, b, by, wrapped, l)
		switch {
		case err == nil:
			fresh = fresh || filed
		case models.Broken(err):
			return ingest.Effects{}, err
		default:
			effects.Refused = append(effects.Refused, reasonOf(err))
		}
	}
	if fresh {
		effects.Events = append(effects.Events, event.Event{Kind: event.Group, Chat: chat.Name}, event.Event{Kind: event.Chat, Chat: chat.Name})
	}
	return effects, nil
}

// handed files one message that was handed over: looked at, and nobody is told of it.
func (k *Keeper) handed(tx *models.Tx, b *book, by models.GroupPerson, wrapped []byte, l ingest.Letter) (bool, error) {
	in, err := payload.OpenHandedOver(wrapped, b.chat.Name, l.Sent)
	if err != nil {
		return false, err
	}
	text := in.Membership.Text
	switch {
	case text.Clock <= b.chat.DeletedAt:
		return false, ReasonDeleted
	case !b.state.WasJoined(in.Author, text.Clock):
		return false, group.ReasonNotJoined
	}
	row := rowOf(*text, in.ID, in.Author, timeOf(text.Clock))
	row.Chat, row.Seen, row.Outgoing = b.chat.ID, true, in.Author == k.self
	if in.Author != by.Key && in.Author != k.self {
		row.Handed = by.ID
	}
	fresh, err := tx.AddMessage(&row)
	if err != nil || !fresh {
		return false, err
	}
	return true, tx.PutWrapped(row.Row, wrapped)
}

// reasonOf is the reason in an error that is about a message.
func reasonOf(err error) ingest.Reason {
	if r := group.ReasonOf(err); r != "" {
		return ingest.Reason(r)
	}
	return ingest.ReasonOf(err)
}
