package secure

import (
	"bytes"
	"crypto/rand"
	"errors"
	"testing"

	"github.com/ethereum/go-ethereum/crypto"

	"sotto/node/identity"
)

// text is as long as a text in its wrapper.
var text = bytes.Repeat([]byte("x"), 200)

func newDevice(t testing.TB, id string) Device {
	t.Helper()
	key, err := crypto.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	return Device{Key: key, Installation: id, Rand: rand.Reader}
}

// newPrekey is a prekey of some device, with its private half.
func newPrekey(t testing.TB) OwnPrekey {
	t.Helper()
	p, err := newPair(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return OwnPrekey{Key: p.public, Private: p.private, Version: 1}
}

// agreed are both ends of a session before its first message.
func agreed(t testing.TB) (begun, answered Session) {
	t.Helper()
	alice, bob, prekey := newDevice(t, "alice"), newDevice(t, "bob"), newPrekey(t)
	begun, err := alice.begin(Installation{Identity: bob.self(), ID: "bob", Prekey: prekey.Key})
	if err != nil {
		t.Fatal(err)
	}
	answered, err = bob.answer(prekey, alice.self(), "alice", begun.Ephemeral)
	if err != nil {
		t.Fatal(err)
	}
	return begun, answered
}

func BenchmarkX3DHInitiator(b *testing.B) {
	alice, bob, prekey := newDevice(b, "alice"), newDevice(b, "bob").self(), newPrekey(b)
	b.ReportAllocs()
	for b.Loop() {
		ephemeral, err := newPair(rand.Reader)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := agreeAsInitiator(alice.Key, ephemeral.private, bob, prekey.Key); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkX3DHResponder(b *testing.B) {
	alice, bob, prekey, ephemeral := newDevice(b, "alice").self(), newDevice(b, "bob"), newPrekey(b), newPrekey(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := agreeAsResponder(bob.Key, prekey.Private, alice, ephemeral.Key); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRatchetEncrypt(b *testing.B) {
	alice, _ := agreed(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := alice.sealNext(rand.Reader, text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRatchetDecrypt(b *testing.B) {
	alice, bob := agreed(b)
	type sealed struct {
		h          header
		ciphertext []byte
	}
	var messages []sealed
	for range 1000 {
		h, ciphertext, err := alice.sealNext(rand.Reader, text)
		if err != nil {
			b.Fatal(err)
		}
		messages = append(messages, sealed{h, ciphertext})
	}
	start, _, _, err := bob.openNext(rand.Reader, messages[0].h, messages[0].ciphertext)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	at := 0
	for b.Loop() {
		if at = at%(len(messages)-1) + 1; at == 1 {
			bob = start
		}
		if bob, _, _, err = bob.openNext(rand.Reader, messages[at].h, messages[at].ciphertext); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRatchetDecryptTurn(b *testing.B) {
	alice, bob := agreed(b)
	h, ciphertext, err := alice.sealNext(rand.Reader, text)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, _, err := bob.openNext(rand.Reader, h, ciphertext); err != nil {
			b.Fatal(err)
		}
	}
}

// What one message can make us compute: a thousand steps in each of two chains, in vain.
func BenchmarkRatchetHostile(b *testing.B) {
	alice, bob := agreed(b)
	h, ciphertext, err := alice.sealNext(rand.Reader, text)
	if err != nil {
		b.Fatal(err)
	}
	if bob, _, _, err = bob.openNext(rand.Reader, h, ciphertext); err != nil {
		b.Fatal(err)
	}
	h = header{ratchet: newPrekey(b).Key, n: maxSkip, pn: bob.RecvN + maxSkip}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, _, err := bob.openNext(rand.Reader, h, ciphertext); !errors.Is(err, ReasonMAC) {
			b.Fatal(err)
		}
	}
}

func BenchmarkBundleSignAndVerify(b *testing.B) {
	alice, prekey := newDevice(b, "alice"), newPrekey(b)
	b.ReportAllocs()
	for b.Loop() {
		bundle := Bundle{Identity: identity.KeyOf(&alice.Key.PublicKey), Timestamp: 1, Prekeys: map[string]Prekey{"alice": {prekey.Key, 1, 1}}}
		raw, err := bundle.Encode(alice.Key)
		if err != nil {
			b.Fatal(err)
		}
		back, err := DecodeBundle(raw)
		if err != nil {
			b.Fatal(err)
		}
		if err := back.Verify(); err != nil {
			b.Fatal(err)
		}
	}
}
