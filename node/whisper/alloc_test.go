package whisper

import (
	"bytes"
	"runtime"
	"testing"
)

// bytesPerRun is how much f allocates on average. Under the race detector it skips the test.
func bytesPerRun(t *testing.T, f func()) uint64 {
	t.Helper()
	if raceEnabled {
		t.Skip("pools are emptied at random under the race detector")
	}
	const runs = 10
	f() // fill pools
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range runs {
		f()
	}
	runtime.ReadMemStats(&after)
	return (after.TotalAlloc - before.TotalAlloc) / runs
}

// list is an RLP list with this content.
func list(content []byte) []byte { return EncodeMessages([][]byte{content}) }

// TestReadersAllocateLittle feeds every reader the packets that cost most for their length. The bound is what a peer
// can make us hold for each byte that it sends.
func TestReadersAllocateLittle(t *testing.T) {
	const size, factor = 1 << 20, 16
	smallestEnvelope := (&Envelope{}).Encode()
	smallestError := append(append([]byte{0xe3, 0xa0}, make([]byte, 32)...), 0x80, 0x80)
	hash := append([]byte{0xa0}, make([]byte, 32)...)
	errs := append(bytes.Clone(hash), list(bytes.Repeat(smallestError, size/len(smallestError)))...)
	inputs := map[string][]byte{
		"empty lists":      list(bytes.Repeat([]byte{0xc0}, size)),
		"empty strings":    list(bytes.Repeat([]byte{0x80}, size)),
		"one long string":  EncodeRequestComplete(RequestComplete{Failure: ptr(string(make([]byte, size)))}),
		"response":         list(append([]byte{1}, list(errs)...)),
		"sync response":    list(append(list(bytes.Repeat(smallestEnvelope, size/len(smallestEnvelope))), 0x80, 0x80, 0x80)),
		"sync of nothing":  list(append(list(bytes.Repeat([]byte{0xc0}, size)), 0x80, 0x80, 0x80)),
		"nested lists":     nested(size / 8),
		"claims to be big": {0xfb, 0xff, 0xff, 0xff, 0xff},
	}
	ignore := func([]byte) error { return nil }
	readers := map[string]func([]byte){
		"DecodeEnvelope":        func(b []byte) { DecodeEnvelope(b) },
		"ParsePlaintext":        func(b []byte) { ParsePlaintext(b) },
		"SplitMessages":         func(b []byte) { SplitMessages(b, ignore) },
		"SplitDirect":           func(b []byte) { SplitDirect(b, ignore) },
		"DecodeMessageResponse": func(b []byte) { DecodeMessageResponse(b) },
		"DecodeRequest":         func(b []byte) { DecodeRequest(b) },
		"DecodeRequestComplete": func(b []byte) { DecodeRequestComplete(b) },
		"DecodeSyncResponse":    func(b []byte) { DecodeSyncResponse(b) },
		"DecodeStatus":          func(b []byte) { DecodeStatus(b) },
	}
	for what, in := range inputs {
		for name, read := range readers {
			limit := uint64(factor*len(in) + 4096)
			if got := bytesPerRun(t, func() { read(in) }); got > limit {
				t.Errorf("%s of %s (%d bytes): %d allocated", name, what, len(in), got)
			}
		}
	}
}

func ptr[T any](v T) *T { return &v }

// nested is a list in a list in a list.
func nested(depth int) []byte {
	b := []byte{0xc0}
	for range min(depth, 200) {
		b = list(b)
	}
	return b
}
