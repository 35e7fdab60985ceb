package secure

import (
	"time"

	"sotto/node/identity"
)

// Point is a compressed public key of secp256k1: a prekey, an ephemeral key, a ratchet key.
type Point [33]byte

// OwnPrekey is one of this device's signed prekeys. The newest version is in use; older ones decrypt what was sent to them
// before others heard of the new one.
type OwnPrekey struct {
	Key     Point
	Private [32]byte
	Version uint32
	Created time.Time // whole milliseconds
}

// Installation is a device of somebody, or another device of our own, as its bundles describe it.
type Installation struct {
	Identity  identity.PublicKey
	ID        string
	Prekey    Point     // the newest one
	Version   uint32    // of Prekey
	Protocol  uint32    // highest protocol version seen; from 1 on negotiated topics are understood
	Timestamp int64     // of the newest bundle with it, Unix nanoseconds
	Seen      time.Time // when its first bundle came, whole milliseconds
	Enabled   bool      // others' devices are at once, our own only when the person says so
	Answered  bool      // has sent us a private message
}

// Session is a Double Ratchet with one installation. It belongs to an identity, an installation and a prekey; where a party
// lost its end and began anew on the same prekey, the ephemeral key tells the sessions apart.
type Session struct {
	ID           int64 // chosen by State when it is first put
	Identity     identity.PublicKey
	Installation string
	Prekey       Point // on which it was agreed, whoever owns it

	Ephemeral Point // of X3DH, by whom began it; it goes along until they have answered
	Initiated bool  // we began it
	Answered  bool  // something was received on it
	Retired   bool  // no longer used for sending: a party lost its end

	Root      [32]byte
	Own       [32]byte // our ratchet key
	OwnPublic Point
	Remote    Point    // their ratchet key
	SendChain [32]byte // chain keys; a chain that has not begun is zero
	RecvChain [32]byte
	SendN     uint32 // messages in the sending chain
	RecvN     uint32 // in the receiving chain
	PN        uint32 // in the sending chain before
}

// SkippedKey is the key of a message that has not come yet although later ones have. Where N is the highest number there is
// it is none, but tells how long a chain was that has ended.
type SkippedKey struct {
	Ratchet Point
	N       uint32
	Key     [32]byte
}

// Healing is that somebody was told to begin anew. Times are whole milliseconds.
type Healing struct {
	At      time.Time // when the advertisement was made, with its prekey
	Sent    time.Time // when it went out last
	Sends   int       // how often
	Message []byte    // the advertisement itself
}

// State is what the secure transport remembers of an account. It gets and puts; the transaction around it belongs to the
// caller, and what a failed step has put is for the caller to roll back.
type State interface {
	// OwnPrekey is the newest of this device's prekeys, and whether there is one. OwnPrekeyOf is the one with that key.
	OwnPrekey() (OwnPrekey, bool, error)
	OwnPrekeyOf(Point) (OwnPrekey, bool, error)
	PutOwnPrekey(OwnPrekey) error
	// ForgetOwnPrekeys drops those that are out of use since before a time: those with a version below that of one that was
	// made before it. So the newest stays, whatever its age.
	ForgetOwnPrekeys(before time.Time) error

	// OwnBundle is what PutOwnBundle stored last: our signed bundle, empty if none.
	OwnBundle() ([]byte, error)
	PutOwnBundle([]byte) error

	// Installations lists the devices of somebody, the newest timestamp first.
	Installations(identity.PublicKey) ([]Installation, error)
	// PutInstallation inserts the installation of an identity and id, or replaces it.
	PutInstallation(Installation) error
	// ForgetInstallation drops one, its sessions and their skipped keys.
	ForgetInstallation(identity.PublicKey, string) error

	// Sessions lists the sessions with a device on a prekey, the newest first.
	Sessions(who identity.PublicKey, installation string, prekey Point) ([]Session, error)
	// PutSession inserts a session whose ID is 0 and sets the ID, or replaces the row.
	PutSession(*Session) error
	// Talking says whether there is a session with a device that is not retired and on which something was received.
	Talking(who identity.PublicKey, installation string) (bool, error)
	// TrimSessions drops the oldest sessions with a device beyond keep, and their skipped keys.
	TrimSessions(who identity.PublicKey, installation string, keep int) error
	// RetireSessions retires all sessions with an identity, or with one of its devices where installation is not empty.
	RetireSessions(who identity.PublicKey, installation string) error

	// Healed is how we last told somebody to begin anew, zero if never.
	Healed(who identity.PublicKey) (Healing, error)
	PutHealed(who identity.PublicKey, h Healing) error

	// TakeSkipped returns a skipped key and deletes it, and says whether there was one.
	TakeSkipped(session int64, ratchet Point, n uint32) ([32]byte, bool, error)
	// PutSkipped stores skipped keys and drops the oldest of the session beyond keep.
	PutSkipped(session int64, keys []SkippedKey, keep int) error
}
