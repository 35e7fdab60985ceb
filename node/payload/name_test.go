package payload

import (
	"errors"
	"strings"
	"testing"
)

func TestParsePublicName(t *testing.T) {
	for text, want := range map[string]string{
		"status":                          "status",
		"#status":                         "status",
		"  #status \n":                    "status",
		"My-Channel-1":                    "my-channel-1",
		"42":                              "42",
		"-":                               "-",
		"0xdead":                          "0xdead",
		"zq3":                             "zq3",
		strings.Repeat("a", MaxName):      strings.Repeat("a", MaxName),
		"#" + strings.Repeat("Z", 100):    strings.Repeat("z", 100),
		"the-0x04-club":                   "the-0x04-club",
		strings.Repeat("fe701", 3) + "04": "fe701fe701fe70104",
	} {
		if got, err := ParsePublicName(text); err != nil || got != want {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}

func TestParsePublicNameRefusals(t *testing.T) {
	key := keyOf(private(t, 0xaa))
	compressed := "0x02" + key.String()[4:68]
	for text, want := range map[string]error{
		"":                             ErrNameEmpty,
		"  ":                           ErrNameEmpty,
		"#":                            ErrNameEmpty,
		strings.Repeat("a", MaxName+1): ErrNameTooLong,
		key.String():                   ErrNameIsKey,
		key.String()[2:]:               ErrNameIsKey,
		"#" + key.String():             ErrNameIsKey,
		key.Short():                    ErrNameIsKey,
		strings.ToLower(key.Short()):   ErrNameIsKey,
		compressed:                     ErrNameIsKey,
		compressed[2:]:                 ErrNameIsKey,
		key.String()[:110]:             ErrNameIsKey,
		"fe701" + key.String()[2:]:     ErrNameIsKey,
	} {
		if _, err := ParsePublicName(text); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", text, err, want)
		}
	}
}

func TestParsePublicNamePointsOutTheCharacter(t *testing.T) {
	for text, want := range map[string]NameError{
		"two words":  {' ', 4},
		"##status":   {'#', 1},
		"status!":    {'!', 7},
		"großes":     {'ß', 4},
		"under_line": {'_', 6},
		"#\u212a":    {'\u212a', 1}, // the Kelvin sign, whose lower case is k
	} {
		_, err := ParsePublicName(text)
		var got *NameError
		if !errors.As(err, &got) || *got != want {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzParsePublicName(f *testing.F) {
	for _, s := range []string{"#Status", "my-channel-1", "", "ß", strings.Repeat("x", 200)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		name, err := ParsePublicName(text)
		if err != nil {
			return
		}
		if strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || len(name) > MaxName {
			t.Errorf("%q became %q", text, name)
		}
		if again, err := ParsePublicName(name); err != nil || again != name {
			t.Errorf("%q does not stay as it is: %v", name, err)
		}
	})
}
