package payload

import (
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"sotto/node/payload/wire"
)

// MaxDevice is the most bytes of each text of a Pair. Installation ids are UUIDs.
const MaxDevice = 64

// Pair is what a new device tells the others of the same person about itself (PairInstallation of Status spec 6/PAYLOADS).
type Pair struct {
	Clock        uint64
	Installation string
	Kind         string // such as "desktop"
	Name         string // that its owner gave it
}

// lastPairField is the highest number of a field of PairInstallation that is known here.
const lastPairField protowire.Number = 4

// DecodePair reads a pairing message and refuses what is none: ReasonOversized, ReasonMalformed, ReasonFields. It judges no
// values.
func DecodePair(payload []byte) (Pair, error) {
	var m wire.PairInstallation
	if err := decode(payload, &m, lastPairField); err != nil {
		return Pair{}, err
	}
	return Pair{Clock: m.GetClock(), Installation: m.GetInstallationId(), Kind: m.GetDeviceType(), Name: m.GetName()}, nil
}

// Encode is the message's protobuf. The error is ReasonBadText.
func (p Pair) Encode() ([]byte, error) {
	return marshal(&wire.PairInstallation{Clock: p.Clock, InstallationId: p.Installation, DeviceType: p.Kind, Name: p.Name})
}

// Wrap encodes and wraps an outgoing pairing message. The specification has it signed; deployed clients do not sign it, and
// neither is it here: the Whisper message around it is. The errors are ReasonBadText and ReasonOversized.
func (p Pair) Wrap() ([]byte, error) {
	encoded, err := p.Encode()
	if err != nil {
		return nil, err
	}
	wrapped, err := marshal(&wire.ApplicationMetadataMessage{Payload: encoded, Type: int32(TypePair)})
	if err == nil && len(wrapped) > MaxWrapped {
		return nil, ReasonOversized
	}
	return wrapped, err
}

// Validate judges a pairing message that came in a Whisper message sent at the given time. It returns the Reason of the
// first rule that it breaks: ReasonNoClock, ReasonFuture, ReasonDevice. Deployed clients want none of the texts blank, so
// that what goes out has all of them; what comes in must have an id.
func (p Pair) Validate(sent time.Time) error {
	if err := checkClock(p.Clock, sent); err != nil {
		return err
	}
	if strings.TrimSpace(p.Installation) == "" || len(p.Installation) > MaxDevice {
		return ReasonDevice
	}
	return nil
}

// trusting drops a name or kind that cannot be shown on a line.
func (p Pair) trusting() Pair {
	p.Kind, p.Name = shown(p.Kind, MaxDevice), shown(p.Name, MaxDevice)
	return p
}
