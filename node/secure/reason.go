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
	ReasonNotPrivate   Reason = "not_private"  // carries no private payload, or a public one as well
	ReasonKey          Reason = "key"          // bytes that are no public key

	ReasonBundleSignature Reason = "bundle_signature" // not signed by whose keys are in it
	ReasonBundleOwner     Reason = "bundle_owner"     // of somebody else
	ReasonBundleTime      Reason = "bundle_time"      // from the future

	ReasonNotForDevice Reason = "not_for_this_device" // for other devices of ours only
	ReasonForOthers    Reason = "for_other_devices"   // the same, by a device that knows this one: another has not acknowledged something
	ReasonOwn          Reason = "own_message"         // written by a device of ours, for somebody else
	ReasonNoSession    Reason = "no_session"          // on a session or prekey that is not here
	ReasonMAC          Reason = "mac"                 // changed on the way, or made with another key
	ReasonGap          Reason = "gap"                 // leaves out more than a thousand messages
	ReasonPast         Reason = "past"                // a number that was there already
	ReasonNoBundle     Reason = "no_bundle"           // of a device that began a session and did not say what its prekey is
	ReasonNoDevice     Reason = "no_device"           // none of the devices it was for is in use
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
