package whisper

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"io"
	"time"
)

// DefaultTTL is the time to live in seconds of an envelope whose sender names none. Status spec 3/WHISPER-USAGE
// asks for at least 10.
const DefaultTTL = 15

// DefaultWork is the most time that a proof of work takes when the sender names none.
const DefaultWork = 5 * time.Second

// ErrSealParams says that a message cannot be sealed as asked: not exactly one of SymKey and Recipient, or a
// payload over 2^24-1 bytes.
var ErrSealParams = errors.New("whisper: cannot seal")

// SealParams says what to seal and for whom. Exactly one of SymKey and Recipient is set.
type SealParams struct {
	TTL       uint32 // seconds; 0 means DefaultTTL
	Topic     Topic
	Payload   []byte
	Padding   []byte // the application's own; when empty, random bytes fill up to a multiple of 256
	SymKey    *SymKey
	Recipient *ecdsa.PublicKey
	Signer    *ecdsa.PrivateKey // nil: not signed
	PoW       float64           // to be reached by what every node measures
	Work      time.Duration     // most time for proof of work; 0 means DefaultWork
}

// Seal pads, signs and encrypts a message and works for it (EIP-627). Random bytes are read in the order padding,
// then AES nonce or ephemeral key and IV. The work is one bit more than PoW needs, because a receiver whose clock
// lags divides by more seconds and may end the connection for too little. [ErrWork] means that p.Work ran out;
// when ctx ends first its cause is returned.
func Seal(ctx context.Context, rand io.Reader, now time.Time, p SealParams) (*Envelope, error) {
	return nil, errors.New("whisper: not written yet")
}
