package chats

import (
	"strings"
	"time"

	"sotto/node/payload"
)

// Kind is what sort of conversation a chat is.
type Kind string

// The kinds of chats.
const (
	Public  Kind = "public"
	Private Kind = "private"
	Group   Kind = "group"
)

// KindOf is the kind of a chat by its id: that of a private chat is the other's key, that of a group ends in its creator's,
// and no name of a channel is as long.
func KindOf(id string) Kind {
	switch {
	case len(id) <= payload.MaxName:
		return Public
	case strings.HasPrefix(id, "0x04"):
		return Private
	case strings.Contains(id, "-0x04"):
		return Group
	}
	return Public
}

// State is how far a message got. The order is the order of progress; Failed stands outside it.
type State string

// The states of "honest delivery": Sent to a peer, Accepted by a mailserver of ours, Stored by one that promises to have it,
// Delivered to a device of the other.
const (
	Queued    State = "queued"
	Sent      State = "sent"
	Accepted  State = "accepted"
	Stored    State = "stored"
	Delivered State = "delivered"
	Failed    State = "failed"
)

// Chat is one row of the sidebar.
type Chat struct {
	ID     string // a public chat's id is its name, a private one's the other's key, 0x04…, a group's its id
	Kind   Kind
	Name   string // of a channel without the leading '#'; of a private chat what the other is called here
	Unread int    // 1000 stands for more, too
	Muted  bool
	Draft  string
	Joined time.Time
	Last   *Message // nil while the chat is empty

	Request  bool // of a private chat: a stranger wrote and waits; it is not in List
	Verified bool // of a private chat: the codes were compared

	Invited bool // of a group: we are invited and have not answered; nothing can be written
	Member  bool // of a group: we are in it; false when we were removed
	GroupOf int  // of a group: how many members it has
	AdminOf bool // of a group: we are one of its admins
}

// Cursor is a place in a chat's order: by clock, ties by id (Status spec 6/PAYLOADS).
type Cursor struct {
	Clock uint64
	ID    string // message id, 0x…
}

// Author is who wrote a message, as far as this computer can tell.
type Author struct {
	Key       string // 0x04…, 65 bytes
	Pseudonym string // three words derived from the key
	Claimed   string // the ENS name the author claims; not verified
	Nickname  string // what this account calls them, or empty
}

// Message is one line of a conversation.
type Message struct {
	ID            string // 0x…, 32 bytes
	Chat          string
	Author        Author
	Text          string // empty where this kind of content has none
	ContentType   int    // number of the payload specification: 1 text, 2 sticker, …
	Unsupported   string // not empty: the one neutral line to show in place of Text
	Clock         uint64
	Timestamp     time.Time // the author's clock; shown, never used for order
	ReplyTo       string    // message id, or empty
	Quote         *Quote    // of the message that this one answers; nil where it answers none or that one is not here
	System        bool      // a line of this program in the chat, such as that a new device appeared
	Outgoing      bool
	Elsewhere     bool // of an outgoing one: written on another device of ours, which knows how far it got
	Seen          bool
	Backdated     bool // the clock is far behind the time of sending: sent again, or inserted into the past
	ForwardSecret bool
	State         State // Sent for incoming messages
	Peers         int   // how many peers took it
	Unconfirmed   bool  // taken only by peers that do not confirm
	FailureReason string
	Addressed     int     // of a private message: for how many devices it was encrypted; 0: for whichever there are. Of a message to a group: to how many people it went
	DeliveredTo   int     // how many of the devices have it; of a message to a group: how many of the people
	HandedBy      *Author // of a group's message: who handed it over to us, where its author did not send it
}

// Quote is what stands above an answer.
type Quote struct {
	Author Author
	Text   string
}

// Cursor is the message's own place in the order.
func (m Message) Cursor() Cursor { return Cursor{Clock: m.Clock, ID: m.ID} }

// Step is one stored fact on a message's way.
type Step struct {
	ID      int64
	Chat    string
	Message string
	State   State
	At      time.Time
	Who     string // enode URL or installation id, or empty
	Person  string // of Delivered in a group: key of whose device it is
	Reason  string

	Unconfirmed bool      // sent to a peer that confirms nothing
	Until       time.Time // of Stored: how long it is kept; else zero
}

// Page asks for messages by key range, never by offset. At most one of Before and After is set.
type Page struct {
	Before *Cursor // strictly older than this
	After  *Cursor // strictly newer than this
	Limit  int     // 1 to 1000; 0 means 50
}
