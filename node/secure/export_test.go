package secure

import "io"

// What the recorded messages are taken apart with.
func BundlesOf(raw []byte) ([][]byte, error) {
	m, err := decodeMessage(raw)
	return m.bundles, err
}

// Limits that tests go up to.
const (
	MaxSkip          = maxSkip
	MaxSkipped       = maxSkipped
	MaxSessions      = maxSessions
	MaxInstallations = maxInstallations
	MostDevices      = mostDevices
)

// Encrypt encrypts as the owner of a message key does.
func Encrypt(random io.Reader, key [32]byte, ratchet Point, n, pn uint32, plaintext []byte) ([]byte, error) {
	return encrypt(random, key, header{ratchet, n, pn}, plaintext)
}

// Sending is the session that the next message to a device would go on.
func (d Device) Sending(s State, to Installation) (Session, bool, error) { return d.sending(s, to) }

// Slot is what a message key is for: the ratchet key and number of an entry, and what was encrypted.
type Slot struct {
	Ratchet    Point
	N          uint32
	Ciphertext string
}

// SlotsOf lists those of a message.
func SlotsOf(raw []byte, installations []string) ([]Slot, error) {
	m, err := decodeMessage(raw)
	if err != nil {
		return nil, err
	}
	var slots []Slot
	for _, id := range installations {
		e, found, err := m.entryFor(id)
		if err != nil || !found || e.ratchet == nil {
			return nil, ReasonMalformed
		}
		slots = append(slots, Slot{e.ratchet.ratchet, e.ratchet.n, string(e.payload)})
	}
	return slots, nil
}
