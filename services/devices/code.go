package devices

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"sotto/node/identity"
)

// The shape of a code: five groups of four digits, 66 bits.
const (
	codeDomain = "sotto device code 1\x00"
	codeGroups = 5
	codeBytes  = 6 // of the hash for each group
)

// codeOf is what both of two devices of an account show: SHA-256 of a domain prefix, the identity key's 65 bytes, and the two
// installation ids, each after its length in two bytes and the smaller by its bytes first; of that hash, five numbers of 48
// bits, big-endian, each modulo 10,000.
func codeOf(self identity.PublicKey, one, two string) string {
	ids := []string{one, two}
	slices.Sort(ids)
	hashed := append([]byte(codeDomain), self[:]...)
	for _, id := range ids {
		hashed = binary.BigEndian.AppendUint16(hashed, uint16(len(id)))
		hashed = append(hashed, id...)
	}
	sum := sha256.Sum256(hashed)
	var groups [codeGroups]string
	for i := range groups {
		var number [8]byte
		copy(number[2:], sum[codeBytes*i:codeBytes*(i+1)])
		groups[i] = fmt.Sprintf("%04d", binary.BigEndian.Uint64(number[:])%10_000)
	}
	return strings.Join(groups[:], " ")
}
