package payload

import (
	"crypto/ecdsa"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"

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
	var m wire.ContactUpdate
	if err := decode(payload, &m, lastContactField); err != nil {
		return ContactUpdate{}, err
	}
	return ContactUpdate{Clock: m.GetClock(), Name: m.GetEnsName(), Image: m.GetProfileImage()}, nil
}

// Encode is the update's protobuf. The error is ReasonBadText.
func (u ContactUpdate) Encode() ([]byte, error) {
	return marshal(&wire.ContactUpdate{Clock: u.Clock, EnsName: u.Name, ProfileImage: u.Image})
}

// Seal encodes, signs and wraps an outgoing update. The id is the one that every receiver will compute.
func (u ContactUpdate) Seal(key *ecdsa.PrivateKey) (wrapped []byte, id ID, err error) {
	return encodeAndSeal(key, TypeContact, u.Encode)
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
	if name = shown(name, MaxENS); identity.LooksLikePublicKey(name) {
		return ""
	}
	return name
}

// shown is a text that can stand on a line with others, or nothing where it is longer than so many bytes or has characters
// that do not print.
func shown(text string, most int) string {
	unprintable := func(r rune) bool { return !unicode.IsPrint(r) }
	if len(text) > most || !utf8.ValidString(text) || strings.ContainsFunc(text, unprintable) {
		return ""
	}
	return text
}
