package identity

import (
	"encoding/base32"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"github.com/mr-tron/base58"

	"sotto/node/vectortest"
)

func TestVectorSerialization(t *testing.T) {
	var cases []map[string]string
	vectortest.Load(t, "identity.json", "serialization", &cases)
	for _, c := range cases {
		t.Run(c["public_key"][:12], func(t *testing.T) {
			want := c["public_key"]
			key := mustKey(t, want)
			if key.String() != want || key.Short() != c["serialized_z"] {
				t.Errorf("forms %s %s", key, key.Short())
			}
			for form, text := range c {
				if text != "" && !strings.HasPrefix(text, "error") && mustKey(t, text) != key {
					t.Errorf("%s read as another key", form)
				}
			}
		})
	}
}

// The recorded library has one call for compressed keys and one for uncompressed ones, and wants a multibase prefix even
// before plain hexadecimal; here one call reads every form. Where that makes a refusal an acceptance, the case is listed.
func TestVectorSerializationEdge(t *testing.T) {
	var cases []struct{ Input, Op, Output, Error string }
	vectortest.Load(t, "identity.json", "serialization_edge", &cases)
	accepted := map[string]bool{
		"0xe701046a04ab/deserialize": true, // uncompressed
		"046a04ab98d9e4/serialize":   true, // plain hexadecimal
		"046a04ab98d9e4/deserialize": true,
		"fe701026a04ab9/serialize":   true, // compressed
		"zQ3shPyZJnxZK4/serialize":   true,
	}
	for _, c := range cases {
		name := c.Input[:min(len(c.Input), 14)] + "/" + c.Op
		t.Run(name, func(t *testing.T) {
			key, err := ParsePublicKey(c.Input)
			if want := c.Error == "" || accepted[name]; (err == nil) != want {
				t.Fatalf("accepted %v, want %v (%v)", err == nil, want, err)
			}
			if c.Output != "" && c.Op == "serialize" && key.Short() != c.Output {
				t.Errorf("short form %s, want %s", key.Short(), c.Output)
			}
			if c.Output != "" && c.Op == "deserialize" && "fe701"+key.String()[2:] != c.Output {
				t.Errorf("long form %s, want %s", key, c.Output)
			}
		})
	}
}

// Every form that people paste, with what they paste around it.
func TestParsePublicKeyForms(t *testing.T) {
	key := testKey(t)
	compressed := key.Compressed()
	long, short := key.String(), key.Short()
	for name, text := range map[string]string{
		"long":                long,
		"without 0x":          long[2:],
		"upper case":          "0x" + strings.ToUpper(long[2:]),
		"upper case 0X":       "0X" + strings.ToUpper(long[2:]),
		"compressed":          hexOf(compressed[:]),
		"compressed 0x":       "0x" + hexOf(compressed[:]),
		"short":               short,
		"spaces around":       " \t" + short + "\n",
		"no-break space":      "\u00a0" + long + "\u00a0",
		"multicodec":          "0xe701" + long[2:],
		"multicodec bare":     "e701" + hexOf(compressed[:]),
		"base16":              "fe701" + long[2:],
		"base16 upper":        "FE701" + strings.ToUpper(long[2:]),
		"base16 uncompressed": "fe701" + hexOf(compressed[:]),
	} {
		t.Run(name, func(t *testing.T) {
			if mustKey(t, text) != key {
				t.Error("another key")
			}
			if !LooksLikePublicKey(text) {
				t.Error("does not look like a key")
			}
		})
	}
}

// Every multibase encoding that Status spec 2/ACCOUNT lists, compressed and not. The encoded key was made from the
// encodings' definitions, not by the code under test.
func TestParsePublicKeyMultibase(t *testing.T) {
	key := testKey(t)
	compressed := key.Compressed()
	for _, b := range [][]byte{key[:], compressed[:]} {
		tagged := append([]byte{0xe7, 0x01}, b...)
		bits := ""
		for _, c := range tagged {
			bits += fmt.Sprintf("%08b", c)
		}
		octal := ""
		for rest := bits + strings.Repeat("0", (3-len(bits)%3)%3); rest != ""; rest = rest[3:] {
			n, _ := strconv.ParseUint(rest[:3], 2, 8)
			octal += strconv.FormatUint(n, 10)
		}
		number := new(big.Int).SetBytes(tagged)
		zbase := base32.NewEncoding("ybndrfg8ejkmcpqxot1uwisza345h769").WithPadding(base32.NoPadding)
		for name, text := range map[string]string{
			"base2":            "0" + bits,
			"base8":            "7" + octal,
			"base10":           "9" + number.Text(10),
			"base16 mixed":     "f" + strings.ToUpper(hexOf(tagged)),
			"base32hex":        "v" + strings.ToLower(strings.TrimRight(base32.HexEncoding.EncodeToString(tagged), "=")),
			"base32hexupper":   "V" + strings.TrimRight(base32.HexEncoding.EncodeToString(tagged), "="),
			"base32hexpad":     "t" + strings.ToLower(base32.HexEncoding.EncodeToString(tagged)),
			"base32hexpadup":   "T" + base32.HexEncoding.EncodeToString(tagged),
			"base32upper":      "B" + strings.TrimRight(base32.StdEncoding.EncodeToString(tagged), "="),
			"base32pad":        "c" + strings.ToLower(base32.StdEncoding.EncodeToString(tagged)),
			"base32padupper":   "C" + base32.StdEncoding.EncodeToString(tagged),
			"base32z":          "h" + zbase.EncodeToString(tagged),
			"base36":           "k" + number.Text(36),
			"base36upper":      "K" + strings.ToUpper(number.Text(36)),
			"base64pad":        "M" + base64.StdEncoding.EncodeToString(tagged),
			"base64urlpad":     "U" + base64.URLEncoding.EncodeToString(tagged),
			"base58 of binary": "z" + base58.Encode(tagged),
		} {
			if got, err := ParsePublicKey(text); err != nil || got != key {
				t.Errorf("%s of %d bytes: %v", name, len(b), err)
			}
		}
	}
}

func TestParsePublicKeyRefusals(t *testing.T) {
	key := testKey(t)
	compressed := key.Compressed()
	long, short := key.String(), key.Short()
	for name, c := range map[string]struct {
		text string
		want error
	}{
		"empty":               {"", ErrKeyEmpty},
		"blank":               {" \n\t", ErrKeyEmpty},
		"prefix alone":        {"0x", ErrKeyEmpty},
		"multibase alone":     {"z", ErrKeyEncoding},
		"giant":               {"0x" + strings.Repeat("04", 1000), ErrKeyTooLong},
		"a word":              {"hello", ErrKeyEncoding},
		"truncated":           {long[:130], ErrKeyLength},
		"odd":                 {long[:131], ErrKeyEncoding},
		"off the curve":       {long[:131] + "7", ErrKeyCurve},
		"wrong first byte":    {"0x05" + long[4:], ErrKeyCurve},
		"another multicodec":  {"fea01" + long[2:], ErrKeyKind},
		"no multicodec":       {"f" + hexOf(compressed[:]), ErrKeyKind},
		"mistyped short":      {short[:48] + "0", ErrKeyEncoding},
		"negative number":     {"k-zzzz", ErrKeyEncoding},
		"number alone":        {"9", ErrKeyEncoding},
		"bits and pieces":     {"01002", ErrKeyEncoding},
		"space in the middle": {long[:66] + " " + long[66:], ErrKeyEncoding},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := ParsePublicKey(c.text); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestLooksLikePublicKey(t *testing.T) {
	key := testKey(t)
	for text, want := range map[string]bool{
		"":                             false,
		"status":                       false,
		"0x":                           false,
		"0xdead":                       false,
		"zq3shop":                      false,
		"42":                           false,
		key.String()[:100]:             true, // cut short
		key.String()[2:131] + "0":      true, // mistyped
		strings.ToLower(key.Short()):   true,
		"0x02" + key.String()[4:68]:    true,
		strings.ToUpper(key.String()):  true,
		"  " + key.Short() + "  ":      true,
		"the-history-of-0x04-prefixes": false,
	} {
		if got := LooksLikePublicKey(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestDecodePublicKey(t *testing.T) {
	key := testKey(t)
	compressed := key.Compressed()
	for _, b := range [][]byte{key[:], compressed[:]} {
		if got, err := DecodePublicKey(b); err != nil || got != key {
			t.Errorf("%d bytes: %v", len(b), err)
		}
	}
	if _, err := DecodePublicKey(make([]byte, KeyLength)); !errors.Is(err, ErrKeyCurve) {
		t.Errorf("zeros: %v", err)
	}
}

func TestECDSA(t *testing.T) {
	key := testKey(t)
	pub, err := key.ECDSA()
	if err != nil || KeyOf(pub) != key {
		t.Fatalf("no way back: %v", err)
	}
	if _, err := (PublicKey{}).ECDSA(); !errors.Is(err, ErrKeyCurve) {
		t.Errorf("the zero key became a point: %v", err)
	}
	if !(PublicKey{}).IsZero() || key.IsZero() {
		t.Error("IsZero is wrong")
	}
}

func FuzzParsePublicKey(f *testing.F) {
	key := testKey(f)
	for _, s := range []string{"", "0x", key.String(), key.Short(), "fe701" + key.String()[2:], "m5wECagSr", "b44aqe2qev", "U5wE="} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		key, err := ParsePublicKey(text)
		if err != nil {
			if !key.IsZero() {
				t.Error("a key beside an error")
			}
			return
		}
		if mustKey(t, key.Short()) != key || mustKey(t, key.String()) != key {
			t.Error("a form does not lead back")
		}
	})
}

func FuzzDecodePublicKey(f *testing.F) {
	key := testKey(f)
	compressed := key.Compressed()
	f.Add(key[:])
	f.Add(compressed[:])
	f.Add([]byte{4})
	f.Fuzz(func(t *testing.T, b []byte) {
		key, err := DecodePublicKey(b)
		if err != nil {
			return
		}
		if _, err := key.ECDSA(); err != nil {
			t.Error("accepted a key that is no point")
		}
	})
}

func BenchmarkParsePublicKey(b *testing.B) {
	key := testKey(b)
	for name, text := range map[string]string{"long": key.String(), "short": key.Short()} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ParsePublicKey(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
