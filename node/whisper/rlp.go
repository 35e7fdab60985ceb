package whisper

import (
	"errors"
	"fmt"

	"github.com/ethereum/go-ethereum/rlp"
)

// ErrMalformed says that bytes from a peer are not what their packet or place asks for. It comes wrapped with what
// is wrong; it never quotes the bytes.
var ErrMalformed = errors.New("whisper: malformed")

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, args...))
}

// encode returns what write writes.
func encode(write func(w rlp.EncoderBuffer)) []byte {
	return appendEncoded(nil, write)
}

// encodeList puts a list around it.
func encodeList(write func(w rlp.EncoderBuffer)) []byte {
	return encode(func(w rlp.EncoderBuffer) { writeList(w, write) })
}

func appendEncoded(dst []byte, write func(w rlp.EncoderBuffer)) []byte {
	w := rlp.NewEncoderBuffer(nil)
	write(w)
	dst = w.AppendToBytes(dst)
	_ = w.Flush() // gives the buffer back; there is no writer behind it that could fail
	return dst
}

func writeList(w rlp.EncoderBuffer, items func(w rlp.EncoderBuffer)) {
	list := w.List()
	items(w)
	w.ListEnd(list)
}

// itemReader takes the items of one RLP list in order, without copying. The first error stays and makes all later
// reads return zeros, so that callers look once, at the end.
type itemReader struct {
	rest []byte
	err  error
}

// readList opens b, which must be one list and nothing more.
func readList(b []byte) (itemReader, error) {
	content, rest, err := rlp.SplitList(b)
	if err != nil {
		return itemReader{}, malformed("%v", err)
	}
	if len(rest) > 0 {
		return itemReader{}, malformed("bytes after the end")
	}
	return itemReader{rest: content}, nil
}

// readString opens b, which must be one string and nothing more.
func readString(b []byte) ([]byte, error) {
	content, rest, err := rlp.SplitString(b)
	if err != nil {
		return nil, malformed("%v", err)
	}
	if len(rest) > 0 {
		return nil, malformed("bytes after the end")
	}
	return content, nil
}

// isString tells whether b begins with a string and not with a list.
func isString(b []byte) bool { return len(b) > 0 && b[0] < 0xc0 }

func (r *itemReader) fail(err error) {
	if r.err == nil {
		r.err = malformed("%v", err)
	}
	r.rest = nil
}

// more tells whether another item is there to be read.
func (r *itemReader) more() bool { return r.err == nil && len(r.rest) > 0 }

func (r *itemReader) bytes() []byte {
	content, rest, err := rlp.SplitString(r.rest)
	if err != nil {
		r.fail(err)
		return nil
	}
	r.rest = rest
	return content
}

// fixed reads a string of exactly len(dst) bytes.
func (r *itemReader) fixed(dst []byte) {
	b := r.bytes()
	if r.err == nil && len(b) != len(dst) {
		r.fail(fmt.Errorf("%d bytes where %d belong", len(b), len(dst)))
		return
	}
	copy(dst, b)
}

func (r *itemReader) uint64() uint64 {
	v, rest, err := rlp.SplitUint64(r.rest)
	if err != nil {
		r.fail(err)
		return 0
	}
	r.rest = rest
	return v
}

func (r *itemReader) uint32() uint32 {
	v := r.uint64()
	if v > 1<<32-1 {
		r.fail(errors.New("integer over 32 bits"))
		return 0
	}
	return uint32(v)
}

func (r *itemReader) bool() bool {
	v := r.uint64()
	if v > 1 {
		r.fail(errors.New("neither true nor false"))
	}
	return v == 1
}

// list reads a list and returns a reader of its items.
func (r *itemReader) list() itemReader {
	content, rest, err := rlp.SplitList(r.rest)
	if err != nil {
		r.fail(err)
		return itemReader{err: r.err}
	}
	r.rest = rest
	return itemReader{rest: content}
}

// raw reads one item of any kind and returns it with its header.
func (r *itemReader) raw() []byte {
	_, _, rest, err := rlp.Split(r.rest)
	if err != nil {
		r.fail(err)
		return nil
	}
	item := r.rest[: len(r.rest)-len(rest) : len(r.rest)-len(rest)]
	r.rest = rest
	return item
}

// end is the reader's first error, or one about items that nobody read.
func (r *itemReader) end() error {
	if r.err == nil && len(r.rest) > 0 {
		r.err = malformed("too many items")
	}
	return r.err
}
