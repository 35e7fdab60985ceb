package identity

import (
	"crypto/ecdsa"
	"errors"
	"fmt"
	"math/big"
	"strconv"

	"github.com/ethereum/go-ethereum/crypto"
)

// SignatureLength is the size in bytes of every signature here: r (32) || s (32) || v (1).
const SignatureLength = 65

// ErrSignature tells that a signature is malformed or belongs to no key.
var ErrSignature = errors.New("bad signature")

// Sign makes the protocol's signature of data: secp256k1 over keccak256(data), deterministic (RFC 6979), low s, v 0 or 1.
// The result has SignatureLength bytes.
func Sign(key *ecdsa.PrivateKey, data []byte) ([]byte, error) {
	return signHash(key, crypto.Keccak256(data))
}

// Recover returns the key whose owner signed data with Sign. Signatures that Sign cannot have made (another length, high
// s, another v) are refused with ErrSignature: a second valid form of one signature would make a second message of it.
func Recover(data, signature []byte) (PublicKey, error) {
	return recoverHash(crypto.Keccak256(data), signature)
}

// SignText signs a text in the manner of EIP-191, version 0x45 ("Ethereum Signed Message"), with v 0 or 1 as the rest of
// the protocol has it and not 27 or 28.
func SignText(key *ecdsa.PrivateKey, text []byte) ([]byte, error) {
	return signHash(key, TextHash(text))
}

// RecoverText returns the key whose owner signed the text with SignText, or ErrSignature.
func RecoverText(text, signature []byte) (PublicKey, error) {
	return recoverHash(TextHash(text), signature)
}

// TextHash is the 32-byte hash that EIP-191 signs for a text.
func TextHash(text []byte) []byte {
	head := "\x19Ethereum Signed Message:\n" + strconv.Itoa(len(text))
	return crypto.Keccak256([]byte(head), text)
}

func signHash(key *ecdsa.PrivateKey, hash []byte) ([]byte, error) {
	signature, err := crypto.Sign(hash, key)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return signature, nil
}

func recoverHash(hash, signature []byte) (PublicKey, error) {
	if len(signature) != SignatureLength {
		return PublicKey{}, fmt.Errorf("%w: %d bytes", ErrSignature, len(signature))
	}
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:64])
	if !crypto.ValidateSignatureValues(signature[64], r, s, true) {
		return PublicKey{}, fmt.Errorf("%w: values out of range", ErrSignature)
	}
	pub, err := crypto.Ecrecover(hash, signature)
	if err != nil {
		return PublicKey{}, fmt.Errorf("%w: no key fits", ErrSignature)
	}
	return PublicKey(pub), nil
}
