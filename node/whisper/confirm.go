package whisper

import "github.com/ethereum/go-ethereum/rlp"

// Codes of [EnvelopeError]. Deployed nodes send all refusals with the code for unsynchronised time, and its value
// is 37 there, 36 in older ones, 1 in Status spec 3/WHISPER-USAGE; a reader judges by there being an error.
const (
	ErrorTimeNotSynced = 37
	ErrorOther         = 38
)

// responseVersion is the one version of packet 12 that exists.
const responseVersion = 1

// EnvelopeError says that one envelope of a batch was not accepted, and why.
type EnvelopeError struct {
	Hash Hash
	Code uint64
	Text string
}

// MessageResponse is packet 12: what became of the envelopes of one packet 1. Batch is Keccak-256 of that packet's
// payload. Without errors all were accepted (Status spec 3/WHISPER-USAGE).
type MessageResponse struct {
	Batch  Hash
	Errors []EnvelopeError
}

// EncodeBatchAck is the payload of packet 11: the batch's hash, without a list around it.
func EncodeBatchAck(batch Hash) []byte {
	return encode(func(w rlp.EncoderBuffer) { w.WriteBytes(batch[:]) })
}

// DecodeBatchAck reads the payload of packet 11.
func DecodeBatchAck(payload []byte) (batch Hash, err error) {
	r := itemReader{rest: payload}
	r.fixed(batch[:])
	return batch, r.end()
}

// EncodeMessageResponse is the payload of packet 12.
func EncodeMessageResponse(m MessageResponse) []byte {
	return encodeList(func(w rlp.EncoderBuffer) {
		w.WriteUint64(responseVersion)
		writeList(w, func(w rlp.EncoderBuffer) {
			w.WriteBytes(m.Batch[:])
			writeList(w, m.writeErrors)
		})
	})
}

func (m MessageResponse) writeErrors(w rlp.EncoderBuffer) {
	for _, e := range m.Errors {
		writeList(w, func(w rlp.EncoderBuffer) {
			w.WriteBytes(e.Hash[:])
			w.WriteUint64(e.Code)
			w.WriteString(e.Text)
		})
	}
}

// DecodeMessageResponse reads the payload of packet 12. Another version than 1 is [ErrVersion]: such a packet is
// to be ignored.
func DecodeMessageResponse(payload []byte) (m MessageResponse, err error) {
	outer, err := readList(payload)
	if err != nil {
		return m, err
	}
	if version := outer.uint64(); outer.err == nil && version != responseVersion {
		return m, ErrVersion
	}
	inner := outer.list()
	inner.fixed(m.Batch[:])
	errs := inner.list()
	for errs.more() {
		m.Errors = append(m.Errors, errs.envelopeError())
	}
	for _, r := range []*itemReader{&errs, &inner, &outer} {
		if err := r.end(); err != nil {
			return MessageResponse{}, err
		}
	}
	return m, nil
}

func (r *itemReader) envelopeError() (e EnvelopeError) {
	item := r.list()
	item.fixed(e.Hash[:])
	e.Code = item.uint64()
	e.Text = string(item.bytes())
	if err := item.end(); err != nil {
		r.fail(err)
	}
	return e
}
