package whisper

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// seedPackets adds every recorded payload of a packet, and each cut short by one byte.
func seedPackets(f *testing.F, code int) {
	for _, c := range load[[]packetCase](f, "packets") {
		if c.Code == code {
			seed(f, c.Payload)
		}
	}
	seed(f, []byte{0xc0})
}

func seed(f *testing.F, b []byte) {
	f.Add(b)
	if len(b) > 0 {
		f.Add(b[:len(b)-1])
	}
}

// canonical fails when what was accepted is written differently: everything here has one legal form only.
func canonical(t *testing.T, in, again []byte) {
	t.Helper()
	if !bytes.Equal(in, again) {
		t.Errorf("accepted %x, writes %x", abridge(in), abridge(again))
	}
}

func FuzzDecodeEnvelope(f *testing.F) {
	for _, c := range load[[]envelopeCase](f, "envelopes") {
		seed(f, c.RLP)
	}
	for _, c := range load[[]decodingCase](f, "envelopeDecoding") {
		seed(f, c.RLP)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := DecodeEnvelope(b)
		if err != nil {
			return
		}
		canonical(t, b, e.Encode())
		if e.Hash() != HashOf(b) {
			t.Error("the hash is not of these bytes")
		}
		if pow := e.PoW(time.Unix(1590000000, 0)); !(pow >= 0) {
			t.Errorf("proof of work %v", pow)
		}
		for _, o := range []Opener{NewSymOpener(SymKey{1}), NewAsymOpener(privateKey(t, bytes.Repeat([]byte{2}, 32)))} {
			o.Open(e)
		}
	})
}

func FuzzParsePlaintext(f *testing.F) {
	for _, c := range load[[]plaintextCase](f, "plaintextParsing") {
		seed(f, c.Plaintext)
	}
	for _, c := range load[[]envelopeCase](f, "envelopes") {
		seed(f, c.Plaintext)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := ParsePlaintext(b)
		if err != nil {
			return
		}
		rest := len(b) - 1 - int(b[0]&flagSizeMask) - len(p.Payload) - len(p.Padding)
		if signed := b[0]&flagSigned != 0; signed != (p.Signer != nil) || signed && rest != signatureLength || !signed && rest != 0 {
			t.Errorf("%d bytes belong to nothing, signer %v", rest, p.Signer)
		}
	})
}

// fuzzSplit checks that no byte is lost or shown twice.
func fuzzSplit(f *testing.F, code int, split func([]byte, func([]byte) error) error, join func([][]byte) []byte) {
	seedPackets(f, code)
	f.Fuzz(func(t *testing.T, b []byte) {
		var raws [][]byte
		if split(b, func(raw []byte) error { raws = append(raws, raw); return nil }) == nil {
			canonical(t, b, join(raws))
		} else if len(raws) > 0 {
			t.Error("envelopes handed out of a malformed packet")
		}
	})
}

func FuzzSplitMessages(f *testing.F) { fuzzSplit(f, CodeMessages, SplitMessages, EncodeMessages) }

func FuzzSplitDirect(f *testing.F) {
	fuzzSplit(f, CodeDirect, SplitDirect, func(raws [][]byte) []byte {
		if len(raws) == 1 && len(raws[0]) > 0 && isListOfLists(raws[0]) {
			return EncodeMessages(raws) // a list of one, which ours never writes
		}
		return EncodeDirect(raws)
	})
}

func isListOfLists(b []byte) bool {
	r, err := readList(b)
	return err == nil && !isString(r.rest)
}

func FuzzDecodePoW(f *testing.F) {
	seedPackets(f, CodePoW)
	f.Add(EncodePoW(math.NaN()))
	f.Add(EncodePoW(math.Inf(1)))
	f.Add(EncodePoW(-1))
	f.Fuzz(func(t *testing.T, b []byte) {
		if pow, err := DecodePoW(b); err == nil {
			canonical(t, b, EncodePoW(pow))
			if !(pow >= 0 && pow <= math.MaxFloat64) {
				t.Errorf("accepted %v", pow)
			}
		}
	})
}

func FuzzDecodeBloom(f *testing.F) {
	for _, c := range load[[]bloomCase](f, "bloom") {
		seed(f, EncodeBloom(Bloom(c.Bloom)))
	}
	fuzzOneForm(f, DecodeBloom, EncodeBloom)
}

// fuzzOneForm is the target of packets that are read and written by one pair of functions.
func fuzzOneForm[T any](f *testing.F, decode func([]byte) (T, error), encode func(T) []byte) {
	f.Fuzz(func(t *testing.T, b []byte) {
		if v, err := decode(b); err == nil {
			canonical(t, b, encode(v))
		}
	})
}

func FuzzDecodeRateLimits(f *testing.F) {
	seedPackets(f, CodeRateLimits)
	fuzzOneForm(f, DecodeRateLimits, EncodeRateLimits)
}

func FuzzDecodeBatchAck(f *testing.F) {
	seedPackets(f, CodeBatchAck)
	fuzzOneForm(f, DecodeBatchAck, EncodeBatchAck)
}

func FuzzDecodeMessageResponse(f *testing.F) {
	seedPackets(f, CodeMessageResponse)
	fuzzOneForm(f, DecodeMessageResponse, EncodeMessageResponse)
}

func FuzzDecodeRequest(f *testing.F) {
	seedPackets(f, CodeRequest)
	fuzzOneForm(f, DecodeRequest, EncodeRequest)
}

func FuzzDecodeSyncRequest(f *testing.F) {
	seedPackets(f, CodeSyncRequest)
	fuzzOneForm(f, DecodeSyncRequest, EncodeSyncRequest)
}

func FuzzDecodeSyncResponse(f *testing.F) {
	seedPackets(f, CodeSyncResponse)
	fuzzOneForm(f, DecodeSyncResponse, EncodeSyncResponse)
}

// FuzzDecodeRequestComplete: lengths between the meaningful ones are accepted and lose their odd bytes.
func FuzzDecodeRequestComplete(f *testing.F) {
	seedPackets(f, CodeRequestComplete)
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := DecodeRequestComplete(b)
		if err != nil {
			return
		}
		again, err := DecodeRequestComplete(EncodeRequestComplete(c))
		if err != nil || again.ID != c.ID || again.Last != c.Last || !bytes.Equal(again.Cursor, c.Cursor) {
			t.Errorf("read %+v, then %+v (%v)", c, again, err)
		}
		equalItem(t, "failure", again.Failure, c.Failure)
	})
}

// FuzzDecodeStatus: there are several legal forms and items may follow, so what is read must survive another trip.
func FuzzDecodeStatus(f *testing.F) {
	for _, c := range load[[]statusCase](f, "status") {
		seed(f, c.Payload)
	}
	now := uint64(1590000000123)
	seed(f, EncodeStatus(Status{Version: ProtocolVersion, UnixMilli: &now}))
	seed(f, EncodeStatus(Status{Version: ProtocolVersion, UnixMilli: &now, Retention: &now}))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := DecodeStatus(b)
		if err != nil {
			return
		}
		again, err := DecodeStatus(EncodeStatus(s))
		if err != nil {
			t.Fatal(err)
		}
		equalStatus(t, again, s)
	})
}

var reader = regexp.MustCompile(`^(Decode|Parse|Split)[A-Z]`)

// TestEveryReaderHasAFuzzTarget compares the exported functions that read foreign bytes with the fuzz targets.
func TestEveryReaderHasAFuzzTarget(t *testing.T) {
	var readers, targets []string
	for _, name := range functions(t) {
		if reader.MatchString(name) {
			readers = append(readers, name)
		}
		if target, ok := strings.CutPrefix(name, "Fuzz"); ok && reader.MatchString(target) {
			targets = append(targets, target)
		}
	}
	slices.Sort(readers)
	slices.Sort(targets)
	if len(readers) == 0 || !slices.Equal(readers, targets) {
		t.Errorf("read foreign bytes: %v\nfuzzed: %v", readers, targets)
	}
}

// functions names all functions and methods of this folder's files, tests included.
func functions(t *testing.T) (names []string) {
	t.Helper()
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range tree.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				names = append(names, fn.Name.Name)
			}
		}
	}
	return names
}
