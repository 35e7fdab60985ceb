package identity

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"strings"

	"github.com/mr-tron/base58"
)

// maxKeyText bounds what is looked at: the longest form, hexadecimal with every prefix, has 137 characters.
const maxKeyText = 256

// multibases are the encodings of the multibase table that keys are passed on in, by their prefix.
var multibases = map[byte]func(string) ([]byte, error){
	'f': decodeHex(strings.ToLower),
	'F': decodeHex(strings.ToUpper),
	'b': decodeBase32(base32.StdEncoding.WithPadding(base32.NoPadding), strings.ToLower),
	'B': decodeBase32(base32.StdEncoding.WithPadding(base32.NoPadding), strings.ToUpper),
	'c': decodeBase32(base32.StdEncoding, strings.ToLower),
	'C': decodeBase32(base32.StdEncoding, strings.ToUpper),
	'v': decodeBase32(base32.HexEncoding.WithPadding(base32.NoPadding), strings.ToLower),
	'V': decodeBase32(base32.HexEncoding.WithPadding(base32.NoPadding), strings.ToUpper),
	't': decodeBase32(base32.HexEncoding, strings.ToLower),
	'T': decodeBase32(base32.HexEncoding, strings.ToUpper),
	'z': base58.Decode,
	'Z': func(s string) ([]byte, error) { return base58.DecodeAlphabet(s, base58.FlickrAlphabet) },
	'm': base64.RawStdEncoding.Strict().DecodeString,
	'M': base64.StdEncoding.Strict().DecodeString,
	'u': base64.RawURLEncoding.Strict().DecodeString,
	'U': base64.URLEncoding.Strict().DecodeString,
}

// ParsePublicKey reads a key in any form in which people pass one on, with white space around it: hexadecimal with or
// without "0x", compressed or not, with or without the multicodec prefix; or multibase (base16, base32, base58btc,
// base58flickr, base64) of the multicodec prefix and the key, compressed or not. The errors are the ErrKey… values.
func ParsePublicKey(text string) (PublicKey, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return PublicKey{}, ErrKeyEmpty
	case len(text) > maxKeyText:
		return PublicKey{}, ErrKeyTooLong
	}
	if digits, ok := bareHex(text); ok {
		return decodeTagged(digits, true)
	}
	decode, ok := multibases[text[0]]
	if !ok {
		return PublicKey{}, ErrKeyEncoding
	}
	b, err := decode(text[1:])
	if err != nil {
		return PublicKey{}, ErrKeyEncoding
	}
	return decodeTagged(b, false)
}

// LooksLikePublicKey tells whether text is, or was meant to be, a public key: any form that ParsePublicKey reads, but
// also a long or short key with a mistake in it or in the wrong letter case. Nobody means such a text as a name.
func LooksLikePublicKey(text string) bool {
	if _, err := ParsePublicKey(text); err == nil {
		return true
	}
	text = strings.ToLower(strings.TrimSpace(text))
	if digits, ok := bareHex(text); ok && len(digits) >= CompressedLength-1 {
		return true
	}
	return strings.HasPrefix(text, "zq3sh") && len(text) >= 40
}

// bareHex decodes hexadecimal digits that stand without a multibase prefix. The multibase prefixes of the other bases
// are no hexadecimal digits or, for "f", "b" and "c", make the length odd or the key's first byte wrong.
func bareHex(text string) ([]byte, bool) {
	digits, prefixed := strings.CutPrefix(text, "0x")
	if !prefixed {
		digits, prefixed = strings.CutPrefix(text, "0X")
	}
	if !prefixed && !strings.HasPrefix(text, "0") && !strings.HasPrefix(strings.ToLower(text), "e7") {
		return nil, false
	}
	b, err := hex.DecodeString(digits)
	return b, err == nil
}

// decodeTagged reads a key after its multicodec prefix. Only bare hexadecimal may leave the prefix out.
func decodeTagged(b []byte, bare bool) (PublicKey, error) {
	if key, ok := strings.CutPrefix(string(b), multicodec); ok {
		return DecodePublicKey([]byte(key))
	}
	if !bare {
		return PublicKey{}, ErrKeyKind
	}
	if len(b) > 1 && b[0] >= 0x80 {
		return PublicKey{}, ErrKeyKind
	}
	return DecodePublicKey(b)
}

// decodeHex is base16 whose letters must all have the case that fold gives them.
func decodeHex(fold func(string) string) func(string) ([]byte, error) {
	return func(s string) ([]byte, error) {
		if s != fold(s) {
			return nil, ErrKeyEncoding
		}
		return hex.DecodeString(s)
	}
}

// decodeBase32 is base32 whose letters must all have the case that fold gives them.
func decodeBase32(enc *base32.Encoding, fold func(string) string) func(string) ([]byte, error) {
	return func(s string) ([]byte, error) {
		if s != fold(s) {
			return nil, ErrKeyEncoding
		}
		return enc.DecodeString(strings.ToUpper(s))
	}
}
