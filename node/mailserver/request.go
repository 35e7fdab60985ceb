package mailserver

import (
	"errors"
	"fmt"

	"github.com/ethereum/go-ethereum/rlp"

	"sotto/node/whisper"
)

const (
	// DefaultPassword is what requests are encrypted with where nobody chose another: every client knows it.
	DefaultPassword = "status-offline-inbox"
	// MaxLimit is how many envelopes one request may ask for, and how many it gets that names no number.
	MaxLimit = 1000
	// MaxTopics bounds the topics of one request.
	MaxTopics = 10_000
	// lookAhead is how many seconds after now a range ends that names no end.
	lookAhead = 60
)

// ErrRequest says that bytes are no request, or that one asks for what no server gives. It comes wrapped with what is wrong.
var ErrRequest = errors.New("request is invalid")

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrRequest, fmt.Sprintf(format, args...))
}

// Request is what a client asks a mailserver for (Status spec 4/WHISPER-MAILSERVER): envelopes sent from Lower to Upper,
// both included, on Topics, or, where there are none, on those that Bloom lets through.
type Request struct {
	Lower, Upper uint32 // Unix seconds; Upper 0: up to now and a minute more
	Bloom        whisper.Bloom
	Topics       []whisper.Topic
	Limit        uint32  // envelopes; 0: MaxLimit
	Cursor       *Cursor // nil: from the beginning
	Batch        bool    // several envelopes may come in one packet 127
}

// fields7 is a request as status-go writes it from v0.39.10 on.
type fields7 struct {
	Lower, Upper uint32
	Bloom        whisper.Bloom
	Topics       []whisper.Topic
	Limit        uint32
	Cursor       []byte
	Batch        bool
}

// fields6 is one of October 2018 to January 2020.
type fields6 struct {
	Lower, Upper uint32
	Bloom        whisper.Bloom
	Limit        uint32
	Cursor       []byte
	Batch        bool
}

// fields5 is what the specification shows, which no release of status-go sends.
type fields5 struct {
	Lower, Upper uint32
	Bloom        whisper.Bloom
	Limit        uint32
	Cursor       []byte
}

// EncodeRequest is the RLP of a request in the form of seven fields.
func EncodeRequest(q Request) []byte {
	f := fields7{Lower: q.Lower, Upper: q.Upper, Bloom: q.Bloom, Topics: q.Topics, Limit: q.Limit, Batch: q.Batch}
	if q.Cursor != nil {
		f.Cursor = q.Cursor.Encode()
	}
	b, err := rlp.EncodeToBytes(&f)
	if err != nil {
		panic(err) // integers and bytes always encode
	}
	return b
}

// DecodeRequest reads a request of seven, six or five fields. Other forms, other lengths of bloom filter, topic or cursor,
// and more than MaxTopics topics are ErrRequest.
func DecodeRequest(payload []byte) (Request, error) {
	content, rest, err := rlp.SplitList(payload)
	if err != nil || len(rest) > 0 {
		return Request{}, invalid("not one list")
	}
	count, err := rlp.CountValues(content)
	if err != nil {
		return Request{}, invalid("not a list of fields")
	}
	var f fields7
	switch count {
	case 7:
		if err = checkTopics(content); err == nil {
			err = rlp.DecodeBytes(payload, &f)
		}
	case 6:
		var old fields6
		err = rlp.DecodeBytes(payload, &old)
		f = fields7{old.Lower, old.Upper, old.Bloom, nil, old.Limit, old.Cursor, old.Batch}
	case 5:
		var old fields5
		err = rlp.DecodeBytes(payload, &old)
		f = fields7{old.Lower, old.Upper, old.Bloom, nil, old.Limit, old.Cursor, false}
	default:
		return Request{}, invalid("%d fields", count)
	}
	if err != nil {
		return Request{}, invalid("fields do not decode")
	}
	return f.request()
}

// checkTopics bounds the list of topics, the fourth field, before memory is made for it.
func checkTopics(fields []byte) error {
	for range 3 {
		_, _, rest, err := rlp.Split(fields)
		if err != nil {
			return err
		}
		fields = rest
	}
	topics, _, err := rlp.SplitList(fields)
	if err == nil && len(topics) > MaxTopics*(1+whisper.TopicLength) {
		return errors.New("too many topics")
	}
	return err
}

func (f *fields7) request() (Request, error) {
	q := Request{Lower: f.Lower, Upper: f.Upper, Bloom: f.Bloom, Topics: f.Topics, Limit: f.Limit, Batch: f.Batch}
	return q.withCursor(f.Cursor)
}

func (q Request) withCursor(cursor []byte) (Request, error) {
	if len(cursor) == 0 {
		return q, nil
	}
	c, err := ParseCursor(cursor)
	if err != nil {
		return Request{}, invalid("cursor of %d bytes", len(cursor))
	}
	q.Cursor = &c
	return q, nil
}

// openRequest is a request that came in the open.
func openRequest(o *whisper.OpenRequest) (Request, error) {
	q := Request{Lower: o.From, Upper: o.To, Bloom: o.Bloom, Limit: o.Limit, Batch: true}
	return q.withCursor(o.Cursor)
}

// checked fills in what a request leaves to the server, and refuses what no server gives. now is in Unix seconds.
func (q Request) checked(now uint32) (Request, error) {
	if q.Limit == 0 {
		q.Limit = MaxLimit
	}
	if q.Upper == 0 {
		q.Upper = now + lookAhead
	}
	switch {
	case q.Limit > MaxLimit:
		return Request{}, invalid("limit is above %d", MaxLimit)
	case q.Lower > q.Upper:
		return Request{}, invalid("it ends before it begins")
	}
	return q, nil
}
