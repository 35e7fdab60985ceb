package models

// A request is a private chat that a stranger began and that waits for an answer.

// Requests lists the requests, the newest first.
func (tx *Tx) Requests() ([]Chat, error) { return tx.OldestRequests(0) }

// OldestRequests lists the requests beyond the newest keep.
func (tx *Tx) OldestRequests(keep int) ([]Chat, error) {
	var list []Chat
	query := tx.db.Raw("SELECT * FROM chats WHERE request = 1 ORDER BY joined_at DESC, id DESC LIMIT -1 OFFSET ?", keep)
	return list, typed(query.Scan(&list).Error)
}

// RequestBytes is how many bytes the texts of a chat's messages have together. It costs what the chat holds.
func (tx *Tx) RequestBytes(chat int64) (int, error) {
	n, _, err := one(tx, column[int], "SELECT coalesce(sum(octet_length(text)), 0) FROM messages WHERE chat = ?", chat)
	return n, err
}

// RemoveChat takes a chat out, with its messages and all that hangs on them.
func (tx *Tx) RemoveChat(id int64) error {
	return tx.doAll([]string{
		"DELETE FROM outbox WHERE chat = ?",
		"DELETE FROM outbox WHERE message IN (SELECT row FROM messages WHERE chat = ?)",
		"DELETE FROM ledger WHERE message IN (SELECT row FROM messages WHERE chat = ?)",
		"DELETE FROM sync_records WHERE message IN " +
			"(SELECT sync_messages.id FROM sync_messages JOIN messages ON messages.row = ref WHERE messages.chat = ?)",
		"DELETE FROM sync_messages WHERE ref IN (SELECT row FROM messages WHERE chat = ?)",
		"DELETE FROM messages WHERE chat = ?",
		"DELETE FROM drafts WHERE chat = ?",
		"DELETE FROM chats WHERE id = ?",
	}, id)
}
