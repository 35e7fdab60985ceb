package datasync_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	"google.golang.org/protobuf/encoding/protowire"

	"sotto/node/datasync"
	"sotto/node/datasync/datasynctest"
	"sotto/node/identity"
)

var (
	start = time.UnixMilli(1605787200123)

	alice, bob, carol = person(0xaa), person(0xbb), person(0xcc)
)

// person is the public key of whose private key's 32 bytes are all b.
func person(b byte) identity.PublicKey {
	key, err := crypto.ToECDSA(bytes.Repeat([]byte{b}, 32))
	if err != nil {
		panic(err)
	}
	return identity.KeyOf(&key.PublicKey)
}

// steady is randomness of one byte, over and over.
type steady byte

func (s steady) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(s)
	}
	return len(b), nil
}

// none is randomness that has run out.
type none struct{}

func (none) Read([]byte) (int, error) { return 0, errors.New("none left") }

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// field appends a length-delimited protobuf field.
func field(to []byte, number protowire.Number, value []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(to, number, protowire.BytesType), value)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// begun is Alice's state after she sent Bob a text with reference 7 to some devices at start, without a random wait.
func begun(t testing.TB, body string, installations ...string) (*datasynctest.State, datasync.ID) {
	t.Helper()
	s := datasynctest.New()
	m := datasync.New(alice, bob, []byte(body), start)
	must(t, datasync.Begin(s, bob, m, 7, installations, start, steady(0)))
	return s, m.ID()
}

// receive takes in what a device of somebody sent to Alice.
func receive(t testing.TB, s datasync.State, p datasync.Payload, from identity.PublicKey, installation string) datasync.Received {
	t.Helper()
	got, err := datasync.Receive(s, alice, p, from, installation, start)
	must(t, err)
	return got
}

// due lists what is to be sent again, and fails where something was given up.
func due(t testing.TB, s datasync.State, now time.Time) []datasync.Unacknowledged {
	t.Helper()
	again, givenUp, err := datasync.Retransmit(s, now, 100)
	must(t, err)
	if len(givenUp) > 0 {
		t.Fatalf("gave up %v", givenUp)
	}
	return again
}
