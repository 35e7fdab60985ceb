package identity

import (
	"encoding/hex"
	"strings"
)

// maxKeyText bounds what is looked at: the longest form, an uncompressed key in base2, has 537 characters.
const maxKeyText = 600

// ParsePublicKey reads a key in any form in which people pass one on, with white space around it: hexadecimal with or
// without "0x", compressed or not, with or without the multicodec prefix; or any multibase encoding that Status spec
// 2/ACCOUNT lists of the multicodec prefix and the key, compressed or not. The errors are the ErrKey… values.
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

// bareHex decodes hexadecimal digits that stand without a multibase prefix. They begin with "0", "0x" or the multicodec
// prefix. Only base2 begins with "0", too; a key in it has an odd number of digits.
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
