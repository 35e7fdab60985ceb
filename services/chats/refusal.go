package chats

import (
	"errors"

	"sotto/node/payload"
	"sotto/services/fault"
	"sotto/services/stored"
)

// What services say no with, beside storage.
var (
	errNoSuchChat    = fault.New(fault.NoSuchChat, "That chat is not in your list.")
	errNoSuchMessage = fault.New(fault.NoSuchMessage, "That message is not here.")
	errBlank         = fault.New(fault.TextBlank, "Write something first.")
	errTooLong       = fault.New(fault.TextTooLong, "A message can have at most 4,096 characters. Shorten it or send it in parts.")
	errNotText       = fault.New(fault.NotAllowed, "The message holds bytes that are no text.")
	errBlocked       = fault.New(fault.NotAllowed, "You blocked this person. Unblock them to write.")
	errRequest       = fault.New(fault.NotAllowed, "Accept the request first.")
	errLeaveRequest  = fault.New(fault.NotAllowed, "This is a request. Accept it, ignore it, or block the person.")
	errLeaveContact  = fault.New(fault.NotAllowed, "This person is among your contacts. Remove them to take the chat off your list.")
	errInvited       = fault.New(fault.NotAllowed, "Accept the invitation first.")
	errOut           = fault.New(fault.NotAllowed, "You are not in this group any more.")
	errAlone         = fault.New(fault.NotAllowed, "Nobody else has joined this group yet, so nobody would get this.")
	errLeaveGroup    = fault.New(fault.NotAllowed, "You are in this group. Leave the group itself to take it off your list.")
	errOwnKey        = fault.New(fault.OwnKey, "That is your own key.")
	errNotFailed     = fault.New(fault.NotAllowed, "Only a message that failed can be sent again.")
)

// refusal makes of an error what a person can act on. Refusals and the end of a caller's context stay as they are.
func refusal(err error) error { return stored.Refusal(err) }

// nameRefusal says why a text is no channel name.
func nameRefusal(err error) error {
	text := "A channel name has letters a to z, digits and hyphens only."
	switch {
	case errors.Is(err, payload.ErrNameEmpty):
		text = "Type the name of a channel."
	case errors.Is(err, payload.ErrNameTooLong):
		text = "A channel name has at most 100 characters."
	case errors.Is(err, payload.ErrNameIsKey):
		text = "That is a person's key, not a channel name."
	}
	return fault.Wrap(fault.BadName, text, err)
}

// textRefusal says why a text cannot be sent.
func textRefusal(err error) error {
	switch {
	case errors.Is(err, payload.ReasonBlank):
		return errBlank
	case errors.Is(err, payload.ReasonTooLong):
		return errTooLong
	case errors.Is(err, payload.ReasonBadText):
		return errNotText
	case errors.Is(err, payload.ErrID):
		return errNoSuchMessage
	}
	return err
}
