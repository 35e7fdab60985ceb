package mailserver_test

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"slices"
	"testing"

	"sotto/node/mailserver"
	"sotto/node/vectortest"
	"sotto/node/whisper"
)

// bin is a byte string in hex.
type bin []byte

func (b *bin) UnmarshalText(text []byte) (err error) {
	*b, err = hex.DecodeString(string(text))
	return err
}

type requestVectors struct {
	Bloom, Cursor       bin
	Limit, Lower, Upper uint32
	Password            string
	SymKey              bin
	Topics              []bin
	Forms               []struct {
		Desc               string
		Payload, RequestID bin
		Envelope           *struct{ RLP, Src bin }
	}
}

// TestVectorMailRequests: requests as deployed clients write them, from the envelope to each field, and back.
func TestVectorMailRequests(t *testing.T) {
	var v requestVectors
	vectortest.Load(t, "whisper.json", "mailRequests", &v)
	opener := whisper.NewSymOpener(whisper.SymKeyOf(v.Password))
	if opener.KeyID() != whisper.NewSymOpener(whisper.SymKey(v.SymKey)).KeyID() || v.Password != mailserver.DefaultPassword {
		t.Error("the password stands for another key")
	}
	want := mailserver.Request{Lower: v.Lower, Upper: v.Upper, Bloom: whisper.Bloom(v.Bloom), Limit: v.Limit}
	topics := []whisper.Topic{whisper.Topic(v.Topics[0]), whisper.Topic(v.Topics[1])}
	cursor, err := mailserver.ParseCursor(v.Cursor)
	if err != nil {
		t.Fatal(err)
	}
	var bloom whisper.Bloom
	for _, topic := range topics {
		bloom.Add(topic)
	}
	if bloom != want.Bloom {
		t.Error("another bloom filter")
	}
	for _, form := range v.Forms {
		t.Run(form.Desc, func(t *testing.T) {
			want, fields := want, fieldsOf(form.Payload)
			want.Batch = fields > 5
			if fields == 7 {
				want.Topics = topics
			}
			switch {
			case bytes.Contains(form.Payload, v.Cursor):
				want.Cursor = &cursor
			case bytes.Contains(form.Payload, []byte{0xc0}):
				want.Upper, want.Limit, want.Topics = 0, 0, nil
			}
			if fields == 0 { // the raw forms, which nothing but go-ethereum's example sends
				if _, err := mailserver.DecodeRequest(form.Payload); err == nil {
					t.Error("accepted")
				}
				return
			}
			got, err := mailserver.DecodeRequest(form.Payload)
			if err != nil {
				t.Fatal(err)
			}
			equalRequest(t, got, want)
			if encoded := encodeAs(want, fields); !bytes.Equal(encoded, form.Payload) {
				t.Errorf("encoded %x, want %x", encoded, form.Payload)
			}
			if form.Envelope == nil {
				return
			}
			e, err := whisper.DecodeEnvelope(form.Envelope.RLP)
			if err != nil {
				t.Fatal(err)
			}
			plain, err := opener.Open(e)
			if err != nil || !bytes.Equal(plain.Payload, form.Payload) || plain.Signer == nil || e.TTL != 50 || e.Topic != (whisper.Topic{}) {
				t.Errorf("opened %x, %v", plain.Payload, err)
			}
			if id := e.Hash(); !bytes.Equal(id[:], form.RequestID) {
				t.Errorf("id %v", id)
			}
		})
	}
}

// TestVectorMailDBKeys: an archive's order is that of the keys of deployed servers, with the topic or without, and a cursor
// is such a key.
func TestVectorMailDBKeys(t *testing.T) {
	var keys []struct {
		Cursor, Key36, Key40 bin
		Envelope             int
	}
	vectortest.Load(t, "whisper.json", "mailDBKeys", &keys)
	var envelopes []struct{ RLP bin }
	vectortest.Load(t, "whisper.json", "envelopes", &envelopes)
	var stored []mailserver.Stored
	for _, k := range keys {
		e, err := whisper.DecodeEnvelope(envelopes[k.Envelope].RLP)
		if err != nil {
			t.Fatal(err)
		}
		s := mailserver.Stored{Sent: e.Sent(), Hash: e.Hash(), Topic: e.Topic}
		stored = append(stored, s)
		c := s.Cursor().Encode()
		if !bytes.Equal(c, k.Cursor) || !bytes.Equal(c, k.Key36) || !bytes.Equal(append(c, s.Topic[:]...), k.Key40) {
			t.Errorf("cursor %x, want %x", c, k.Cursor)
		}
		if got, err := mailserver.ParseCursor(k.Cursor); err != nil || got != s.Cursor() {
			t.Errorf("read %v, %v", got, err)
		}
	}
	for i := range stored {
		for j := range stored {
			ours := stored[i].Cursor().Compare(stored[j].Cursor())
			if ours != bytes.Compare(keys[i].Key40, keys[j].Key40) || ours != bytes.Compare(keys[i].Key36, keys[j].Key36) {
				t.Errorf("%d and %d are in another order", i, j)
			}
		}
	}
}

func equalRequest(t *testing.T, got, want mailserver.Request) {
	t.Helper()
	if got.Lower != want.Lower || got.Upper != want.Upper || got.Bloom != want.Bloom || got.Limit != want.Limit ||
		got.Batch != want.Batch || !slices.Equal(got.Topics, want.Topics) || (got.Cursor == nil) != (want.Cursor == nil) ||
		got.Cursor != nil && *got.Cursor != *want.Cursor {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// A request of our client opens with the default password and says what was asked for.
func TestEncodedRequestOpens(t *testing.T) {
	key := passwordKey()
	q := mailserver.Request{Lower: 1, Upper: 2, Topics: []whisper.Topic{topicA}, Limit: 3, Cursor: &mailserver.Cursor{Sent: 1}, Batch: true}
	e, err := whisper.Seal(t.Context(), rand.Reader, rigTime, whisper.SealParams{SymKey: &key, Payload: mailserver.EncodeRequest(q)})
	if err != nil {
		t.Fatal(err)
	}
	plain, err := whisper.NewSymOpener(key).Open(e)
	if err != nil {
		t.Fatal(err)
	}
	got, err := mailserver.DecodeRequest(plain.Payload)
	if err != nil {
		t.Fatal(err)
	}
	equalRequest(t, got, q)
}
