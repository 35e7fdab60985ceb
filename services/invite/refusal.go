package invite

import "sotto/services/fault"

// What Parse and Check say no with.
var (
	errNone    = fault.New(fault.BadLink, "There is no invitation in this text. One begins with sotto:join.")
	errCut     = fault.New(fault.BadLink, "This invitation was cut off: its end is missing. Copy it again, whole.")
	errSum     = fault.New(fault.BadLink, "This invitation has a mistake in it, or a piece is missing. Copy it again, whole.")
	errTooLong = fault.New(fault.BadLink, "This invitation is too long. Ask for one with fewer nodes.")
	errTooMany = fault.New(fault.BadLink, "This invitation names more than 64 nodes. Ask for one with fewer.")
	errName    = fault.New(fault.BadLink, "This invitation has no right name of a network. Ask for another one.")
	errChannel = fault.New(fault.BadLink, "This invitation names a channel that cannot be. Ask for another one.")
	errNoNodes = fault.New(fault.BadLink, "This invitation names no node to connect to. Ask for another one.")
	errNode    = fault.New(fault.BadLink, "This invitation names a node that cannot be. Ask for another one.")
	errTwice   = fault.New(fault.BadLink, "This invitation says the same thing twice. Ask for another one.")
)
