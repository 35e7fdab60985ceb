package models

// OutgoingKind is where something that waits goes.
type OutgoingKind int

// The kinds of what waits, as stored.
const (
	PublicOutgoing      OutgoingKind = iota + 1 // to a chat's channel
	PrivateOutgoing                             // to a person
	ContactCodeOutgoing                         // to our own contact code
)

// Outgoing is what waits to be taken by a peer. Payload is what is sealed, encrypted already where the conversation is
// private: a row that is posted again seals the same bytes, so that one message key is never used for two texts. Where the
// row is gone, or what data sync knew of its message is (its recipient was blocked or removed in between, or a month
// has passed), a retry wraps and encrypts the same message anew, with the next keys. What a control message, such as an
// acknowledgement, has no message for is 0.
type Outgoing struct {
	ID         int64
	Message    int64 // row of the message, or 0; a message has one row for each recipient at most
	Chat       int64 // or 0
	Kind       OutgoingKind
	Recipient  []byte // public key, 65 bytes, of private ones
	Negotiated bool   // to the topic that was agreed with the recipient
	Payload    []byte
	Attempts   int    // envelopes posted so far
	NextTry    int64  // Unix ms, not before
	Envelope   []byte // hash of the envelope posted last, or nil
	Expiry     int64  // Unix ms at which that envelope expires
	Failed     bool   // given up, kept for another try by the person
}

func outgoingColumns(o *Outgoing) []any {
	return []any{optional{&o.Message}, optional{&o.Chat}, &o.Kind, &o.Recipient, &o.Negotiated, &o.Payload, &o.Attempts,
		&o.NextTry, &o.Envelope, &o.Expiry, &o.Failed}
}

const ofOutgoing = "message, chat, kind, recipient, negotiated, payload, attempts, next_try, envelope, expiry, failed"

// Enqueue stores what is to be sent, in the transaction that stores its message, and sets its ID. Kind 0 is a public one.
func (tx *Tx) Enqueue(o *Outgoing) error {
	if o.Kind == 0 {
		o.Kind = PublicOutgoing
	}
	result, err := tx.do("INSERT INTO outbox ("+ofOutgoing+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", outgoingColumns(o)...)
	if err != nil {
		return err
	}
	o.ID, err = result.LastInsertId()
	return err
}

// outgoing lists rows in the order that a clause gives.
func (tx *Tx) outgoing(clause string, args ...any) ([]Outgoing, error) {
	columns := func(o *Outgoing) []any { return append(outgoingColumns(o), &o.ID) }
	return all(tx, columns, "SELECT "+ofOutgoing+", id FROM outbox "+clause, args...)
}

func (tx *Tx) oneOutgoing(clause string, is int64) (Outgoing, bool, error) {
	list, err := tx.outgoing(clause, is)
	if err != nil || len(list) == 0 {
		return Outgoing{}, false, err
	}
	return list[0], true, nil
}

// Outgoing returns what waits for a message, and whether anything does.
func (tx *Tx) Outgoing(message int64) (Outgoing, bool, error) {
	return tx.oneOutgoing("WHERE message = ?", message)
}

// OutgoingTo returns what waits of a message for one recipient, and whether anything does.
func (tx *Tx) OutgoingTo(message int64, recipient []byte) (Outgoing, bool, error) {
	list, err := tx.outgoing("WHERE message = ? AND recipient = ?", message, recipient)
	if err != nil || len(list) == 0 {
		return Outgoing{}, false, err
	}
	return list[0], true, nil
}

// OutgoingOf lists what waits for a message: one row, or one for each recipient of a message to a group.
func (tx *Tx) OutgoingOf(message int64) ([]Outgoing, error) {
	return tx.outgoing("WHERE message = ? ORDER BY id", message)
}

// CountOutgoing is how much of a message still waits for a peer, and how much none took in time.
func (tx *Tx) CountOutgoing(message int64) (waiting, failed int, err error) {
	type counts struct{ waiting, failed int }
	c, _, err := one(tx, func(c *counts) []any { return []any{&c.waiting, &c.failed} },
		"SELECT count(*) - coalesce(sum(failed), 0), coalesce(sum(failed), 0) FROM outbox WHERE message = ?", message)
	return c.waiting, c.failed, err
}

// RemoveOutgoingTo takes out what waits of a message for one recipient.
func (tx *Tx) RemoveOutgoingTo(message int64, recipient []byte) error {
	_, err := tx.do("DELETE FROM outbox WHERE message = ? AND recipient = ?", message, recipient)
	return err
}

// OutgoingByID returns the row with that id, and whether there is one.
func (tx *Tx) OutgoingByID(id int64) (Outgoing, bool, error) {
	return tx.oneOutgoing("WHERE id = ?", id)
}

// PutOutgoing replaces the row of o, if it is there.
func (tx *Tx) PutOutgoing(o *Outgoing) error {
	_, err := tx.do("UPDATE outbox SET ("+ofOutgoing+") = (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) WHERE id = ?", append(outgoingColumns(o), &o.ID)...)
	return err
}

// RemoveOutgoing takes out what waits for a message and says whether anything did.
func (tx *Tx) RemoveOutgoing(message int64) (bool, error) {
	return changed(tx.do("DELETE FROM outbox WHERE message = ?", message))
}

// RemoveOutgoingByID takes the row with that id out, if it is there.
func (tx *Tx) RemoveOutgoingByID(id int64) error {
	_, err := tx.do("DELETE FROM outbox WHERE id = ?", id)
	return err
}

// TrimControl drops the oldest control messages beyond keep: what waits to go to people and belongs to no message.
func (tx *Tx) TrimControl(keep int) error {
	_, err := tx.do("DELETE FROM outbox WHERE id IN "+
		"(SELECT id FROM outbox WHERE message IS NULL AND kind = 2 ORDER BY id DESC LIMIT -1 OFFSET ?)", keep)
	return err
}

// DueOutgoing lists up to limit rows whose time has come, the longest due first, then in the order in which they were
// written. Times are Unix ms. A row that would wait until after latest is due, too: the clock was set back since it was
// stored.
func (tx *Tx) DueOutgoing(now, latest int64, limit int) ([]Outgoing, error) {
	return tx.outgoing("WHERE failed = 0 AND (next_try <= ? OR next_try > ?) ORDER BY next_try, id LIMIT ?", now, latest, limit)
}

// NextOutgoing is the time in Unix ms at which the next row is due, and whether any waits.
func (tx *Tx) NextOutgoing() (int64, bool, error) {
	return one(tx, column[int64], "SELECT next_try FROM outbox WHERE failed = 0 ORDER BY next_try LIMIT 1")
}
