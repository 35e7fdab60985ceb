package payload

import (
	"crypto/ecdsa"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"sotto/node/identity"
	"sotto/node/payload/wire"
)

// MaxNickname is the most bytes of a nickname that another device of ours tells: 64 characters.
const MaxNickname = 256

// TagAdded is the tag by which deployed clients mark a contact that was added.
const TagAdded = ":contact/added"

// SyncContact is a contact as one device of a person tells the others (SyncInstallationContact of Status spec 6/PAYLOADS).
// It says of every contact that it was added; that is all it can say.
type SyncContact struct {
	Clock    uint64
	Key      identity.PublicKey
	Name     string // the ENS name that the contact claims; not verified
	Image    string // the contact's picture as a data URI, may be empty
	Updated  uint64 // clock of the contact's last update of themselves, 0 if none
	Tags     []string
	Nickname string
}

// lastSyncContactField is the highest number of a field of SyncInstallationContact that is known here.
const lastSyncContactField protowire.Number = 7

// mostTags is how many tags of a contact are read.
const mostTags = 16

// DecodeSyncContact reads a synced contact and refuses what is none: ReasonOversized, ReasonMalformed, ReasonFields,
// ReasonKey. It judges no other values.
func DecodeSyncContact(payload []byte) (SyncContact, error) {
	var m wire.SyncInstallationContact
	if err := decode(payload, &m, lastSyncContactField); err != nil {
		return SyncContact{}, err
	}
	key, err := longKey(m.GetId())
	if err != nil {
		return SyncContact{}, err
	}
	return SyncContact{
		Clock: m.GetClock(), Key: key, Name: m.GetEnsName(), Image: m.GetProfileImage(), Updated: m.GetLastUpdated(),
		Tags: m.GetSystemTags()[:min(len(m.GetSystemTags()), mostTags)], Nickname: m.GetLocalNickname(),
	}, nil
}

// longKey reads a key in its long form: ReasonKey.
func longKey(text string) (identity.PublicKey, error) {
	key, err := identity.ParsePublicKey(text)
	if err != nil || key.String() != text {
		return identity.PublicKey{}, ReasonKey
	}
	return key, nil
}

// Encode is the contact's protobuf. The error is ReasonBadText.
func (c SyncContact) Encode() ([]byte, error) {
	return marshal(&wire.SyncInstallationContact{
		Clock: c.Clock, Id: c.Key.String(), EnsName: c.Name, ProfileImage: c.Image, LastUpdated: c.Updated,
		SystemTags: c.Tags, LocalNickname: c.Nickname,
	})
}

// Seal encodes, signs and wraps an outgoing contact.
func (c SyncContact) Seal(key *ecdsa.PrivateKey) (wrapped []byte, id ID, err error) {
	return encodeAndSeal(key, TypeSyncContact, c.Encode)
}

// Validate judges a synced contact that came in a Whisper message sent at the given time: ReasonNoClock, ReasonFuture.
func (c SyncContact) Validate(sent time.Time) error {
	if c.Updated > millis(sent.Add(MaxAhead)) {
		return ReasonFuture
	}
	return checkClock(c.Clock, sent)
}

// trusting drops claims that nothing can be done with, as ContactUpdate's does.
func (c SyncContact) trusting() SyncContact {
	c.Name, c.Nickname = claimed(c.Name), shown(c.Nickname, MaxNickname)
	if len(c.Image) > MaxProfileImage {
		c.Image = ""
	}
	return c
}
