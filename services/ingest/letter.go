package ingest

import (
	"time"

	"sotto/models"
	"sotto/node/identity"
	"sotto/node/payload"
)

// Letter is one application message that came encrypted for us, opened and held to the rules of its layer.
type Letter struct {
	payload.Private
	From          identity.PublicKey // who sent it, and wrote it: our own key where it came from another device of ours
	Known         bool               // the sender may learn that we are there: a contact, or somebody in a group of ours
	Sent          time.Time          // when its envelope was: expiry less time to live
	Wrapped       []byte             // the message as it was signed
	Installation  string             // of the sender's device
	ForwardSecret bool
}

// Filer files one letter. It may fail with a Reason, and what it wrote is then undone. Where NotYet is among the refusals of
// its Effects, what it wrote stays, and the letter is not acknowledged: data sync brings it again.
type Filer func(tx *models.Tx, l Letter) (Effects, error)

// NotYet is of a letter that means nothing yet, such as of a group that is not known here.
const NotYet Reason = "not_yet"
