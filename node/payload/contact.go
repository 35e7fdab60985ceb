package payload

import (
	"crypto/ecdsa"
	"strings"
	"time"
	"unicode"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"sotto/node/identity"
	"sotto/node/payload/wire"
)

// MaxProfileImage is the most bytes of a contact's picture, in its text form. A longer one is dropped.
const MaxProfileImage = 64 << 10

// ContactUpdate is what somebody tells a contact about themselves (ContactUpdate of Status spec 6/PAYLOADS).
type ContactUpdate struct {
	Clock uint64 // Lamport clock in milliseconds: a later update replaces an earlier one
	Name  string // the ENS name that the author claims, or any name; not verified, may be empty
	Image string // the author's picture as a data URI, may be empty; neither decoded nor checked here
}

// lastContactField is the highest number of a field of ContactUpdate that is known here.
const lastContactField protowire.Number = 3

// DecodeContactUpdate reads a contact update and refuses what is none: ReasonOversized, ReasonMalformed, ReasonFields. It
// judges no values.
func DecodeContactUpdate(payload []byte) (ContactUpdate, error) {
	if len(payload) > MaxWrapped {
		return ContactUpdate{}, ReasonOversized
	}
	var m wire.ContactUpdate
	if err := proto.Unmarshal(payload, &m); err != nil {
		return ContactUpdate{}, ReasonMalformed
	}
	if hasFieldUpTo(&m, lastContactField) {
		return ContactUpdate{}, ReasonFields
	}
	return ContactUpdate{Clock: m.GetClock(), Name: m.GetEnsName(), Image: m.GetProfileImage()}, nil
}

// Encode is the update's protobuf. The error is ReasonBadText.
func (u ContactUpdate) Encode() ([]byte, error) {
	m := wire.ContactUpdate{Clock: u.Clock, EnsName: u.Name, ProfileImage: u.Image}
	encoded, err := proto.MarshalOptions{Deterministic: true}.Marshal(&m)
	if err != nil {
		return nil, ReasonBadText
	}
	return encoded, nil
}

// Seal encodes, signs and wraps an outgoing update. The id is the one that every receiver will compute.
func (u ContactUpdate) Seal(key *ecdsa.PrivateKey) (wrapped []byte, id ID, err error) {
	encoded, err := u.Encode()
	if err != nil {
		return nil, ID{}, err
	}
	return seal(key, TypeContact, encoded)
}

// Validate judges an update that came in a Whisper message sent at the given time. It returns the Reason of the first rule
// that the update breaks: ReasonNoClock, ReasonFuture, ReasonName. Deployed clients bound no clock here; one update from
// far ahead would then be the last that is ever taken from its author.
//
// A name that is a public key is no name: it would pass for somebody else. It is also what the messages that devices sync
// have in this place, and tells them apart should they come under this type.
func (u ContactUpdate) Validate(sent time.Time) error {
	if err := checkClock(u.Clock, sent); err != nil {
		return err
	}
	if len(u.Name) <= MaxENS && identity.LooksLikePublicKey(u.Name) {
		return ReasonName
	}
	return nil
}

// trusting drops claims that nothing can be done with: see claimed, and an endless picture.
func (u ContactUpdate) trusting() ContactUpdate {
	u.Name = claimed(u.Name)
	if len(u.Image) > MaxProfileImage {
		u.Image = ""
	}
	return u
}

// claimed is a name that somebody claims, or nothing: an endless name, one with characters that do not print (among them
// those that reorder what stands beside it), and one that is a public key, and so somebody else, are no names.
func claimed(name string) string {
	unprintable := func(r rune) bool { return !unicode.IsPrint(r) }
	if len(name) > MaxENS || strings.ContainsFunc(name, unprintable) || identity.LooksLikePublicKey(name) {
		return ""
	}
	return name
}
