package whisper

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/ethereum/go-ethereum/rlp"
)

// envelopeOverhead is what deployed nodes add to the data to get an envelope's size, for limits and proof of work.
const envelopeOverhead = 20

// Envelope is what travels from node to node (EIP-627). Expiry is in Unix seconds, TTL in seconds, Data is the
// ciphertext, Nonce is what the proof of work found.
type Envelope struct {
	Expiry, TTL uint32
	Topic       Topic
	Data        []byte
	Nonce       uint64
}

// DecodeEnvelope reads an envelope from its RLP: a list of exactly five items, integers without leading zeros, and
// nothing after it. Anything else is [ErrMalformed]. Data shares memory with b and nothing else is allocated, so
// who keeps an envelope keeps b.
func DecodeEnvelope(b []byte) (*Envelope, error) {
	e := new(Envelope)
	if err := e.decode(b); err != nil {
		return nil, err
	}
	return e, nil
}

// decode is DecodeEnvelope into memory that is there.
func (e *Envelope) decode(b []byte) error {
	r, err := readList(b)
	if err != nil {
		return fmt.Errorf("envelope: %w", err)
	}
	e.Expiry, e.TTL = r.uint32(), r.uint32()
	r.fixed(e.Topic[:])
	e.Data = r.bytes()
	e.Nonce = r.uint64()
	if err := r.end(); err != nil {
		return fmt.Errorf("envelope: %w", err)
	}
	return nil
}

// Encode is the envelope's RLP.
func (e *Envelope) Encode() []byte {
	return encodeList(func(w rlp.EncoderBuffer) {
		e.writeHead(w)
		w.WriteUint64(e.Nonce)
	})
}

// writeHead writes all items but the nonce.
func (e *Envelope) writeHead(w rlp.EncoderBuffer) {
	w.WriteUint64(uint64(e.Expiry))
	w.WriteUint64(uint64(e.TTL))
	w.WriteBytes(e.Topic[:])
	w.WriteBytes(e.Data)
}

// Hash names the envelope: Keccak-256 of its RLP. It is computed on each call; who has the RLP calls [HashOf].
func (e *Envelope) Hash() Hash { return HashOf(e.Encode()) }

// Sent is when the envelope was sealed, in Unix seconds: Expiry - TTL, which wraps like deployed nodes' does.
func (e *Envelope) Sent() uint32 { return e.Expiry - e.TTL }

// Size is the size in bytes that limits and proof of work are measured by: 20 + len(Data).
func (e *Envelope) Size() int { return envelopeOverhead + len(e.Data) }

// PoW is the proof of work: 2^(leading zero bits) / (bytes * seconds), over the RLP without the nonce, as deployed
// nodes measure it (EIP-627 speaks of the whole RLP). Seconds are the TTL, and more for an envelope that now
// calls from the future. TTL 0 gives positive infinity.
func (e *Envelope) PoW(now time.Time) float64 {
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	s.head = e.appendHead(s.head[:0])
	size := len(s.head)
	s.head = binary.BigEndian.AppendUint64(s.head, e.Nonce)
	seconds := int64(e.TTL)
	if ahead := int64(e.Sent()) - now.Unix(); ahead > 0 {
		seconds += ahead + 1
	}
	return powOf(leadingZeros(HashOf(s.head)), size, seconds)
}
