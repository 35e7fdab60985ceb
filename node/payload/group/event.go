package group

import (
	"crypto/ecdsa"
	"fmt"
	"math"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"sotto/node/identity"
	"sotto/node/payload/wire"
)

// Bounds of events.
const (
	MaxName    = 255             // bytes of a group's name; a longer one is not taken
	MaxTargets = 512             // people whom one event names
	MaxEvent   = 96 << 10        // bytes of an event as it travels
	MaxAhead   = 2 * time.Minute // of an event's clock before the time when the Whisper message was sent that brings it
)

// Type is what an event does (Status spec 7/GROUP-CHAT).
type Type int32

// Types of events.
const (
	Created      Type = 1 // by the creator: the group comes to be, with a name
	Renamed      Type = 2 // by an admin: it has another name
	Added        Type = 3 // by an admin: members are invited
	Joined       Type = 4 // by a member: takes part from now on
	Removed      Type = 5 // by an admin: a member who is none is taken out; or by a member: leaves, or declines
	AdminsAdded  Type = 6 // by an admin: members become admins
	AdminRemoved Type = 7 // by an admin: is none any more
)

// Event is a signed step in the life of a group (MembershipUpdateEvent).
type Event struct {
	Clock   uint64 // Lamport clock in milliseconds, below 2^63: the order in which events are replayed
	Type    Type
	Members []identity.PublicKey // whom it is about, as listed
	Name    string               // of Created and Renamed

	Author    identity.PublicKey
	Signature [identity.SignatureLength]byte
	Raw       []byte // as it travels: the signature and the protobuf. It must be kept and passed on as it is
}

// Sign signs an event for a group and returns it with Author, Signature and Raw. What is signed is the group's id and the
// protobuf. The errors are those of DecodeEvent, so that nothing is signed that others do not read.
func Sign(key *ecdsa.PrivateKey, chat string, e Event) (Event, error) {
	m := wire.MembershipUpdateEvent{Clock: e.Clock, Name: e.Name, Type: int32(e.Type)}
	for _, member := range e.Members {
		m.Members = append(m.Members, member.String())
	}
	body, err := proto.MarshalOptions{Deterministic: true}.Marshal(&m)
	if err != nil {
		return Event{}, ReasonMalformed
	}
	signature, err := identity.Sign(key, signed(chat, body))
	if err != nil {
		return Event{}, fmt.Errorf("group event: %w", err)
	}
	return DecodeEvent(chat, append(signature, body...))
}

// DecodeEvent reads an event of a group and finds out whose it is. An event of another group is one of nobody known here: the
// id is signed, too. The error wraps a Reason. Whether the event may do what it says is for Replay to judge.
func DecodeEvent(chat string, raw []byte) (Event, error) {
	if _, err := Creator(chat); err != nil {
		return Event{}, err
	}
	e, err := read(raw)
	if err != nil {
		return Event{}, err
	}
	body := raw[identity.SignatureLength:]
	if e.Author, err = identity.Recover(signed(chat, body), e.Signature[:]); err != nil {
		return Event{}, fmt.Errorf("%w: %w", ReasonSignature, err)
	}
	return e, nil
}

// FromStore reads an event that DecodeEvent found to be the author's before. The signature, which costs more than all the
// rest, is not looked at again.
func FromStore(author identity.PublicKey, raw []byte) (Event, error) {
	e, err := read(raw)
	e.Author = author
	return e, err
}

// lastEventField is the highest number of a field of MembershipUpdateEvent that is known here.
const lastEventField protowire.Number = 4

// read reads everything of an event but its author.
func read(raw []byte) (Event, error) {
	switch {
	case len(raw) > MaxEvent:
		return Event{}, ReasonOversized
	case len(raw) <= identity.SignatureLength:
		return Event{}, ReasonMalformed
	}
	var m wire.MembershipUpdateEvent
	if err := proto.Unmarshal(raw[identity.SignatureLength:], &m); err != nil {
		return Event{}, ReasonMalformed
	}
	if wrongFields(&m) {
		return Event{}, ReasonFields
	}
	e := Event{Clock: m.GetClock(), Type: Type(m.GetType()), Name: m.GetName(), Raw: raw}
	copy(e.Signature[:], raw)
	switch {
	case e.Clock == 0 || e.Clock > math.MaxInt64:
		return Event{}, ReasonNoClock
	case len(m.GetMembers()) > MaxTargets:
		return Event{}, ReasonTooMany
	}
	for _, text := range m.GetMembers() {
		member, ok := keyOf(text)
		if !ok {
			return Event{}, ReasonKey
		}
		e.Members = append(e.Members, member)
	}
	return e, nil
}

// wrongFields tells whether a known field came with another type, and was read as unknown.
func wrongFields(m proto.Message) bool {
	for rest := m.ProtoReflect().GetUnknown(); len(rest) > 0; {
		number, _, size := protowire.ConsumeField(rest)
		if size < 0 || number <= lastEventField {
			return true
		}
		rest = rest[size:]
	}
	return false
}

// signed is what an event's signature is over. A group's id has no byte that a protobuf of events begins with, so that no
// event is one of another group.
func signed(chat string, body []byte) []byte { return append([]byte(chat), body...) }

// LineID is the id of the line that a chat shows of an event: keccak256 of the signature.
func (e Event) LineID() [32]byte { return crypto.Keccak256Hash(e.Signature[:]) }

// CheckClock judges the clock of an event that a Whisper message brought which was sent at the given time: ReasonFuture. An
// event from far ahead could be undone by nobody for years. Deployed clients compare with their own time instead.
func (e Event) CheckClock(sent time.Time) error {
	if e.Clock > millis(sent.Add(MaxAhead)) {
		return ReasonFuture
	}
	return nil
}

// millis is t in Unix milliseconds, the unit of clocks; 0 before 1970.
func millis(t time.Time) uint64 { return uint64(max(t.UnixMilli(), 0)) }
