package chats

import (
	"time"

	"sotto/models"
	"sotto/node/identity"
	"sotto/node/payload"
	"sotto/services/groups"
	"sotto/services/pairwise"
)

// composeGroup writes and signs a text for a group, and stores it with a row of the outbox for each member who joined.
func (a *account) composeGroup(tx *models.Tx, in models.Chat, said payload.Chat, now time.Time) (models.Message, error) {
	wrapped, id, err := a.Groups.Wrap(tx, in, said)
	if err != nil {
		return models.Message{}, err
	}
	row := rowOf(said, id, a.author[:], now)
	row.Chat, row.Outgoing, row.Seen = in.ID, true, true
	if _, err := tx.AddMessage(&row); err != nil {
		return models.Message{}, err
	}
	sent, err := a.Groups.Deliver(tx, in, wrapped, row.Row)
	switch {
	case err != nil:
		return models.Message{}, err
	case sent.To == 0:
		return models.Message{}, errAlone
	}
	row.ForwardSecret, row.Addressed = sent.ForwardSecret, sent.To
	return row, tx.Encrypted(row.Row, row.ForwardSecret, row.Addressed)
}

// group adds what is known of a group.
func (a *account) group(tx *models.Tx, row models.Chat, c *Chat) error {
	me, _, err := tx.GroupPerson(row.ID, a.author)
	if err != nil {
		return err
	}
	c.Kind, c.Name, c.Request, c.Invited = Group, row.Title, row.Request, row.Invited
	c.Member, c.AdminOf = me.Member, me.Admin
	c.GroupOf, _, err = tx.CountGroup(row.ID)
	return err
}

// inGroup says why a group cannot be written to, if so.
func (a *account) inGroup(tx *models.Tx, row models.Chat) error {
	if row.Kind != models.GroupChat {
		return nil
	}
	me, _, err := tx.GroupPerson(row.ID, a.author)
	switch {
	case err != nil:
		return err
	case row.Invited:
		return errInvited
	case !me.Joined:
		return errOut
	}
	return nil
}

// toGroup says whether a row of the outbox is of a message to a group.
func toGroup(tx *models.Tx, row models.Outgoing) (bool, error) {
	if row.Message == 0 || row.Kind != models.PrivateOutgoing {
		return false, nil
	}
	chat, _, err := tx.ChatByID(row.Chat)
	return chat.Kind == models.GroupChat, err
}

// isLast says whether a message waits for nobody any more: one to a group got as far as a step says when it did so for each
// member.
func isLast(tx *models.Tx, row models.Outgoing) (bool, error) {
	group, err := toGroup(tx, row)
	if err != nil || !group {
		return err == nil, err
	}
	waiting, failed, err := tx.CountOutgoing(row.Message)
	return waiting+failed == 0, err
}

// groupRowFails takes out the row of a member who is blocked, or keeps one for another try by the person, and returns the step
// that the message made with it, if any: it failed when nothing of it waits any more and something of it failed.
func (a *account) groupRowFails(tx *models.Tx, row models.Outgoing, why string) (*models.Step, error) {
	progress, err := tx.Progress(row.Message)
	if err != nil {
		return nil, err
	}
	taken := progress[row.Message].Peers > 0
	if taken || why == unwanted { // data sync sends it again, or nobody does
		err = tx.RemoveOutgoingByID(row.ID)
	} else {
		row.Failed = true
		err = tx.PutOutgoing(&row)
	}
	if err != nil || taken {
		return nil, err
	}
	waiting, failed, err := tx.CountOutgoing(row.Message)
	if err != nil || waiting > 0 {
		return nil, err
	}
	step := &models.Step{Message: row.Message, State: models.Failed, At: a.Transport.Now().UnixMilli(), Reason: why}
	switch to, _, err := tx.CountGroupRecipients(row.Message); {
	case err != nil:
		return nil, err
	case failed > 0 && why == unwanted:
		step.Reason = nobody
	case failed == 0 && to > 1: // everybody else's was taken
		step.State, step.Reason = models.Sent, ""
	}
	return step, nil
}

// repeatGroup is repeatAgain for one row of a message to a group.
func (a *account) repeatGroup(tx *models.Tx, row models.Message, out *models.Outgoing) error {
	to, err := identity.DecodePublicKey(out.Recipient)
	if err != nil {
		return err
	}
	repeated, err := tx.RepeatedTo(row.Row, to)
	if err != nil || repeated {
		return err
	}
	wrapped, found, err := tx.Wrapped(row.Row)
	if err != nil || !found {
		return err
	}
	sealed, err := a.Pair.Renew(tx, to, wrapped, time.UnixMilli(row.Sent), pairwise.Ref{Message: row.Row, Chat: row.Chat})
	if err != nil {
		return err
	}
	out.Payload, out.Negotiated = sealed.Message, sealed.Negotiated
	return nil
}

// groupWords makes words of a line about a group, with the names that people have now.
func (x *authors) groupWords(row models.Message, self identity.PublicKey) (string, error) {
	by, err := identity.DecodePublicKey(row.Author)
	if err != nil {
		return row.Text, nil
	}
	return groups.Words(row.Text, by, self, x.called)
}
