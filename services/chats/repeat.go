package chats

import (
	"bytes"
	"time"

	"sotto/models"
	"sotto/node/identity"
	"sotto/services/pairwise"
)

// repeatAgain lets data sync know again of a private message that it has forgotten, because its recipient was blocked or
// removed meanwhile, or because a month has passed: else nobody would repeat it, and its acknowledgement would count for
// nothing. It is encrypted anew for the devices that there are now. Whose chat is off the list gets no record: the
// acknowledgements of strangers are not read.
func (a *account) repeatAgain(tx *models.Tx, chat models.Chat, row *models.Message, out *models.Outgoing) error {
	if chat.Kind == models.GroupChat {
		return a.repeatGroup(tx, *row, out)
	}
	if chat.Kind != models.PrivateChat || !chat.Active {
		return nil
	}
	repeated, err := tx.Repeated(row.Row)
	if err != nil || repeated {
		return err
	}
	wrapped, to, err := a.wrappedAgain(chat, *row)
	if err != nil || wrapped == nil {
		return err
	}
	sealed, err := a.Pair.Renew(tx, to, wrapped, time.UnixMilli(row.Sent), pairwise.Ref{Message: row.Row, Chat: row.Chat})
	if err != nil {
		return err
	}
	out.Payload, out.Negotiated = sealed.Message, sealed.Negotiated
	row.ForwardSecret, row.Addressed = sealed.ForwardSecret, len(sealed.Installations)
	return tx.Encrypted(row.Row, row.ForwardSecret, row.Addressed)
}

// wrappedAgain signs a private text of ours once more. The same text has the same signature, and so the same id. It returns
// nothing where the id is another, as it may be of what an earlier version of this program wrote: to everybody that would be
// a second message.
func (a *account) wrappedAgain(chat models.Chat, row models.Message) (wrapped []byte, to identity.PublicKey, err error) {
	replyTo := ""
	if len(row.ReplyTo) > 0 {
		replyTo = hexID(row.ReplyTo)
	}
	said, to, err := newText(chat, row.Text, replyTo, row.Clock, time.UnixMilli(row.Timestamp))
	if err != nil {
		return nil, to, err
	}
	wrapped, id, err := said.Seal(a.Key)
	if err != nil || !bytes.Equal(id[:], row.ID) {
		return nil, to, err
	}
	return wrapped, to, nil
}
