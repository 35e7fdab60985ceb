package whisper

import (
	"bytes"
	"errors"
	"testing"
)

// completion wraps a flat answer of n bytes.
func completion(flat []byte) []byte {
	return append([]byte{0xb8, byte(len(flat))}, flat...)
}

func TestRequestCompleteLengths(t *testing.T) {
	for n := 56; n <= 130; n++ {
		c, err := DecodeRequestComplete(completion(bytes.Repeat([]byte{7}, n)))
		if (err == nil) != (n <= 100) {
			t.Errorf("%d bytes: %v", n, err)
		}
		if err == nil && ((c.Last != Hash{}) != (n >= 64) || (c.Cursor != nil) != (n == 100)) {
			t.Errorf("%d bytes: %+v", n, c)
		}
	}
	for n := range 32 {
		if _, err := DecodeRequestComplete(append([]byte{0x80 + byte(n)}, bytes.Repeat([]byte{0x81}, n)...)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

// TestFailureWithoutText still is a failure; one without the request is nothing.
func TestFailureWithoutText(t *testing.T) {
	c, err := DecodeRequestComplete(EncodeRequestComplete(RequestComplete{ID: Hash{5}, Failure: ptr("")}))
	if err != nil || c.Failure == nil || *c.Failure != "" || c.ID != (Hash{5}) {
		t.Errorf("got %+v, %v", c, err)
	}
	if _, err := DecodeRequestComplete(append([]byte{0x86}, failurePrefix...)); !errors.Is(err, ErrMalformed) {
		t.Errorf("got %v", err)
	}
}

func TestOpenRequestCursor(t *testing.T) {
	for n, want := range map[int]bool{0: true, 35: false, 36: true, 37: false} {
		q := Request{Open: &OpenRequest{ID: Hash{1}, From: 1, To: 2, Limit: 3, Cursor: bytes.Repeat([]byte{0x90}, n), Bloom: FullBloom()}}
		got, err := DecodeRequest(EncodeRequest(q))
		if (err == nil) != want {
			t.Errorf("cursor of %d bytes: %v", n, err)
		}
		if want && (got.Open == nil || got.Open.To != 2 || len(got.Open.Cursor) != n) {
			t.Errorf("got %+v", got.Open)
		}
	}
}

func TestRequestFormsAreToldApart(t *testing.T) {
	got, err := DecodeRequest(raw(1))
	if err != nil || got.Open != nil {
		t.Fatalf("got %+v, %v", got, err)
	}
	equal(t, "envelope", got.Envelope, raw(1))
	for name, b := range map[string][]byte{"nothing": {}, "empty": {0xc0}, "lists": EncodeMessages([][]byte{raw(1)}), "string": {0x80}} {
		if _, err := DecodeRequest(b); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSyncRoundTrip(t *testing.T) {
	cursor := bytes.Repeat([]byte{0x90}, cursorLength)
	q := SyncRequest{Lower: 1, Upper: 2, Bloom: TopicOf("a").Bloom(), Limit: 3, Cursor: cursor}
	gotQ, err := DecodeSyncRequest(EncodeSyncRequest(q))
	if err != nil || gotQ.Upper != 2 || gotQ.Bloom != q.Bloom || !bytes.Equal(gotQ.Cursor, cursor) {
		t.Errorf("got %+v, %v", gotQ, err)
	}
	s := SyncResponse{Envelopes: [][]byte{raw(1), raw(2)}, Cursor: cursor, Final: true, Failure: "none"}
	gotS, err := DecodeSyncResponse(EncodeSyncResponse(s))
	if err != nil || !gotS.Final || gotS.Failure != "none" {
		t.Errorf("got %+v, %v", gotS, err)
	}
	equalRaws(t, gotS.Envelopes, s.Envelopes)
}
