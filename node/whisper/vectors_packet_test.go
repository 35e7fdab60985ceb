package whisper

import (
	"fmt"
	"strings"
	"testing"
)

type packetCase struct {
	Code                                          int
	Desc                                          string
	Payload                                       hexBytes
	Envelopes                                     []int
	BatchHash, RequestID, LastEnvelopeHash, Bloom hexBytes
	Cursor, ID                                    hexBytes
	Errors                                        []struct {
		Code        uint64
		Description string
		Hash        hexBytes
	}
	Error                         string
	PoW                           float64
	IP, Peer, Topic               uint64
	From, To, Lower, Upper, Limit uint32
	Final                         bool
}

// raws are the envelopes that the case names.
func (c packetCase) raws(t *testing.T) (raws [][]byte) {
	t.Helper()
	all := load[[]envelopeCase](t, "envelopes")
	for _, i := range c.Envelopes {
		raws = append(raws, all[i].RLP)
	}
	return raws
}

// collect runs a Split function.
func collect(t testing.TB, split func([]byte, func([]byte) error) error, payload []byte) (raws [][]byte) {
	t.Helper()
	if err := split(payload, func(raw []byte) error { raws = append(raws, raw); return nil }); err != nil {
		t.Fatal(err)
	}
	return raws
}

func equalRaws(t testing.TB, got, want [][]byte) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d envelopes, want %d", len(got), len(want))
	}
	for i := range got {
		equal(t, fmt.Sprintf("envelope %d", i), got[i], want[i])
	}
}

func TestVectorPackets(t *testing.T) {
	checks := map[int]func(*testing.T, packetCase){
		CodeMessages: checkMessages, CodePoW: checkPoW, CodeBatchAck: checkBatchAck,
		CodeMessageResponse: checkMessageResponse, CodeRateLimits: checkRateLimits,
		CodeSyncRequest: checkSyncRequest, CodeSyncResponse: checkSyncResponse,
		CodeRequestComplete: checkRequestComplete, CodeRequest: checkRequest, CodeDirect: checkDirect,
	}
	name := func(c packetCase) string { return fmt.Sprintf("%d %s", c.Code, c.Desc) }
	each(t, "packets", name, func(t *testing.T, c packetCase) {
		check := checks[c.Code]
		if check == nil {
			t.Fatalf("no check for packet %d", c.Code)
		}
		check(t, c)
	})
}

func checkMessages(t *testing.T, c packetCase) {
	raws := collect(t, SplitMessages, c.Payload)
	if c.Envelopes != nil {
		equalRaws(t, raws, c.raws(t))
	}
	for _, raw := range raws {
		if _, err := DecodeEnvelope(raw); err != nil {
			t.Error(err)
		}
	}
	equal(t, "encoded again", EncodeMessages(raws), c.Payload)
}

func checkPoW(t *testing.T, c packetCase) {
	got, err := DecodePoW(c.Payload)
	if err != nil || got != c.PoW {
		t.Errorf("got %v (%v), want %v", got, err, c.PoW)
	}
	equal(t, "encoded", EncodePoW(c.PoW), c.Payload)
}

func checkBatchAck(t *testing.T, c packetCase) {
	h, err := DecodeBatchAck(c.Payload)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "batch", h[:], c.BatchHash)
	equal(t, "encoded", EncodeBatchAck(h), c.Payload)
	packets := load[[]packetCase](t, "packets")
	of := HashOf(packets[0].Payload)
	equal(t, "hash of the batch", of[:], c.BatchHash)
}

func checkMessageResponse(t *testing.T, c packetCase) {
	m, err := DecodeMessageResponse(c.Payload)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "batch", m.Batch[:], c.BatchHash)
	if len(m.Errors) != len(c.Errors) {
		t.Fatalf("%d errors, want %d", len(m.Errors), len(c.Errors))
	}
	for i, want := range c.Errors {
		got := m.Errors[i]
		equal(t, "envelope", got.Hash[:], want.Hash)
		if got.Code != want.Code || got.Text != want.Description {
			t.Errorf("got %d %q, want %d %q", got.Code, got.Text, want.Code, want.Description)
		}
	}
	equal(t, "encoded", EncodeMessageResponse(m), c.Payload)
}

func checkRateLimits(t *testing.T, c packetCase) {
	want := RateLimits{IP: c.IP, Peer: c.Peer, Topic: c.Topic}
	if got, err := DecodeRateLimits(c.Payload); err != nil || got != want {
		t.Errorf("got %v (%v), want %v", got, err, want)
	}
	equal(t, "encoded", EncodeRateLimits(want), c.Payload)
}

func checkDirect(t *testing.T, c packetCase) {
	equalRaws(t, collect(t, SplitDirect, c.Payload), c.raws(t))
	equal(t, "encoded", EncodeDirect(c.raws(t)), c.Payload)
}

func checkRequest(t *testing.T, c packetCase) {
	q, err := DecodeRequest(c.Payload)
	if err != nil {
		t.Fatal(err)
	}
	if (q.Open == nil) != (len(c.ID) == 0) {
		t.Fatalf("wrong form: %+v", q)
	}
	if q.Open == nil {
		equalRaws(t, [][]byte{q.Envelope}, c.raws(t))
	} else {
		equal(t, "ID", q.Open.ID[:], c.ID)
		equal(t, "bloom", q.Open.Bloom[:], c.Bloom)
		equal(t, "cursor", q.Open.Cursor, c.Cursor)
		if q.Open.From != c.From || q.Open.To != c.To || q.Open.Limit != c.Limit {
			t.Errorf("got %+v", q.Open)
		}
	}
	equal(t, "encoded", EncodeRequest(q), c.Payload)
}

func checkRequestComplete(t *testing.T, c packetCase) {
	got, err := DecodeRequestComplete(c.Payload)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "request", got.ID[:], c.RequestID)
	if failed := strings.Contains(c.Desc, "failed"); failed {
		if got.Failure == nil || *got.Failure != c.Error {
			t.Errorf("failure %v, want %q", got.Failure, c.Error)
		}
	} else {
		equal(t, "last", got.Last[:], c.LastEnvelopeHash)
		equal(t, "cursor", got.Cursor, c.Cursor)
	}
	equal(t, "encoded", EncodeRequestComplete(got), c.Payload)
}

func checkSyncRequest(t *testing.T, c packetCase) {
	got, err := DecodeSyncRequest(c.Payload)
	if err != nil {
		t.Fatal(err)
	}
	if got.Lower != c.Lower || got.Upper != c.Upper || got.Limit != c.Limit {
		t.Errorf("got %+v", got)
	}
	equal(t, "bloom", got.Bloom[:], c.Bloom)
	equal(t, "cursor", got.Cursor, c.Cursor)
	equal(t, "encoded", EncodeSyncRequest(got), c.Payload)
}

func checkSyncResponse(t *testing.T, c packetCase) {
	got, err := DecodeSyncResponse(c.Payload)
	if err != nil {
		t.Fatal(err)
	}
	equalRaws(t, got.Envelopes, c.raws(t))
	equal(t, "cursor", got.Cursor, c.Cursor)
	if got.Final != c.Final || got.Failure != c.Error {
		t.Errorf("got %+v", got)
	}
	equal(t, "encoded", EncodeSyncResponse(got), c.Payload)
}

type statusCase struct {
	Desc    string
	Payload hexBytes
	Fields  struct {
		Version              uint64
		PoW                  *float64
		Bloom                *hexBytes
		Light, Confirmations *bool
		RateLimits           *[3]uint64
	}
}

// status is what the case says in our type. An empty bloom means everything.
func (c statusCase) status() Status {
	f := c.Fields
	s := Status{Version: f.Version, PoW: f.PoW, Light: f.Light, Confirmations: f.Confirmations}
	if f.Bloom != nil {
		b := FullBloom()
		copy(b[:], *f.Bloom)
		s.Bloom = &b
	}
	if l := f.RateLimits; l != nil {
		s.Limits = &RateLimits{IP: l[0], Peer: l[1], Topic: l[2]}
	}
	return s
}

func TestVectorStatus(t *testing.T) {
	name := func(c statusCase) string { return c.Desc }
	each(t, "status", name, func(t *testing.T, c statusCase) {
		got, err := DecodeStatus(c.Payload)
		if err != nil {
			t.Fatal(err)
		}
		equalStatus(t, got, c.status())
		if written := c.Fields.Bloom; written != nil && len(*written) > 0 && got.Bloom.IsFull() {
			return // ours writes "everything" as the empty string, which the other cases pin
		}
		equal(t, "encoded", EncodeStatus(got), c.Payload)
	})
}

func equalStatus(t testing.TB, got, want Status) {
	t.Helper()
	equalItem(t, "version", &got.Version, &want.Version)
	equalItem(t, "proof of work", got.PoW, want.PoW)
	equalItem(t, "bloom", got.Bloom, want.Bloom)
	equalItem(t, "light", got.Light, want.Light)
	equalItem(t, "confirmations", got.Confirmations, want.Confirmations)
	equalItem(t, "limits", got.Limits, want.Limits)
	equalItem(t, "clock", got.UnixMilli, want.UnixMilli)
	equalItem(t, "retention", got.Retention, want.Retention)
}

func equalItem[T comparable](t testing.TB, what string, got, want *T) {
	t.Helper()
	if (got == nil) != (want == nil) || got != nil && *got != *want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
