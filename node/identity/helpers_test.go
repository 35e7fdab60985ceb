package identity

import (
	"crypto/ecdsa"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/crypto"
)

// testPrivate is some private key; the recorded vectors call its owner Alice.
var testPrivate = strings.Repeat("aa", 32)

func mustHex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.TrimPrefix(s, "0x"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func mustPrivate(t testing.TB, s string) *ecdsa.PrivateKey {
	t.Helper()
	key, err := crypto.ToECDSA(mustHex(t, s))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func mustKey(t testing.TB, text string) PublicKey {
	t.Helper()
	key, err := ParsePublicKey(text)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func testKey(t testing.TB) PublicKey { return KeyOf(&mustPrivate(t, testPrivate).PublicKey) }

func hexOf(b []byte) string { return hex.EncodeToString(b) }
