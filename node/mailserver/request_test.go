package mailserver_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/rlp"

	"sotto/node/mailserver"
	"sotto/node/whisper"
)

var rigTime = time.Unix(1590000005, 0)

// fieldsOf counts the fields of a list; 0 for what is none.
func fieldsOf(payload []byte) int {
	content, rest, err := rlp.SplitList(payload)
	if err != nil || len(rest) > 0 {
		return 0
	}
	n, err := rlp.CountValues(content)
	if err != nil {
		return 0
	}
	return n
}

// encodeAs writes a request with so many fields.
func encodeAs(q mailserver.Request, fields int) []byte {
	cursor := []byte{}
	if q.Cursor != nil {
		cursor = q.Cursor.Encode()
	}
	list := []any{q.Lower, q.Upper, q.Bloom[:], q.Topics, q.Limit, cursor, q.Batch}
	switch fields {
	case 7:
		return mailserver.EncodeRequest(q)
	case 6:
		list = append(list[:3:3], list[4:]...)
	case 5:
		list = append(list[:3:3], list[4:6]...)
	}
	b, err := rlp.EncodeToBytes(list)
	if err != nil {
		panic(err)
	}
	return b
}

func TestDecodeRequestRefusals(t *testing.T) {
	bloom := whisper.FullBloom()
	many := make([]whisper.Topic, mailserver.MaxTopics+1)
	for name, list := range map[string][]any{
		"four fields":        {1, 2, bloom[:], 3},
		"eight fields":       {1, 2, bloom[:], []whisper.Topic{}, 3, "", true, true},
		"short bloom":        {1, 2, bloom[:63], 3, "", true},
		"no bloom":           {1, 2, "", 3, "", true},
		"short topic":        {1, 2, bloom[:], [][]byte{{1, 2, 3}}, 3, "", true},
		"too many topics":    {1, 2, bloom[:], many, 3, "", true},
		"cursor of 35 bytes": {1, 2, bloom[:], 3, make([]byte, 35), true},
		"limit of 33 bits":   {1, 2, bloom[:], uint64(1) << 32, "", true},
		"batch of 2":         {1, 2, bloom[:], 3, "", 2},
	} {
		for i, item := range list {
			if n, ok := item.(int); ok {
				list[i] = uint(n)
			}
		}
		b, err := rlp.EncodeToBytes(list)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := mailserver.DecodeRequest(b); !errors.Is(err, mailserver.ErrRequest) {
			t.Errorf("%s: %v", name, err)
		}
	}
	at := mailserver.EncodeRequest(mailserver.Request{Topics: many[1:]})
	if q, err := mailserver.DecodeRequest(at); err != nil || len(q.Topics) != mailserver.MaxTopics {
		t.Errorf("the most topics: %v", err)
	}
}

func FuzzDecodeRequest(f *testing.F) {
	q := mailserver.Request{Lower: 1, Upper: 2, Topics: []whisper.Topic{topicA}, Limit: 3, Cursor: &mailserver.Cursor{Sent: 1}, Batch: true}
	for fields := 5; fields <= 7; fields++ {
		f.Add(encodeAs(q, fields))
		f.Add(encodeAs(mailserver.Request{}, fields))
	}
	f.Add([]byte{0xc0})
	f.Fuzz(func(t *testing.T, b []byte) {
		q, err := mailserver.DecodeRequest(b)
		if err != nil {
			return
		}
		if len(q.Topics) > mailserver.MaxTopics {
			t.Errorf("%d topics", len(q.Topics))
		}
		if again := encodeAs(q, fieldsOf(b)); !bytes.Equal(again, b) {
			t.Errorf("accepted %x, writes %x", b, again)
		}
	})
}

func FuzzParseCursor(f *testing.F) {
	f.Add(mailserver.Cursor{Sent: 7, Hash: whisper.Hash{1}}.Encode())
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		if c, err := mailserver.ParseCursor(b); err == nil && !bytes.Equal(c.Encode(), b) {
			t.Errorf("accepted %x, writes %x", b, c.Encode())
		}
	})
}
