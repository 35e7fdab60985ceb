package payload

import (
	"crypto/ecdsa"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"sotto/node/identity"
	"sotto/node/payload/transit"
	"sotto/node/payload/wire"
)

// MaxWrapped is the most bytes that a wrapped message may have. It is what a Whisper packet holds by default; images and
// recordings travel within it.
const MaxWrapped = 1 << 20

// Opened is an application message whose wrapper was opened and whose author is known.
type Opened struct {
	ID      ID
	Author  identity.PublicKey
	Signed  bool // by the wrapper's own signature; otherwise the author is the Whisper message's signer
	Type    Type
	Payload []byte // the message's own protobuf, or what stands for it in the format of 2019

	old  *transit.Message // of the format of 2019
	bare bool             // of the format of 2019, without any wrapper
}

// Wrap signs a payload and puts it into its wrapper. The result is what the id is made of; it must be kept and sent as
// it is.
func Wrap(key *ecdsa.PrivateKey, kind Type, payload []byte) ([]byte, error) {
	signature, err := identity.Sign(key, payload)
	if err != nil {
		return nil, fmt.Errorf("wrap: %w", err)
	}
	m := wire.ApplicationMetadataMessage{Signature: signature, Payload: payload, Type: int32(kind)}
	wrapped, err := proto.MarshalOptions{Deterministic: true}.Marshal(&m)
	if err != nil {
		return nil, fmt.Errorf("wrap: %w", err)
	}
	if len(wrapped) > MaxWrapped {
		return nil, ReasonOversized
	}
	return wrapped, nil
}

// Open reads a wrapper and finds out who wrote it. The author is the inner signature's key, or, in a wrapper without a
// signature, signer, the key that signed the Whisper message (zero if it was not signed). The id is computed over the
// wrapped bytes as they came. The format of 2019 is told apart by its wrapper, or by its first byte where it has none.
func Open(wrapped []byte, signer identity.PublicKey) (Opened, error) {
	o, signature, err := decodeWrapper(wrapped)
	if err != nil {
		return Opened{}, err
	}
	o.Author = signer
	if len(signature) > 0 {
		author, err := identity.Recover(o.Payload, signature)
		if err != nil {
			return Opened{}, fmt.Errorf("%w: %w", ReasonSignature, err)
		}
		o.Author, o.Signed = author, true
	}
	if o.Author.IsZero() {
		return Opened{}, ReasonUnsigned
	}
	o.ID = IDOf(o.Author, wrapped)
	return o, nil
}

// decodeWrapper reads the wrapper and what kind of message is in it, and refuses everything that is something else:
// ReasonOversized, ReasonMalformed, ReasonFields, and the Reasons of decodeOld. It does not judge the signature.
func decodeWrapper(wrapped []byte) (o Opened, signature []byte, err error) {
	switch {
	case len(wrapped) > MaxWrapped:
		return Opened{}, nil, ReasonOversized
	case isBareOld(wrapped):
		o, err = decodeOld(wrapped)
		o.bare = err == nil
		return o, nil, err
	}
	m := new(wire.ApplicationMetadataMessage)
	if err := proto.Unmarshal(wrapped, m); err != nil {
		return Opened{}, nil, ReasonMalformed
	}
	if len(m.GetSignature()) == 0 && len(m.GetPayload()) == 0 && m.GetType() == 0 {
		return unwrapOld(m.ProtoReflect().GetUnknown())
	}
	if hasFieldUpTo(m, lastWrapperField) {
		return Opened{}, nil, ReasonFields
	}
	return Opened{Type: Type(m.GetType()), Payload: m.GetPayload()}, m.GetSignature(), nil
}

const lastWrapperField protowire.Number = 3

// decode reads the protobuf of a message and refuses what is none: ReasonOversized, ReasonMalformed, ReasonFields. last is
// the highest number of a field that the message has.
func decode(payload []byte, m proto.Message, last protowire.Number) error {
	if len(payload) > MaxWrapped {
		return ReasonOversized
	}
	if err := proto.Unmarshal(payload, m); err != nil {
		return ReasonMalformed
	}
	if hasFieldUpTo(m, last) {
		return ReasonFields
	}
	return nil
}

// hasFieldUpTo tells whether a known field was read as unknown, because it came with another type: the mark of a payload
// under the type of another message.
func hasFieldUpTo(m proto.Message, last protowire.Number) bool {
	return anyUnknown(m, func(n protowire.Number) bool { return n <= last })
}

// anyUnknown tells whether match holds for a field that protobuf kept as unknown.
func anyUnknown(m proto.Message, match func(protowire.Number) bool) bool {
	for rest := m.ProtoReflect().GetUnknown(); len(rest) > 0; {
		number, _, size := protowire.ConsumeField(rest)
		if size < 0 || match(number) {
			return true
		}
		rest = rest[size:]
	}
	return false
}
