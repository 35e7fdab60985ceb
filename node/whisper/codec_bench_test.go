package whisper

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
)

// benchTTL and benchPoW are what the figures of go-ethereum 1.9.20 were taken with.
const (
	benchTTL = 10
	benchPoW = 0.002
)

var benchNow = time.Unix(1590000000, 0)

// benchParams seal 1 KiB, signed, for a symmetric key.
func benchParams(signer *ecdsa.PrivateKey) SealParams {
	key := SymKeyOf("bench")
	return SealParams{TTL: benchTTL, Topic: TopicOf("bench"), Payload: pattern(1024, 0), SymKey: &key, Signer: signer, PoW: benchPoW}
}

// sealed is a signed message of 1 KiB and an opener for it.
func sealed(b *testing.B, asymmetric bool) (*Envelope, Opener) {
	b.Helper()
	key, err := crypto.GenerateKey()
	if err != nil {
		b.Fatal(err)
	}
	p := benchParams(key)
	opener := Opener(NewSymOpener(*p.SymKey))
	if asymmetric {
		p.SymKey, p.Recipient = nil, &key.PublicKey
		opener = NewAsymOpener(key)
	}
	e, err := encrypt(rand.Reader, benchNow, p)
	if err != nil {
		b.Fatal(err)
	}
	return e, opener
}

// BenchmarkSeal1KiB asks for the same bits as go-ethereum does, one fewer than Seal gives by itself.
func BenchmarkSeal1KiB(b *testing.B) {
	key, err := crypto.GenerateKey()
	if err != nil {
		b.Fatal(err)
	}
	p := benchParams(key)
	p.PoW /= 2
	defer measure(b)()
	for b.Loop() {
		if _, err := Seal(b.Context(), rand.Reader, benchNow, p); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPoWSearch1KiB(b *testing.B) {
	e, _ := sealed(b, false)
	zeros := powBits(benchPoW, e.Size(), e.TTL)
	defer measure(b)()
	for b.Loop() {
		e.Expiry++ // another search each time
		if _, err := searchNonce(context.Background(), e.appendHead(nil), zeros); err != nil {
			b.Fatal(err)
		}
	}
}

func benchmarkOpen(b *testing.B, e *Envelope, o Opener, want error) {
	defer measure(b)()
	for b.Loop() {
		if _, err := o.Open(e); !errors.Is(err, want) {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpenSymSigned(b *testing.B) {
	e, o := sealed(b, false)
	benchmarkOpen(b, e, o, nil)
}

func BenchmarkOpenSymWrongKey(b *testing.B) {
	e, _ := sealed(b, false)
	benchmarkOpen(b, e, NewSymOpener(SymKey{1}), ErrKey)
}

func BenchmarkOpenAsymSigned(b *testing.B) {
	e, o := sealed(b, true)
	benchmarkOpen(b, e, o, nil)
}

// BenchmarkOpenSymFloor is opening a signed symmetric message against what that cannot do without: decryption with a
// cipher that is set up, one hash, one recovery. Both take turns, so that whatever else the machine does meets both; the
// ratio is the median of the turns'.
func BenchmarkOpenSymFloor(b *testing.B) {
	const turn = 16
	e, o := sealed(b, false)
	floor := openFloor(o.(*SymOpener), e)
	var ratios, least []float64
	for b.Loop() {
		low := processorTime(b, turn, floor)
		open := processorTime(b, turn, func() error { _, err := o.Open(e); return err })
		ratios, least = append(ratios, float64(open)/float64(low)), append(least, float64(low.Nanoseconds())/turn)
	}
	slices.Sort(ratios)
	slices.Sort(least)
	b.ReportMetric(ratios[len(ratios)/2], "times-floor")
	b.ReportMetric(least[len(least)/2], "floor-cpu-ns")
}

func openFloor(o *SymOpener, e *Envelope) func() error {
	end := len(e.Data) - gcmNonce
	buf := make([]byte, 0, end)
	return func() error {
		plain, err := o.aead.Open(buf, e.Data[end:], e.Data[:end], nil)
		if err != nil {
			return err
		}
		h := HashOf(plain[:len(plain)-signatureLength])
		_, err = crypto.SigToPub(h[:], plain[len(plain)-signatureLength:])
		return err
	}
}

// processorTime is what n calls take of the processor.
func processorTime(b *testing.B, n int, call func() error) time.Duration {
	before := ProcessTime(b)
	for range n {
		if err := call(); err != nil {
			b.Fatal(err)
		}
	}
	return ProcessTime(b) - before
}

// BenchmarkDecodeEnvelope is decoding and the hash.
func BenchmarkDecodeEnvelope(b *testing.B) {
	e, _ := sealed(b, false)
	raw := e.Encode()
	defer measure(b)()
	for b.Loop() {
		if HashOf(raw) == (Hash{}) {
			b.Fatal("no hash")
		}
		if _, err := DecodeEnvelope(raw); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDecodeEnvelopePoW measures the work, too.
func BenchmarkDecodeEnvelopePoW(b *testing.B) {
	e, _ := sealed(b, false)
	raw := e.Encode()
	defer measure(b)()
	for b.Loop() {
		e, err := DecodeEnvelope(raw)
		if err != nil || HashOf(raw) == (Hash{}) || math.IsNaN(e.PoW(benchNow)) {
			b.Fatal(err)
		}
	}
}
