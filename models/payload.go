package models

import (
	"sotto/node/datasync"
	"sotto/node/identity"
)

// MarkPayload remembers that a payload with that hash was opened at a time in Unix ms. It says false where it was before.
func (tx *Tx) MarkPayload(hash [32]byte, at int64) (bool, error) {
	return changed(tx.do("INSERT INTO seen_payloads (hash, at) VALUES (?, ?) ON CONFLICT DO NOTHING", hash[:], at))
}

// ForgetPayloads drops the payloads that were opened before a time in Unix ms.
func (tx *Tx) ForgetPayloads(before int64) error {
	_, err := tx.do("DELETE FROM seen_payloads WHERE at < ?", before)
	return err
}

// owedMost is how many acknowledgements are kept for one stranger. A message whose acknowledgement is dropped comes again
// once they are let in, and is acknowledged then.
const owedMost = 256

// OweAck remembers, at a time in Unix ms, a message of a stranger that is acknowledged only once they are let in. The newest
// 256 of each are kept.
func (tx *Tx) OweAck(peer identity.PublicKey, id datasync.ID, at int64) error {
	_, err := tx.do("INSERT INTO owed_acks (peer, id, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", peer[:], id[:], at)
	if err != nil {
		return err
	}
	_, err = tx.do("DELETE FROM owed_acks WHERE peer = ? AND id IN "+
		"(SELECT id FROM owed_acks WHERE peer = ? ORDER BY at DESC, id LIMIT -1 OFFSET ?)", peer[:], peer[:], owedMost)
	return err
}

// OwedAcks lists the messages of somebody that are still to be acknowledged, the oldest first.
func (tx *Tx) OwedAcks(peer identity.PublicKey) ([]datasync.ID, error) {
	return all(tx, idColumn, "SELECT id FROM owed_acks WHERE peer = ? ORDER BY at, id", peer[:])
}

// ForgetOwed drops them.
func (tx *Tx) ForgetOwed(peer identity.PublicKey) error {
	_, err := tx.do("DELETE FROM owed_acks WHERE peer = ?", peer[:])
	return err
}

func idColumn(id *datasync.ID) []any { return []any{fixed(id[:])} }
