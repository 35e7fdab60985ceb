package group

import "errors"

// Reason names why an event or a message was not taken. A Reason is an error; refusals wrap it.
type Reason string

// Reasons to refuse bytes that claim to be an event, or an id that claims to be a group's.
const (
	ReasonID        Reason = "group_id"        // not the id of a group
	ReasonMalformed Reason = "event_malformed" // not the protobuf it should be, or no longer than its signature
	ReasonOversized Reason = "event_oversized" // more than MaxEvent bytes
	ReasonFields    Reason = "event_fields"    // a known field of another type
	ReasonSignature Reason = "event_signature" // the signature fits nobody
	ReasonNoClock   Reason = "event_no_clock"  // clock 0, or none that fits into 63 bits
	ReasonFuture    Reason = "event_future"    // clock more than MaxAhead ahead of the Whisper message that brought it
	ReasonTooMany   Reason = "event_targets"   // more than MaxTargets people in one event
	ReasonKey       Reason = "event_key"       // names somebody by what is not the long form of a key
)

// Reasons to ignore an event when it is replayed.
const (
	ReasonType        Reason = "event_type"      // of a type that is not known
	ReasonNotCreator  Reason = "not_creator"     // creates the group and is not by whom its id names
	ReasonCreated     Reason = "created_already" // creates the group again
	ReasonNotAdmin    Reason = "not_admin"       // by somebody who is no admin then
	ReasonNotMember   Reason = "not_member"      // by, or about, somebody who is no member then; also: a message of such a person
	ReasonTargets     Reason = "wrong_targets"   // about nobody, about more than one person, or about another than its author, where it must not be
	ReasonTargetAdmin Reason = "target_admin"    // removes somebody else who is an admin
	ReasonName        Reason = "group_name"      // a name that is empty or has more than MaxName bytes
	ReasonNoEffect    Reason = "no_effect"       // says what is so already
	ReasonAtOnce      Reason = "at_once"         // contradicts an event of the same clock
)

// Reasons to refuse a message of a group, besides ReasonNotMember.
const (
	ReasonNotJoined Reason = "not_joined" // of somebody who was invited and has not joined
	ReasonRemoved   Reason = "removed"    // of somebody who left or was removed before
)

// Error makes a Reason an error.
func (r Reason) Error() string { return "group: " + string(r) }

// ReasonOf is the reason in err's chain, or "" if there is none.
func ReasonOf(err error) Reason {
	if r, ok := errors.AsType[Reason](err); ok {
		return r
	}
	return ""
}
