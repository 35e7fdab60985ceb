package whisper

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdsa"
	"errors"
	"sync"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/crypto/ecies"
)

// The symmetric cipher is AES-256-GCM without additional data; the nonce stands behind the tag (EIP-627).
const (
	gcmNonce = 12
	gcmTag   = 16
)

// ErrKey says that an envelope is not for this key, which from outside cannot be told from a damaged one.
var ErrKey = errors.New("whisper: not for this key")

// Opener tries one key on envelopes. Openers are safe for use by several goroutines at once.
type Opener interface {
	// Open decrypts the envelope and parses what is in it. Errors are ErrKey, ErrMalformed and ErrSignature.
	Open(*Envelope) (*Plaintext, error)
	// KeyID is equal for openers of the same key and for no others. It is a hash.
	KeyID() Hash
}

// SymOpener opens what was sealed for a symmetric key.
type SymOpener struct {
	aead cipher.AEAD
	id   Hash
}

// NewSymOpener sets up the cipher once, for all envelopes to come.
func NewSymOpener(key SymKey) *SymOpener {
	return &SymOpener{aead: newGCM(key), id: HashOf([]byte("symmetric"), key[:])}
}

func newGCM(key SymKey) cipher.AEAD {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic(err) // a key of 32 bytes is always right
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // so is a block of 16
	}
	return aead
}

// KeyID implements [Opener].
func (o *SymOpener) KeyID() Hash { return o.id }

// plaintexts is memory to decrypt into: most tries fail, and those shall allocate nothing.
var plaintexts = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// Open implements [Opener].
func (o *SymOpener) Open(e *Envelope) (*Plaintext, error) {
	end := len(e.Data) - gcmNonce
	if end < gcmTag {
		return nil, ErrKey
	}
	buf := plaintexts.Get().(*bytes.Buffer)
	defer plaintexts.Put(buf)
	buf.Reset()
	buf.Grow(end)
	plain, err := o.aead.Open(buf.AvailableBuffer(), e.Data[end:], e.Data[:end], nil)
	if err != nil {
		return nil, ErrKey
	}
	defer clear(plain)
	return ParsePlaintext(bytes.Clone(plain))
}

// AsymOpener opens what was sealed for a person's public key. Each try costs a point multiplication, so callers
// look at the topic first.
type AsymOpener struct {
	key *ecies.PrivateKey
	id  Hash
}

// NewAsymOpener makes an opener for the private key of a recipient.
func NewAsymOpener(key *ecdsa.PrivateKey) *AsymOpener {
	public := crypto.FromECDSAPub(&key.PublicKey)
	return &AsymOpener{key: ecies.ImportECDSA(key), id: HashOf([]byte("asymmetric"), public)}
}

// KeyID implements [Opener].
func (o *AsymOpener) KeyID() Hash { return o.id }

// Open implements [Opener].
func (o *AsymOpener) Open(e *Envelope) (*Plaintext, error) {
	plain, err := o.key.Decrypt(e.Data, nil, nil)
	if err != nil {
		return nil, ErrKey
	}
	return ParsePlaintext(plain)
}
