package whisper

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math"
	"math/big"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	"pgregory.net/rapid"
)

// TestSearchAgainstPlainHashing: absorbing the prefix once must not change what is hashed, whatever the prefix's length
// is to the sponge's block of 136 bytes.
func TestSearchAgainstPlainHashing(t *testing.T) {
	for length := range 300 {
		head, want := pattern(length, byte(length)), uint64(0)
		for ; ; want++ {
			var nonce [8]byte
			binary.BigEndian.PutUint64(nonce[:], want)
			if new(big.Int).SetBytes(crypto.Keccak256(head, nonce[:])).BitLen() <= 256-4 {
				break
			}
		}
		if got, err := searchNonce(t.Context(), head, 4); err != nil || got != want {
			t.Fatalf("prefix of %d bytes: nonce %d (%v), want %d", length, got, err, want)
		}
	}
}

func TestLeadingZerosAgainstBigIntegers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var h Hash
		tail := rapid.SliceOfN(rapid.Byte(), 0, len(h)).Draw(t, "tail")
		copy(h[len(h)-len(tail):], tail)
		if got, want := leadingZeros(h), 256-new(big.Int).SetBytes(h[:]).BitLen(); got != want {
			t.Errorf("%x: %d, want %d", h[:], got, want)
		}
	})
}

func TestPowBitsOfOddTargets(t *testing.T) {
	for target, want := range map[float64]int{0: 1, -1: 1, math.Inf(-1): 1, 1e-300: 1, math.Inf(1): 256, 1e300: 256} {
		if got := powBits(target, 1000, 10); got != want {
			t.Errorf("target %v: %d bits, want %d", target, got, want)
		}
	}
	if got := powBits(math.NaN(), 1000, 10); got != 1 {
		t.Errorf("no number: %d bits", got)
	}
}

func TestSearchEndsWithItsContext(t *testing.T) {
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	if _, err := searchNonce(ctx, pattern(100, 0), 256); !errors.Is(err, cause) {
		t.Errorf("got %v", err)
	}
}

func TestSealGivesUpInTime(t *testing.T) {
	key := SymKey{1}
	p := SealParams{SymKey: &key, PoW: math.Inf(1), Work: time.Millisecond}
	if _, err := Seal(t.Context(), randomness(), benchNow, p); !errors.Is(err, ErrWork) {
		t.Errorf("got %v", err)
	}
}

// TestSealIsCancelled: whoever wanted the message is gone before its time is over.
func TestSealIsCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		started := readerFunc(func(b []byte) (int, error) { cancel(); return len(b), nil })
		key := SymKey{1}
		_, err := Seal(ctx, started, benchNow, SealParams{SymKey: &key, PoW: math.Inf(1), Work: time.Hour})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

// powHash is what the proof of work is the leading zeros of.
func powHash(head []byte, nonce uint64) Hash {
	return HashOf(binary.BigEndian.AppendUint64(bytes.Clone(head), nonce))
}
