package whisper

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
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
	e, err := encrypt(rand, now, p)
	if err != nil {
		return nil, err
	}
	work := p.Work
	if work == 0 {
		work = DefaultWork
	}
	ctx, cancel := context.WithTimeoutCause(ctx, work, ErrWork)
	defer cancel()
	e.Nonce, err = searchNonce(ctx, e.appendHead(nil), powBits(p.PoW, e.Size(), e.TTL)+1)
	if err != nil {
		return nil, err
	}
	return e, nil
}

// encrypt does everything but the work.
func encrypt(rand io.Reader, now time.Time, p SealParams) (*Envelope, error) {
	if (p.SymKey == nil) == (p.Recipient == nil) {
		return nil, fmt.Errorf("%w: one symmetric key or one recipient", ErrSealParams)
	}
	plain, err := composePlaintext(rand, p)
	if err != nil {
		return nil, err
	}
	e := &Envelope{TTL: p.TTL, Topic: p.Topic}
	if e.TTL == 0 {
		e.TTL = DefaultTTL
	}
	e.Expiry = uint32(now.Unix()) + e.TTL
	if p.SymKey != nil {
		e.Data, err = encryptSym(rand, *p.SymKey, plain)
	} else {
		e.Data, err = encryptAsym(rand, p.Recipient, plain)
	}
	if err != nil {
		return nil, err
	}
	return e, nil
}

// composePlaintext writes flags, size, payload, padding and signature, with room behind for nonce and tag.
func composePlaintext(rand io.Reader, p SealParams) ([]byte, error) {
	if len(p.Payload) > maxPayload {
		return nil, fmt.Errorf("%w: payload of %d bytes", ErrSealParams, len(p.Payload))
	}
	sizeBytes, signature := sizeLength(len(p.Payload)), 0
	flags := byte(sizeBytes)
	if p.Signer != nil {
		flags |= flagSigned
		signature = signatureLength
	}
	padding := len(p.Padding)
	if padding == 0 {
		padding = paddingUnit - (1+sizeBytes+len(p.Payload)+signature)%paddingUnit
	}
	length := 1 + sizeBytes + len(p.Payload) + padding + signature
	b := append(make([]byte, 0, length+gcmTag+gcmNonce), flags)
	for i := range sizeBytes {
		b = append(b, byte(len(p.Payload)>>(8*i)))
	}
	b = append(append(b, p.Payload...), p.Padding...)
	if fill := length - signature - len(b); fill > 0 {
		b = b[:len(b)+fill]
		if _, err := io.ReadFull(rand, b[len(b)-fill:]); err != nil {
			return nil, fmt.Errorf("whisper: randomness for padding: %w", err)
		}
	}
	return sign(b, p.Signer)
}

// sizeLength is how many bytes the size field takes: as few as possible, but one at least.
func sizeLength(payload int) int {
	n := 1
	for payload >>= 8; payload > 0; payload >>= 8 {
		n++
	}
	return n
}

func sign(b []byte, signer *ecdsa.PrivateKey) ([]byte, error) {
	if signer == nil {
		return b, nil
	}
	h := HashOf(b)
	signature, err := crypto.Sign(h[:], signer)
	if err != nil {
		return nil, fmt.Errorf("whisper: sign: %w", err)
	}
	return append(b, signature...), nil
}

// encryptSym works in place and appends the nonce behind the tag, where EIP-627 puts it.
func encryptSym(rand io.Reader, key SymKey, plain []byte) ([]byte, error) {
	var nonce [gcmNonce]byte
	if _, err := io.ReadFull(rand, nonce[:]); err != nil {
		return nil, fmt.Errorf("whisper: randomness for nonce: %w", err)
	}
	return append(newGCM(key).Seal(plain[:0], nonce[:], plain, nil), nonce[:]...), nil
}
