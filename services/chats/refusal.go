package chats

import (
	"context"
	"errors"

	"sotto/models"
	"sotto/node/payload"
	"sotto/services/fault"
)

// What services say no with, beside storage.
var (
	errNoSuchChat    = fault.New(fault.NoSuchChat, "That chat is not in your list.")
	errNoSuchMessage = fault.New(fault.NoSuchMessage, "That message is not here.")
	errBlank         = fault.New(fault.TextBlank, "Write something first.")
	errTooLong       = fault.New(fault.TextTooLong, "A message can have at most 4,096 characters. Shorten it or send it in parts.")
	errNotText       = fault.New(fault.NotAllowed, "The message holds bytes that are no text.")
	errNotFailed     = fault.New(fault.NotAllowed, "Only a message that failed can be sent again.")
)

// refusal makes of an error what a person can act on. Refusals and the end of a caller's context stay as they are.
func refusal(err error) error {
	if err == nil || fault.CodeOf(err) != "" || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fault.Wrap(fault.StorageProblem, storageSentence(err), err)
}

func storageSentence(err error) string {
	switch {
	case errors.Is(err, models.ErrDiskFull):
		return "The disk is full. Free some space and try again; nothing was lost."
	case errors.Is(err, models.ErrReadOnly):
		return "Sotto may not write to its folder. Allow it and try again; nothing was lost."
	case errors.Is(err, models.ErrNotDatabase):
		return "The account's database is damaged. Close Sotto and put back a copy of its folder."
	default:
		return "The account's database did not answer. Check the disk and try again; nothing was lost."
	}
}

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
