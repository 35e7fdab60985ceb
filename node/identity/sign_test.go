package identity

import (
	"bytes"
	"errors"
	"math/big"
	"testing"

	"github.com/ethereum/go-ethereum/crypto"

	"sotto/node/vectortest"
)

func TestVectorEIP191Signature(t *testing.T) {
	var c struct {
		Hash, Message, Signature string
		PrivateKey               string `json:"private_key"`
	}
	vectortest.Load(t, "account.json", "eip191_signature", &c)
	key := mustPrivate(t, c.PrivateKey)
	if got := hexOf(TextHash([]byte(c.Message))); got != c.Hash {
		t.Errorf("hash %s", got)
	}
	signature, err := SignText(key, []byte(c.Message))
	if err != nil || hexOf(signature) != c.Signature {
		t.Errorf("signature %x, %v", signature, err)
	}
	signer, err := RecoverText([]byte(c.Message), signature)
	if err != nil || signer != KeyOf(&key.PublicKey) {
		t.Errorf("recovered %v, %v", signer, err)
	}
}

func TestSignAndRecover(t *testing.T) {
	key := mustPrivate(t, testPrivate)
	data := []byte("some payload")
	one, err := Sign(key, data)
	if err != nil {
		t.Fatal(err)
	}
	two, _ := Sign(key, data)
	if len(one) != SignatureLength || !bytes.Equal(one, two) {
		t.Error("signatures are not deterministic")
	}
	signer, err := Recover(data, one)
	if err != nil || signer != testKey(t) {
		t.Errorf("recovered %v, %v", signer, err)
	}
	if other, err := Recover([]byte("another payload"), one); err == nil && other == signer {
		t.Error("one signature fits two payloads")
	}
}

func TestRecoverRefusals(t *testing.T) {
	data := []byte("some payload")
	good, err := Sign(mustPrivate(t, testPrivate), data)
	if err != nil {
		t.Fatal(err)
	}
	for name, signature := range map[string][]byte{
		"nothing": nil,
		"short":   good[:64],
		"long":    append(bytes.Clone(good), 0),
		"zeros":   make([]byte, SignatureLength),
		"v 27":    append(bytes.Clone(good[:64]), good[64]+27),
		"v 2":     append(bytes.Clone(good[:64]), 2),
		"high s":  highS(good),
		"ones":    bytes.Repeat([]byte{0xff}, SignatureLength),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Recover(data, signature); !errors.Is(err, ErrSignature) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// highS is the other valid form of a signature: s negated, v flipped.
func highS(signature []byte) []byte {
	s := new(big.Int).SetBytes(signature[32:64])
	s.Sub(crypto.S256().Params().N, s)
	out := bytes.Clone(signature)
	s.FillBytes(out[32:64])
	out[64] ^= 1
	return out
}

func BenchmarkSign(b *testing.B) {
	key, data := mustPrivate(b, testPrivate), make([]byte, 200)
	for b.Loop() {
		if _, err := Sign(key, data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRecover(b *testing.B) {
	data := make([]byte, 200)
	signature, err := Sign(mustPrivate(b, testPrivate), data)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Recover(data, signature); err != nil {
			b.Fatal(err)
		}
	}
}
