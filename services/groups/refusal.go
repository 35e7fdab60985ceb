package groups

import "sotto/services/fault"

// What services say no with, beside storage.
var (
	errNoSuchGroup = fault.New(fault.NoSuchChat, "That group is not in your list.")
	errNoMessage   = fault.New(fault.NoSuchMessage, "That message is not here.")
	errNoRequest   = fault.New(fault.NotAllowed, "That request is not there any more.")
	errBadName     = fault.New(fault.BadName, "A group's name has something to read in it, and at most 255 bytes.")
	errBadKey      = fault.New(fault.BadKey, "That is not a person's key.")
	errTooMany     = fault.New(fault.NotAllowed, "At most 512 people can be added at once.")
	errBlocked     = fault.New(fault.NotAllowed, "You blocked this person. Unblock them first.")
	errNotInvited  = fault.New(fault.NotAllowed, "You are in this group already.")
	errNoInvite    = fault.New(fault.NotAllowed, "You are not invited to this group any more.")
	errNotAdmin    = fault.New(fault.NotAllowed, "Only an admin of the group can do that.")
	errAccept      = fault.New(fault.NotAllowed, "Accept the invitation first.")
	errOut         = fault.New(fault.NotAllowed, "You are not in this group any more.")
	errRemoveSelf  = fault.New(fault.NotAllowed, "Leave the group to take yourself out of it.")
	errRemoveAdmin = fault.New(fault.NotAllowed, "An admin can only be removed after giving that up.")
	errNoMember    = fault.New(fault.NotAllowed, "That person is not in the group.")
	errLastAdmin   = fault.New(fault.NotAllowed, "Make somebody else an admin first, so that there is one.")
	errBadLink     = fault.New(fault.BadLink, "This is no link to a group. Copy it again, whole.")
	errOwnLink     = fault.New(fault.BadLink, "This is your own link. Give it to those who want to be let in.")
	errTooLong     = fault.New(fault.TextTooLong, "Introduce yourself in at most 4,096 characters.")
	errNotText     = fault.New(fault.NotAllowed, "The text holds bytes that are no text.")
	errClock       = fault.New(fault.NotAllowed, "The group's clock is ahead. Try again in a few minutes.")
)
