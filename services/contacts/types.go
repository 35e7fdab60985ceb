package contacts

import "time"

// State is how we stand with somebody.
type State string

// The states of a contact.
const (
	Stranger  State = "stranger"  // known from a channel or a link, nothing more
	Requested State = "requested" // they wrote to us and wait; nothing was answered
	Added     State = "added"     // a contact: both sides may write
	Ignored   State = "ignored"   // a request that was put away without an answer
	Blocked   State = "blocked"   // what they write is dropped unread
)

// Contact is somebody with a key, as this account knows them.
type Contact struct {
	Key        string // 0x04…, 65 bytes; also the id of the private chat with them
	Short      string // zQ3sh…
	Pseudonym  string // three words derived from the key
	Name       string // the name that they claim for themselves; not verified, may be empty
	Nickname   string // the name that this account gave them, may be empty
	State      State
	Verified   bool      // the codes were compared
	VerifiedAt time.Time // zero where not
	Devices    int       // of theirs that are known
}

// DisplayName is what a contact is called here: the nickname, else the claimed name, else the pseudonym.
func (c Contact) DisplayName() string {
	switch {
	case c.Nickname != "":
		return c.Nickname
	case c.Name != "":
		return c.Name
	}
	return c.Pseudonym
}
