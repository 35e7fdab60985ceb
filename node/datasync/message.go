package datasync

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/ethereum/go-ethereum/crypto"

	"sotto/node/identity"
)

// idPrefix keeps the ids apart from hashes that are made for something else (2/MVDS, "Types").
const idPrefix = "MESSAGE_ID"

// New makes the message that carries a body from one person to another. The same body within the same second is the same
// message; bodies differ by their clocks.
func New(from, to identity.PublicKey, body []byte, now time.Time) Message {
	return Message{Group: GroupOf(from, to), Timestamp: now.Unix(), Body: body}
}

// ID is the message's id (2/MVDS, "Types").
func (m Message) ID() ID {
	h := sha256.New()
	h.Write([]byte(idPrefix))
	h.Write(m.Group[:])
	h.Write(binary.LittleEndian.AppendUint64(nil, uint64(m.Timestamp)))
	h.Write(m.Body)
	return ID(h.Sum(nil))
}

// GroupOf is the group of a conversation of two, or of one person's devices where both are the same: the hash of the two
// compressed keys, the one with the smaller X first (Status: 2/MVDS leaves it to its user).
func GroupOf(a, b identity.PublicKey) [32]byte {
	first, second := a.Compressed(), b.Compressed()
	if after(first, second) {
		first, second = second, first
	}
	return crypto.Keccak256Hash(first[:], second[:])
}

// after tells that a's X is greater than b's. A key and its negative share their X; their signs then give both ends of the
// conversation one order, which deployed clients do not have.
func after(a, b [identity.CompressedLength]byte) bool {
	if order := bytes.Compare(a[1:], b[1:]); order != 0 {
		return order > 0
	}
	return a[0] > b[0]
}
