package models

import (
	"time"

	"sotto/node/datasync"
	"sotto/node/identity"
)

var _ datasync.State = (*Tx)(nil)

func sendingColumns(s *datasync.Sending) []any {
	return []any{fixed(s.To[:]), fixed(s.Group[:]), &s.Timestamp, &s.Body, &s.Ref, millis{&s.Created}, &s.Reached}
}

// PutSending implements datasync.State.
func (tx *Tx) PutSending(id datasync.ID, s datasync.Sending) error {
	if s.Body == nil {
		s.Body = []byte{}
	}
	_, err := tx.do("INSERT OR REPLACE INTO sync_messages (id, recipient, conversation, timestamp, body, ref, created, reached) "+
		"VALUES (?, ?, ?, ?, ?, ?, ?, ?)", append([]any{id[:]}, sendingColumns(&s)...)...)
	return err
}

// Sending implements datasync.State.
func (tx *Tx) Sending(id datasync.ID) (datasync.Sending, bool, error) {
	return one(tx, sendingColumns,
		"SELECT recipient, conversation, timestamp, body, ref, created, reached FROM sync_messages WHERE id = ?", id[:])
}

// SendingsTo implements datasync.State. It costs what is unacknowledged.
func (tx *Tx) SendingsTo(to identity.PublicKey) ([]datasync.ID, error) {
	return all(tx, idColumn, "SELECT id FROM sync_messages WHERE recipient = ? ORDER BY created, id", to[:])
}

// DropSending implements datasync.State.
func (tx *Tx) DropSending(id datasync.ID) error {
	return tx.doAll([]string{"DELETE FROM sync_records WHERE message = ?", "DELETE FROM sync_messages WHERE id = ?"}, id[:])
}

// Repeated says whether a message of ours, by its row, is one that not every device has acknowledged and that is sent again.
func (tx *Tx) Repeated(message int64) (bool, error) {
	_, found, err := one(tx, column[int], "SELECT 1 FROM sync_messages WHERE ref = ?", message)
	return found, err
}

// RepeatedTo is Repeated for one recipient of a message to a group.
func (tx *Tx) RepeatedTo(message int64, to identity.PublicKey) (bool, error) {
	_, found, err := one(tx, column[int], "SELECT 1 FROM sync_messages WHERE ref = ? AND recipient = ?", message, to[:])
	return found, err
}

// ForgetTaken drops of what somebody has not acknowledged that which was taken by a peer. What still waits in the outbox keeps
// its records: should it go out one day, its acknowledgement counts.
func (tx *Tx) ForgetTaken(to identity.PublicKey) error {
	const taken = "recipient = ? AND ref NOT IN (SELECT message FROM outbox WHERE message IS NOT NULL)"
	return tx.doAll([]string{
		"DELETE FROM sync_records WHERE message IN (SELECT id FROM sync_messages WHERE " + taken + ")",
		"DELETE FROM sync_messages WHERE " + taken,
	}, to[:])
}

// ForgetSendings drops what somebody has not acknowledged: it is not sent to them again.
func (tx *Tx) ForgetSendings(to identity.PublicKey) error {
	return tx.doAll([]string{
		"DELETE FROM sync_records WHERE message IN (SELECT id FROM sync_messages WHERE recipient = ?)",
		"DELETE FROM sync_messages WHERE recipient = ?",
	}, to[:])
}

func recordColumns(r *datasync.Record) []any {
	return []any{fixed(r.ID[:]), &r.Installation, &r.Sends, millis{&r.Next}, &r.Slow}
}

// Records implements datasync.State.
func (tx *Tx) Records(id datasync.ID) ([]datasync.Record, error) {
	return all(tx, recordColumns, "SELECT message, installation, sends, next, slow FROM sync_records WHERE message = ? ORDER BY installation", id[:])
}

// PutRecord implements datasync.State.
func (tx *Tx) PutRecord(r datasync.Record) error {
	_, err := tx.do("INSERT OR REPLACE INTO sync_records (message, installation, sends, next, slow) VALUES (?, ?, ?, ?, ?)", recordColumns(&r)...)
	return err
}

// DropRecord implements datasync.State.
func (tx *Tx) DropRecord(id datasync.ID, installation string) error {
	_, err := tx.do("DELETE FROM sync_records WHERE message = ? AND installation = ?", id[:], installation)
	return err
}

// Due implements datasync.State. A message has few records, so it reads those that are due one by one in their order until
// it has met enough messages, however many are due.
func (tx *Tx) Due(now time.Time, limit int) ([]datasync.ID, error) {
	rows, err := tx.db.Statement.ConnPool.QueryContext(tx.db.Statement.Context,
		"SELECT message FROM sync_records WHERE next <= ? OR next > ? OR next > ? AND slow = 0 ORDER BY next, message",
		now.UnixMilli(), now.Add(datasync.MaxSlow).UnixMilli(), now.Add(datasync.MaxWait).UnixMilli())
	if err != nil {
		return nil, typed(err)
	}
	defer rows.Close()
	var list []datasync.ID
	met := make(map[datasync.ID]bool)
	for len(list) < limit && rows.Next() {
		var id datasync.ID
		if err := rows.Scan(idColumn(&id)...); err != nil {
			return nil, typed(err)
		}
		if !met[id] {
			met[id] = true
			list = append(list, id)
		}
	}
	return list, typed(rows.Err())
}

// Slow implements datasync.State.
func (tx *Tx) Slow(who identity.PublicKey, installation string, limit int) ([]datasync.Record, error) {
	return all(tx, recordColumns, "SELECT message, installation, sends, next, slow FROM sync_records JOIN sync_messages ON id = message "+
		"WHERE installation = ? AND slow = 1 AND recipient = ? ORDER BY next, message LIMIT ?", installation, who[:], limit)
}

// NextRecord is how long no record will be due, and whether there is any. Where one that is slow comes first, another may be
// due by the clock that was set back.
func (tx *Tx) NextRecord(now time.Time) (time.Duration, bool, error) {
	const first = "SELECT message, installation, sends, next, slow FROM sync_records "
	r, found, err := one(tx, recordColumns, first+"ORDER BY next LIMIT 1")
	if err != nil || !found {
		return 0, false, err
	}
	wait := r.Wait(now)
	if !r.Slow || wait == 0 {
		return wait, true, nil
	}
	other, found, err := one(tx, recordColumns, first+"WHERE slow = 0 ORDER BY next LIMIT 1")
	if err == nil && found {
		wait = min(wait, other.Wait(now))
	}
	return wait, true, err
}

// MarkReceived implements datasync.State.
func (tx *Tx) MarkReceived(from identity.PublicKey, id datasync.ID, at time.Time) (fresh bool, err error) {
	return changed(tx.do("INSERT INTO sync_received (sender, id, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", from[:], id[:], at.UnixMilli()))
}

// Received implements datasync.State.
func (tx *Tx) Received(from identity.PublicKey, id datasync.ID) (bool, error) {
	_, found, err := one(tx, column[int], "SELECT 1 FROM sync_received WHERE sender = ? AND id = ?", from[:], id[:])
	return found, err
}

// Unreceive forgets that a message came: it is new if it comes again.
func (tx *Tx) Unreceive(from identity.PublicKey, id datasync.ID) error {
	_, err := tx.do("DELETE FROM sync_received WHERE sender = ? AND id = ?", from[:], id[:])
	return err
}

// ForgetReceived drops what came before a time in Unix ms: it is new again if it comes once more.
func (tx *Tx) ForgetReceived(before int64) error {
	_, err := tx.do("DELETE FROM sync_received WHERE at < ?", before)
	return err
}
