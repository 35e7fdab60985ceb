package whisper

import (
	"encoding/hex"
	"hash"
	"io"
	"sync"

	"golang.org/x/crypto/sha3"
)

// Hash is a Keccak-256 digest. It names an envelope everywhere (EIP-627) and a batch of them in confirmations.
type Hash [32]byte

// HashOf is the Keccak-256 digest of the parts, one after another. Of an envelope's whole RLP it is the envelope's
// hash, so a duplicate is known before anything is decoded.
func HashOf(parts ...[]byte) Hash {
	k := keccaks.Get().(*hasher)
	defer keccaks.Put(k)
	k.Reset()
	for _, p := range parts {
		k.Write(p)
	}
	_, _ = k.Read(k.sum[:]) // a sponge never fails
	return k.sum
}

// String is the hash in lower-case hex without prefix.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// keccak can be read without the copy of its state that Sum makes.
type keccak interface {
	hash.Hash
	io.Reader
}

// hasher is a hash function with room for its result, which would otherwise be allocated each time.
type hasher struct {
	keccak
	sum Hash
}

var keccaks = sync.Pool{New: func() any { return &hasher{keccak: sha3.NewLegacyKeccak256().(keccak)} }}
