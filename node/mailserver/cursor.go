package mailserver

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"

	"sotto/node/whisper"
)

// CursorLength is the length of an encoded cursor.
const CursorLength = 4 + len(whisper.Hash{})

// ErrCursor says that bytes are no cursor.
var ErrCursor = errors.New("mailserver: not a cursor")

// Cursor is a place in an archive's order: behind the envelope with this sent time and hash.
type Cursor struct {
	Sent uint32 // Unix seconds
	Hash whisper.Hash
}

// Encode is the cursor as it travels: sent time (4 bytes, big endian), then the hash.
func (c Cursor) Encode() []byte {
	return append(binary.BigEndian.AppendUint32(nil, c.Sent), c.Hash[:]...)
}

// ParseCursor reads what Encode wrote.
func ParseCursor(b []byte) (c Cursor, err error) {
	if len(b) != CursorLength {
		return c, ErrCursor
	}
	c.Sent = binary.BigEndian.Uint32(b)
	copy(c.Hash[:], b[4:])
	return c, nil
}

// Compare is the archive's order: by sent time, ties by hash.
func (c Cursor) Compare(d Cursor) int {
	return cmp.Or(cmp.Compare(c.Sent, d.Sent), bytes.Compare(c.Hash[:], d.Hash[:]))
}

// Cursor is the place behind an envelope.
func (s Stored) Cursor() Cursor { return Cursor{Sent: s.Sent, Hash: s.Hash} }
