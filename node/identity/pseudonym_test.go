package identity

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/tyler-smith/go-bip39"
)

// numbered is a value of the key's type, distinct for each n. It need not be a point to have a name.
func numbered(n int) PublicKey {
	var key PublicKey
	binary.BigEndian.PutUint64(key[1:], uint64(n))
	return key
}

func TestPseudonymNeverChanges(t *testing.T) {
	if got, want := testKey(t).Pseudonym(), "Fudge Romantic Owl"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestPseudonymsAreThreeWordsAndDiffer(t *testing.T) {
	seen := map[string]bool{}
	const people = 2000
	for n := range people {
		name := numbered(n).Pseudonym()
		words := strings.Fields(name)
		if len(words) != 3 {
			t.Fatalf("%q", name)
		}
		for _, word := range words {
			if _, ok := bip39.GetWordIndex(strings.ToLower(word)); ok {
				t.Errorf("%q has a word of recovery phrases", name)
			}
		}
		seen[name] = true
	}
	if len(seen) < people-3 {
		t.Errorf("%d names for %d keys", len(seen), people)
	}
}

func TestNameColoursAreSpreadEvenly(t *testing.T) {
	var count [NameColours]int
	for n := range 1200 {
		count[numbered(n).NameColour()]++
	}
	for colour, n := range count {
		if n < 60 || n > 140 {
			t.Errorf("%d of 1200 people have colour %d", n, colour)
		}
	}
}

func BenchmarkPseudonym(b *testing.B) {
	key := testKey(b)
	b.ReportAllocs()
	for b.Loop() {
		key.Pseudonym()
	}
}
