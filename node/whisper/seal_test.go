package whisper

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"errors"
	"fmt"
	"io"
	"math/big"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/crypto/ecies"
)

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

// randomness is the same bytes in every run.
func randomness() io.Reader { return rand.NewChaCha8([32]byte{1}) }

func generate(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := crypto.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// payloadSizes cross the borders of the size field and of the padding.
var payloadSizes = []int{0, 1, 189, 190, 252, 253, 254, 255, 256, 1024, 65535, 65536, 70000}

// TestSealAndOpen goes through every size, with and without signature, for both kinds of key.
func TestSealAndOpen(t *testing.T) {
	signer, recipient, key := generate(t), generate(t), SymKey{7}
	for _, size := range payloadSizes {
		for _, signed := range []bool{false, true} {
			p := SealParams{Topic: TopicOf("a"), Payload: pattern(size, 3)}
			if signed {
				p.Signer = signer
			}
			t.Run(fmt.Sprintf("sym %d %v", size, signed), func(t *testing.T) {
				p := p
				p.SymKey = &key
				sealAndOpen(t, p, NewSymOpener(key))
			})
			t.Run(fmt.Sprintf("asym %d %v", size, signed), func(t *testing.T) {
				p := p
				p.Recipient = &recipient.PublicKey
				sealAndOpen(t, p, NewAsymOpener(recipient))
			})
		}
	}
}

func sealAndOpen(t *testing.T, p SealParams, o Opener) {
	t.Helper()
	e, err := Seal(t.Context(), randomness(), benchNow, p)
	if err != nil {
		t.Fatal(err)
	}
	if e.TTL != DefaultTTL || e.Sent() != uint32(benchNow.Unix()) || e.Topic != p.Topic {
		t.Errorf("envelope %d %d %v", e.TTL, e.Sent(), e.Topic)
	}
	got, err := o.Open(e)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "payload", got.Payload, p.Payload)
	plain := 1 + sizeLength(len(p.Payload)) + len(got.Payload) + len(got.Padding)
	if p.Signer != nil {
		plain += signatureLength
	}
	if plain%paddingUnit != 0 || len(got.Padding) == 0 || len(got.Padding) > paddingUnit {
		t.Errorf("%d bytes of padding, %d in all", len(got.Padding), plain)
	}
	if (p.Signer == nil) != (got.Signer == nil) || p.Signer != nil && !p.Signer.PublicKey.Equal(got.Signer) {
		t.Error("another signer")
	}
}

// TestSealedWorkSurvivesLaggingClocks: the bit more keeps a receiver five seconds behind from cutting the line.
func TestSealedWorkSurvivesLaggingClocks(t *testing.T) {
	key, random := SymKey{1}, randomness()
	for _, target := range []float64{0.000002, 0.002, 0.2} {
		for size := 0; size < 2000; size += 371 {
			e, err := Seal(t.Context(), random, benchNow, SealParams{SymKey: &key, TTL: 10, Payload: pattern(size, 0), PoW: target})
			if err != nil {
				t.Fatal(err)
			}
			if got := e.PoW(benchNow.Add(-5 * time.Second)); got < target {
				t.Errorf("%d bytes for %v: %v five seconds early", size, target, got)
			}
		}
	}
}

func TestOwnPaddingIsNotAligned(t *testing.T) {
	key := SymKey{1}
	p := SealParams{SymKey: &key, Payload: []byte("payload"), Padding: []byte("mine")}
	e, err := Seal(t.Context(), randomness(), benchNow, p)
	if err != nil {
		t.Fatal(err)
	}
	got, err := NewSymOpener(key).Open(e)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "padding", got.Padding, p.Padding)
}

func TestSealRefusals(t *testing.T) {
	key, person := SymKey{1}, generate(t)
	offCurve := &ecdsa.PublicKey{Curve: crypto.S256(), X: big.NewInt(1), Y: big.NewInt(1)}
	for name, p := range map[string]SealParams{
		"no key":          {},
		"two keys":        {SymKey: &key, Recipient: &person.PublicKey},
		"payload too big": {SymKey: &key, Payload: make([]byte, maxPayload+1)},
		"key off curve":   {Recipient: offCurve},
		"other curve":     {Recipient: &ecdsa.PublicKey{Curve: elliptic.P256(), X: big.NewInt(1), Y: big.NewInt(1)}},
	} {
		if e, err := Seal(t.Context(), randomness(), benchNow, p); !errors.Is(err, ErrSealParams) || e != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSealWithoutRandomness ends the source after every number of bytes: there must never be an envelope.
func TestSealWithoutRandomness(t *testing.T) {
	key, person := SymKey{1}, generate(t)
	for name, p := range map[string]SealParams{"sym": {SymKey: &key}, "asym": {Recipient: &person.PublicKey}} {
		need := countRead(t, p)
		for n := range need {
			if e, err := Seal(t.Context(), io.LimitReader(randomness(), int64(n)), benchNow, p); err == nil || e != nil {
				t.Errorf("%s: sealed with %d of %d random bytes", name, n, need)
			}
		}
	}
	zeros := readerFunc(func(b []byte) (int, error) { clear(b); return len(b), nil })
	if _, err := Seal(t.Context(), zeros, benchNow, SealParams{Recipient: &person.PublicKey}); err == nil {
		t.Error("sealed with an ephemeral key of zero")
	}
}

func countRead(t *testing.T, p SealParams) (n int) {
	t.Helper()
	source := randomness()
	counted := readerFunc(func(b []byte) (int, error) { n += len(b); return source.Read(b) })
	if _, err := Seal(t.Context(), counted, benchNow, p); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestLibraryOpensOurECIES: our encryption half is the library's in all but the source of the ephemeral key.
func TestLibraryOpensOurECIES(t *testing.T) {
	person := generate(t)
	for size := range 100 {
		plain := pattern(size, 1)
		data, err := encryptAsym(randomness(), &person.PublicKey, plain)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ecies.ImportECDSA(person).Decrypt(data, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "plaintext", got, plain)
	}
}

func TestNoTwoSealsAreAlike(t *testing.T) {
	key, random := SymKey{1}, randomness()
	seen := map[string]bool{}
	for range 100 {
		e, err := Seal(t.Context(), random, benchNow, SealParams{SymKey: &key, Payload: []byte("same")})
		if err != nil {
			t.Fatal(err)
		}
		nonce := string(e.Data[len(e.Data)-gcmNonce:])
		if seen[nonce] {
			t.Fatal("an AES nonce came twice")
		}
		seen[nonce] = true
	}
}

func TestSealLeavesItsInputAlone(t *testing.T) {
	key, payload := SymKey{1}, pattern(300, 9)
	if _, err := Seal(t.Context(), randomness(), benchNow, SealParams{SymKey: &key, Payload: payload}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(payload, pattern(300, 9)) {
		t.Error("the payload was changed")
	}
}
