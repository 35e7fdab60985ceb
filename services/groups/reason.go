package groups

import "sotto/services/ingest"

// Reasons for which what comes for a group is not taken. Those of package group come beside them.
const (
	ReasonNotInvited  ingest.Reason = "not_invited"  // of a group that is not known here and does not name us
	ReasonOut         ingest.Reason = "not_in_group" // of a group that we left or were removed from
	ReasonDeleted     ingest.Reason = "chat_deleted" // from before the chat's history was deleted
	ReasonTooMuch     ingest.Reason = "group_size"   // more events than a stranger may send
	ReasonNotAdmin    ingest.Reason = "not_asked"    // asks us to let somebody in, and we are no admin there
	ReasonRequestFull ingest.Reason = "group_full"   // as many ask to be let in as are kept
	ReasonNoRequest   ingest.Reason = "no_request"   // answers what we did not ask
)
