package secure_test

import (
	"bytes"
	"errors"
	"testing"

	"sotto/node/secure"
)

// Whatever is changed of what belongs to the encryption, the message is refused, and the true one is read afterwards.
func TestTampering(t *testing.T) {
	for name, fields := range map[string][]func(*entry) []byte{
		"session": {
			func(e *entry) []byte { return e.GetPayload() },
			func(e *entry) []byte { return e.GetDrHeader().GetKey() },
			func(e *entry) []byte { return e.GetDrHeader().GetId() },
		},
		"first": {
			func(e *entry) []byte { return e.GetPayload() },
			func(e *entry) []byte { return e.GetDrHeader().GetKey() },
			func(e *entry) []byte { return e.GetDrHeader().GetId() },
			func(e *entry) []byte { return e.GetX3DhHeader().GetId() },
			func(e *entry) []byte { return e.GetX3DhHeader().GetKey()[1:] }, // its sign makes no difference
		},
		"no session": {
			func(e *entry) []byte { return e.GetPayload() },
			func(e *entry) []byte { return e.GetDhHeader().GetKey()[1:] },
		},
	} {
		t.Run(name, func(t *testing.T) {
			alice, bob, m := sealedFor(t, name)
			for field, of := range fields {
				for at := range fieldOf(t, m.Message, of) {
					bad := changed(t, m.Message, func(e *entry) { of(e)[at] ^= 1 })
					if opened, err := bob.open(bad, alice, dawn); err == nil {
						t.Fatalf("field %d, byte %d: reads %q", field, at, opened.Plaintext)
					}
				}
			}
			bob.reads(t, m, alice, "text", dawn)
		})
	}
}

// sealedFor is a message in the middle of a session, the first of one, or one without.
func sealedFor(t testing.TB, kind string) (alice, bob *peer, m secure.Sealed) {
	t.Helper()
	alice, bob = newPeer(t, "alice"), newPeer(t, "bob")
	switch kind {
	case "session":
		alice, bob = talking(t)
	case "first":
		meet(t, dawn, alice, bob)
	}
	return alice, bob, alice.write(t, bob, "text", dawn)
}

func fieldOf(t testing.TB, raw []byte, of func(*entry) []byte) (field []byte) {
	t.Helper()
	changed(t, raw, func(e *entry) { field = bytes.Clone(of(e)) })
	return field
}

func TestTamperingWithNumbers(t *testing.T) {
	alice, bob, m := sealedFor(t, "session")
	for name, c := range map[string]struct {
		change func(*entry)
		want   secure.Reason
	}{
		"n":           {func(e *entry) { e.DrHeader.N++ }, secure.ReasonMAC},
		"n, far off":  {func(e *entry) { e.DrHeader.N += 5000 }, secure.ReasonGap},
		"n, the last": {func(e *entry) { e.DrHeader.N = 1<<32 - 1 }, secure.ReasonGap},
		"pn":          {func(e *entry) { e.DrHeader.Pn++ }, secure.ReasonMAC},
		"pn, far off": {func(e *entry) { e.DrHeader.Pn += 5000 }, secure.ReasonGap},
		"no header":   {func(e *entry) { e.DrHeader = nil }, secure.ReasonMalformed},
		"no key":      {func(e *entry) { e.DrHeader.Key = nil }, secure.ReasonKey},
		"no prekey":   {func(e *entry) { e.DrHeader.Id = nil }, secure.ReasonKey},
		"no payload":  {func(e *entry) { e.Payload = nil }, secure.ReasonMalformed},
	} {
		t.Run(name, func(t *testing.T) { bob.refuses(t, changed(t, m.Message, c.change), alice, c.want, dawn) })
	}
	bob.reads(t, m, alice, "text", dawn)
}

// The number under which the length of an ended chain lies is the number of no message, and the length no key.
func TestNumberOfChainEnd(t *testing.T) {
	alice, bob := talking(t)
	m := alice.says(t, bob, "text", dawn)
	bob.says(t, alice, "answer", dawn)
	alice.says(t, bob, "on", dawn)
	bad := changed(t, m.Message, func(e *entry) {
		length, n := [32]byte{3: 1}, uint32(1<<32-1)
		ciphertext, err := secure.Encrypt(alice.Rand, length, secure.Point(e.DrHeader.Key), n, e.DrHeader.Pn, []byte("forged"))
		check(t, err)
		e.DrHeader.N, e.Payload = n, ciphertext
	})
	if opened, err := bob.open(bad, alice, dawn); err == nil || errors.Is(err, secure.ReasonPast) {
		t.Errorf("%q, %v", opened.Plaintext, err)
	}
}

// Cut off anywhere, a message is refused and nothing breaks.
func TestTruncatedMessages(t *testing.T) {
	for _, kind := range []string{"session", "first", "no session"} {
		alice, bob, m := sealedFor(t, kind)
		whole := len(fieldOf(t, m.Message, (*entry).GetPayload))
		for n := range whole {
			bad := changed(t, m.Message, func(e *entry) { e.Payload = e.Payload[:n] })
			if opened, err := bob.open(bad, alice, dawn); secure.ReasonOf(err) == "" {
				t.Fatalf("%s, %d of %d bytes: %q, %v", kind, n, whole, opened.Plaintext, err)
			}
		}
		for n := range m.Message {
			if _, err := bob.open(m.Message[:n], alice, dawn); err != nil && secure.ReasonOf(err) == "" {
				t.Fatalf("%s, %d bytes: %v", kind, n, err)
			}
		}
	}
}

func TestOpenRefusesForms(t *testing.T) {
	alice, bob, m := sealedFor(t, "session")
	for name, c := range map[string]struct {
		raw  []byte
		want secure.Reason
	}{
		"nothing":          {nil, secure.ReasonNotPrivate},
		"noise":            {[]byte{0xff, 0xff}, secure.ReasonMalformed},
		"giant":            {make([]byte, secure.MaxMessage+1), secure.ReasonOversized},
		"also public":      {retransmit(t, m.Message, func(p *message) { p.PublicMessage = []byte("x") }), secure.ReasonNotPrivate},
		"of no device":     {retransmit(t, m.Message, func(p *message) { p.InstallationId = "" }), secure.ReasonInstallation},
		"of any device":    {retransmit(t, m.Message, func(p *message) { p.InstallationId = "none" }), secure.ReasonInstallation},
		"of an endless id": {retransmit(t, m.Message, func(p *message) { p.InstallationId = string(make([]byte, 129)) }), secure.ReasonInstallation},
		"damaged entry":    {retransmit(t, m.Message, func(p *message) { p.DirectMessage[0] = []byte{0xff} }), secure.ReasonMalformed},
		"two prekeys":      {changed(t, sealedFirst(t), func(e *entry) { e.X3DhHeader.Id[0] ^= 1 }), secure.ReasonMalformed},
	} {
		t.Run(name, func(t *testing.T) { bob.refuses(t, c.raw, alice, c.want, dawn) })
	}
}

func sealedFirst(t testing.TB) []byte {
	_, _, m := sealedFor(t, "first")
	return m.Message
}
