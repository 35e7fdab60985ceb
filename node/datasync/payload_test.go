package datasync_test

import (
	"bytes"
	"reflect"
	"slices"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"pgregory.net/rapid"

	"sotto/node/datasync"
	"sotto/node/vectortest"
)

func TestDecodePayloadRefusals(t *testing.T) {
	id := make([]byte, 32)
	message := func(group []byte) []byte { return field(nil, 5004, field(nil, 6001, group)) }
	for name, c := range map[string]struct {
		raw  []byte
		want datasync.Reason
	}{
		"nothing":             {nil, datasync.ReasonNotDatasync},
		"application message": {field(field(nil, 1, make([]byte, 65)), 2, []byte("p")), datasync.ReasonNotDatasync},
		"message of 2019":     {[]byte(`["~#c5",[]]`), datasync.ReasonNotDatasync},
		"later version":       {field(nil, 1, id), datasync.ReasonNotDatasync},
		"field next door":     {field(nil, 5005, id), datasync.ReasonNotDatasync},
		"ack of another type": {protowire.AppendVarint(protowire.AppendTag(nil, 5001, protowire.VarintType), 1), datasync.ReasonNotDatasync},
		"noise":               {[]byte{0xff, 0xff}, datasync.ReasonMalformed},
		"cut":                 {field(nil, 5001, id)[:20], datasync.ReasonMalformed},
		"damaged message":     {field(nil, 5004, []byte{0xff}), datasync.ReasonMalformed},
		"no group":            {field(nil, 5004, nil), datasync.ReasonGroup},
		"short group":         {message(id[:31]), datasync.ReasonGroup},
		"long group":          {message(make([]byte, 33)), datasync.ReasonGroup},
		"acks":                {bytes.Repeat(field(nil, 5001, id), datasync.MaxIDs+1), datasync.ReasonTooMany},
		"offers":              {bytes.Repeat(field(nil, 5002, id), datasync.MaxIDs+1), datasync.ReasonTooMany},
		"requests":            {bytes.Repeat(field(nil, 5003, id), datasync.MaxIDs+1), datasync.ReasonTooMany},
		"messages":            {bytes.Repeat(message(id), datasync.MaxMessages+1), datasync.ReasonTooMany},
		"giant":               {make([]byte, datasync.MaxPayload+1), datasync.ReasonOversized},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := datasync.DecodePayload(c.raw); datasync.ReasonOf(err) != c.want {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestDecodePayloadAtTheBounds(t *testing.T) {
	id := make([]byte, 32)
	raw := bytes.Repeat(field(nil, 5001, id), datasync.MaxIDs)
	raw = append(raw, bytes.Repeat(field(nil, 5004, field(nil, 6001, id)), datasync.MaxMessages)...)
	raw = field(raw, 9000, make([]byte, datasync.MaxPayload-len(raw)-7)) // a field of a later time
	if len(raw) < datasync.MaxPayload-2 || len(raw) > datasync.MaxPayload {
		t.Fatalf("%d bytes", len(raw))
	}
	p, err := datasync.DecodePayload(raw)
	if err != nil || len(p.Acks) != datasync.MaxIDs || len(p.Messages) != datasync.MaxMessages {
		t.Errorf("read %d, %d, %v", len(p.Acks), len(p.Messages), err)
	}
}

// An id of a wrong length is left out, whatever is beside it; a payload that had only such ids is an empty one.
func TestDecodePayloadSkipsBadIDs(t *testing.T) {
	good := bytes.Repeat([]byte{7}, 32)
	raw := field(field(field(nil, 5001, good[:31]), 5001, good), 5001, nil)
	p, err := datasync.DecodePayload(raw)
	if err != nil || !slices.Equal(p.Acks, []datasync.ID{datasync.ID(good)}) {
		t.Errorf("read %v, %v", p.Acks, err)
	}
	if p, err = datasync.DecodePayload(field(nil, 5002, good[:1])); err != nil || len(p.Offers) != 0 {
		t.Errorf("read %+v, %v", p, err)
	}
}

func TestEncodeRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		p    datasync.Payload
		want datasync.Reason
	}{
		"nothing":  {datasync.Payload{}, datasync.ReasonNotDatasync},
		"acks":     {datasync.Payload{Acks: make([]datasync.ID, datasync.MaxIDs+1)}, datasync.ReasonTooMany},
		"messages": {datasync.Payload{Messages: make([]datasync.Message, datasync.MaxMessages+1)}, datasync.ReasonTooMany},
		"giant":    {datasync.Payload{Messages: []datasync.Message{{Body: make([]byte, datasync.MaxPayload)}}}, datasync.ReasonOversized},
	} {
		if _, err := c.p.Encode(); datasync.ReasonOf(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPayloadRoundTrip(t *testing.T) {
	ids := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) (id datasync.ID) {
		copy(id[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "id"))
		return id
	}), 0, 5)
	messages := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) (m datasync.Message) {
		copy(m.Group[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "group"))
		m.Timestamp = rapid.Int64().Draw(t, "timestamp")
		m.Body = rapid.SliceOfN(rapid.Byte(), 1, 100).Draw(t, "body")
		return m
	}), 1, 5)
	rapid.Check(t, func(t *rapid.T) {
		p := datasync.Payload{Acks: ids.Draw(t, "acks"), Offers: ids.Draw(t, "offers"), Requests: ids.Draw(t, "requests"), Messages: messages.Draw(t, "messages")}
		raw, err := p.Encode()
		if err != nil {
			t.Fatal(err)
		}
		back, err := datasync.DecodePayload(raw)
		if err != nil || !samePayload(p, back) {
			t.Fatalf("wrote %+v, read %+v, %v", p, back, err)
		}
	})
}

// samePayload compares payloads; an empty list is as good as none.
func samePayload(a, b datasync.Payload) bool {
	return slices.Equal(a.Acks, b.Acks) && slices.Equal(a.Offers, b.Offers) && slices.Equal(a.Requests, b.Requests) &&
		slices.EqualFunc(a.Messages, b.Messages, func(a, b datasync.Message) bool {
			return a.Group == b.Group && a.Timestamp == b.Timestamp && bytes.Equal(a.Body, b.Body)
		})
}

// What is read is within the bounds, and the same after writing and reading it again.
func FuzzDecodePayload(f *testing.F) {
	var payloads []recordedPayload
	vectortest.Load(f, "mvds.json", "payloads", &payloads)
	for _, p := range payloads {
		f.Add(unhex(f, p.Protobuf))
	}
	var recorded []recordedMessage
	vectortest.Load(f, "mvds.json", "messages", &recorded)
	for _, m := range recorded {
		f.Add(field(nil, 5004, unhex(f, m.Protobuf)))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := datasync.DecodePayload(raw)
		if err != nil {
			if datasync.ReasonOf(err) == "" {
				t.Errorf("refused without a reason: %v", err)
			}
			return
		}
		if reflect.DeepEqual(p, datasync.Payload{}) {
			return // nothing but ids of a wrong length
		}
		encoded, err := p.Encode()
		if datasync.ReasonOf(err) == datasync.ReasonOversized && len(raw) > datasync.MaxPayload/2 {
			return // short forms that are not ours
		}
		if err != nil {
			t.Fatalf("accepted %+v and cannot write it: %v", p, err)
		}
		if back, err := datasync.DecodePayload(encoded); err != nil || !samePayload(p, back) {
			t.Errorf("read %+v, then %+v, %v", p, back, err)
		}
	})
}

// benchPayload is what an active conversation sends: a text of 500 bytes.
func benchPayload() datasync.Payload {
	return datasync.Payload{Messages: []datasync.Message{datasync.New(alice, bob, make([]byte, 500), start)}, Acks: make([]datasync.ID, 2)}
}

func BenchmarkEncode(b *testing.B) {
	p := benchPayload()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Encode(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	raw, err := benchPayload().Encode()
	must(b, err)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := datasync.DecodePayload(raw); err != nil {
			b.Fatal(err)
		}
	}
}

// A megabyte of empty messages is refused before any of them is held.
func BenchmarkDecodeHostile(b *testing.B) {
	empty := field(nil, 5004, nil)
	raw := bytes.Repeat(empty, datasync.MaxPayload/len(empty))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := datasync.DecodePayload(raw); datasync.ReasonOf(err) != datasync.ReasonTooMany {
			b.Fatal(err)
		}
	}
}

func BenchmarkID(b *testing.B) {
	m := benchPayload().Messages[0]
	b.ReportAllocs()
	for b.Loop() {
		m.ID()
	}
}
