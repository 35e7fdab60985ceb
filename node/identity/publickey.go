package identity

import (
	"crypto/ecdsa"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/mr-tron/base58"
)

// Sizes of a public key in bytes.
const (
	KeyLength        = 65 // uncompressed: 04 || X || Y
	CompressedLength = 33 // 02 or 03 || X
)

// multicodec is the prefix that marks a secp256k1 public key, an unsigned varint (multicodec table: 0xe7).
const multicodec = "\xe7\x01"

// Reasons why bytes or a text are no public key.
var (
	ErrKeyEmpty    = errors.New("no public key given")
	ErrKeyTooLong  = errors.New("too long for a public key")
	ErrKeyEncoding = errors.New("not one of the known forms of a public key")
	ErrKeyKind     = errors.New("a key of another kind than secp256k1")
	ErrKeyLength   = errors.New("a public key of the wrong length")
	ErrKeyCurve    = errors.New("not a point of the curve secp256k1")
)

// PublicKey is a person's chat key, uncompressed. Values made by this package are points of the curve; the zero value is
// no key.
type PublicKey [KeyLength]byte

// KeyOf is the value form of a public key of the standard library.
func KeyOf(pub *ecdsa.PublicKey) PublicKey { return PublicKey(crypto.FromECDSAPub(pub)) }

// DecodePublicKey reads a key from its 65 uncompressed or 33 compressed bytes. The errors are ErrKeyEmpty, ErrKeyLength
// and ErrKeyCurve.
func DecodePublicKey(b []byte) (PublicKey, error) {
	var pub *ecdsa.PublicKey
	var err error
	switch len(b) {
	case 0:
		return PublicKey{}, ErrKeyEmpty
	case KeyLength:
		pub, err = crypto.UnmarshalPubkey(b)
	case CompressedLength:
		pub, err = crypto.DecompressPubkey(b)
	default:
		return PublicKey{}, fmt.Errorf("%w: %d bytes", ErrKeyLength, len(b))
	}
	if err != nil {
		return PublicKey{}, ErrKeyCurve
	}
	return KeyOf(pub), nil
}

// IsZero tells that k is no key.
func (k PublicKey) IsZero() bool { return k == PublicKey{} }

// String is the long form that the protocol itself uses, "0x04" and 128 more lower-case hexadecimal digits.
func (k PublicKey) String() string { return "0x" + hex.EncodeToString(k[:]) }

// Compressed is the 33-byte form.
func (k PublicKey) Compressed() [CompressedLength]byte {
	var c [CompressedLength]byte
	c[0] = 2 + k[KeyLength-1]&1
	copy(c[1:], k[1:])
	return c
}

// Short is the form for people: multibase base58btc of the multicodec prefix and the compressed key, 49 characters that
// begin with "zQ3sh".
func (k PublicKey) Short() string {
	c := k.Compressed()
	return "z" + base58.Encode(append([]byte(multicodec), c[:]...))
}

// ECDSA is the form that the standard library and go-ethereum take. It fails with ErrKeyCurve for a value that this
// package did not make.
func (k PublicKey) ECDSA() (*ecdsa.PublicKey, error) {
	pub, err := crypto.UnmarshalPubkey(k[:])
	if err != nil {
		return nil, ErrKeyCurve
	}
	return pub, nil
}
