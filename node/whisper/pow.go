package whisper

import (
	"context"
	"encoding"
	"encoding/binary"
	"errors"
	"math"
	"math/bits"
	"sync"

	"github.com/ethereum/go-ethereum/rlp"
	"golang.org/x/crypto/sha3"
)

// ErrWork says that the time for proof of work ran out before enough was found.
var ErrWork = errors.New("whisper: proof of work not found in time")

// nonceStride is how many nonces are tried (about a third of a millisecond) between looks at the context.
const nonceStride = 1024

// scratch is memory for an envelope's RLP without the nonce, and the nonce behind it, which is hashed with it.
type scratch struct{ head []byte }

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// appendHead appends what the proof of work is measured over: the RLP list of all items but the nonce.
func (e *Envelope) appendHead(dst []byte) []byte {
	return appendEncoded(dst, func(w rlp.EncoderBuffer) { writeList(w, e.writeHead) })
}

// leadingZeros counts the zero bits before the first one of a big-endian number.
func leadingZeros(h Hash) int {
	for i := 0; i < len(h); i += 8 {
		if word := binary.BigEndian.Uint64(h[i:]); word != 0 {
			return 8*i + bits.LeadingZeros64(word)
		}
	}
	return 8 * len(h)
}

// powOf is the proof of work that so many leading zeros are worth.
func powOf(zeros, size int, seconds int64) float64 {
	return math.Ldexp(1, zeros) / float64(size) / float64(seconds)
}

// powBits is how many leading zeros deployed nodes search for to reach a target. They count [Envelope.Size] where
// they later measure the RLP without the nonce, which is a few bytes off.
func powBits(target float64, size int, ttl uint32) int {
	need := math.Ceil(math.Log2(target * float64(size) * float64(ttl)))
	if !(need > 1) { // also when the target is zero or no number
		return 1
	}
	return int(math.Min(need, 8*float64(len(Hash{}))))
}

// resumableKeccak can go back to the state after a prefix, so that the prefix is absorbed once for all nonces.
type resumableKeccak interface {
	keccak
	encoding.BinaryAppender
	encoding.BinaryUnmarshaler
}

// searchNonce finds the first nonce that gives head at least the wanted leading zeros. It returns the cause of
// ctx's end when that comes first.
func searchNonce(ctx context.Context, head []byte, zeros int) (uint64, error) {
	k := sha3.NewLegacyKeccak256().(resumableKeccak)
	k.Write(head)
	prefix, err := k.AppendBinary(nil)
	if err != nil {
		return 0, err
	}
	var buf [8]byte
	var h Hash
	for nonce := uint64(0); ; nonce++ {
		if nonce%nonceStride == 0 && ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		if err := k.UnmarshalBinary(prefix); err != nil {
			return 0, err
		}
		binary.BigEndian.PutUint64(buf[:], nonce)
		k.Write(buf[:])
		_, _ = k.Read(h[:]) // a sponge never fails
		if leadingZeros(h) >= zeros {
			return nonce, nil
		}
	}
}
