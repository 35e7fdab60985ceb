// Package event carries invalidations from services to whoever shows them.
//
// An event says what changed, not what it changed to: the reader queries. Events are published after the commit that
// they speak of. A reader that is too slow loses its queue and gets one Resync in its place.
package event

// Kind says what changed.
type Kind string

// The kinds of events.
const (
	Message  Kind = "message"  // a message came or changed: Chat and Message are set
	Ledger   Kind = "ledger"   // one step of a message's way: Chat, Message and Step are set
	Chat     Kind = "chat"     // a chat was joined, left, read or renamed: Chat is set
	Contact  Kind = "contact"  // a contact was added, named, accepted, verified or blocked: Chat is their key
	Group    Kind = "group"    // who is in a group, what it is called, or who asks to be let in changed: Chat is set
	Device   Kind = "device"   // a device of this account was heard of, named, enabled or disabled: Name is its id
	Network  Kind = "network"  // the network's state changed
	Degraded Kind = "degraded" // a degraded state began or ended: Name is set
	History  Kind = "history"  // catching up with mailservers went on or ended: Chat is set where one chat's was asked for
	Account  Kind = "account"  // unlocked, locked, renamed, backed up
	Resync   Kind = "resync"   // some events were dropped: query everything
)

// Event is one invalidation. Seq grows by one with each event of a bus.
type Event struct {
	Seq     uint64
	Kind    Kind
	Chat    string // chat id
	Message string // message id, 0x…
	Step    int64  // id of the ledger row, with Kind Ledger
	Name    string // name of the degraded state; id of the device
}

// Publisher tells the rest of the program what changed, after it is stored. It does not block. *Bus is one.
type Publisher interface{ Publish(Event) }
