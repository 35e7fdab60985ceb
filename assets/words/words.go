// Package words holds the word lists that pseudonyms are made of.
//
// The lists are Sotto's own, one lower-case word a line: first.txt has adjectives that have something to do with how a
// thing looks, second.txt adjectives of character, nouns.txt animals and other things. Their order is part of how a key
// becomes a name: a list may never be changed once somebody has seen a name made of it. No word is in two lists, and
// none is a word of recovery phrases (BIP39), so that nobody takes a name for a phrase.
package words

import (
	_ "embed" // the lists
	"strings"
	"sync"
)

// Sizes of the lists. They are powers of two, so that bits of a digest choose evenly.
const (
	FirstCount  = 256
	SecondCount = 256
	NounCount   = 512
)

//go:embed first.txt
var first string

//go:embed second.txt
var second string

//go:embed nouns.txt
var nouns string

// First, Second and Nouns are the lists in their order. Callers must not change them.
var (
	First  = sync.OnceValue(func() []string { return strings.Fields(first) })
	Second = sync.OnceValue(func() []string { return strings.Fields(second) })
	Nouns  = sync.OnceValue(func() []string { return strings.Fields(nouns) })
)
