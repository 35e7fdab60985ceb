package identity

import (
	"errors"
	"regexp"
	"strings"
	"testing"
)

// otherKey is the key that the recorded vectors call Bob's.
func otherKey(t testing.TB) PublicKey {
	return KeyOf(&mustPrivate(t, strings.Repeat("bb", 32)).PublicKey)
}

// safetyOfTheTwo was computed from the definition by another program.
const safetyOfTheTwo = "58420 81327 03074 04247 63425 27613 59046 32928 45719 36233 87529 25157"

func TestSafetyCode(t *testing.T) {
	a, b := testKey(t), otherKey(t)
	if got := SafetyCode(a, b); got != safetyOfTheTwo {
		t.Errorf("got %s", got)
	}
	if SafetyCode(b, a) != SafetyCode(a, b) {
		t.Error("the two sides see different codes")
	}
	shape := regexp.MustCompile(`^(\d{5} ){11}\d{5}$`)
	for _, code := range []string{SafetyCode(a, a), SafetyCode(a, PublicKey{}), SafetyCode(PublicKey{}, PublicKey{})} {
		if !shape.MatchString(code) || code == safetyOfTheTwo {
			t.Errorf("got %s", code)
		}
	}
}

// Somebody between two people has each of them compare with another key, and one half of the code differs.
func TestSafetyCodeShowsTheOneBetween(t *testing.T) {
	a, b := testKey(t), otherKey(t)
	between := KeyOf(&mustPrivate(t, strings.Repeat("dd", 32)).PublicKey)
	if seen, shown := SafetyCode(a, between), SafetyCode(between, b); SameSafetyCode(seen, shown) || seen == safetyOfTheTwo {
		t.Error("nobody would notice")
	}
}

func TestParseSafetyCode(t *testing.T) {
	for name, text := range map[string]string{
		"as it is shown": safetyOfTheTwo,
		"one word":       strings.ReplaceAll(safetyOfTheTwo, " ", ""),
		"lines":          "\n " + strings.ReplaceAll(safetyOfTheTwo, " ", "\r\n\t") + " ",
		"other spaces":   strings.ReplaceAll(safetyOfTheTwo, " ", "\u00a0"),
	} {
		if got, err := ParseSafetyCode(text); err != nil || got != safetyOfTheTwo || !SameSafetyCode(text, safetyOfTheTwo) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestParseSafetyCodeRefusals(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":      "",
		"spaces":       "   ",
		"too short":    safetyOfTheTwo[1:],
		"too long":     safetyOfTheTwo + "0",
		"a letter":     "O" + safetyOfTheTwo[1:],
		"a sign":       "-" + safetyOfTheTwo[1:],
		"other digits": strings.Repeat("\u0665", 30),
		"giant":        strings.Repeat(" ", 1<<20) + safetyOfTheTwo,
	} {
		if got, err := ParseSafetyCode(text); !errors.Is(err, ErrSafetyCode) || got != "" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestSameSafetyCode(t *testing.T) {
	last := strings.TrimSuffix(safetyOfTheTwo, "7") + "8"
	for name, pair := range map[string][2]string{
		"last digit":  {safetyOfTheTwo, last},
		"first digit": {safetyOfTheTwo, "6" + safetyOfTheTwo[1:]},
		"no codes":    {"", ""},
		"alike words": {"hello", "hello"},
		"one is none": {safetyOfTheTwo, ""},
	} {
		if SameSafetyCode(pair[0], pair[1]) || SameSafetyCode(pair[1], pair[0]) {
			t.Errorf("%s: the same", name)
		}
	}
}

func FuzzParseSafetyCode(f *testing.F) {
	f.Add(safetyOfTheTwo)
	f.Add(strings.ReplaceAll(safetyOfTheTwo, " ", "\n"))
	f.Add("12345 67890")
	f.Fuzz(func(t *testing.T, text string) {
		code, err := ParseSafetyCode(text)
		if err != nil {
			if SameSafetyCode(text, text) {
				t.Errorf("%q is no code and still the same as one", text)
			}
			return
		}
		if again, err := ParseSafetyCode(code); err != nil || again != code || len(code) != len(safetyOfTheTwo) {
			t.Errorf("%q became %q", text, code)
		}
	})
}

func BenchmarkSafetyCode(b *testing.B) {
	one, two := testKey(b), otherKey(b)
	for b.Loop() {
		SafetyCode(one, two)
	}
}
