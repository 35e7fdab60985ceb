package models

import "gorm.io/gorm"

// Message is one line of a conversation. Its state is not stored: it follows from the ledger.
type Message struct {
	Row         int64  `gorm:"primaryKey;column:row"` // chosen by the database
	ID          []byte // 32 bytes, unique
	Chat        int64
	Clock       uint64 // below 2^63
	Timestamp   int64  // Unix ms by the author's clock
	Sent        int64  // Unix ms at which the envelope that brought it was sealed
	Author      []byte // public key, 65 bytes
	Claimed     string // the name that the author claims
	ContentType int    // number of the payload specification
	Text        string
	ReplyTo     []byte // message id, or nil
	Outgoing    bool
	Seen        bool

	ForwardSecret bool // of a private one: a key that leaks later does not open it
	Addressed     int  // of a private one of ours: for how many devices it was encrypted

	Handed int64 // of a group's: who handed it over, by the row in group_people; 0 where its author sent it
}

// Encrypted notes how a private message of ours was encrypted, and for how many devices.
func (tx *Tx) Encrypted(row int64, forwardSecret bool, addressed int) error {
	_, err := tx.do("UPDATE messages SET forward_secret = ?, addressed = ? WHERE row = ?", forwardSecret, addressed, row)
	return err
}

// Place is a position in a chat's order: by clock, ties by id.
type Place struct {
	Clock uint64
	ID    []byte
}

// shown leaves out, in public chats and groups, what people wrote who are blocked now. It takes the chat. Hardly anybody is blocked, and
// who is stands in an index of its own.
const shown = "author NOT IN (SELECT key FROM contacts WHERE state = 3 AND EXISTS (SELECT 1 FROM chats WHERE id = ? AND kind IN (1, 3)))"

// unreadMost bounds the work of counting what is unread, which each look at the list of chats does for each chat.
// Nobody shows more than "999+".
const unreadMost = 1000

func messageColumns(m *Message) []any {
	return []any{&m.ID, &m.Chat, &m.Clock, &m.Timestamp, &m.Sent, &m.Author, &m.Claimed, &m.ContentType, &m.Text, &m.ReplyTo,
		&m.Outgoing, &m.Seen, &m.ForwardSecret, &m.Addressed, &m.Handed}
}

const ofMessage = "id, chat, clock, timestamp, sent, author, claimed, content_type, text, reply_to, " +
	"outgoing, seen, forward_secret, addressed, handed"

// AddMessage stores a message and sets its Row. It says false and changes nothing where the id is there already.
func (tx *Tx) AddMessage(m *Message) (bool, error) {
	result, err := tx.do("INSERT INTO messages ("+ofMessage+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
		messageColumns(m)...)
	fresh, err := changed(result, err)
	if err != nil || !fresh {
		return false, err
	}
	m.Row, err = result.LastInsertId()
	return true, err
}

// Message returns the message with that id, and whether there is one.
func (tx *Tx) Message(id []byte) (Message, bool, error) { return tx.messageWhere("id = ?", id) }

// MessageAt returns the message in that row, and whether there is one.
func (tx *Tx) MessageAt(row int64) (Message, bool, error) { return tx.messageWhere("row = ?", row) }

func (tx *Tx) messageWhere(condition string, is any) (Message, bool, error) {
	columns := func(m *Message) []any { return append(messageColumns(m), &m.Row) }
	return one(tx, columns, "SELECT "+ofMessage+", row FROM messages WHERE "+condition, is)
}

// Older returns up to limit messages strictly before a place, the newest first; from the newest on where before is nil.
func (tx *Tx) Older(chat int64, before *Place, limit int) ([]Message, error) {
	query := tx.db.Where("chat = ?", chat).Where(shown, chat)
	if before != nil {
		query = query.Where("(clock, id) < (?, ?)", before.Clock, before.ID)
	}
	return page(query.Order("clock DESC, id DESC"), limit)
}

// Newer returns up to limit messages strictly after a place, the oldest first.
func (tx *Tx) Newer(chat int64, after Place, limit int) ([]Message, error) {
	query := tx.db.Where("chat = ? AND (clock, id) > (?, ?)", chat, after.Clock, after.ID).Where(shown, chat)
	return page(query.Order("clock, id"), limit)
}

func page(query *gorm.DB, limit int) ([]Message, error) {
	list := make([]Message, 0, limit)
	err := query.Limit(limit).Find(&list).Error
	return list, typed(err)
}

// LastClock is the highest clock in a chat that is not after another clock, 0 if there is none.
func (tx *Tx) LastClock(chat int64, most uint64) (uint64, error) {
	clock, _, err := one(tx, column[uint64], "SELECT coalesce(max(clock), 0) FROM messages WHERE chat = ? AND clock <= ?", chat, most)
	return clock, err
}

// LastOwn is the highest clock of what we wrote in a chat, 0 if we wrote nothing.
func (tx *Tx) LastOwn(chat int64) (uint64, error) {
	clock, _, err := one(tx, column[uint64], "SELECT clock FROM messages WHERE chat = ? AND outgoing = 1 ORDER BY clock DESC, id DESC LIMIT 1", chat)
	return clock, err
}

// Unread counts the messages of a chat that nobody has looked at, up to 1000.
func (tx *Tx) Unread(chat int64) (int, error) {
	n, _, err := one(tx, column[int], "SELECT count(*) FROM (SELECT 1 FROM messages WHERE chat = ? AND seen = 0 AND "+shown+" LIMIT ?)",
		chat, chat, unreadMost)
	return n, err
}

// FirstUnread is the place of the oldest message that nobody has looked at, and whether there is one. Messages whose
// clock is more than late ms behind their sending do not count: an author chooses the clock, and one that stands at the
// chat's beginning would hide what is new.
func (tx *Tx) FirstUnread(chat, late int64) (Place, bool, error) {
	var list []Place
	err := tx.db.Raw("SELECT clock, id FROM messages INDEXED BY messages_unseen WHERE chat = ? AND seen = 0 AND clock >= sent - ? AND "+shown+
		" ORDER BY clock, id LIMIT 1", chat, late, chat).Scan(&list).Error
	if err != nil || len(list) == 0 {
		return Place{}, false, typed(err)
	}
	return list[0], true, nil
}

// MarkRead marks every message of a chat as looked at, also those of blocked people, and says how many were not.
func (tx *Tx) MarkRead(chat int64) (int64, error) {
	result := tx.db.Exec("UPDATE messages SET seen = 1 WHERE chat = ? AND seen = 0", chat)
	return result.RowsAffected, typed(result.Error)
}

// MarkReadUpTo marks the messages of a chat up to a clock as looked at, and says how many were not.
func (tx *Tx) MarkReadUpTo(chat int64, clock uint64) (int64, error) {
	result := tx.db.Exec("UPDATE messages SET seen = 1 WHERE chat = ? AND seen = 0 AND clock <= ?", chat, clock)
	return result.RowsAffected, typed(result.Error)
}

// RemoveMessage takes a message out, with its ledger and what waits to be sent or acknowledged of it. Its row number may be
// given to another message, so nothing may refer to it any more.
func (tx *Tx) RemoveMessage(row int64) error {
	return tx.doAll([]string{
		"DELETE FROM outbox WHERE message = ?",
		"DELETE FROM ledger WHERE message = ?",
		"DELETE FROM sync_records WHERE message IN (SELECT id FROM sync_messages WHERE ref = ?)",
		"DELETE FROM sync_messages WHERE ref = ?",
		"DELETE FROM group_recipients WHERE message = ?",
		"DELETE FROM wrapped WHERE message = ?",
		"DELETE FROM messages WHERE row = ?",
	}, row)
}
