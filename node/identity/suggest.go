package identity

import (
	"slices"
	"strings"

	"github.com/tyler-smith/go-bip39"
)

const (
	maxSuggestions   = 3
	longestWord      = 16 // bytes; the list's longest word has 8
	farthestMistakes = 2  // mistyped letters that still count as close
)

// suggest finds words of the phrase list that a wrong word may be meant as: those that begin with the same four letters
// (which are enough to tell the list's words apart), then those a letter or two away, the closest first.
func suggest(wrong string) []string {
	if len(wrong) > longestWord {
		return nil
	}
	var byDistance [farthestMistakes + 1][]string
	for _, word := range bip39.GetWordList() {
		d := distance(wrong, word)
		if len(wrong) >= 4 && strings.HasPrefix(word, wrong[:4]) {
			d = 0
		}
		if d <= farthestMistakes {
			byDistance[d] = append(byDistance[d], word)
		}
	}
	found := slices.Concat(byDistance[:]...)
	return found[:min(len(found), maxSuggestions)]
}

// distance counts the letters to insert, drop, change, or swap with their neighbour to make one word of the other.
func distance(a, b string) int {
	prev2, prev, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], prev2[j-2]+1)
			}
		}
		prev2, prev, row = prev, row, prev2
	}
	return prev[len(b)]
}
