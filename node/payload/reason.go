package payload

import "errors"

// Reason names why a message was refused. A Reason is an error; refusals wrap it, some with details, none with content.
type Reason string

// Reasons to refuse what claims to be an application message.
const (
	ReasonMalformed  Reason = "malformed"       // not the protobuf it should be
	ReasonOversized  Reason = "oversized"       // more than MaxWrapped bytes
	ReasonTransit    Reason = "transit"         // of the format that Status used before 2020, and of no kind that is known
	ReasonSignature  Reason = "signature"       // the signature fits nobody
	ReasonUnsigned   Reason = "unsigned"        // not signed where it must be: see Open, OpenPublic, OpenPrivate
	ReasonAuthor     Reason = "author"          // not written by whoever signed the Whisper message
	ReasonType       Reason = "type"            // an application message of a type that has no place here
	ReasonFields     Reason = "fields"          // fields of another message's types: a payload under a wrong type
	ReasonNoClock    Reason = "no_clock"        // clock 0
	ReasonFuture     Reason = "future"          // clock more than MaxAhead ahead of the Whisper message
	ReasonNoTime     Reason = "no_time"         // timestamp 0
	ReasonBlank      Reason = "blank"           // no text but white space
	ReasonTooLong    Reason = "too_long"        // more than MaxText code points
	ReasonNoChat     Reason = "no_chat"         // empty chat id
	ReasonChat       Reason = "other_chat"      // another chat than the one on whose topic it came
	ReasonChatType   Reason = "chat_type"       // unknown or local-only type of chat
	ReasonNotPublic  Reason = "not_public"      // a private or group message on a public topic
	ReasonNotPrivate Reason = "not_private"     // a channel's message that came encrypted for us
	ReasonGroup      Reason = "group"           // a group's message without the events that say so, or of another group than they
	ReasonGroupID    Reason = "group_id"        // an id that is not a group's
	ReasonReaction   Reason = "reaction"        // a reaction to a group's message, which is not shown
	ReasonRecipient  Reason = "other_recipient" // written to somebody else and passed on to us
	ReasonOwnDevice  Reason = "own_device"      // from another device of our own, and to nobody else
	ReasonTooMany    Reason = "too_many"        // more events or messages in one message than there may be
	ReasonState      Reason = "state"           // what it says of an invitation, chat or contact is not known, or nothing
	ReasonDevice     Reason = "device"          // a device without an id, or with one or a name that is too long
	ReasonKey        Reason = "key"             // somebody is named by what is not the long form of a key
	ReasonOwner      Reason = "other_owner"     // a contact code on the topic of somebody else
	ReasonName       Reason = "name"            // a name that is a public key
	ReasonContent    Reason = "content"         // unknown or local-only type of content
	ReasonNoSticker  Reason = "no_sticker"      // a sticker without its hash
	ReasonNoImage    Reason = "no_image"        // an image without data or format
	ReasonNoAudio    Reason = "no_audio"        // a recording without data or format
	ReasonOldGroup   Reason = "legacy_group"    // of 2019: a group's message or membership update
	ReasonOldPair    Reason = "legacy_pair"     // of 2019: another device announces itself
	ReasonOldSync    Reason = "legacy_sync"     // of 2019: another device tells what it knows
	ReasonBadText    Reason = "not_unicode"     // only outgoing: a text that is not valid UTF-8
)

// Error makes a Reason an error.
func (r Reason) Error() string { return "payload: " + string(r) }

// ReasonOf is the reason in err's chain, or "" if there is none.
func ReasonOf(err error) Reason {
	if r, ok := errors.AsType[Reason](err); ok {
		return r
	}
	return ""
}
