package payload

import (
	"errors"
	"fmt"
	"strings"

	"sotto/node/identity"
)

// MaxName is the most characters of a public chat's name.
const MaxName = 100

// Reasons why a text is no name of a public chat, besides *NameError.
var (
	ErrNameEmpty   = errors.New("no chat name given")
	ErrNameTooLong = errors.New("a chat name has at most 100 characters")
	ErrNameIsKey   = errors.New("a public key is no chat name")
)

// NameError points out a character that no name of a public chat has.
type NameError struct {
	Character rune
	Position  int // from 1, in the name as read
}

func (e *NameError) Error() string {
	return fmt.Sprintf("a chat name has letters a to z, digits and hyphens only, not %q", e.Character)
}

// ParsePublicName reads the name of a public chat as a person typed it: white space around it, one leading "#" and the
// case of letters do not count; what remains must be 1 to MaxName of a to z, 0 to 9 and hyphens. A public key, which
// would fit, is refused: whoever pastes one wants to write to a person. The errors are the ErrName… values and *NameError.
func ParsePublicName(text string) (string, error) {
	name := strings.TrimPrefix(strings.TrimSpace(text), "#")
	switch {
	case name == "":
		return "", ErrNameEmpty
	case identity.LooksLikePublicKey(name):
		return "", ErrNameIsKey
	}
	for i, r := range []rune(name[:min(len(name), MaxName)]) {
		if !nameRune(r) {
			return "", &NameError{Character: r, Position: i + 1}
		}
	}
	if len(name) > MaxName {
		return "", ErrNameTooLong
	}
	return strings.ToLower(name), nil
}

func nameRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-'
}
