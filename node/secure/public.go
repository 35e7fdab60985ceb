package secure

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

// WrapPublic makes a public transport message: the payload in the open, beside the sender's installation id and bundles.
func WrapPublic(installation string, payload []byte, bundles ...[]byte) ([]byte, error) {
	switch {
	case len(payload) == 0:
		return nil, ReasonNotPublic
	case len(installation) > MaxInstallation:
		return nil, ReasonInstallation
	}
	return encodeMessage(message{installation: installation, bundles: bundles, public: payload})
}

// UnwrapPublic reads a public transport message. A message without a public payload is refused: it is a private one, and
// nothing falls back to reading its bytes as something else. Bundles and direct messages beside the payload do no harm,
// whatever is in them. The error is a Reason.
func UnwrapPublic(raw []byte) (Public, error) {
	m, err := decodeMessage(raw)
	switch {
	case err != nil:
		return Public{}, err
	case len(m.public) == 0:
		return Public{}, ReasonNotPublic
	}
	return Public{m.installation, m.public, m.bundles}, nil
}
