package whisper

import (
	"math"

	"github.com/ethereum/go-ethereum/rlp"
)

// Packet codes of the sub-protocol shh, version 6 (EIP-627; 11, 12, 20 and from 123 on, Status spec
// 3/WHISPER-USAGE and 4/WHISPER-MAILSERVER). A packet's payload is exactly one RLP item.
const (
	CodeStatus          = 0   // handshake: EncodeStatus
	CodeMessages        = 1   // envelopes: EncodeMessages
	CodePoW             = 2   // least proof of work wanted: EncodePoW
	CodeBloom           = 3   // bloom filter wanted: EncodeBloom
	CodeBatchAck        = 11  // packet 1 was received: EncodeBatchAck
	CodeMessageResponse = 12  // what became of a packet 1: EncodeMessageResponse
	CodeRateLimits      = 20  // limits that hold from now on: EncodeRateLimits
	CodeSyncRequest     = 123 // mailserver asks mailserver: EncodeSyncRequest
	CodeSyncResponse    = 124 // its answer: EncodeSyncResponse
	CodeRequestComplete = 125 // mailserver is done: EncodeRequestComplete
	CodeRequest         = 126 // history wanted: EncodeRequest
	CodeDirect          = 127 // envelopes outside the pool: EncodeDirect
)

// EncodeMessages packs the RLP of envelopes into the payload of packet 1.
func EncodeMessages(raws [][]byte) []byte {
	return encode(func(w rlp.EncoderBuffer) { writeRaws(w, raws) })
}

func writeRaws(w rlp.EncoderBuffer, raws [][]byte) {
	writeList(w, func(w rlp.EncoderBuffer) {
		for _, raw := range raws {
			_, _ = w.Write(raw) // into memory
		}
	})
}

// SplitMessages calls each with the RLP of every envelope in the payload of packet 1, undecoded, so that a
// duplicate can be told by its hash first. The slices share memory with payload. It stops at the first error that
// each returns, and returns it; [ErrMalformed] comes before each has seen anything.
func SplitMessages(payload []byte, each func(raw []byte) error) error {
	r, err := readList(payload)
	if err != nil {
		return err
	}
	return splitRaws(r, each)
}

// minEnvelope is the length of the shortest envelope: a list header, a topic and four integers or strings of nothing.
// Looking at it keeps a packet of empty lists from costing more than it weighs.
const minEnvelope = 1 + 1 + TopicLength + 4

// splitRaws looks at the whole list before each sees any of it.
func splitRaws(r itemReader, each func(raw []byte) error) error {
	if r.err != nil {
		return r.err
	}
	for check := r; check.more(); {
		raw := check.raw()
		if check.err != nil {
			return check.err
		}
		if isString(raw) {
			return malformed("a string where an envelope belongs")
		}
		if len(raw) < minEnvelope {
			return malformed("%d bytes where an envelope belongs", len(raw))
		}
	}
	for r.more() {
		if err := each(r.raw()); err != nil {
			return err
		}
	}
	return nil
}

// EncodePoW is the payload of packet 2: the bits of an IEEE double as an integer, without a list around it.
func EncodePoW(least float64) []byte { return rlp.AppendUint64(nil, math.Float64bits(least)) }

// DecodePoW reads the payload of packet 2. A proof of work that is negative, infinite or no number is
// [ErrMalformed].
func DecodePoW(payload []byte) (float64, error) {
	r := itemReader{rest: payload}
	least := r.pow()
	return least, r.end()
}

// pow reads a proof of work written as the bits of a double.
func (r *itemReader) pow() float64 {
	v := math.Float64frombits(r.uint64())
	if r.err == nil && !(v >= 0 && v <= math.MaxFloat64) {
		r.fail(errPoW)
		return 0
	}
	return v
}

// EncodeBloom is the payload of packet 3: 64 bytes, without a list around them.
func EncodeBloom(b Bloom) []byte {
	return encode(func(w rlp.EncoderBuffer) { w.WriteBytes(b[:]) })
}

// DecodeBloom reads the payload of packet 3. Any other length than 64 bytes is [ErrMalformed].
func DecodeBloom(payload []byte) (b Bloom, err error) {
	r := itemReader{rest: payload}
	r.fixed(b[:])
	return b, r.end()
}

// RateLimits are packets a second that a node takes, by address, by peer and by topic. 0 means no limit (Status
// spec 3/WHISPER-USAGE).
type RateLimits struct{ IP, Peer, Topic uint64 }

// EncodeRateLimits is the payload of packet 20.
func EncodeRateLimits(l RateLimits) []byte { return encode(l.write) }

func (l RateLimits) write(w rlp.EncoderBuffer) {
	writeList(w, func(w rlp.EncoderBuffer) {
		w.WriteUint64(l.IP)
		w.WriteUint64(l.Peer)
		w.WriteUint64(l.Topic)
	})
}

// DecodeRateLimits reads the payload of packet 20: a list of three integers.
func DecodeRateLimits(payload []byte) (RateLimits, error) {
	r := itemReader{rest: payload}
	l := r.rateLimits()
	return l, r.end()
}

func (r *itemReader) rateLimits() RateLimits {
	items := r.list()
	l := RateLimits{IP: items.uint64(), Peer: items.uint64(), Topic: items.uint64()}
	if err := items.end(); err != nil {
		r.fail(err)
	}
	return l
}
