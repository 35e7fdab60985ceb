package group

import (
	"bytes"
	"crypto/ecdsa"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"sync"
	"testing"

	"github.com/ethereum/go-ethereum/crypto"

	"sotto/node/identity"
)

func mustHex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.TrimPrefix(s, "0x"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// private is the key whose 32 bytes are all b.
func private(t testing.TB, b byte) *ecdsa.PrivateKey {
	t.Helper()
	key, err := crypto.ToECDSA(mustHex(t, strings.Repeat(hex.EncodeToString([]byte{b}), 32)))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func publicOf(key *ecdsa.PrivateKey) identity.PublicKey { return identity.KeyOf(&key.PublicKey) }

// person is the public key of the nth person of the tests; the first creates the group.
func person(_ testing.TB, n int) identity.PublicKey { return everybody()[n] }

var everybody = sync.OnceValue(func() (keys [10]identity.PublicKey) {
	for n := range keys {
		key, err := crypto.ToECDSA(bytes.Repeat([]byte{byte(n + 1)}, 32))
		if err != nil {
			panic(err)
		}
		keys[n] = publicOf(key)
	}
	return keys
})

// team is the id of the group of the tests.
func team(t testing.TB) string { return "team-" + person(t, 0).String() }

// event is an event of the group of the tests by the nth person, with a signature that is only as unique as a real one.
// Nothing but DecodeEvent looks at it.
func event(t testing.TB, author int, clock uint64, kind Type, members ...int) Event {
	return named(t, author, clock, kind, "team", members...)
}

func named(t testing.TB, author int, clock uint64, kind Type, name string, members ...int) Event {
	t.Helper()
	e := Event{Clock: clock, Type: kind, Author: person(t, author)}
	for _, n := range members {
		e.Members = append(e.Members, person(t, n))
	}
	if kind == Created || kind == Renamed {
		e.Name = name
	}
	body := binary.BigEndian.AppendUint64([]byte{byte(author), byte(kind)}, clock)
	for _, n := range members {
		body = append(body, byte(n))
	}
	hash := crypto.Keccak256(append(body, e.Name...))
	copy(e.Signature[:], hash)
	copy(e.Signature[32:], hash)
	e.Raw = append(e.Signature[:], body...)
	return e
}

// people is who of the first ten is in a list of keys.
func people(t testing.TB, keys []identity.PublicKey) (list []int) {
	t.Helper()
	for n := range 10 {
		for _, key := range keys {
			if key == person(t, n) {
				list = append(list, n)
			}
		}
	}
	return list
}

// reasons is why events were ignored, by the order of the replay.
func reasons(ignored []Ignored) (list []Reason) {
	for _, i := range ignored {
		list = append(list, i.Reason)
	}
	return list
}
