package models

// A request is a private chat that a stranger began and that waits for an answer.

// Requests lists the requests, the newest first.
func (tx *Tx) Requests() ([]Chat, error) { return tx.OldestRequests(0) }

// OldestRequests lists the requests beyond the newest keep.
func (tx *Tx) OldestRequests(keep int) ([]Chat, error) {
	var list []Chat
	query := tx.db.Raw("SELECT * FROM chats WHERE request = 1 AND kind = 2 ORDER BY joined_at DESC, id DESC LIMIT -1 OFFSET ?", keep)
	return list, typed(query.Scan(&list).Error)
}

// Held is how much a chat holds of what came after our own last message, if there is any.
type Held struct {
	Messages int
	Bytes    int // of texts and claimed names
}

// Held tells how much a request holds. It costs what the chat holds.
func (tx *Tx) Held(chat int64) (Held, error) {
	h, _, err := one(tx, func(h *Held) []any { return []any{&h.Messages, &h.Bytes} },
		"SELECT count(*), coalesce(sum(octet_length(text) + octet_length(claimed)), 0) FROM messages WHERE chat = ?1 AND row > "+
			"coalesce((SELECT max(row) FROM messages WHERE chat = ?1 AND outgoing = 1), 0)", chat)
	return h, err
}

// WroteIn says whether there is a message of ours in a chat. It costs what the chat holds.
func (tx *Tx) WroteIn(chat int64) (bool, error) {
	_, found, err := one(tx, column[int], "SELECT 1 FROM messages WHERE chat = ? AND outgoing = 1 LIMIT 1", chat)
	return found, err
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
		"DELETE FROM group_recipients WHERE message IN (SELECT row FROM messages WHERE chat = ?)",
		"DELETE FROM wrapped WHERE message IN (SELECT row FROM messages WHERE chat = ?)",
		"DELETE FROM messages WHERE chat = ?",
		"DELETE FROM group_events WHERE chat = ?",
		"DELETE FROM group_people WHERE chat = ?",
		"DELETE FROM drafts WHERE chat = ?",
		"DELETE FROM chats WHERE id = ?",
	}, id)
}
