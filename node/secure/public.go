package secure

import (
	"google.golang.org/protobuf/proto"

	"sotto/node/secure/wire"
)

// Bounds of a transport message in bytes.
const (
	MaxMessage      = 1 << 20
	MaxInstallation = 128 // of an installation id; real ones are UUIDs of 36
)

// Public is what a public transport message carries.
type Public struct {
	Installation string   // of the sender's device; may be empty
	Payload      []byte   // what the layer above put in
	Bundles      [][]byte // as they came, neither read nor verified
}

// WrapPublic makes a public transport message: the payload in the open, beside the sender's installation id.
func WrapPublic(installation string, payload []byte) ([]byte, error) {
	switch {
	case len(payload) == 0:
		return nil, ReasonNotPublic
	case len(installation) > MaxInstallation:
		return nil, ReasonInstallation
	}
	m := wire.ProtocolMessage{InstallationId: installation, PublicMessage: payload}
	encoded, err := proto.MarshalOptions{Deterministic: true}.Marshal(&m)
	if err != nil {
		return nil, ReasonMalformed
	}
	if len(encoded) > MaxMessage {
		return nil, ReasonOversized
	}
	return encoded, nil
}

// UnwrapPublic reads a public transport message. A message without a public payload is refused: it is a private one, and
// nothing falls back to reading its bytes as something else. Bundles and direct messages beside the payload do no harm,
// whatever is in them. The error is a Reason.
func UnwrapPublic(message []byte) (Public, error) {
	if len(message) > MaxMessage {
		return Public{}, ReasonOversized
	}
	var m wire.ProtocolMessage
	if err := proto.Unmarshal(message, &m); err != nil {
		return Public{}, ReasonMalformed
	}
	switch {
	case len(m.GetInstallationId()) > MaxInstallation:
		return Public{}, ReasonInstallation
	case len(m.GetPublicMessage()) == 0:
		return Public{}, ReasonNotPublic
	}
	return Public{m.GetInstallationId(), m.GetPublicMessage(), m.GetBundles()}, nil
}
