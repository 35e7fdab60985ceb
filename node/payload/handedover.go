package payload

import (
	"crypto/ecdsa"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"sotto/node/identity"
	"sotto/node/payload/group"
	"sotto/node/payload/wire"
)

// Bounds of what is handed over to somebody who is new in a group.
const (
	MaxHandedOver      = 100       // messages
	MaxHandedOverBytes = 256 << 10 // of all of them
)

// HandedOver is earlier messages of a group for somebody who is new in it, each as its author signed it. It is ours; deployed
// clients skip its type.
type HandedOver struct {
	ChatID   string
	Messages [][]byte // wrapped; for OpenHandedOver to open. The oldest first
}

// lastHandedOverField is the highest number of a field of HandedOver that is known here.
const lastHandedOverField protowire.Number = 2

// DecodeHandedOver reads what was handed over and refuses what is none: ReasonOversized, ReasonMalformed, ReasonFields,
// ReasonTooMany. It opens no message.
func DecodeHandedOver(payload []byte) (HandedOver, error) {
	var m wire.HandedOver
	if err := decode(payload, &m, lastHandedOverField); err != nil {
		return HandedOver{}, err
	}
	h := HandedOver{ChatID: m.GetChatId(), Messages: m.GetMessages()}
	return h, h.bounded()
}

// bounded is ReasonTooMany where there are more messages, or larger ones, than may be handed over at once.
func (h HandedOver) bounded() error {
	total := 0
	for _, wrapped := range h.Messages {
		total += len(wrapped)
	}
	if len(h.Messages) > MaxHandedOver || total > MaxHandedOverBytes {
		return ReasonTooMany
	}
	return nil
}

// Encode is the protobuf of what is handed over. The errors are ReasonBadText and ReasonTooMany.
func (h HandedOver) Encode() ([]byte, error) {
	if err := h.bounded(); err != nil {
		return nil, err
	}
	return marshal(&wire.HandedOver{ChatId: h.ChatID, Messages: h.Messages})
}

// Seal encodes, signs and wraps what we hand over.
func (h HandedOver) Seal(key *ecdsa.PrivateKey) (wrapped []byte, id ID, err error) {
	return encodeAndSeal(key, TypeHandedOver, h.Encode)
}

// Validate judges what was handed over: ReasonGroupID.
func (h HandedOver) Validate() error {
	if _, err := group.Creator(h.ChatID); err != nil {
		return ReasonGroupID
	}
	return nil
}

// OpenHandedOver opens one message of those that were handed over for a group, in a Whisper message sent at the given time.
// It must be a text to that group, signed by its author; whether its author was in the group when they wrote it is for
// group.State.WasJoined to say. The error wraps a Reason.
func OpenHandedOver(wrapped []byte, chat string, sent time.Time) (Private, error) {
	opened, err := Open(wrapped, identity.PublicKey{})
	switch {
	case err != nil:
		return Private{}, err
	case opened.Type != TypeMembership || opened.old != nil:
		return Private{}, ReasonType
	}
	in, err := openMembership(opened, PrivateArrival{Sent: sent})
	switch {
	case err != nil:
		return Private{}, err
	case in.Membership.ChatID != chat || in.Membership.Text == nil:
		return Private{}, ReasonGroup
	}
	return in, nil
}
