package secure

import "errors"

// Reason names why a transport message was refused. A Reason is an error.
type Reason string

// Reasons to refuse what claims to be a transport message.
const (
	ReasonMalformed    Reason = "malformed"    // not the protobuf it should be
	ReasonOversized    Reason = "oversized"    // more than MaxMessage bytes
	ReasonInstallation Reason = "installation" // an installation id that is longer than MaxInstallation bytes
	ReasonNotPublic    Reason = "not_public"   // carries no public payload
)

// Error makes a Reason an error.
func (r Reason) Error() string { return "secure: " + string(r) }

// ReasonOf is the reason in err's chain, or "" if there is none.
func ReasonOf(err error) Reason {
	if r, ok := errors.AsType[Reason](err); ok {
		return r
	}
	return ""
}
