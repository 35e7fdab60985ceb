package payload

import (
	"crypto/ecdsa"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"sotto/node/payload/wire"
)

// SyncChat is a public chat that one device of a person joined, as it tells the others (SyncInstallationPublicChat of Status
// spec 6/PAYLOADS).
type SyncChat struct {
	Clock uint64
	Name  string
}

// lastSyncChatField is the highest number of a field of SyncInstallationPublicChat that is known here.
const lastSyncChatField protowire.Number = 2

// DecodeSyncChat reads a synced chat and refuses what is none: ReasonOversized, ReasonMalformed, ReasonFields. It judges no
// values.
func DecodeSyncChat(payload []byte) (SyncChat, error) {
	var m wire.SyncInstallationPublicChat
	if err := decode(payload, &m, lastSyncChatField); err != nil {
		return SyncChat{}, err
	}
	return SyncChat{Clock: m.GetClock(), Name: m.GetId()}, nil
}

// Encode is the chat's protobuf. The error is ReasonBadText.
func (c SyncChat) Encode() ([]byte, error) {
	return marshal(&wire.SyncInstallationPublicChat{Clock: c.Clock, Id: c.Name})
}

// Seal encodes, signs and wraps an outgoing chat.
func (c SyncChat) Seal(key *ecdsa.PrivateKey) (wrapped []byte, id ID, err error) {
	return encodeAndSeal(key, TypeSyncChat, c.Encode)
}

// Validate judges a synced chat that came in a Whisper message sent at the given time: ReasonNoClock, ReasonFuture, and
// ReasonNoChat where the name is not that of a public chat.
func (c SyncChat) Validate(sent time.Time) error {
	if err := checkClock(c.Clock, sent); err != nil {
		return err
	}
	if name, err := ParsePublicName(c.Name); err != nil || name != c.Name {
		return ReasonNoChat
	}
	return nil
}
