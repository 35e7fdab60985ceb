package group

import (
	"fmt"
	"io"
	"strings"

	"github.com/google/uuid"

	"sotto/node/identity"
)

// MaxID is the most bytes of a group's id. The ids that clients make have 169.
const MaxID = 255

// keyText is the length of a public key in its long form.
const keyText = 2 + 2*identity.KeyLength

// NewID makes the id of a new group: a random UUID, a hyphen, and the creator's key in its long form.
func NewID(random io.Reader, creator identity.PublicKey) (string, error) {
	id, err := uuid.NewRandomFromReader(random)
	if err != nil {
		return "", fmt.Errorf("group id: %w", err)
	}
	return id.String() + "-" + creator.String(), nil
}

// Creator is whose key a group's id ends in: the only one who can create that group. What stands before the key is the
// creator's choice, of printable ASCII. The error is ReasonID.
func Creator(id string) (identity.PublicKey, error) {
	unprintable := func(r rune) bool { return r <= ' ' || r > '~' }
	if len(id) <= keyText || len(id) > MaxID || strings.ContainsFunc(id, unprintable) {
		return identity.PublicKey{}, ReasonID
	}
	creator, ok := keyOf(id[len(id)-keyText:])
	if !ok {
		return identity.PublicKey{}, ReasonID
	}
	return creator, nil
}

// keyOf reads a key in the one form that the protocol uses, that of identity.PublicKey.String. Deployed clients compare
// these texts letter by letter, so that another form of the same key would be somebody else there.
func keyOf(text string) (identity.PublicKey, bool) {
	if len(text) != keyText {
		return identity.PublicKey{}, false
	}
	key, err := identity.ParsePublicKey(text)
	return key, err == nil && key.String() == text
}
