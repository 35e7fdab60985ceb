package words

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"testing"

	"github.com/tyler-smith/go-bip39"
)

func TestLists(t *testing.T) {
	plain := regexp.MustCompile(`^[a-z]{3,12}$`)
	seen := map[string]bool{}
	for name, c := range map[string]struct {
		list []string
		size int
	}{"first": {First(), FirstCount}, "second": {Second(), SecondCount}, "nouns": {Nouns(), NounCount}} {
		if len(c.list) != c.size || !slices.IsSorted(c.list) {
			t.Errorf("%s: %d words, want %d in order", name, len(c.list), c.size)
		}
		for _, word := range c.list {
			if !plain.MatchString(word) {
				t.Errorf("%s: odd word %q", name, word)
			}
			if seen[word] {
				t.Errorf("%s: %q is there twice", name, word)
			}
			seen[word] = true
		}
	}
}

// Nobody may take a pseudonym for a recovery phrase, or the other way round.
func TestNoWordIsAPhraseWord(t *testing.T) {
	for _, word := range slices.Concat(First(), Second(), Nouns()) {
		if _, ok := bip39.GetWordIndex(word); ok {
			t.Errorf("%q is a word of recovery phrases", word)
		}
	}
}

// People know each other by these names: a changed list would rename them all.
func TestListsNeverChange(t *testing.T) {
	for name, c := range map[string]struct{ list, want string }{
		"first":  {first, "a84abca2f0fa200e6855b1f126b09f33e16842079fe2c2bdde1435bb92260de3"},
		"second": {second, "f7edb678dc06cca9d147ce68f3de9648bbeccb63cd34747ee306abc2757edef0"},
		"nouns":  {nouns, "b8b3274c6e8858d7098e54c6cabfe289d29ba2bfa56e7fc5e435c958f28a65d0"},
	} {
		sum := sha256.Sum256([]byte(c.list))
		if got := hex.EncodeToString(sum[:]); got != c.want {
			t.Errorf("%s.txt changed: %s", name, got)
		}
	}
}
