package whisper

import (
	"errors"
	"math"
	"testing"

	"github.com/ethereum/go-ethereum/rlp"
)

// full is a status packet with every item set to something that is not its default.
func full() Status {
	b := TopicOf("status").WideBloom()
	return Status{
		Version: ProtocolVersion, PoW: ptr(0.002), Bloom: &b, Light: ptr(true), Confirmations: ptr(true),
		Limits: &RateLimits{IP: 1, Peer: 2, Topic: 3}, UnixMilli: ptr(uint64(1590000000123)),
		Retention: ptr(uint64(2592000)),
	}
}

// cut leaves the first n optional items.
func cut(s Status, n int) Status {
	for i, drop := range []func(){
		func() { s.PoW = nil }, func() { s.Bloom = nil }, func() { s.Light = nil },
		func() { s.Confirmations = nil }, func() { s.Limits = nil }, func() { s.UnixMilli = nil },
		func() { s.Retention = nil },
	} {
		if i >= n {
			drop()
		}
	}
	return s
}

func items(t *testing.T, payload []byte) int {
	t.Helper()
	content, _, err := rlp.SplitList(payload)
	if err != nil {
		t.Fatal(err)
	}
	n, err := rlp.CountValues(content)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestStatusForms: version only, and every longer form up to ours with eight items.
func TestStatusForms(t *testing.T) {
	for n := range 8 {
		want := cut(full(), n)
		payload := EncodeStatus(want)
		if got := items(t, payload); got != 1+n {
			t.Errorf("%d items written, want %d", got, 1+n)
		}
		got, err := DecodeStatus(payload)
		if err != nil {
			t.Fatal(err)
		}
		equalStatus(t, got, want)
	}
}

// TestStatusFillsGaps: an item that is not set stands for its default when a later one is.
func TestStatusFillsGaps(t *testing.T) {
	got, err := DecodeStatus(EncodeStatus(Status{Version: ProtocolVersion, UnixMilli: ptr(uint64(5))}))
	if err != nil {
		t.Fatal(err)
	}
	b := FullBloom()
	equalStatus(t, got, Status{
		Version: ProtocolVersion, PoW: ptr(0.0), Bloom: &b, Light: ptr(false), Confirmations: ptr(false),
		Limits: &RateLimits{}, UnixMilli: ptr(uint64(5)),
	})
}

func TestStatusBloomForms(t *testing.T) {
	b := FullBloom()
	if n := len(EncodeStatus(Status{Version: ProtocolVersion, Bloom: &b})); n > 10 {
		t.Errorf("everything takes %d bytes", n)
	}
	empty := Bloom{} // "send me nothing" is not "everything"
	got, err := DecodeStatus(EncodeStatus(Status{Version: ProtocolVersion, Bloom: &empty}))
	if err != nil || !got.Bloom.IsEmpty() {
		t.Errorf("got %v, %v", got.Bloom, err)
	}
}

// TestStatusIgnoresAdditions: what follows the sixth item belongs to whoever sends it.
func TestStatusIgnoresAdditions(t *testing.T) {
	content, _, err := rlp.SplitList(EncodeStatus(cut(full(), 5)))
	if err != nil {
		t.Fatal(err)
	}
	for name, extra := range map[string][]byte{
		"a list": {0xc1, 0x01}, "long string": append([]byte{0x89}, make([]byte, 9)...), "an integer and a list": {0x05, 0xc0},
		"an integer and rubbish": {0x05, 0xff},
	} {
		got, err := DecodeStatus(list(append(append([]byte{}, content...), extra...)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		equalItem(t, "limits", got.Limits, full().Limits)
		if (got.UnixMilli != nil) != (extra[0] == 5) {
			t.Errorf("%s: clock %v", name, got.UnixMilli)
		}
		if got.Retention != nil {
			t.Errorf("%s: retention %v", name, got.Retention)
		}
	}
}

func TestStatusRefusals(t *testing.T) {
	other := full()
	other.Version = 5
	if _, err := DecodeStatus(EncodeStatus(other)); !errors.Is(err, ErrVersion) {
		t.Errorf("version 5: %v", err)
	}
	pow := func(v float64) []byte { return EncodeStatus(Status{Version: ProtocolVersion, PoW: &v}) }
	for name, b := range map[string][]byte{
		"nothing": {}, "no list": {0x06}, "empty list": {0xc0}, "version is a list": {0xc1, 0xc0}, "version text": {0xc3, 0x82, 0, 6},
		"no number": pow(math.NaN()), "infinite": pow(math.Inf(1)), "negative": pow(-1),
		"short bloom": {0xc4, 6, 0x80, 0x81, 0xff}, "bloom list": {0xc3, 6, 0x80, 0xc0}, "light 2": {0xc4, 6, 0x80, 0x80, 2},
		"limits no list": {0xc6, 6, 0x80, 0x80, 0x80, 0x80, 0x80}, "after the end": {0xc1, 6, 0},
	} {
		if s, err := DecodeStatus(b); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
}
