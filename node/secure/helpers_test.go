package secure_test

import (
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"sotto/node/identity"
	"sotto/node/secure"
	"sotto/node/secure/securetest"
	"sotto/node/secure/wire"
)

// dawn is when the tests of behaviour begin.
var dawn = time.Unix(1_600_000_000, 0)

// peer is a device of somebody, with what it remembers.
type peer struct {
	secure.Device
	state *securetest.State
}

// newPeer is the first device of a person of that name. Names make the keys, so that a failing test fails again.
func newPeer(t rapid.TB, name string) *peer {
	t.Helper()
	key, err := crypto.ToECDSA(crypto.Keccak256([]byte(name)))
	if err != nil {
		t.Fatal(err)
	}
	return &peer{secure.Device{Key: key, Installation: name + "-1", Rand: randomOf(name)}, securetest.New()}
}

// another is a further device of the same person, which knows nothing yet.
func (p *peer) another(id string) *peer {
	return &peer{secure.Device{Key: p.Key, Installation: id, Rand: randomOf(id)}, securetest.New()}
}

func randomOf(name string) io.Reader { return rand.NewChaCha8(sha256.Sum256([]byte(name))) }

func (p *peer) who() identity.PublicKey { return identity.KeyOf(&p.Key.PublicKey) }

func (p *peer) bundle(t rapid.TB, now time.Time) []byte {
	t.Helper()
	raw, err := p.Bundle(p.state, now)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// meet makes devices know each other's bundles. Those of one person enable each other.
func meet(t rapid.TB, now time.Time, all ...*peer) {
	t.Helper()
	for _, p := range all {
		for _, other := range all {
			if p == other {
				continue
			}
			p.learn(t, other.bundle(t, now), other.who(), now)
			if p.who() == other.who() {
				p.enable(t, other.Installation, true, now)
			}
		}
	}
}

func (p *peer) learn(t rapid.TB, raw []byte, owner identity.PublicKey, now time.Time) secure.Learned {
	t.Helper()
	learned, err := p.Learn(p.state, raw, owner, now)
	if err != nil {
		t.Fatal(err)
	}
	return learned
}

func (p *peer) enable(t rapid.TB, id string, enabled bool, now time.Time) {
	t.Helper()
	if err := p.Enable(p.state, id, enabled, now); err != nil {
		t.Fatal(err)
	}
}

func (p *peer) write(t rapid.TB, to *peer, text string, now time.Time, only ...string) secure.Sealed {
	t.Helper()
	sealed, err := p.Seal(p.state, to.who(), []byte(text), now, only)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

// open decrypts as callers do: a message that is refused leaves nothing behind.
func (p *peer) open(raw []byte, from *peer, now time.Time) (secure.Opened, error) {
	before := p.state.Clone()
	opened, err := p.Open(p.state, raw, from.who(), now)
	if err != nil {
		p.state = before
	}
	return opened, err
}

func (p *peer) reads(t rapid.TB, m secure.Sealed, from *peer, want string, now time.Time) secure.Opened {
	t.Helper()
	opened, err := p.open(m.Message, from, now)
	if err != nil || string(opened.Plaintext) != want || opened.Installation != from.Installation {
		t.Fatalf("%s reads %q of %s, %v; want %q", p.Installation, opened.Plaintext, opened.Installation, err, want)
	}
	return opened
}

func (p *peer) refuses(t rapid.TB, raw []byte, from *peer, want secure.Reason, now time.Time) {
	t.Helper()
	if opened, err := p.open(raw, from, now); !errors.Is(err, want) {
		t.Errorf("%s reads %q, %v; want %v", p.Installation, opened.Plaintext, err, want)
	}
}

// says sends a text and lets it be read.
func (p *peer) says(t rapid.TB, to *peer, text string, now time.Time) secure.Sealed {
	t.Helper()
	m := p.write(t, to, text, now)
	to.reads(t, m, p, text, now)
	return m
}

// talking are two devices in the middle of a conversation.
func talking(t rapid.TB) (alice, bob *peer) {
	t.Helper()
	alice, bob = newPeer(t, "alice"), newPeer(t, "bob")
	meet(t, dawn, alice, bob)
	alice.says(t, bob, "hello", dawn)
	bob.says(t, alice, "hello", dawn)
	return alice, bob
}

// knows is what a peer remembers of a device.
func (p *peer) knows(t rapid.TB, other *peer) (secure.Installation, bool) {
	t.Helper()
	list, err := p.state.Installations(other.who())
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range list {
		if i.ID == other.Installation {
			return i, true
		}
	}
	return secure.Installation{}, false
}

// agreement tells sessions apart as both ends can.
type agreement struct{ prekey, ephemeral secure.Point }

// sendsOn is the session that the next message to a device would go on, and whether there is one.
func (p *peer) sendsOn(t rapid.TB, to *peer) (agreement, bool) {
	t.Helper()
	i, known := p.knows(t, to)
	if !known {
		return agreement{}, false
	}
	session, found, err := p.Sending(p.state, i)
	if err != nil {
		t.Fatal(err)
	}
	return agreement{session.Prekey, session.Ephemeral}, found
}

// agree says whether two devices send to each other on the same session.
func agree(t rapid.TB, a, b *peer) bool {
	t.Helper()
	there, found := a.sendsOn(t, b)
	back, also := b.sendsOn(t, a)
	return found && also && there == back
}

func itoa(n int) string { return strconv.Itoa(n) }

// entry is what a message has for one device.
type entry = wire.DirectMessageProtocol

// changed is a message with its entries changed.
func changed(t rapid.TB, raw []byte, change func(*entry)) []byte {
	t.Helper()
	var m message
	check(t, proto.Unmarshal(raw, &m))
	for i, encoded := range m.GetDirectMessage() {
		var e wire.DirectEntry
		check(t, proto.Unmarshal(encoded, &e))
		var d entry
		check(t, proto.Unmarshal(e.GetValue(), &d))
		change(&d)
		e.Value = encode(t, &d)
		m.DirectMessage[i] = encode(t, &e)
	}
	return encode(t, &m)
}

func encode(t rapid.TB, m proto.Message) []byte {
	t.Helper()
	raw, err := proto.Marshal(m)
	check(t, err)
	return raw
}

func check(t rapid.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// message is a transport message.
type message = wire.ProtocolMessage

// retransmit is a message with what surrounds its entries changed.
func retransmit(t rapid.TB, raw []byte, change func(*message)) []byte {
	t.Helper()
	var m message
	check(t, proto.Unmarshal(raw, &m))
	change(&m)
	return encode(t, &m)
}
