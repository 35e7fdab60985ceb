package secure_test

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"sotto/node/secure"
)

var text200 = []byte(strings.Repeat("x", 200))

func BenchmarkDeviceSeal(b *testing.B) {
	alice, bob := talking(b)
	alice.Rand, bob.Rand = rand.Reader, rand.Reader
	b.ReportAllocs()
	for b.Loop() {
		if _, err := alice.Seal(alice.state, bob.who(), text200, dawn, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDeviceOpen(b *testing.B) {
	alice, bob := talking(b)
	alice.Rand, bob.Rand = rand.Reader, rand.Reader
	var messages []secure.Sealed
	for range 1000 {
		messages = append(messages, alice.write(b, bob, string(text200), dawn))
	}
	start := bob.state.Clone()
	at := 0
	b.ReportAllocs()
	for b.Loop() {
		if at == len(messages) {
			at, bob.state = 0, start.Clone()
		}
		if _, err := bob.Open(bob.state, messages[at].Message, alice.who(), dawn.Add(time.Second)); err != nil {
			b.Fatal(err)
		}
		at++
	}
}
