package link

import (
	"errors"

	"sotto/node/identity"
	"sotto/node/payload"
	"sotto/services/fault"
)

// What Parse says no with, beside keys and names.
var (
	errEmpty      = fault.New(fault.BadKey, "Paste a chat key or a link.")
	errTooLong    = fault.New(fault.BadLink, "This text is too long to be a chat key or a link.")
	errNeither    = fault.New(fault.BadKey, "This is neither a chat key nor a link that Sotto knows.")
	errForeign    = fault.New(fault.BadLink, "This link is neither Sotto's nor Status's. Open it in a browser.")
	errUnknown    = fault.New(fault.BadLink, "This link leads to something that Sotto does not have.")
	errIncomplete = fault.New(fault.BadLink, "This link is not complete. Copy it again, whole.")
	errBroken     = fault.New(fault.BadLink, "This link has a mistake in it. Copy it again, whole.")
	errGroup      = fault.New(fault.BadLink, "This link names no group. Ask whoever sent it for a new one.")
	errBundle     = fault.New(fault.BadLink, "This contact link has a mistake in it. Copy it again, whole, or use the chat key alone.")
	errENS        = fault.New(fault.BadLink, "This names a person by an ENS name, which Sotto cannot look up. Ask for their chat key.")
	errEnode      = fault.New(fault.BadLink, "This is the address of a node. Connect to it in the network's settings.")
	errContract   = fault.New(fault.BadLink, "This link asks for a contract to be called. Sotto only shows addresses of wallets.")
	errAddress    = fault.New(fault.BadLink, "This link has no right Ethereum address. Copy it again, whole.")
	errWallet     = fault.New(fault.BadKey, "This is the address of a wallet. A chat key is longer, or begins with zQ3sh.")
)

// keyRefusal says why a text is no chat key.
func keyRefusal(err error) error {
	text := "This chat key has a mistake in it. Copy it again, whole."
	switch {
	case errors.Is(err, identity.ErrKeyEmpty):
		text = "This link has no chat key in it. Copy it again, whole."
	case errors.Is(err, identity.ErrKeyLength):
		text = "This chat key is not complete, or too long. Copy it again, whole."
	case errors.Is(err, identity.ErrKeyKind):
		text = "This is a key of another kind, or has a mistake in it. Ask for the chat key."
	}
	return fault.Wrap(fault.BadKey, text, err)
}

// channelRefusal says why a text is no channel's name.
func channelRefusal(err error) error {
	text := "This link names no channel: a channel name has letters a to z, digits and hyphens only."
	switch {
	case errors.Is(err, payload.ErrNameEmpty):
		return errIncomplete
	case errors.Is(err, payload.ErrNameTooLong):
		text = "This link names no channel: a channel name has at most 100 characters."
	case errors.Is(err, payload.ErrNameIsKey):
		text = "This link has a person's key where a channel's name should be."
	}
	return fault.Wrap(fault.BadLink, text, err)
}
