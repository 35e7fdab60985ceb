package datasync

import "errors"

// Reason names why a payload, or a message in one, was refused. A Reason is an error.
type Reason string

// Reasons to refuse what claims to be data sync.
const (
	ReasonMalformed   Reason = "malformed"     // not the protobuf it should be
	ReasonOversized   Reason = "oversized"     // more than MaxPayload bytes
	ReasonNotDatasync Reason = "not_datasync"  // has no field of a payload
	ReasonTooMany     Reason = "too_many"      // more than MaxIDs ids of a kind, or more than MaxMessages messages
	ReasonGroup       Reason = "group"         // a group id that is not 32 bytes
	ReasonForeign     Reason = "foreign_group" // a message of another conversation than the one it came in
)

// Error makes a Reason an error.
func (r Reason) Error() string { return "datasync: " + string(r) }

// ReasonOf is the reason in err's chain, or "" if there is none.
func ReasonOf(err error) Reason {
	if r, ok := errors.AsType[Reason](err); ok {
		return r
	}
	return ""
}
