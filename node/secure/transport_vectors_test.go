package secure_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"sotto/node/secure"
	"sotto/node/secure/securetest"
	"sotto/node/vectortest"
)

// recordedMessage is a transport message of the vectors.
type recordedMessage struct {
	Bundles      int             `json:"bundle_count"`
	Direct       []recordedEntry `json:"direct_message"`
	Installation string          `json:"installation_id"`
	Protobuf     string
	Public       string `json:"public_message"`
}

// recordedAlice wrote all of them to whose key is recordedBob's.
const (
	recordedAlice = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	recordedBob   = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
)

func TestVectorPublicMessage(t *testing.T) {
	var c recordedMessage
	vectortest.Load(t, "secure-transport.json", "public_message", &c)
	c.check(t)
}

func TestVectorPublicMessageOfTwoDevices(t *testing.T) {
	var c recordedMessage
	vectortest.Load(t, "secure-transport.json", "public_message_with_two_device_bundle", &c)
	c.check(t)
	b, err := secure.DecodeBundle(bundleOf(t, unhex(t, c.Protobuf)))
	if err != nil || b.Verify() != nil || len(b.Prekeys) != 2 {
		t.Errorf("bundle %+v, %v", b, err)
	}
}

// check reads a public message, and writes it again.
func (c recordedMessage) check(t *testing.T) {
	t.Helper()
	raw := unhex(t, c.Protobuf)
	got, err := secure.UnwrapPublic(raw)
	if err != nil || got.Installation != c.Installation || hex.EncodeToString(got.Payload) != c.Public || len(got.Bundles) != c.Bundles {
		t.Fatalf("%+v, %v", got, err)
	}
	again, err := secure.WrapPublic(got.Installation, got.Payload, got.Bundles...)
	if err != nil || !bytes.Equal(again, raw) {
		t.Errorf("wrote %x, %v", again, err)
	}
	bob := newParty(t, recordedBob)
	if _, err := bob.device.Open(bob.state, raw, personOf(private(t, recordedAlice)), then); secure.ReasonOf(err) != secure.ReasonNotPrivate {
		t.Errorf("opened as a private message: %v", err)
	}
}

// A message to somebody of whom no device is known, read and written.
func TestVectorDHMessage(t *testing.T) {
	var c struct {
		recordedMessage
		Keys      []string `json:"generated_keys"`
		Plaintext string
		Recipient string `json:"recipient_private"`
	}
	vectortest.Load(t, "secure-transport.json", "dh_header_message", &c)
	raw := unhex(t, c.Protobuf)
	bob := newParty(t, c.Recipient)
	opened, err := bob.device.Open(bob.state, raw, personOf(private(t, recordedAlice)), then)
	if err != nil || hex.EncodeToString(opened.Plaintext) != c.Plaintext || opened.ForwardSecret || opened.Installation != c.Installation {
		t.Fatalf("%+v, %v", opened, err)
	}
	alice := newParty(t, recordedAlice)
	alice.device.Installation = c.Installation
	payload := unhex(t, c.Direct[0].Payload)
	alice.random.keys, alice.random.vector = [][]byte{unhex(t, c.Keys[0])}, payload[len(payload)-12:]
	alice.knowsOwn(t, c.Keys[1], bundleOf(t, raw))
	sealed, err := alice.device.Seal(alice.state, personOf(bob.device), unhex(t, c.Plaintext), then, nil)
	if err != nil || !bytes.Equal(sealed.Message, raw) || sealed.ForwardSecret || len(sealed.Installations) > 0 || sealed.Negotiated {
		t.Errorf("wrote %+v, %v", sealed, err)
	}
}

// knowsOwn gives a party its prekey, and the bundle that it has already signed.
func (p *party) knowsOwn(t *testing.T, key string, bundle []byte) {
	t.Helper()
	b, err := secure.DecodeBundle(bundle)
	if err != nil {
		t.Fatal(err)
	}
	own := secure.OwnPrekey{Key: b.Prekeys[p.device.Installation].Key, Private: [32]byte(unhex(t, key)), Version: 1, Created: then}
	if err := p.state.PutOwnPrekey(own); err != nil {
		t.Fatal(err)
	}
	if err := p.state.PutOwnBundle(bundle); err != nil {
		t.Fatal(err)
	}
}

// What tells somebody to begin anew is an empty message without a session, with a bundle.
func TestVectorBundleAdvertisement(t *testing.T) {
	var c recordedMessage
	vectortest.Load(t, "secure-transport.json", "bundle_advertise_message", &c)
	bob := newParty(t, recordedBob)
	opened, err := bob.device.Open(bob.state, unhex(t, c.Protobuf), personOf(private(t, recordedAlice)), then)
	if err != nil || len(opened.Plaintext) > 0 || opened.ForwardSecret || len(opened.Learned.New) != 1 {
		t.Fatalf("%+v, %v", opened, err)
	}
	if i := opened.Learned.New[0]; i.ID != c.Installation || i.Protocol != 1 || i.Version != 1 || !i.Enabled {
		t.Errorf("learned %+v", i)
	}
}

// One message, read on both of the devices that it was encrypted for; what they then have is what the reference had.
func TestVectorTwoDeviceMessage(t *testing.T) {
	var c struct {
		recordedMessage
		Receivers []struct {
			Installation, Plaintext string
			State                   recordedState
		}
	}
	vectortest.Load(t, "secure-transport.json", "two_device_message", &c)
	if len(c.Receivers) != 2 {
		t.Fatalf("%d receivers", len(c.Receivers))
	}
	for _, r := range c.Receivers {
		t.Run(r.Installation, func(t *testing.T) {
			random := &replay{}
			d := private(t, recordedBob)
			d.Rand, d.Installation = random, r.Installation
			bob := &party{d, securetest.New(), random}
			bob.know(t, r.State, nil)
			for _, s := range r.State.Sessions {
				random.keys = append(random.keys, unhex(t, s.Own))
			}
			opened, err := d.Open(bob.state, unhex(t, c.Protobuf), personOf(private(t, recordedAlice)), then)
			if err != nil || hex.EncodeToString(opened.Plaintext) != r.Plaintext || !opened.ForwardSecret {
				t.Fatalf("%+v, %v", opened, err)
			}
			bob.compare(t, r.Installation, r.State)
		})
	}
}
