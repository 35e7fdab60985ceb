package secure_test

import (
	"bytes"
	"testing"

	"github.com/ethereum/go-ethereum/crypto"

	"sotto/node/secure"
	"sotto/node/vectortest"
)

func FuzzDecodeBundle(f *testing.F) {
	var cases []recordedBundle
	vectortest.Load(f, "x3dh.json", "bundles", &cases)
	for _, c := range cases {
		f.Add(unhex(f, c.Protobuf))
	}
	key, err := crypto.ToECDSA(crypto.Keccak256(nil))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, err := secure.DecodeBundle(raw)
		if err != nil {
			if secure.ReasonOf(err) == "" {
				t.Errorf("refused without a reason: %v", err)
			}
			return
		}
		if err := b.Verify(); err != nil && secure.ReasonOf(err) == "" {
			t.Errorf("does not hold, without a reason: %v", err)
		}
		// What was read can be signed by somebody else, and reads the same.
		again, err := b.Encode(key)
		if err != nil {
			t.Fatal(err)
		}
		back, err := secure.DecodeBundle(again)
		if err != nil || back.Timestamp != b.Timestamp || len(back.Prekeys) != len(b.Prekeys) {
			t.Errorf("%+v, %v", back, err)
		}
	})
}

// FuzzOpen gives a device in the middle of a conversation any bytes.
func FuzzOpen(f *testing.F) {
	alice, bob := talking(f)
	for _, text := range []string{"next", "second next"} {
		f.Add(alice.write(f, bob, text, dawn).Message)
	}
	m, _, err := alice.Advertise(alice.state, bob.who(), dawn)
	check(f, err)
	f.Add(m.Message)
	f.Add(alice.write(f, bob, "anew", dawn).Message)
	var c recordedMessage
	vectortest.Load(f, "secure-transport.json", "two_device_message", &c)
	f.Add(unhex(f, c.Protobuf))
	vectortest.Load(f, "secure-transport.json", "public_message", &c)
	f.Add(unhex(f, c.Protobuf))
	f.Fuzz(func(t *testing.T, raw []byte) {
		fresh := &peer{bob.Device, bob.state.Clone()}
		if _, err := fresh.Open(fresh.state, raw, alice.who(), dawn); err != nil && secure.ReasonOf(err) == "" {
			t.Errorf("refused without a reason: %v", err)
		}
	})
}

// FuzzRatchet gives a session any header and ciphertext.
func FuzzRatchet(f *testing.F) {
	alice, bob := talking(f)
	var e *entry
	message := alice.write(f, bob, "text", dawn).Message
	changed(f, message, func(of *entry) { e = of })
	f.Add(e.GetDrHeader().GetKey(), e.GetDrHeader().GetN(), e.GetDrHeader().GetPn(), e.GetPayload())
	f.Add(e.GetDrHeader().GetKey(), uint32(1<<32-1), uint32(1<<32-1), e.GetPayload())
	f.Fuzz(func(t *testing.T, key []byte, n, pn uint32, payload []byte) {
		fresh := &peer{bob.Device, bob.state.Clone()}
		raw := changed(t, message, func(e *entry) {
			e.DrHeader.Key, e.DrHeader.N, e.DrHeader.Pn, e.Payload = key, n, pn, payload
		})
		opened, err := fresh.Open(fresh.state, raw, alice.who(), dawn)
		switch {
		case err != nil && secure.ReasonOf(err) == "":
			t.Errorf("refused without a reason: %v", err)
		case err == nil && (string(opened.Plaintext) != "text" || !bytes.Equal(raw, message)):
			t.Errorf("reads %q of what nobody wrote", opened.Plaintext)
		}
	})
}
