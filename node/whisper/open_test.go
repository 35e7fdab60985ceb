package whisper

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/ethereum/go-ethereum/crypto"
)

// openers are an envelope each with the opener that fits.
func openers(t *testing.T) map[string]struct {
	e *Envelope
	o Opener
} {
	t.Helper()
	key, person := SymKey{1}, generate(t)
	sealFor := func(p SealParams) *Envelope {
		p.Payload, p.Signer = []byte("hello"), person
		e, err := Seal(t.Context(), randomness(), benchNow, p)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	return map[string]struct {
		e *Envelope
		o Opener
	}{
		"sym":  {sealFor(SealParams{SymKey: &key}), NewSymOpener(key)},
		"asym": {sealFor(SealParams{Recipient: &person.PublicKey}), NewAsymOpener(person)},
	}
}

// TestDamageIsNoticed changes and cuts an envelope everywhere.
func TestDamageIsNoticed(t *testing.T) {
	for name, c := range openers(t) {
		for i := range c.e.Data {
			damaged := &Envelope{Data: slices.Clone(c.e.Data)}
			damaged.Data[i] ^= 1
			if _, err := c.o.Open(damaged); !errors.Is(err, ErrKey) {
				t.Fatalf("%s: byte %d changed: %v", name, i, err)
			}
			if _, err := c.o.Open(&Envelope{Data: c.e.Data[:i]}); !errors.Is(err, ErrKey) {
				t.Fatalf("%s: cut to %d: %v", name, i, err)
			}
		}
	}
}

// TestResultIsItsOwn: an opened message must not change when the next one is opened in the same memory.
func TestResultIsItsOwn(t *testing.T) {
	for name, c := range openers(t) {
		first, err := c.o.Open(c.e)
		if err != nil {
			t.Fatal(err)
		}
		data := slices.Clone(c.e.Data)
		if _, err := c.o.Open(c.e); err != nil || !slices.Equal(data, c.e.Data) {
			t.Errorf("%s: the envelope changed or %v", name, err)
		}
		clear(c.e.Data)
		if string(first.Payload) != "hello" {
			t.Errorf("%s: payload became %q", name, first.Payload)
		}
	}
}

func TestOpenersAreSafeTogether(t *testing.T) {
	for name, c := range openers(t) {
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for range 20 {
					if p, err := c.o.Open(c.e); err != nil || string(p.Payload) != "hello" {
						t.Errorf("%s: %v", name, err)
					}
				}
			})
		}
		all.Wait()
	}
}

func TestKeyID(t *testing.T) {
	person := generate(t)
	a, b := NewSymOpener(SymKey{1}), NewSymOpener(SymKey{2})
	if a.KeyID() == b.KeyID() || a.KeyID() != NewSymOpener(SymKey{1}).KeyID() {
		t.Error("symmetric IDs do not follow the key")
	}
	c, again, d := NewAsymOpener(person), NewAsymOpener(person), NewAsymOpener(generate(t))
	if c.KeyID() != again.KeyID() || c.KeyID() == d.KeyID() {
		t.Error("asymmetric IDs do not follow the key")
	}
	if id := a.KeyID(); id == Hash(SymKey{1}) || id == HashOf(make([]byte, 32)) {
		t.Error("the ID is the key")
	}
}

// TestWrongKeyCostsNothing: a thousand keys on one topic are a thousand failures.
func TestWrongKeyCostsNothing(t *testing.T) {
	e, o := openers(t)["sym"].e, NewSymOpener(SymKey{9})
	if got := bytesPerRun(t, func() {
		for range 1000 {
			o.Open(e)
		}
	}); got > 20_000 {
		t.Errorf("%d bytes for 1,000 keys", got)
	}
}

// TestParsedSignatures: V is 0 or 1 on the wire, and a signature over other bytes is somebody else's.
func TestParsedSignatures(t *testing.T) {
	person := generate(t)
	plain, err := composePlaintext(randomness(), SealParams{Payload: []byte("x"), Signer: person})
	if err != nil {
		t.Fatal(err)
	}
	for v, want := range map[byte]bool{0: true, 1: true, 27: false, 28: false, 255: false} {
		b := slices.Clone(plain)
		b[len(b)-1] = v
		p, err := ParsePlaintext(b)
		own := err == nil && p.Signer.Equal(&person.PublicKey)
		if right := v == plain[len(plain)-1]; own != right {
			t.Errorf("V %d: signer found %v", v, own)
		}
		if !want && !errors.Is(err, ErrSignature) {
			t.Errorf("V %d: %v", v, err)
		}
	}
	forged := slices.Clone(plain)
	forged[2] ^= 1
	if p, err := ParsePlaintext(forged); err == nil && crypto.PubkeyToAddress(*p.Signer) == crypto.PubkeyToAddress(person.PublicKey) {
		t.Error("a changed payload still bears the signature")
	}
}
