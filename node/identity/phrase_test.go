package identity

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tyler-smith/go-bip39"
)

// knownPhrase is a phrase of the BIP39 test vectors.
const knownPhrase = "legal winner thank year wave sausage worth useful legal winner thank yellow"

func TestNewPhrase(t *testing.T) {
	phrase, err := NewPhrase(bytes.NewReader(bytes.Repeat([]byte{0x7f}, 16)))
	if err != nil {
		t.Fatal(err)
	}
	if phrase.Reveal() != knownPhrase || len(phrase.Words()) != NewPhraseWords {
		t.Errorf("%d words, not those of the known entropy", len(phrase.Words()))
	}
	if _, err := NewPhrase(bytes.NewReader(make([]byte, 15))); err == nil {
		t.Error("made a phrase of too little randomness")
	}
}

func TestParsePhraseForms(t *testing.T) {
	for name, text := range map[string]string{
		"plain":           knownPhrase,
		"spaces":          "  " + strings.ReplaceAll(knownPhrase, " ", "   ") + "\n",
		"lines":           strings.ReplaceAll(knownPhrase, " ", "\r\n"),
		"ideographic":     strings.ReplaceAll(knownPhrase, " ", "\u3000"),
		"no-break":        strings.ReplaceAll(knownPhrase, " ", "\u00a0"),
		"upper case":      strings.ToUpper(knownPhrase),
		"title case":      strings.ReplaceAll(knownPhrase, "wave", "Wave"),
		"full-width form": strings.ReplaceAll(knownPhrase, "year", "ｙｅａｒ"),
	} {
		t.Run(name, func(t *testing.T) {
			phrase, err := ParsePhrase(text)
			if err != nil || phrase.Reveal() != knownPhrase {
				t.Errorf("not read as the phrase: %v", err)
			}
		})
	}
}

func TestParsePhraseLengths(t *testing.T) {
	for _, bytes := range []int{16, 20, 24, 28, 32} {
		text, err := bip39.NewMnemonic(make([]byte, bytes))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParsePhrase(text); err != nil {
			t.Errorf("%d words: %v", len(strings.Fields(text)), err)
		}
	}
}

func TestParsePhraseRefusals(t *testing.T) {
	words := strings.Fields(knownPhrase)
	for name, c := range map[string]struct {
		text string
		want error
	}{
		"nothing":        {"", ErrPhraseEmpty},
		"blank":          {" \n\u3000", ErrPhraseEmpty},
		"eleven words":   {strings.Join(words[:11], " "), ErrPhraseLength},
		"thirteen words": {knownPhrase + " able", ErrPhraseLength},
		"nine words":     {strings.Join(words[:9], " "), ErrPhraseLength},
		"27 words":       {strings.Repeat("able ", 27), ErrPhraseLength},
		"swapped words":  {strings.Replace(knownPhrase, "legal winner", "winner legal", 1), ErrPhraseChecksum},
		"another word":   {strings.Replace(knownPhrase, "yellow", "year", 1), ErrPhraseChecksum},
		"giant":          {strings.Repeat("a ", MaxPhraseText), ErrPhraseTooLong},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParsePhrase(c.text)
			if !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestParsePhrasePointsOutTheWrongWord(t *testing.T) {
	for name, c := range map[string]struct {
		wrong string
		close string // one of the suggestions; "" for none
	}{
		"two letters swapped": {"yaer", "year"},
		"letter missing":      {"yer", "year"},
		"letter too many":     {"yearr", "year"},
		"plural":              {"yearsly", "year"},
		"nonsense":            {"xqzwvk", ""},
		"accent":              {"yéar", "year"},
		"giant":               {strings.Repeat("y", 100), ""},
		"punctuation":         {"year,", "year"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParsePhrase(strings.Replace(knownPhrase, "year", c.wrong, 1))
			var word *WordError
			if !errors.As(err, &word) || word.Position != 4 {
				t.Fatalf("got %v", err)
			}
			if c.close == "" && len(word.Suggestions) > 0 {
				t.Errorf("suggested %v", word.Suggestions)
			}
			if c.close != "" && (!slices.Contains(word.Suggestions, c.close) || len(word.Suggestions) > 3) {
				t.Errorf("suggested %v", word.Suggestions)
			}
		})
	}
}

// What ends up in logs must not tell a phrase, nor a word that is nearly one of its words.
func TestPhraseStaysOutOfText(t *testing.T) {
	phrase, err := ParsePhrase(knownPhrase)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := DeriveKeys(phrase.Seed(""))
	if err != nil {
		t.Fatal(err)
	}
	_, wrong := ParsePhrase(knownPhrase + " sausagee")
	_, checksum := ParsePhrase("winner " + knownPhrase[6:])
	text := fmt.Sprintf("%v %+v %#v %s %v %+v %#v %v %v", phrase, phrase, phrase, phrase, keys, keys, keys, wrong, checksum)
	for _, word := range append(phrase.Words(), hexOf(keys.Slot[:]), fmt.Sprint(keys.Slot), keys.Chat.D.String()) {
		if slices.Contains(strings.Fields(text), word) || len(word) > 8 && strings.Contains(text, word) {
			t.Error("a secret is printed")
		}
	}
}

func FuzzParsePhrase(f *testing.F) {
	f.Add(knownPhrase)
	f.Add(strings.ToUpper(knownPhrase) + "\u3000")
	f.Add("legal winner thnak")
	f.Add("\xff\xfe yéar")
	f.Fuzz(func(t *testing.T, text string) {
		phrase, err := ParsePhrase(text)
		if err != nil {
			return
		}
		again, err := ParsePhrase(phrase.Reveal())
		if err != nil || again.Reveal() != phrase.Reveal() {
			t.Error("a phrase does not lead back")
		}
	})
}
