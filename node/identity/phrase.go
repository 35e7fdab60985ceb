package identity

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/tyler-smith/go-bip39"
	"golang.org/x/text/unicode/norm"
)

// Bounds of a recovery phrase.
const (
	NewPhraseWords = 12   // of a phrase made here
	MaxPhraseText  = 4096 // bytes of text that ParsePhrase looks at
)

// phraseEntropy is the size in bytes of the secret behind twelve words.
const phraseEntropy = 16

// Reasons why a text is no recovery phrase, besides *WordError.
var (
	ErrPhraseEmpty    = errors.New("no recovery phrase given")
	ErrPhraseTooLong  = errors.New("too long for a recovery phrase")
	ErrPhraseLength   = errors.New("a recovery phrase has 12, 15, 18, 21 or 24 words")
	ErrPhraseChecksum = errors.New("the words of the recovery phrase do not belong together")
)

// WordError points out a word that no recovery phrase has. Its text gives the position only, since a mistyped word is
// most of a secret one and errors end up in logs.
type WordError struct {
	Position    int      // of the word, from 1
	Word        string   // as it was read, lower case
	Suggestions []string // words it may be meant as, the closest first; at most three
}

func (e *WordError) Error() string {
	return fmt.Sprintf("word %d is not a word of recovery phrases", e.Position)
}

// Phrase is a BIP39 recovery phrase with a right checksum. It is a secret: it prints as a placeholder, and only Reveal
// and Words give it away. The zero value is no phrase.
type Phrase struct{ words []string }

// NewPhrase makes a phrase of twelve words out of 128 bits of random. It fails only when random does.
func NewPhrase(random io.Reader) (Phrase, error) {
	entropy := make([]byte, phraseEntropy)
	if _, err := io.ReadFull(random, entropy); err != nil {
		return Phrase{}, fmt.Errorf("new recovery phrase: %w", err)
	}
	text, err := bip39.NewMnemonic(entropy)
	if err != nil {
		return Phrase{}, fmt.Errorf("new recovery phrase: %w", err)
	}
	return Phrase{strings.Fields(text)}, nil
}

// ParsePhrase reads a phrase as a person wrote it: 12, 15, 18, 21 or 24 English words in any letter case, with any white
// space between and around them, in any Unicode normal form. The errors are the ErrPhrase… values and, for the first word
// that is none of the list, *WordError.
func ParsePhrase(text string) (Phrase, error) {
	if len(text) > MaxPhraseText {
		return Phrase{}, ErrPhraseTooLong
	}
	words := strings.Fields(strings.ToLower(norm.NFKD.String(text)))
	if len(words) == 0 {
		return Phrase{}, ErrPhraseEmpty
	}
	for i, word := range words {
		if _, ok := bip39.GetWordIndex(word); !ok {
			return Phrase{}, &WordError{Position: i + 1, Word: word, Suggestions: suggest(word)}
		}
	}
	if len(words) < 12 || len(words) > 24 || len(words)%3 != 0 {
		return Phrase{}, fmt.Errorf("%w: this one has %d", ErrPhraseLength, len(words))
	}
	if _, err := bip39.EntropyFromMnemonic(strings.Join(words, " ")); err != nil {
		return Phrase{}, ErrPhraseChecksum
	}
	return Phrase{words}, nil
}

// Words are the words in order, as a copy. They are the secret itself.
func (p Phrase) Words() []string { return append([]string(nil), p.words...) }

// Reveal is the phrase as one line, single spaces between the words. It is the secret itself.
func (p Phrase) Reveal() string { return strings.Join(p.words, " ") }

// Seed is the 64-byte BIP39 seed of the phrase under a passphrase. Status accounts have the empty one.
func (p Phrase) Seed(passphrase string) []byte {
	return bip39.NewSeed(p.Reveal(), norm.NFKD.String(passphrase))
}

// String hides the phrase from logs and formatted output.
func (p Phrase) String() string { return fmt.Sprintf("recovery phrase of %d words", len(p.words)) }

// GoString hides the phrase from %#v.
func (p Phrase) GoString() string { return p.String() }
