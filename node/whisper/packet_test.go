package whisper

import (
	"bytes"
	"errors"
	"math"
	"testing"
)

// raw is a small envelope's RLP.
func raw(nonce uint64) []byte { return (&Envelope{Expiry: 2, TTL: 1, Nonce: nonce}).Encode() }

func TestSplitStopsAtTheFirstError(t *testing.T) {
	stop, calls := errors.New("stop"), 0
	err := SplitMessages(EncodeMessages([][]byte{raw(1), raw(2)}), func([]byte) error { calls++; return stop })
	if !errors.Is(err, stop) || calls != 1 {
		t.Errorf("%d calls, %v", calls, err)
	}
}

// TestSplitLooksAtAllFirst: nothing of a packet is handed out when its end is no envelope.
func TestSplitLooksAtAllFirst(t *testing.T) {
	for name, bad := range map[string][]byte{
		"string":     {0x83, 1, 2, 3},
		"too short":  {0xc1, 0x80},
		"cut short":  raw(3)[:9],
		"bad header": {0xff},
	} {
		payload := list(append(raw(1), bad...))
		for _, split := range []func([]byte, func([]byte) error) error{SplitMessages, SplitDirect} {
			err := split(payload, func([]byte) error { t.Errorf("%s: handed out", name); return nil })
			if !errors.Is(err, ErrMalformed) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestSplitMessagesForms(t *testing.T) {
	equalRaws(t, collect(t, SplitMessages, []byte{0xc0}), nil)
	if err := SplitMessages(raw(1), func([]byte) error { return nil }); !errors.Is(err, ErrMalformed) {
		t.Errorf("a bare envelope: %v", err)
	}
	if err := SplitMessages(append(EncodeMessages(nil), 0), func([]byte) error { return nil }); !errors.Is(err, ErrMalformed) {
		t.Errorf("a byte too many: %v", err)
	}
}

// TestDirectForms: both forms are read; one is written bare, since go-ethereum takes no list.
func TestDirectForms(t *testing.T) {
	one := [][]byte{raw(1)}
	equal(t, "one", EncodeDirect(one), one[0])
	equalRaws(t, collect(t, SplitDirect, EncodeDirect(one)), one)
	equalRaws(t, collect(t, SplitDirect, EncodeMessages(one)), one)
	two := [][]byte{raw(1), raw(2)}
	equalRaws(t, collect(t, SplitDirect, EncodeDirect(two)), two)
	equalRaws(t, collect(t, SplitDirect, EncodeDirect(nil)), nil)
}

func TestDecodePoWRefusals(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), -0.1, math.Copysign(math.SmallestNonzeroFloat64, -1)} {
		if got, err := DecodePoW(EncodePoW(bad)); !errors.Is(err, ErrMalformed) || got != 0 {
			t.Errorf("%v: read as %v, %v", bad, got, err)
		}
	}
	for _, good := range []float64{0, math.SmallestNonzeroFloat64, 0.002, math.MaxFloat64} {
		if got, err := DecodePoW(EncodePoW(good)); err != nil || got != good {
			t.Errorf("%v: read as %v, %v", good, got, err)
		}
	}
	for name, b := range map[string][]byte{
		"nothing": {}, "list": {0xc0}, "leading zero": {0x82, 0, 1}, "nine bytes": append([]byte{0x89}, make([]byte, 9)...),
		"two items": {0x01, 0x01},
	} {
		if _, err := DecodePoW(b); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDecodeBloomLengths(t *testing.T) {
	for n := range 130 {
		b := append([]byte{0xb8, byte(n)}, make([]byte, n)...)
		if n < 56 {
			b = append([]byte{0x80 + byte(n)}, make([]byte, n)...)
		}
		if _, err := DecodeBloom(b); (err == nil) != (n == BloomLength) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

func TestMessageResponseOfAnotherVersion(t *testing.T) {
	b := EncodeMessageResponse(MessageResponse{Batch: Hash{1}, Errors: []EnvelopeError{{Code: ErrorOther, Text: "low"}}})
	at := bytes.IndexByte(b, responseVersion)
	b[at] = 2
	if m, err := DecodeMessageResponse(b); !errors.Is(err, ErrVersion) || m.Errors != nil {
		t.Errorf("got %+v, %v", m, err)
	}
}

func TestMessageResponseRefusals(t *testing.T) {
	good := EncodeMessageResponse(MessageResponse{Batch: Hash{1}, Errors: []EnvelopeError{{Hash: Hash{2}, Code: 1, Text: "t"}}})
	if _, err := DecodeMessageResponse(good); err != nil {
		t.Fatal(err)
	}
	for i := range good {
		if _, err := DecodeMessageResponse(good[:i]); !errors.Is(err, ErrMalformed) {
			t.Errorf("cut to %d: %v", i, err)
		}
	}
}

func TestRateLimitsWantThree(t *testing.T) {
	for _, b := range [][]byte{{0xc2, 1, 2}, {0xc4, 1, 2, 3, 4}, {0xc3, 1, 2, 0xc0}, {0x80}} {
		if l, err := DecodeRateLimits(b); !errors.Is(err, ErrMalformed) {
			t.Errorf("%x: %v, %v", b, l, err)
		}
	}
}
