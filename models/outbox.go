package models

// Outgoing is a message that waits to be taken by a peer. Payload is what is sealed, encrypted already where the
// conversation is private: sending again seals the same bytes and never encrypts twice.
type Outgoing struct {
	ID       int64 `gorm:"primaryKey"`
	Message  int64 // row of the message, unique
	Chat     int64
	Payload  []byte
	Attempts int    // envelopes posted so far
	NextTry  int64  // Unix ms, not before
	Envelope []byte // hash of the envelope posted last, or nil
	Expiry   int64  // Unix ms at which that envelope expires
	Failed   bool   // given up, kept for another try by the person
}

// TableName is the table of what waits.
func (Outgoing) TableName() string { return "outbox" }

// Enqueue stores what is to be sent, in the transaction that stores its message.
func (tx *Tx) Enqueue(o *Outgoing) error { return typed(tx.db.Create(o).Error) }

// Outgoing returns what waits for a message, and whether anything does.
func (tx *Tx) Outgoing(message int64) (Outgoing, bool, error) {
	var o Outgoing
	found, err := tx.first(&o, "message = ?", message)
	return o, found, err
}

// PutOutgoing replaces the row of o.
func (tx *Tx) PutOutgoing(o *Outgoing) error { return tx.put(o) }

// RemoveOutgoing takes a message's row out and says whether it was there.
func (tx *Tx) RemoveOutgoing(message int64) (bool, error) {
	result := tx.db.Where("message = ?", message).Delete(&Outgoing{})
	return result.RowsAffected > 0, typed(result.Error)
}

// Due lists up to limit rows whose time has come, the longest due first, then in the order in which they were written.
// Times are Unix ms. A row that would wait until after latest is due, too: the clock was set back since it was stored.
func (tx *Tx) Due(now, latest int64, limit int) ([]Outgoing, error) {
	var list []Outgoing
	err := tx.db.Where("failed = 0 AND (next_try <= ? OR next_try > ?)", now, latest).Order("next_try, id").Limit(limit).Find(&list).Error
	return list, typed(err)
}

// NextDue is the time in Unix ms at which the next row is due, and whether any waits.
func (tx *Tx) NextDue() (int64, bool, error) {
	var due []int64
	err := tx.db.Raw("SELECT next_try FROM outbox WHERE failed = 0 ORDER BY next_try LIMIT 1").Scan(&due).Error
	if err != nil || len(due) == 0 {
		return 0, false, typed(err)
	}
	return due[0], true, nil
}
