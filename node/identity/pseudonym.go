package identity

import (
	"encoding/binary"
	"strings"

	"github.com/ethereum/go-ethereum/crypto"

	"sotto/assets/words"
)

// nameDomain separates the digest behind names and colours from every other digest of a key.
const nameDomain = "sotto/pseudonym/1"

// NameColours is how many colours people's names are told apart by.
const NameColours = 12

// Pseudonym is the three-word name of the key, such as "Amber Jolly Otter": what a person is called whose own name is not
// known. It is made of Sotto's own words and differs from the name that Status clients show. Different keys may share a
// name (there are 2^25): it helps to tell people apart and proves nothing.
func (k PublicKey) Pseudonym() string {
	bits := k.nameBits()
	return title(words.First()[bits%words.FirstCount]) + " " +
		title(words.Second()[bits>>8%words.SecondCount]) + " " +
		title(words.Nouns()[bits>>16%words.NounCount])
}

// NameColour is the index, 0 to NameColours-1, of the colour that the person's name is written in.
func (k PublicKey) NameColour() int { return int(k.nameBits() >> 32 % NameColours) }

// nameBits are 64 bits of the key's digest; names use the lower 25, colours the upper 32.
func (k PublicKey) nameBits() uint64 {
	return binary.LittleEndian.Uint64(crypto.Keccak256([]byte(nameDomain), k[:]))
}

func title(word string) string { return strings.ToUpper(word[:1]) + word[1:] }
