package whisper_test

import (
	"crypto/aes"
	"crypto/cipher"
	"testing"
	"time"

	"sotto/node/whisper"
	"sotto/node/whisper/whispertest"
)

var slow = whispertest.Conditions{Delay: 100 * time.Millisecond}

// crafted encrypts any bytes as a plaintext for the test key, with proof of work that any node takes.
func crafted(t testing.TB, now time.Time, plaintext []byte) *whisper.Envelope {
	t.Helper()
	block, err := aes.NewCipher(testKey[:])
	if err != nil {
		t.Fatal(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	nonce := make([]byte, aead.NonceSize())
	data := append(aead.Seal(nil, nonce, plaintext, nil), nonce...)
	return &whisper.Envelope{Expiry: uint32(now.Unix()) + 15, TTL: 15, Topic: testTopic, Data: data}
}
