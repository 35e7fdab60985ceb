package payload

import (
	"encoding/hex"
	"errors"
	"strings"

	"github.com/ethereum/go-ethereum/crypto"

	"sotto/node/identity"
)

// ID identifies a message: keccak256 of the author's 65-byte key and the wrapped bytes exactly as they travelled.
type ID [32]byte

// ErrID tells that a text is no message id.
var ErrID = errors.New("not a message id")

// IDOf computes the id of a message.
func IDOf(author identity.PublicKey, wrapped []byte) ID {
	return ID(crypto.Keccak256(author[:], wrapped))
}

// String is the form that travels in replies: "0x" and 64 lower-case hexadecimal digits.
func (id ID) String() string { return "0x" + hex.EncodeToString(id[:]) }

// ParseID reads the form that String writes. The error is ErrID.
func ParseID(text string) (ID, error) {
	var id ID
	digits, ok := strings.CutPrefix(text, "0x")
	if !ok || len(digits) != hex.EncodedLen(len(id)) || digits != strings.ToLower(digits) {
		return ID{}, ErrID
	}
	if _, err := hex.Decode(id[:], []byte(digits)); err != nil {
		return ID{}, ErrID
	}
	return id, nil
}
