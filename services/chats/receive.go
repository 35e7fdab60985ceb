package chats

import (
	"sotto/models"
	"sotto/node/secure"
	"sotto/services/event"
	"sotto/services/ingest"
)

// Reasons for which a well-formed message is not taken in.
const (
	ReasonLeft    ingest.Reason = "chat_left"    // the channel was left meanwhile
	ReasonDeleted ingest.Reason = "chat_deleted" // from before the chat's history was deleted
)

// receive files a message of a public channel. The layers below have judged its author, clock, fields and channel. What
// we wrote ourselves comes back from relays: it is not doubled, and shows that a peer has it.
func (a *account) receive(tx *models.Tx, in ingest.Incoming) (ingest.Effects, error) {
	chat, found, err := tx.ChatNamed(models.PublicChat, in.Public.ChatID)
	switch {
	case err != nil:
		return ingest.Effects{}, err
	case !found || !chat.Active:
		return ingest.Effects{}, ReasonLeft
	case in.Public.Clock <= chat.DeletedAt:
		return ingest.Effects{}, ReasonDeleted
	}
	own := in.Public.Author == a.author
	hidden, met, err := a.meet(tx, in, own)
	if err != nil {
		return ingest.Effects{}, err
	}
	row := rowOf(in.Public.Chat, in.Public.ID, in.Public.Author[:], in.Sent)
	row.Chat, row.Outgoing, row.Seen = chat.ID, own, own || hidden
	fresh, err := tx.AddMessage(&row)
	switch {
	case err != nil:
		return ingest.Effects{}, err
	case fresh && hidden:
		return ingest.Effects{}, nil
	case fresh:
		return ingest.Effects{Events: append(met, event.Event{Kind: event.Message, Chat: chat.Name, Message: in.Public.ID.String()})}, nil
	case own:
		return a.echo(tx, in)
	}
	return ingest.Effects{}, ingest.Duplicate
}

// meet looks at who wrote a public message. Of a contact the bundle beside it is taken in; what somebody wrote who is blocked
// is hidden, which holds until they are unblocked.
func (a *account) meet(tx *models.Tx, in ingest.Incoming, own bool) (hidden bool, events []event.Event, err error) {
	if own {
		return false, nil, nil
	}
	contact, known, err := tx.Contact(in.Public.Author)
	if err != nil || !known {
		return false, nil, err
	}
	if contact.State == models.ContactAdded && len(in.Bundles) > 0 {
		events, err := a.learn(tx, in.Bundles[0], in.Public.Author)
		if err != nil && secure.ReasonOf(err) == "" {
			return false, nil, err
		}
		return false, events, nil
	}
	return contact.State == models.ContactBlocked, nil, nil
}

// echo takes note that a peer handed us our own message. It is news only while the message still waits: to have it back
// from another peer later proves no more.
func (a *account) echo(tx *models.Tx, in ingest.Incoming) (ingest.Effects, error) {
	row, _, err := tx.Message(in.Public.ID[:])
	if err != nil {
		return ingest.Effects{}, err
	}
	out, waits, err := tx.Outgoing(row.Row)
	if err != nil {
		return ingest.Effects{}, err
	}
	if !waits {
		return ingest.Effects{}, ingest.Duplicate
	}
	changed, err := a.took(tx, out, a.stepFor(Outcome{Kind: EchoedBy, Peer: in.Peer}))
	return ingest.Effects{Events: changed}, err
}
