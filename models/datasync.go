package models

import (
	"time"

	"sotto/node/datasync"
	"sotto/node/identity"
)

var _ datasync.State = (*Tx)(nil)

func sendingColumns(s *datasync.Sending) []any {
	return []any{fixed(s.To[:]), fixed(s.Group[:]), &s.Timestamp, &s.Body, &s.Ref, millis{&s.Created}}
}

// PutSending implements datasync.State.
func (tx *Tx) PutSending(id datasync.ID, s datasync.Sending) error {
	if s.Body == nil {
		s.Body = []byte{}
	}
	_, err := tx.do("INSERT OR REPLACE INTO sync_messages (id, recipient, conversation, timestamp, body, ref, created) "+
		"VALUES (?, ?, ?, ?, ?, ?, ?)", append([]any{id[:]}, sendingColumns(&s)...)...)
	return err
}

// Sending implements datasync.State.
func (tx *Tx) Sending(id datasync.ID) (datasync.Sending, bool, error) {
	return one(tx, sendingColumns, "SELECT recipient, conversation, timestamp, body, ref, created FROM sync_messages WHERE id = ?", id[:])
}

// SendingsTo implements datasync.State. It costs what is unacknowledged.
func (tx *Tx) SendingsTo(to identity.PublicKey) ([]datasync.ID, error) {
	return all(tx, idColumn, "SELECT id FROM sync_messages WHERE recipient = ? ORDER BY created, id", to[:])
}

// DropSending implements datasync.State.
func (tx *Tx) DropSending(id datasync.ID) error {
	return tx.doAll([]string{"DELETE FROM sync_records WHERE message = ?", "DELETE FROM sync_messages WHERE id = ?"}, id[:])
}

// ForgetSendings drops what somebody has not acknowledged: it is not sent to them again.
func (tx *Tx) ForgetSendings(to identity.PublicKey) error {
	return tx.doAll([]string{
		"DELETE FROM sync_records WHERE message IN (SELECT id FROM sync_messages WHERE recipient = ?)",
		"DELETE FROM sync_messages WHERE recipient = ?",
	}, to[:])
}

func recordColumns(r *datasync.Record) []any {
	return []any{fixed(r.ID[:]), &r.Installation, &r.Sends, millis{&r.Next}}
}

// Records implements datasync.State.
func (tx *Tx) Records(id datasync.ID) ([]datasync.Record, error) {
	return all(tx, recordColumns, "SELECT message, installation, sends, next FROM sync_records WHERE message = ? ORDER BY installation", id[:])
}

// PutRecord implements datasync.State.
func (tx *Tx) PutRecord(r datasync.Record) error {
	_, err := tx.do("INSERT OR REPLACE INTO sync_records (message, installation, sends, next) VALUES (?, ?, ?, ?)", recordColumns(&r)...)
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
		"SELECT message FROM sync_records WHERE next <= ? OR next > ? ORDER BY next, message", now.UnixMilli(), now.Add(datasync.MaxWait).UnixMilli())
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

// NextRecord is the time in Unix ms at which the next record is due, and whether there is any.
func (tx *Tx) NextRecord() (int64, bool, error) {
	return one(tx, column[int64], "SELECT next FROM sync_records ORDER BY next LIMIT 1")
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

// ForgetReceived drops what came before a time in Unix ms: it is new again if it comes once more.
func (tx *Tx) ForgetReceived(before int64) error {
	_, err := tx.do("DELETE FROM sync_received WHERE at < ?", before)
	return err
}
