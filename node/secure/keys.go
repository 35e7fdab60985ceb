package secure

import (
	"crypto/ecdsa"
	"errors"
	"fmt"
	"io"
	"math/big"

	"github.com/ethereum/go-ethereum/crypto"

	"sotto/node/identity"
)

// pair is a private key of secp256k1 and its public part.
type pair struct {
	private [32]byte
	public  Point
}

// keyTries bounds the search for a scalar below the curve's order; one random draw fails with 2^-128.
const keyTries = 4

var errRandom = errors.New("secure: random source gives no usable key")

// newPair draws a key pair.
func newPair(random io.Reader) (pair, error) {
	var p pair
	for range keyTries {
		if _, err := io.ReadFull(random, p.private[:]); err != nil {
			return pair{}, fmt.Errorf("secure: randomness for a key: %w", err)
		}
		key, err := crypto.ToECDSA(p.private[:])
		if err != nil {
			continue
		}
		copy(p.public[:], crypto.CompressPubkey(&key.PublicKey))
		return p, nil
	}
	return pair{}, errRandom
}

// scalar is the private key as the 32 bytes that ecdh takes.
func scalar(key *ecdsa.PrivateKey) (s [32]byte) {
	key.D.FillBytes(s[:])
	return s
}

// ecdh is the X coordinate of private·public, 32 bytes, not hashed (Status spec 5/SECURE-TRANSPORT). A public key off the curve is
// ReasonKey.
func ecdh(private [32]byte, public *ecdsa.PublicKey) (secret [32]byte, err error) {
	x, _ := crypto.S256().ScalarMult(public.X, public.Y, private[:])
	if x == nil || x.Sign() == 0 {
		return secret, ReasonKey
	}
	x.FillBytes(secret[:])
	return secret, nil
}

// onCurve reads a compressed point, or says ReasonKey.
func onCurve(p Point) (*ecdsa.PublicKey, error) {
	key, err := crypto.DecompressPubkey(p[:])
	if err != nil {
		return nil, ReasonKey
	}
	return key, nil
}

// pointOf takes 33 bytes that claim to be a compressed point; whether they are is known when they are used.
func pointOf(b []byte) (Point, error) {
	if len(b) != len(Point{}) {
		return Point{}, ReasonKey
	}
	return Point(b), nil
}

// publicOf is a person's key as the standard library's type.
func publicOf(k identity.PublicKey) (*ecdsa.PublicKey, error) {
	if k[0] != 4 {
		return nil, ReasonKey
	}
	return &ecdsa.PublicKey{Curve: crypto.S256(), X: new(big.Int).SetBytes(k[1:33]), Y: new(big.Int).SetBytes(k[33:])}, nil
}
