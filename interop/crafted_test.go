package interop

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/rlp"
)

// TestCraftedPlaintexts: what would end go-ethereum's process comes through it to us, is refused and counted, and the
// line holds. Theirs has no filter for it, so it only hands it on.
func TestCraftedPlaintexts(t *testing.T) {
	t.Parallel()
	a, b := ours(t, lowPoWFlag), theirs(t, lowPoWFlag)
	connect(t, a, b)
	key := b.call("symKey", object{"password": "crafted"}).text("symKey")
	a.call("subscribe", object{"topic": topic, "password": "crafted"})
	for _, plaintext := range [][]byte{
		{},                             // nothing
		{3, 0xff},                      // ends in its size field
		{3, 0xff, 0xff, 0xff, 1},       // ends in its payload
		{4, 1, 2, 3},                   // ends in its signature
		append(make([]byte, 255), 0xf), // a payload of nothing, which is well
	} {
		b.call("postRaw", object{"envelope": crafted(t, key, plaintext)})
	}
	until(t, "four are refused", func() bool {
		refused, _ := a.call("info", nil)["refused"].(map[string]any)
		plaintext, _ := refused["plaintext"].(map[string]any)
		return plaintext["Envelopes"] == 4.0
	})
	noneCut(t, a)
	exchange(t, b, a, []int{10})
}

// crafted encrypts any bytes as a plaintext.
func crafted(t *testing.T, symKey string, plaintext []byte) string {
	t.Helper()
	key, err := hex.DecodeString(symKey)
	if err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	nonce, name := make([]byte, aead.NonceSize()), [4]byte{}
	if _, err := hex.Decode(name[:], []byte(topic)); err != nil {
		t.Fatal(err)
	}
	raw, err := rlp.EncodeToBytes(&struct {
		Expiry, TTL uint32
		Topic       [4]byte
		Data        []byte
		Nonce       uint64
	}{uint32(time.Now().Unix()) + ttl, ttl, name, append(aead.Seal(nil, nonce, plaintext, nil), nonce...), 0})
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(raw)
}
