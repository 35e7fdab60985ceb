package whisper

import (
	"crypto/ecdsa"
	"errors"

	"github.com/ethereum/go-ethereum/crypto"
)

// The plaintext's first byte (EIP-627): two bits count the bytes of the size field, one says that a signature
// follows. The other bits mean nothing.
const (
	flagSizeMask = 0b011
	flagSigned   = 0b100
)

// signatureLength is R, S and V. V is 0 or 1 on the wire; EIP-627 says 27 or 28, which deployed nodes refuse.
const signatureLength = crypto.SignatureLength

// paddingUnit is what the plaintext is padded to a multiple of, to hide the payload's length.
const paddingUnit = 256

// maxPayload is what three bytes of size field can say.
const maxPayload = 1<<24 - 1

// ErrSignature says that a message claims to be signed and nobody's signature fits.
var ErrSignature = errors.New("whisper: bad signature")

// Plaintext is an opened message. Signer is nil when it was not signed. The slices share memory with each other.
type Plaintext struct {
	Payload, Padding []byte
	Signer           *ecdsa.PublicKey
}

// ParsePlaintext takes a decrypted message apart and recovers who signed it (EIP-627). A size field or payload that
// runs past the end is [ErrMalformed], a signature that recovers to no key [ErrSignature]. The result shares
// memory with b.
func ParsePlaintext(b []byte) (*Plaintext, error) {
	if len(b) == 0 {
		return nil, malformed("empty plaintext")
	}
	flags, end := b[0], len(b)
	if flags&flagSigned != 0 {
		end -= signatureLength
	}
	start := 1 + int(flags&flagSizeMask)
	if start > end {
		return nil, malformed("plaintext ends in its size field")
	}
	size := 0
	for i := start - 1; i >= 1; i-- { // little endian
		size = size<<8 | int(b[i])
	}
	if size > end-start {
		return nil, malformed("plaintext ends in its payload")
	}
	p := &Plaintext{Payload: b[start : start+size : start+size], Padding: b[start+size : end : end]}
	if flags&flagSigned != 0 {
		var err error
		if p.Signer, err = recoverSigner(b[:end], b[end:]); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func recoverSigner(signed, signature []byte) (*ecdsa.PublicKey, error) {
	h := HashOf(signed)
	key, err := crypto.SigToPub(h[:], signature)
	if err != nil {
		return nil, ErrSignature
	}
	return key, nil
}
