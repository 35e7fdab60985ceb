package payload

import (
	"crypto/ecdsa"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/crypto"

	"sotto/node/identity"
)

// sentAt is when the Whisper messages of the tests were sent.
var sentAt = time.UnixMilli(1605787200000)

func mustHex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
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

func keyOf(key *ecdsa.PrivateKey) identity.PublicKey { return identity.KeyOf(&key.PublicKey) }

// hello is a message that passes every rule in the chat "status".
func hello() Chat {
	return Chat{
		Clock:     millis(sentAt),
		Timestamp: millis(sentAt),
		Text:      "hello",
		ChatID:    "status",
		ChatType:  ChatPublic,
		Content:   ContentText,
	}
}

// arrival is how hello comes from Alice, whose private key is all 0xaa.
func arrival(t testing.TB) Arrival {
	return Arrival{Chat: "status", Signer: keyOf(private(t, 0xaa)), Sent: sentAt}
}

// sealed wraps a message by Alice.
func sealed(t testing.TB, c Chat) []byte {
	t.Helper()
	wrapped, _, err := c.Seal(private(t, 0xaa))
	if err != nil {
		t.Fatal(err)
	}
	return wrapped
}
