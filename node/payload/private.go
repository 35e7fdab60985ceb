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

// Private is a message to us alone that passed every rule. Type tells which of the fields has it.
type Private struct {
	Opened
	Chat        Chat          // of TypeChat. From a device of our own it is what we wrote to whom its ChatID names
	Update      ContactUpdate // of TypeContact
	Membership  Membership    // of TypeMembership
	Invitation  Invitation    // of TypeInvitation
	HandedOver  HandedOver    // of TypeHandedOver
	Pair        Pair          // of TypePair: this and the rest only from a device of our own
	SyncContact SyncContact   // of TypeSyncContact
	SyncChat    SyncChat      // of TypeSyncChat
	SyncState   SyncState     // of TypeSyncState
	// Backdated tells that the clock lies more than MaxAhead before the time of sending: a message posted again, or one
	// inserted into the past. The two cannot be told apart, so it is a flag and no refusal.
	Backdated bool
}

// OpenPrivate opens a message that was encrypted for us, and holds it to every rule of Status spec 6/PAYLOADS and to what the
// specification leaves out. Wrapper and Whisper message must be signed by the same key, and a private text must name us as
// the chat it is for: neither can be passed on by a third person, not even by the one it was written to. The type is not
// signed, so that a payload under another message's type is looked for by its fields. The error wraps a Reason.
//
// Where the signer is we ourselves it is another of our devices, which has types of its own to say, and whose texts name
// whom we wrote to. Nobody else may use those types.
func OpenPrivate(wrapped []byte, at PrivateArrival) (Private, error) {
	opened, err := openSigned(wrapped, at)
	if err != nil {
		return Private{}, err
	}
	open := openers[opened.Type]
	if opened.Author == at.Self {
		open = ownOpeners[opened.Type]
	}
	if opened.old != nil {
		open = oldOpeners[opened.Type]
	}
	if open == nil {
		return Private{}, fmt.Errorf("%w: %d", ReasonType, opened.Type)
	}
	in, err := open(opened, at)
	if err != nil {
		return Private{}, err
	}
	return in, nil
}

// opener opens one type of message.
type opener func(opened Opened, at PrivateArrival) (Private, error)

// openers are for what others say, ownOpeners for what other devices of our own say.
var (
	openers = map[Type]opener{
		TypeChat:       openPrivateChat,
		TypeContact:    openContactUpdate,
		TypeMembership: openMembership,
		TypeInvitation: openInvitation,
		TypeHandedOver: openHandedOver,
	}
	ownOpeners = map[Type]opener{
		TypeChat:        openOwnChat,
		TypeContact:     openContactUpdate,
		TypeMembership:  openMembership,
		TypePair:        openPair,
		TypeSyncContact: openSyncContact,
		TypeSyncChat:    openSyncChat,
		TypeSyncState:   openSyncState,
	}
)

// openSigned opens a wrapper that must have a signature of its own by whoever signed the Whisper message. Of the deployed
// messages only pairing has none, which comes from devices of our own, and the oldest of 2019, which have no wrapper.
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
	case !opened.Signed && !opened.bare && (opened.Author != at.Self || opened.Type != TypePair):
		return Opened{}, ReasonUnsigned
	}
	return opened, nil
}

func openPrivateChat(opened Opened, at PrivateArrival) (Private, error) {
	in, err := openText(opened, at)
	switch {
	case err != nil:
		return Private{}, err
	case in.Chat.ChatID != at.Self.String():
		return Private{}, ReasonRecipient
	}
	return in, nil
}

// openOwnChat opens a copy of what we wrote on another device. A note to ourselves is in no chat.
func openOwnChat(opened Opened, at PrivateArrival) (Private, error) {
	in, err := openText(opened, at)
	if err != nil {
		return Private{}, err
	}
	switch to, err := longKey(in.Chat.ChatID); {
	case err != nil:
		return Private{}, ReasonRecipient
	case to == at.Self:
		return Private{}, ReasonOwnDevice
	}
	return in, nil
}

func openText(opened Opened, at PrivateArrival) (Private, error) {
	chat, err := opened.chat(at.Self.String(), at.Sent)
	if err != nil {
		return Private{}, err
	}
	if err := chat.Validate(at.Sent); err != nil {
		return Private{}, err
	}
	switch chat.ChatType {
	case ChatPrivate:
		return Private{Opened: opened, Chat: chat.trusting(at.Sent), Backdated: backdated(chat.Clock, at.Sent)}, nil
	case ChatGroup:
		return Private{}, ReasonGroup
	}
	return Private{}, ReasonNotPrivate
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

func openMembership(opened Opened, at PrivateArrival) (Private, error) {
	update, err := DecodeMembership(opened.Payload)
	if err != nil {
		return Private{}, err
	}
	if err := update.Validate(at.Sent); err != nil {
		return Private{}, err
	}
	in := Private{Opened: opened, Membership: update}
	if update.Text != nil {
		text := update.Text.trusting(at.Sent)
		in.Membership.Text, in.Backdated = &text, backdated(text.Clock, at.Sent)
	}
	return in, nil
}

func openInvitation(opened Opened, at PrivateArrival) (Private, error) {
	invitation, err := DecodeInvitation(opened.Payload)
	if err != nil {
		return Private{}, err
	}
	return Private{Opened: opened, Invitation: invitation, Backdated: backdated(invitation.Clock, at.Sent)},
		invitation.Validate(at.Sent)
}

func openHandedOver(opened Opened, _ PrivateArrival) (Private, error) {
	handed, err := DecodeHandedOver(opened.Payload)
	if err != nil {
		return Private{}, err
	}
	return Private{Opened: opened, HandedOver: handed}, handed.Validate()
}

// NewPrivateText is an outgoing text to one person. The clock is NextClock's; replyTo is a message id or empty. The errors
// are those of CheckText, and ErrID.
func NewPrivateText(to identity.PublicKey, text, replyTo string, clock uint64, now time.Time) (Chat, error) {
	return newText(ChatPrivate, to.String(), text, replyTo, clock, now)
}
