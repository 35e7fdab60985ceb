package identity

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"math/big"
	"strings"

	"github.com/mr-tron/base58"
)

// multibases are the encodings of the multibase table, as Status spec 2/ACCOUNT lists them, by their prefix. The identity
// encoding is left out: raw bytes do not survive being pasted.
var multibases = map[byte]func(string) ([]byte, error){
	'0': decodeBits(1),
	'7': decodeBits(3),
	'9': decodeNumber(10),
	'f': hex.DecodeString,
	'F': hex.DecodeString,
	'b': decodeBase32(base32.StdEncoding.WithPadding(base32.NoPadding)),
	'B': decodeBase32(base32.StdEncoding.WithPadding(base32.NoPadding)),
	'c': decodeBase32(base32.StdEncoding),
	'C': decodeBase32(base32.StdEncoding),
	'v': decodeBase32(base32.HexEncoding.WithPadding(base32.NoPadding)),
	'V': decodeBase32(base32.HexEncoding.WithPadding(base32.NoPadding)),
	't': decodeBase32(base32.HexEncoding),
	'T': decodeBase32(base32.HexEncoding),
	'h': base32.NewEncoding("ybndrfg8ejkmcpqxot1uwisza345h769").WithPadding(base32.NoPadding).DecodeString,
	'k': decodeNumber(36),
	'K': decodeNumber(36),
	'z': base58.Decode,
	'Z': func(s string) ([]byte, error) { return base58.DecodeAlphabet(s, base58.FlickrAlphabet) },
	'm': base64.RawStdEncoding.Strict().DecodeString,
	'M': base64.StdEncoding.Strict().DecodeString,
	'u': base64.RawURLEncoding.Strict().DecodeString,
	'U': base64.URLEncoding.Strict().DecodeString,
}

// decodeBase32 takes letters of either case, as RFC 4648 does.
func decodeBase32(enc *base32.Encoding) func(string) ([]byte, error) {
	return func(s string) ([]byte, error) { return enc.DecodeString(strings.ToUpper(s)) }
}

// decodeBits reads digits of a few bits each, the first bits first. Bits left over at the end must be zero.
func decodeBits(width uint) func(string) ([]byte, error) {
	return func(s string) ([]byte, error) {
		var out []byte
		var rest, bits uint
		for _, digit := range []byte(s) {
			value := uint(digit) - '0'
			if value >= 1<<width {
				return nil, ErrKeyEncoding
			}
			rest, bits = rest<<width|value, bits+width
			if bits >= 8 {
				bits -= 8
				out = append(out, byte(rest>>bits))
				rest &= 1<<bits - 1
			}
		}
		if rest != 0 {
			return nil, ErrKeyEncoding
		}
		return out, nil
	}
}

// decodeNumber reads one big number. A key's first byte is not zero, so that nothing is lost in front.
func decodeNumber(base int) func(string) ([]byte, error) {
	return func(s string) ([]byte, error) {
		n, ok := new(big.Int).SetString(s, base)
		if !ok || s[0] == '-' || s[0] == '+' {
			return nil, ErrKeyEncoding
		}
		return n.Bytes(), nil
	}
}
