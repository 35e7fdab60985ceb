package account

import (
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"golang.org/x/crypto/chacha20poly1305"
)

const (
	keySize    = 32
	saltSize   = 32
	sealedSize = chacha20poly1305.NonceSizeX + keySize + chacha20poly1305.Overhead
)

// What the associated data of a sealed field says it is, so that no field can stand in another's place.
const (
	sealPassword = "password"
	sealPhrase   = "phrase"
	sealKeys     = "keys"
)

// errNotThisKey says that a key does not open what it was tried on.
var errNotThisKey = errors.New("not the key of this vault")

// passwordSlot opens the wrapping key with a password.
type passwordSlot struct {
	KDF
	Salt   []byte `json:"salt"`   // 32 bytes
	Sealed []byte `json:"sealed"` // nonce (24) || sealed wrapping key (32) || tag (16)
}

// phraseSlot opens the wrapping key with what the recovery phrase derives.
type phraseSlot struct {
	Salt   []byte `json:"salt"`
	Sealed []byte `json:"sealed"`
}

func newPasswordSlot(rand io.Reader, id, password string, kdf KDF, wrapping []byte) (*passwordSlot, error) {
	salt, err := randomBytes(rand, saltSize)
	if err != nil {
		return nil, err
	}
	key := kdf.key(password, salt)
	defer clear(key)
	sealed, err := seal(rand, key, wrapping, id, sealPassword)
	if err != nil {
		return nil, err
	}
	return &passwordSlot{KDF: kdf, Salt: salt, Sealed: sealed}, nil
}

func (s *passwordSlot) open(id, password string) ([]byte, error) {
	key := s.key(password, s.Salt)
	defer clear(key)
	return unseal(key, s.Sealed, id, sealPassword)
}

// newPhraseSlot takes the private key at m/43'/60'/1581'/1'/0 as secret.
func newPhraseSlot(rand io.Reader, id string, secret, wrapping []byte) (*phraseSlot, error) {
	salt, err := randomBytes(rand, saltSize)
	if err != nil {
		return nil, err
	}
	key, err := phraseKey(secret, salt, id)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	sealed, err := seal(rand, key, wrapping, id, sealPhrase)
	if err != nil {
		return nil, err
	}
	return &phraseSlot{Salt: salt, Sealed: sealed}, nil
}

func (s *phraseSlot) open(id string, secret []byte) ([]byte, error) {
	key, err := phraseKey(secret, s.Salt, id)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	return unseal(key, s.Sealed, id, sealPhrase)
}

func phraseKey(secret, salt []byte, id string) ([]byte, error) {
	return hkdf.Key(sha256.New, secret, salt, string(associated(id, sealPhrase)), keySize)
}

func associated(id, what string) []byte { return []byte("sotto vault 1\x00" + id + "\x00" + what) }

// seal returns nonce || ciphertext || tag of XChaCha20-Poly1305.
func seal(rand io.Reader, key, plain []byte, id, what string) ([]byte, error) {
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, err
	}
	nonce, err := randomBytes(rand, aead.NonceSize())
	if err != nil {
		return nil, err
	}
	return aead.Seal(nonce, nonce, plain, associated(id, what)), nil
}

func unseal(key, sealed []byte, id, what string) ([]byte, error) {
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, err
	}
	if len(sealed) < aead.NonceSize() {
		return nil, errNotThisKey
	}
	nonce, box := sealed[:aead.NonceSize()], sealed[aead.NonceSize():]
	plain, err := aead.Open(nil, nonce, box, associated(id, what))
	if err != nil {
		return nil, errNotThisKey
	}
	return plain, nil
}

func randomBytes(rand io.Reader, n int) ([]byte, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(rand, b); err != nil {
		return nil, fmt.Errorf("randomness: %w", err)
	}
	return b, nil
}
