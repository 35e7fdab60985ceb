package models

// ChatKind is what sort of conversation a chat is.
type ChatKind int

// The kinds of chats, as stored.
const (
	PublicChat ChatKind = iota + 1
	PrivateChat
	GroupChat
)

// Chat is one conversation. A chat that was left stays, with its history, and is not active.
type Chat struct {
	ID        int64 `gorm:"primaryKey"` // row number; chosen by the database
	Kind      ChatKind
	Name      string // a public chat's channel name, a private one's key of the other, 0x04…, a group's id; unique within its kind
	Active    bool
	Muted     bool
	JoinedAt  int64  // Unix ms
	DeletedAt uint64 // clock: messages up to it were deleted and are not taken in again
	Request   bool   // of a private chat that is not active: a stranger wrote and waits

	Claimed      string // the name that the other claims who is no contact; it becomes a contact's
	ClaimedClock uint64 // clock of the contact update that told it, below 2^63

	Title   string // of a group, as its log says
	Invited bool   // of a group: we are a member who has not joined
	Synced  uint64 // clock at which our own devices were told last that it was joined, left or muted, below 2^63

	ReadTo   uint64 // clock up to which everything was read, here or on another device of ours, below 2^63
	ReadTold uint64 // the same as our own devices were told it last; less than ReadTo where they are still to be told
}

// Summary is a chat as a list shows it.
type Summary struct {
	Chat
	Draft  string
	Unread int
	Last   *Message // nil while the chat is empty
}

func chatColumns(c *Chat) []any {
	return []any{&c.ID, &c.Kind, &c.Name, &c.Active, &c.Muted, &c.JoinedAt, &c.DeletedAt, &c.Request, &c.Claimed, &c.ClaimedClock,
		&c.Title, &c.Invited, &c.Synced, &c.ReadTo, &c.ReadTold}
}

const selectChat = "SELECT id, kind, name, active, muted, joined_at, deleted_at, request, claimed, claimed_clock, title, invited, synced, read_to, read_told " +
	"FROM chats "

// ChatNamed returns the chat of that kind and name, active or not, and whether there is one.
func (tx *Tx) ChatNamed(kind ChatKind, name string) (Chat, bool, error) {
	return one(tx, chatColumns, selectChat+"WHERE kind = ? AND name = ?", kind, name)
}

// ChatByID returns the chat with that row number, and whether there is one.
func (tx *Tx) ChatByID(id int64) (Chat, bool, error) {
	return one(tx, chatColumns, selectChat+"WHERE id = ?", id)
}

// PutChat inserts a chat whose ID is 0 and sets the ID; otherwise it replaces the row.
func (tx *Tx) PutChat(c *Chat) error { return tx.put(c) }

// Chats lists the active chats in the order in which they were joined.
func (tx *Tx) Chats() ([]Chat, error) {
	var list []Chat
	err := tx.db.Where("active = 1").Order("joined_at, id").Find(&list).Error
	return list, typed(err)
}

// UntoldReads lists the chats that were read further than our own devices were told.
func (tx *Tx) UntoldReads() ([]Chat, error) {
	return all(tx, chatColumns, selectChat+"WHERE read_to > read_told ORDER BY id")
}

// SetRead notes up to which clock a chat was read, and up to which our own devices know it.
func (tx *Tx) SetRead(chat int64, to, told uint64) error {
	_, err := tx.do("UPDATE chats SET read_to = ?, read_told = ? WHERE id = ?", to, told, chat)
	return err
}

// AllChats lists every chat that is or was on the list, in the order in which they were made.
func (tx *Tx) AllChats() ([]Chat, error) { return all(tx, chatColumns, selectChat+"ORDER BY id") }

// Summarize adds to a chat what a list shows of it. It costs what is unread, not what is stored.
func (tx *Tx) Summarize(c Chat) (Summary, error) {
	sum := Summary{Chat: c}
	var err error
	if sum.Draft, err = tx.Draft(c.ID); err != nil {
		return sum, err
	}
	if sum.Unread, err = tx.Unread(c.ID); err != nil {
		return sum, err
	}
	last, err := tx.Older(c.ID, nil, 1)
	if len(last) == 1 {
		sum.Last = &last[0]
	}
	return sum, err
}
