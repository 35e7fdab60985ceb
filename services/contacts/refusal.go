package contacts

import "sotto/services/fault"

// What the service says no with, beside storage and links.
var (
	errOwnKey    = fault.New(fault.OwnKey, "That is your own key.")
	errNoContact = fault.New(fault.NoSuchContact, "This person is not among your contacts. Add them first.")
	errNoRequest = fault.New(fault.NoSuchContact, "This person does not wait for an answer.")
	errBlocked   = fault.New(fault.NotAllowed, "You blocked this person. Unblock them first.")
	errOtherCode = fault.New(fault.NotAllowed, "The codes differ. Somebody may be reading along, or this is another person's code. Do not write secrets before you know.")
)
