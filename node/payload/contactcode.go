package payload

import (
	"crypto/ecdsa"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"

	"sotto/node/identity"
	"sotto/node/payload/wire"
)

// ContactCode is a contact code (ContactCodeAdvertisement of Status spec 6/PAYLOADS). It says nothing itself: what matters
// is the bundle that travels beside it in the layer below. Every empty one of a person is the same message with the same
// id, so that an id tells nothing about having seen the bundle.
type ContactCode struct {
	Push int // number of entries about push notification servers, which Sotto neither uses nor sends
}

// lastCodeField is the highest number of a field of ContactCodeAdvertisement that is known here.
const lastCodeField protowire.Number = 1

// DecodeContactCode reads a contact code and refuses what is none: ReasonOversized, ReasonMalformed, ReasonFields.
func DecodeContactCode(payload []byte) (ContactCode, error) {
	var m wire.ContactCodeAdvertisement
	if err := decode(payload, &m, lastCodeField); err != nil {
		return ContactCode{}, err
	}
	return ContactCode{Push: len(m.GetPushNotificationInfo())}, nil
}

// SealContactCode signs and wraps our own contact code.
func SealContactCode(key *ecdsa.PrivateKey) (wrapped []byte, id ID, err error) {
	return seal(key, TypeContactCode, nil)
}

// OpenContactCode opens what came on the contact-code topic of owner in a Whisper message that signer signed (zero if it
// was not). Anybody can write to that topic, so only what its owner wrote and sent counts. Beyond the Reasons of Open and
// DecodeContactCode it refuses with ReasonUnsigned, ReasonAuthor, ReasonOwner and ReasonType.
func OpenContactCode(wrapped []byte, owner, signer identity.PublicKey) (Opened, error) {
	if signer.IsZero() {
		return Opened{}, ReasonUnsigned
	}
	opened, err := Open(wrapped, signer)
	switch {
	case err != nil:
		return Opened{}, err
	case opened.Author != signer:
		return Opened{}, ReasonAuthor
	case opened.Author != owner:
		return Opened{}, ReasonOwner
	case opened.Type != TypeContactCode:
		return Opened{}, fmt.Errorf("%w: %d", ReasonType, opened.Type)
	}
	if _, err := DecodeContactCode(opened.Payload); err != nil {
		return Opened{}, err
	}
	return opened, nil
}
