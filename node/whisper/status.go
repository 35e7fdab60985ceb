package whisper

import (
	"errors"
	"math"

	"github.com/ethereum/go-ethereum/rlp"
)

// ProtocolVersion is the version of Whisper that this package speaks.
const ProtocolVersion = 6

// ErrVersion says that a peer speaks another version of the protocol or of packet 12.
var ErrVersion = errors.New("whisper: unknown version")

var errPoW = errors.New("a proof of work is a number from zero up")

// Status is packet 0, the first that both sides send: a list by position, of which only the version has to be there
// (EIP-627; from Confirmations on, Status spec 3/WHISPER-USAGE). nil means that the item was not sent; what holds
// then is said at each.
type Status struct {
	Version       uint64
	PoW           *float64    // least proof of work wanted; nil: 0
	Bloom         *Bloom      // topics wanted; nil: all
	Light         *bool       // light node; nil: no
	Confirmations *bool       // sends packets 11 and 12; nil: no
	Limits        *RateLimits // packets a second; nil: none
	UnixMilli     *uint64     // the sender's clock, an addition of Sotto; nil: unknown
	Retention     *uint64     // seconds, another: see Config.Retention; nil or 0: no promise
}

// EncodeStatus is the payload of packet 0. Items after the last that is set are left out, those before it get the
// value that their absence means. A full bloom is written as the empty string, which means the same.
func EncodeStatus(s Status) []byte {
	return encodeList(func(w rlp.EncoderBuffer) {
		w.WriteUint64(s.Version)
		for _, write := range s.items() {
			write(w)
		}
	})
}

// items are the writers of the optional items, up to the last that is set.
func (s Status) items() []func(rlp.EncoderBuffer) {
	all := []func(rlp.EncoderBuffer){
		func(w rlp.EncoderBuffer) { w.WriteUint64(math.Float64bits(orZero(s.PoW))) },
		func(w rlp.EncoderBuffer) { s.writeBloom(w) },
		func(w rlp.EncoderBuffer) { w.WriteBool(orZero(s.Light)) },
		func(w rlp.EncoderBuffer) { w.WriteBool(orZero(s.Confirmations)) },
		func(w rlp.EncoderBuffer) { orZero(s.Limits).write(w) },
		func(w rlp.EncoderBuffer) { w.WriteUint64(orZero(s.UnixMilli)) },
		func(w rlp.EncoderBuffer) { w.WriteUint64(orZero(s.Retention)) },
	}
	set := []bool{
		s.PoW != nil, s.Bloom != nil, s.Light != nil, s.Confirmations != nil, s.Limits != nil, s.UnixMilli != nil,
		s.Retention != nil,
	}
	for len(all) > 0 && !set[len(all)-1] {
		all = all[:len(all)-1]
	}
	return all
}

func (s Status) writeBloom(w rlp.EncoderBuffer) {
	if s.Bloom == nil || s.Bloom.IsFull() {
		w.WriteBytes(nil)
		return
	}
	w.WriteBytes(s.Bloom[:])
}

func orZero[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// DecodeStatus reads the payload of packet 0, item by item as far as they go. Another version is [ErrVersion];
// an item that is not what its place asks for is [ErrMalformed]. From the seventh on, items are somebody's
// additions: one that does not read as ours is ignored, like all after it.
func DecodeStatus(payload []byte) (s Status, err error) {
	r, err := readList(payload)
	if err != nil {
		return s, err
	}
	if s.Version = r.uint64(); r.err != nil {
		return Status{}, r.err
	}
	if s.Version != ProtocolVersion {
		return Status{}, ErrVersion
	}
	s.PoW = optional(&r, r.pow)
	s.Bloom = optional(&r, r.statusBloom)
	s.Light = optional(&r, r.bool)
	s.Confirmations = optional(&r, r.bool)
	s.Limits = optional(&r, r.rateLimits)
	if r.err != nil {
		return Status{}, r.err
	}
	s.UnixMilli = optional(&r, r.uint64)
	s.Retention = optional(&r, r.uint64)
	return s, nil
}

// optional reads an item if there is one.
func optional[T any](r *itemReader, read func() T) *T {
	if !r.more() {
		return nil
	}
	if v := read(); r.err == nil {
		return &v
	}
	return nil
}

// statusBloom reads 64 bytes, or none for everything.
func (r *itemReader) statusBloom() (b Bloom) {
	if ahead := *r; len(ahead.bytes()) == 0 && ahead.err == nil {
		*r = ahead
		return FullBloom()
	}
	r.fixed(b[:])
	return b
}
