package whisper

import (
	"bytes"
	"errors"

	"github.com/ethereum/go-ethereum/rlp"
)

// cursorLength is the length of a mailserver's cursor: sent time (4 bytes, big endian) and envelope hash.
const cursorLength = 4 + len(Hash{})

// failurePrefix begins a packet 125 that tells of a failure.
var failurePrefix = []byte("ERROR=")

var errCursor = errors.New("a cursor is empty or 36 bytes")

// EncodeDirect packs the RLP of envelopes into the payload of packet 127 the way Status nodes do: one bare, any
// other number as a list. go-ethereum's nodes take one only (Status spec 4/WHISPER-MAILSERVER).
func EncodeDirect(raws [][]byte) []byte {
	if len(raws) == 1 {
		return bytes.Clone(raws[0])
	}
	return EncodeMessages(raws)
}

// SplitDirect calls each with the RLP of every envelope in the payload of packet 127 in either form: a list of
// envelopes or a single one. See [SplitMessages].
func SplitDirect(payload []byte, each func(raw []byte) error) error {
	r, err := readList(payload)
	if err != nil {
		return err
	}
	if isString(r.rest) {
		return each(payload)
	}
	return splitRaws(r, each)
}

// OpenRequest asks a mailserver for history in the open, encrypted by nothing but the line to it. From and To are
// Unix seconds; Cursor continues an earlier answer.
type OpenRequest struct {
	ID              Hash
	From, To, Limit uint32
	Cursor          []byte
	Bloom           Bloom
}

// Request is packet 126: either the RLP of an envelope that holds the request (Status spec 4/WHISPER-MAILSERVER) or
// a request in the open, as Status nodes send.
type Request struct {
	Envelope []byte
	Open     *OpenRequest
}

// EncodeRequest is the payload of packet 126.
func EncodeRequest(q Request) []byte {
	if q.Open == nil {
		return bytes.Clone(q.Envelope)
	}
	return encodeList(func(w rlp.EncoderBuffer) {
		w.WriteBytes(q.Open.ID[:])
		w.WriteUint64(uint64(q.Open.From))
		w.WriteUint64(uint64(q.Open.To))
		w.WriteUint64(uint64(q.Open.Limit))
		w.WriteBytes(q.Open.Cursor)
		w.WriteBytes(q.Open.Bloom[:])
	})
}

// DecodeRequest reads the payload of packet 126. The first item tells the forms apart: an open request begins with
// 32 bytes, which no envelope does. An envelope is handed on undecoded. The result shares memory with payload.
func DecodeRequest(payload []byte) (Request, error) {
	r, err := readList(payload)
	if err != nil {
		return Request{}, err
	}
	first := r
	id := first.bytes()
	if first.err != nil {
		return Request{}, first.err
	}
	if len(id) != len(Hash{}) {
		return Request{Envelope: payload}, nil
	}
	q := new(OpenRequest)
	r.fixed(q.ID[:])
	q.From, q.To, q.Limit = r.uint32(), r.uint32(), r.uint32()
	q.Cursor = r.cursor()
	r.fixed(q.Bloom[:])
	if err := r.end(); err != nil {
		return Request{}, err
	}
	return Request{Open: q}, nil
}

func (r *itemReader) cursor() []byte {
	c := r.bytes()
	if len(c) != 0 && len(c) != cursorLength {
		r.fail(errCursor)
		return nil
	}
	return c
}

// RequestComplete is packet 125: a mailserver has answered the request that ID names. Last is the last envelope's
// hash, zero when there was none; Cursor is set when there may be more. A Failure says that the request failed, and
// the other two are unset then.
type RequestComplete struct {
	ID      Hash
	Last    Hash
	Cursor  []byte
	Failure *string
}

// EncodeRequestComplete is the payload of packet 125: one flat string, not the list that Status spec
// 4/WHISPER-MAILSERVER shows.
func EncodeRequestComplete(c RequestComplete) []byte {
	var flat []byte
	if c.Failure != nil {
		flat = append(append(append(flat, failurePrefix...), c.ID[:]...), *c.Failure...)
	} else {
		flat = append(append(append(flat, c.ID[:]...), c.Last[:]...), c.Cursor...)
	}
	return encode(func(w rlp.EncoderBuffer) { w.WriteBytes(flat) })
}

// DecodeRequestComplete reads the payload of packet 125. On success 32 to 100 bytes are legal, of which the hash
// counts from 64 on and the cursor with 100 only. The result shares memory with payload.
func DecodeRequestComplete(payload []byte) (c RequestComplete, err error) {
	flat, err := readString(payload)
	if err != nil {
		return c, err
	}
	if text, failed := bytes.CutPrefix(flat, failurePrefix); failed {
		if len(text) < len(c.ID) {
			return c, malformed("failure without request")
		}
		failure := string(text[copy(c.ID[:], text):])
		c.Failure = &failure
		return c, nil
	}
	const withLast, withCursor = 2 * len(Hash{}), 2*len(Hash{}) + cursorLength
	if len(flat) < len(c.ID) || len(flat) > withCursor {
		return c, malformed("completion of %d bytes", len(flat))
	}
	rest := flat[copy(c.ID[:], flat):]
	if len(flat) >= withLast {
		rest = rest[copy(c.Last[:], rest):]
	}
	if len(flat) == withCursor {
		c.Cursor = rest
	}
	return c, nil
}
