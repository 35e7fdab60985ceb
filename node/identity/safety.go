package identity

import (
	"crypto/sha512"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// The shape of a safety code.
const (
	SafetyDigits     = 60                             // of a code
	safetyGroup      = 5                              // digits between two spaces
	safetyHalfGroups = SafetyDigits / safetyGroup / 2 // groups that come from one of the two keys
	maxSafetyText    = 1024                           // bytes of text that ParseSafetyCode looks at
)

// How a key becomes its half of a code. Another derivation needs another domain.
const (
	safetyDomain = "sotto safety code 1\x00"
	safetyRounds = 5200
)

// ErrSafetyCode tells that a text is no safety code.
var ErrSafetyCode = errors.New("a safety code has 60 digits")

// SafetyCode is what two people compare to be sure that each has the other's key and not that of somebody between them:
// 60 decimal digits in twelve groups of five with single spaces between. Both see the same, in whichever order the keys
// are given. It takes a few milliseconds.
//
// Each key has six of the groups: SHA-512 of a domain prefix and the key's 65 bytes, then 5,199 times SHA-512 of the digest
// so far and the key; of the last digest, six numbers of 40 bits, big-endian, each modulo 100,000. The smaller half comes
// first. The rounds make it 5,200 times dearer to search for a key with a given half, which has 99 bits.
func SafetyCode(a, b PublicKey) string {
	halves := []string{safetyHalf(a), safetyHalf(b)}
	slices.Sort(halves)
	return strings.Join(halves, " ")
}

func safetyHalf(key PublicKey) string {
	digest := sha512.Sum512(append([]byte(safetyDomain), key[:]...))
	for range safetyRounds - 1 {
		digest = sha512.Sum512(append(digest[:], key[:]...))
	}
	var groups [safetyHalfGroups]string
	for i := range groups {
		var number [8]byte
		copy(number[3:], digest[5*i:])
		groups[i] = fmt.Sprintf("%05d", binary.BigEndian.Uint64(number[:])%100_000)
	}
	return strings.Join(groups[:], " ")
}

// ParseSafetyCode reads a code with any white space in and around it and returns it in the form of SafetyCode. The error
// is ErrSafetyCode.
func ParseSafetyCode(text string) (string, error) {
	if len(text) > maxSafetyText {
		return "", ErrSafetyCode
	}
	digits := strings.Join(strings.FieldsFunc(text, unicode.IsSpace), "")
	notDigit := func(r rune) bool { return r < '0' || r > '9' }
	if len(digits) != SafetyDigits || strings.ContainsFunc(digits, notDigit) {
		return "", ErrSafetyCode
	}
	var groups []string
	for group := range slices.Chunk([]byte(digits), safetyGroup) {
		groups = append(groups, string(group))
	}
	return strings.Join(groups, " "), nil
}

// SameSafetyCode tells whether two texts are the same safety code, whatever white space is in them. How long it takes does
// not tell where they differ. A text that is no safety code is the same as none.
func SameSafetyCode(a, b string) bool {
	one, errOne := ParseSafetyCode(a)
	two, errTwo := ParseSafetyCode(b)
	return errOne == nil && errTwo == nil && subtle.ConstantTimeCompare([]byte(one), []byte(two)) == 1
}
