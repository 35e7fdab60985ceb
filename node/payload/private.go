package payload

import (
	"fmt"
	"time"

	"sotto/node/identity"
)

// PrivateArrival is how a message that was encrypted for us reached us. There must be no other way to it: a private
// message that came in the open is not one.
type PrivateArrival struct {
	Self   identity.PublicKey // our own key, for which it was encrypted
	Signer identity.PublicKey // of the Whisper message; zero if it was not signed
	Sent   time.Time          // when the Whisper message was sent: its expiry less its time to live
}

// Private is a message to us alone that passed every rule. Type tells which of the two it is.
type Private struct {
	Opened
	Chat   Chat          // of TypeChat
	Update ContactUpdate // of TypeContact
	// Backdated tells that the clock lies more than MaxAhead before the time of sending: a message posted again, or one
	// inserted into the past. The two cannot be told apart, so it is a flag and no refusal.
	Backdated bool
}

// OpenPrivate opens a message that was encrypted for us: a text of a private chat or a contact update. It holds it to
// every rule of Status spec 6/PAYLOADS, and to what the specification leaves out. Wrapper and Whisper message must be
// signed by the same key, and a text must name us as the chat it is for: neither can be passed on by a third person, not
// even by the one it was written to. The type is not signed, so that a payload under another message's type is looked for
// by its fields. The error wraps a Reason.
//
// What one of our own devices sends to the others is refused with ReasonOwnDevice for now.
func OpenPrivate(wrapped []byte, at PrivateArrival) (Private, error) {
	opened, err := openSigned(wrapped, at)
	if err != nil {
		return Private{}, err
	}
	switch opened.Type {
	case TypeChat:
		return openPrivateChat(opened, at)
	case TypeContact:
		return openContactUpdate(opened, at)
	}
	return Private{}, fmt.Errorf("%w: %d", ReasonType, opened.Type)
}

// openSigned opens a wrapper that must have a signature of its own by whoever signed the Whisper message. Of the deployed
// messages only pairing has none, which is not for us.
func openSigned(wrapped []byte, at PrivateArrival) (Opened, error) {
	if at.Signer.IsZero() {
		return Opened{}, ReasonUnsigned
	}
	opened, err := Open(wrapped, at.Signer)
	switch {
	case err != nil:
		return Opened{}, err
	case opened.Author != at.Signer:
		return Opened{}, ReasonAuthor
	case opened.Author == at.Self:
		return Opened{}, ReasonOwnDevice
	case !opened.Signed:
		return Opened{}, ReasonUnsigned
	}
	return opened, nil
}

func openPrivateChat(opened Opened, at PrivateArrival) (Private, error) {
	chat, err := DecodeChat(opened.Payload)
	if err != nil {
		return Private{}, err
	}
	if err := chat.Validate(at.Sent); err != nil {
		return Private{}, err
	}
	switch {
	case chat.ChatType == ChatGroup:
		return Private{}, ReasonGroup
	case chat.ChatType != ChatPrivate:
		return Private{}, ReasonNotPrivate
	case chat.ChatID != at.Self.String():
		return Private{}, ReasonRecipient
	}
	return Private{Opened: opened, Chat: chat.trusting(at.Sent), Backdated: backdated(chat.Clock, at.Sent)}, nil
}

func openContactUpdate(opened Opened, at PrivateArrival) (Private, error) {
	update, err := DecodeContactUpdate(opened.Payload)
	if err != nil {
		return Private{}, err
	}
	if err := update.Validate(at.Sent); err != nil {
		return Private{}, err
	}
	return Private{Opened: opened, Update: update.trusting(), Backdated: backdated(update.Clock, at.Sent)}, nil
}

// NewPrivateText is an outgoing text to one person. The clock is NextClock's; replyTo is a message id or empty. The errors
// are those of CheckText, and ErrID.
func NewPrivateText(to identity.PublicKey, text, replyTo string, clock uint64, now time.Time) (Chat, error) {
	return newText(ChatPrivate, to.String(), text, replyTo, clock, now)
}
