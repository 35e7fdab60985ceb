package groups

import "time"

// Role is what somebody may do in a group.
type Role string

// The roles.
const (
	Admin  Role = "admin"  // may rename, add, remove, and make others admins
	Plain  Role = "member" // may write and leave
	Former Role = "former" // was removed or left
)

// Group is a private group as this account sees it.
type Group struct {
	ID        string // UUID, hyphen, key of the creator; also the id of the chat
	Name      string
	Role      Role      // ours
	Joined    bool      // we are in it; false while we are only invited, and when we are no member any more
	InvitedBy string    // key of who added us, empty for the creator
	Stranger  bool      // who invited us is no contact of ours
	Members   int       // how many there are, whether they joined or not
	Waiting   int       // how many of them have not joined yet
	Created   time.Time // by the creator's clock
}

// Member is somebody in a group.
type Member struct {
	Key       string // 0x04…, 65 bytes
	Pseudonym string // three words derived from the key
	Name      string // what they are called here: nickname, else claimed name, else pseudonym
	Role      Role
	Joined    bool // false: invited, and has not answered
	You       bool
	Contact   bool      // a contact of ours
	Blocked   bool      // we blocked them
	AddedBy   string    // key, empty for the creator
	At        time.Time // when they joined or, where they have not, were added; by the clocks of who said so
}

// Delivery is how far a message of ours got to one member.
type Delivery struct {
	Key       string
	Name      string
	Delivered time.Time // when the first of their devices told that it has it; zero: none did
	Waiting   bool      // no peer has taken it for them yet
	Failed    bool      // none took it in time
}

// Request is that somebody who has a group's link asks to be let in.
type Request struct {
	Group     string // id
	GroupName string // of a request of ours: as the link said
	Key       string // who asks
	Name      string // what they are called here
	Text      string // with which they introduce themselves; may be empty
	At        time.Time
	State     RequestState
	Mine      bool // we ask
}

// RequestState is what became of a request.
type RequestState string

// The states of requests.
const (
	Asked    RequestState = "asked"
	Rejected RequestState = "rejected"
	LetIn    RequestState = "approved"
)
