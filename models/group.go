package models

import (
	"time"

	"sotto/node/identity"
)

// GroupEvent is a signed event of a group's log, verified when it came.
type GroupEvent struct {
	Signature []byte // 65 bytes
	Author    []byte // public key, 65 bytes
	Raw       []byte // as it travels: signature and protobuf
}

func groupEventColumns(e *GroupEvent) []any { return []any{&e.Signature, &e.Author, &e.Raw} }

// AddGroupEvent stores an event of a group and says false where it is there already. Signature and author tell it from others:
// before other bytes the same signature is somebody else's.
func (tx *Tx) AddGroupEvent(chat int64, e GroupEvent) (bool, error) {
	return changed(tx.do("INSERT INTO group_events (chat, signature, author, raw) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
		append([]any{chat}, groupEventColumns(&e)...)...))
}

// HasGroupEvent says whether a group's log has that very event, which travels as raw and begins with the signature.
func (tx *Tx) HasGroupEvent(chat int64, signature, raw []byte) (bool, error) {
	_, found, err := one(tx, column[int], "SELECT 1 FROM group_events WHERE chat = ? AND signature = ? AND raw = ?", chat, signature, raw)
	return found, err
}

// RemoveGroupEvent takes an event out of a group's log.
func (tx *Tx) RemoveGroupEvent(chat int64, signature, author []byte) error {
	_, err := tx.do("DELETE FROM group_events WHERE chat = ? AND signature = ? AND author = ?", chat, signature, author)
	return err
}

// GroupEvents lists the log of a group, ordered by signature: their order in time is for node/payload/group to find.
func (tx *Tx) GroupEvents(chat int64) ([]GroupEvent, error) {
	return all(tx, groupEventColumns, "SELECT signature, author, raw FROM group_events WHERE chat = ? ORDER BY signature, author", chat)
}

// GroupPerson is somebody who is or was in a group, as its log says, and what we know of their log. Clocks are below 2^63.
type GroupPerson struct {
	ID       int64 // row number; stays for ever
	Chat     int64
	Key      identity.PublicKey
	Member   bool
	Joined   bool
	Admin    bool
	Added    uint64 // clock at which they were added last
	AddedBy  []byte // key of who added them, 65 bytes; empty for the creator
	JoinedAt uint64 // clock at which they joined last
	GoneAt   uint64 // clock at which they left or were removed last, 0 if never
	Told     []byte // digest of their log, as they told last; empty where their program tells none
	CheckAt  int64  // Unix ms at which their digest is to be compared with ours, 0 if not
	LoggedAt int64  // Unix ms at which the whole log went to them last, 0 if never
}

func groupPersonColumns(p *GroupPerson) []any {
	return []any{&p.Chat, fixed(p.Key[:]), &p.Member, &p.Joined, &p.Admin, &p.Added, &p.AddedBy, &p.JoinedAt, &p.GoneAt,
		&p.Told, &p.CheckAt, &p.LoggedAt, &p.ID}
}

const ofGroupPerson = "chat, key, member, joined, admin, added, added_by, joined_at, gone_at, told, check_at, logged_at"

const selectGroupPerson = "SELECT " + ofGroupPerson + ", id FROM group_people "

// PutGroupPerson inserts somebody whose ID is 0 and sets the ID; otherwise it replaces the row.
func (tx *Tx) PutGroupPerson(p *GroupPerson) error {
	if p.AddedBy == nil {
		p.AddedBy = []byte{}
	}
	if p.Told == nil {
		p.Told = []byte{}
	}
	columns := groupPersonColumns(p)
	if p.ID != 0 {
		_, err := tx.do("UPDATE group_people SET ("+ofGroupPerson+") = (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) WHERE id = ?", columns...)
		return err
	}
	result, err := tx.do("INSERT INTO group_people ("+ofGroupPerson+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", columns[:len(columns)-1]...)
	if err != nil {
		return err
	}
	p.ID, err = result.LastInsertId()
	return err
}

// GroupPerson returns somebody in a group, and whether they are or were in it.
func (tx *Tx) GroupPerson(chat int64, key identity.PublicKey) (GroupPerson, bool, error) {
	return one(tx, groupPersonColumns, selectGroupPerson+"WHERE chat = ? AND key = ?", chat, key[:])
}

// GroupPersonByID returns the row with that number, and whether there is one.
func (tx *Tx) GroupPersonByID(id int64) (GroupPerson, bool, error) {
	return one(tx, groupPersonColumns, selectGroupPerson+"WHERE id = ?", id)
}

// GroupPeople lists everybody who is or was in a group, in the order in which they were heard of.
func (tx *Tx) GroupPeople(chat int64) ([]GroupPerson, error) {
	return all(tx, groupPersonColumns, selectGroupPerson+"WHERE chat = ? ORDER BY id", chat)
}

// CountGroup is how many members a group has, and how many of them have not joined.
func (tx *Tx) CountGroup(chat int64) (members, waiting int, err error) {
	type counts struct{ members, waiting int }
	c, _, err := one(tx, func(c *counts) []any { return []any{&c.members, &c.waiting} },
		"SELECT count(*), count(*) - coalesce(sum(joined), 0) FROM group_people WHERE chat = ? AND member = 1", chat)
	return c.members, c.waiting, err
}

// GroupCreated is when a group came to be: when its first member was added, by the clock of who says so.
func (tx *Tx) GroupCreated(chat int64) (time.Time, error) {
	var at time.Time
	at, _, err := one(tx, func(t *time.Time) []any { return []any{millis{t}} },
		"SELECT coalesce(min(added), 0) FROM group_people WHERE chat = ? AND added != 0", chat)
	return at, err
}

// Groups lists the rows of somebody in all groups of which they are a member.
func (tx *Tx) Groups(of identity.PublicKey) ([]GroupPerson, error) {
	return all(tx, groupPersonColumns, selectGroupPerson+"WHERE key = ? AND member = 1 ORDER BY chat", of[:])
}

// SharesGroup says whether somebody is a member of a group that we have joined and that is on the list.
func (tx *Tx) SharesGroup(with identity.PublicKey) (bool, error) {
	_, found, err := one(tx, column[int], "SELECT 1 FROM group_people p JOIN chats c ON c.id = p.chat "+
		"WHERE p.key = ? AND p.member = 1 AND c.active = 1 AND c.invited = 0 AND c.request = 0 LIMIT 1", with[:])
	return found, err
}

// DueGroupChecks lists up to limit people whose digest is to be compared by now, the longest due first. A check that lies
// further ahead than latest is due, too: the clock was set back.
func (tx *Tx) DueGroupChecks(now, latest int64, limit int) ([]GroupPerson, error) {
	return all(tx, groupPersonColumns, selectGroupPerson+
		"WHERE check_at != 0 AND (check_at <= ? OR check_at > ?) ORDER BY check_at, id LIMIT ?", now, latest, limit)
}

// NextGroupCheck is the Unix ms of the first check that waits, and whether any does.
func (tx *Tx) NextGroupCheck() (int64, bool, error) {
	at, _, err := one(tx, column[int64], "SELECT coalesce(min(check_at), 0) FROM group_people WHERE check_at != 0")
	return at, at != 0, err
}

// AddGroupRecipient notes that a message of ours goes to somebody in its group.
func (tx *Tx) AddGroupRecipient(message, person int64) error {
	_, err := tx.do("INSERT INTO group_recipients (message, person) VALUES (?, ?) ON CONFLICT DO NOTHING", message, person)
	return err
}

// GroupRecipient is somebody to whom a message of ours to a group goes.
type GroupRecipient struct {
	Key       identity.PublicKey
	Delivered int64 // Unix ms at which the first of their devices told that it has it, 0 if none did
	Waiting   bool  // no peer has taken it for them yet
	Failed    bool  // none did in time
}

// GroupRecipients lists to whom a message of ours went.
func (tx *Tx) GroupRecipients(message int64) ([]GroupRecipient, error) {
	columns := func(r *GroupRecipient) []any { return []any{fixed(r.Key[:]), &r.Delivered, &r.Waiting, &r.Failed} }
	return all(tx, columns, `SELECT p.key,
		coalesce((SELECT min(at) FROM ledger l WHERE l.message = r.message AND l.person = r.person AND l.state = 5), 0),
		EXISTS (SELECT 1 FROM outbox o WHERE o.message = r.message AND o.recipient = p.key AND o.failed = 0),
		EXISTS (SELECT 1 FROM outbox o WHERE o.message = r.message AND o.recipient = p.key AND o.failed = 1)
		FROM group_recipients r JOIN group_people p ON p.id = r.person WHERE r.message = ? ORDER BY p.id`, message)
}

// CountGroupRecipients is to how many people a message of ours went, and how many of them have it.
func (tx *Tx) CountGroupRecipients(message int64) (addressed, delivered int, err error) {
	type counts struct{ addressed, delivered int }
	c, _, err := one(tx, func(c *counts) []any { return []any{&c.addressed, &c.delivered} },
		"SELECT (SELECT count(*) FROM group_recipients WHERE message = ?1), "+
			"(SELECT count(DISTINCT person) FROM ledger WHERE message = ?1 AND state = 5 AND person != 0)", message)
	return c.addressed, c.delivered, err
}

// PutWrapped keeps the signed bytes of a message.
func (tx *Tx) PutWrapped(message int64, wrapped []byte) error {
	_, err := tx.do("INSERT OR REPLACE INTO wrapped (message, bytes) VALUES (?, ?)", message, wrapped)
	return err
}

// Wrapped returns the signed bytes of a message, and whether they were kept.
func (tx *Tx) Wrapped(message int64) ([]byte, bool, error) {
	return one(tx, column[[]byte], "SELECT bytes FROM wrapped WHERE message = ?", message)
}

// LastWrapped lists the signed bytes of the last messages of a chat whose authors are not blocked, the newest first.
func (tx *Tx) LastWrapped(chat int64, limit int) ([][]byte, error) {
	return all(tx, column[[]byte], "SELECT w.bytes FROM messages JOIN wrapped w ON w.message = messages.row WHERE chat = ? AND "+shown+
		" ORDER BY clock DESC, id DESC LIMIT ?", chat, chat, limit)
}

// GroupRequestState is what became of a request to be let into a group.
type GroupRequestState int

// The states of requests, as stored.
const (
	GroupRequestWaits GroupRequestState = iota + 1
	GroupRequestRejected
	GroupRequestApproved
	GroupRequestLog // we asked somebody for the log of a group that we lost
)

// GroupRequest is that somebody who has a group's link asks an admin to be let in. It is ours where Key is our own.
type GroupRequest struct {
	Group string // id of the group
	Key   []byte // who asks, 65 bytes
	Admin []byte // whom, 65 bytes
	Name  string // of the group, as the link said
	Clock uint64
	Text  string // with which they introduce themselves
	State GroupRequestState
	At    int64 // Unix ms
}

func groupRequestColumns(r *GroupRequest) []any {
	return []any{&r.Group, &r.Key, &r.Admin, &r.Name, &r.Clock, &r.Text, &r.State, &r.At}
}

const selectGroupRequest = "SELECT group_id, key, admin, name, clock, text, state, at FROM group_requests "

// PutGroupRequest inserts the request of somebody for a group, or replaces it.
func (tx *Tx) PutGroupRequest(r GroupRequest) error {
	_, err := tx.do("INSERT OR REPLACE INTO group_requests (group_id, key, admin, name, clock, text, state, at) "+
		"VALUES (?, ?, ?, ?, ?, ?, ?, ?)", groupRequestColumns(&r)...)
	return err
}

// GroupRequest returns the request of somebody for a group, and whether there is one.
func (tx *Tx) GroupRequest(group string, key identity.PublicKey) (GroupRequest, bool, error) {
	return one(tx, groupRequestColumns, selectGroupRequest+"WHERE group_id = ? AND key = ?", group, key[:])
}

// GroupRequests lists the requests that are in a state, the newest first.
func (tx *Tx) GroupRequests(state GroupRequestState) ([]GroupRequest, error) {
	return all(tx, groupRequestColumns, selectGroupRequest+"WHERE state = ? ORDER BY at DESC, group_id, key", state)
}

// GroupRequestsFor lists the requests of others for one group that wait, the oldest first.
func (tx *Tx) GroupRequestsFor(group string, self identity.PublicKey) ([]GroupRequest, error) {
	return all(tx, groupRequestColumns, selectGroupRequest+"WHERE group_id = ? AND key != ? AND state = 1 ORDER BY at, key", group, self[:])
}

// AskedGroupAdmin says whether a request of ours, whose key is self, waits for an answer by somebody.
func (tx *Tx) AskedGroupAdmin(self, admin identity.PublicKey) (bool, error) {
	_, found, err := one(tx, column[int], "SELECT 1 FROM group_requests WHERE key = ? AND admin = ? AND state = 1 LIMIT 1", self[:], admin[:])
	return found, err
}

// RemoveGroupRequest forgets one.
func (tx *Tx) RemoveGroupRequest(group string, key identity.PublicKey) error {
	_, err := tx.do("DELETE FROM group_requests WHERE group_id = ? AND key = ?", group, key[:])
	return err
}

// OpenInvitations lists the groups to which we are invited and have not answered, by whomever, the newest first.
func (tx *Tx) OpenInvitations() ([]Chat, error) {
	return all(tx, chatColumns, selectChat+"WHERE kind = 3 AND invited = 1 AND (active = 1 OR request = 1) ORDER BY joined_at DESC, id DESC")
}

// GroupInvitations lists the groups into which a stranger invited us and that wait for an answer, the newest first.
func (tx *Tx) GroupInvitations() ([]Chat, error) {
	return all(tx, chatColumns, selectChat+"WHERE request = 1 AND kind = 3 ORDER BY joined_at DESC, id DESC")
}
