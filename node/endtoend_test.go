package node_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/crypto"

	"sotto/node/identity"
	"sotto/node/payload"
	"sotto/node/secure"
	"sotto/node/vectortest"
	"sotto/node/whisper"
)

// capturedEnvelope is one envelope that was recorded between two Status nodes, with what was in it.
type capturedEnvelope struct {
	Hash      string `json:"envelope_hash"`
	RLP       string `json:"envelope_rlp"`
	Expiry    uint32
	TTL       uint32
	Topic     string
	PoW       float64
	Sender    string `json:"whisper_sender"`
	Sent      int64  `json:"sent_timestamp"`
	Transport string `json:"whisper_payload_protocolmessage"`
	Plain     string `json:"plaintext_after_secure_transport"`
	Protocol  struct {
		Bundles      []any
		Installation string
		Public       int
		Direct       map[string]struct {
			X3DH      bool
			Prekey    string `json:"x3dhId"`
			Ephemeral string `json:"x3dhKey"`
		}
	} `json:"protocol_summary"`
	Summary struct {
		App  capturedApp
		Sync *struct{ Messages []struct{ App capturedApp } } `json:"mvds"`
	} `json:"plaintext_summary"`
}

// capturedFilter is a topic with its key that a recorded node listened to.
type capturedFilter struct{ ChatID, Identity, SymKey, Topic string }

// Every recorded envelope that carries something public is opened with the layers of this module, from its bytes to what
// its author wrote.
func TestVectorPublicCaptures(t *testing.T) {
	var captures []struct {
		Label     string
		From, To  string
		Envelopes []capturedEnvelope
	}
	var filters map[string][]capturedFilter
	var people map[string]struct{ PublicKey, Installation string }
	vectortest.Load(t, "envelopes.json", "captures", &captures)
	vectortest.Load(t, "envelopes.json", "filters", &filters)
	vectortest.Load(t, "envelopes.json", "identities", &people)
	opened := 0
	for _, c := range captures {
		for _, e := range c.Envelopes {
			if e.Protocol.Public == 0 {
				continue
			}
			opened++
			t.Run(c.Label, func(t *testing.T) {
				from := people[c.From]
				if e.Sender != from.PublicKey || e.Protocol.Installation != from.Installation {
					t.Fatal("the recording contradicts itself")
				}
				checkCapture(t, e, filterOf(t, filters[c.To], e.Topic))
			})
		}
	}
	if opened < 2 {
		t.Errorf("opened %d public captures", opened)
	}
}

func filterOf(t *testing.T, filters []capturedFilter, topic string) capturedFilter {
	t.Helper()
	for _, f := range filters {
		if f.Topic == topic && f.SymKey != "" {
			return f
		}
	}
	t.Fatalf("nobody listens to %s", topic)
	return capturedFilter{}
}

// checkCapture goes up the layers and compares what each hands on.
func checkCapture(t *testing.T, e capturedEnvelope, f capturedFilter) {
	t.Helper()
	plaintext := openCapture(t, e, f)
	signer := identity.KeyOf(plaintext.Signer)
	if signer.String() != e.Sender || !bytes.Equal(plaintext.Payload, unhex(t, e.Transport)) {
		t.Fatalf("opened as a message of %v", signer)
	}
	transport, err := secure.UnwrapPublic(plaintext.Payload)
	if err != nil {
		t.Fatal(err)
	}
	if transport.Installation != e.Protocol.Installation || len(transport.Bundles) != len(e.Protocol.Bundles) ||
		!bytes.Equal(transport.Payload, unhex(t, e.Plain)) {
		t.Errorf("transport message of %q with %d bundles", transport.Installation, len(transport.Bundles))
	}
	arrival := payload.Arrival{Chat: f.ChatID, Signer: signer, Sent: time.Unix(e.Sent, 0)}
	message, err := payload.OpenPublic(transport.Payload, arrival)
	if e.Summary.App.Type != "CHAT_MESSAGE" {
		if payload.ReasonOf(err) != payload.ReasonType {
			t.Errorf("a %s passed as a chat message: %v", e.Summary.App.Type, err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if message.Author.String() != e.Summary.App.Signer || message.ChatID != f.ChatID || message.Text != "hello public chat" {
		t.Errorf("message %+v", message)
	}
	if again, err := message.Encode(); err != nil || !bytes.Equal(again, unhex(t, e.Summary.App.Payload)) {
		t.Errorf("encodes as %x, %v", again, err)
	}
}

// openCapture checks the envelope's own fields and opens it with the key that the chat's name gives.
func openCapture(t *testing.T, e capturedEnvelope, f capturedFilter) *whisper.Plaintext {
	t.Helper()
	envelope, err := whisper.DecodeEnvelope(unhex(t, e.RLP))
	if err != nil {
		t.Fatal(err)
	}
	hash, topic, key := envelope.Hash(), whisper.TopicOf(f.ChatID), whisper.SymKeyOf(f.ChatID)
	if "0x"+hex.EncodeToString(hash[:]) != e.Hash || envelope.Expiry != e.Expiry || envelope.TTL != e.TTL ||
		int64(envelope.Sent()) != e.Sent || envelope.PoW(time.Unix(e.Sent, 0)) != e.PoW {
		t.Errorf("envelope %+v", envelope)
	}
	if envelope.Topic != topic || "0x"+hex.EncodeToString(key[:]) != f.SymKey {
		t.Errorf("topic or key of %q differ", f.ChatID)
	}
	plaintext, err := whisper.NewSymOpener(key).Open(envelope)
	if err != nil {
		t.Fatal(err)
	}
	if plaintext.Signer == nil {
		t.Fatal("not signed")
	}
	return plaintext
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.TrimPrefix(s, "0x"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A text goes down all layers and up again, and nobody but its author can have sent it.
func TestPublicMessageThroughAllLayers(t *testing.T) {
	alice, err := crypto.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	mallory, err := crypto.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	text, err := payload.NewText("sotto", "hello", "", payload.NextClock(now, 0), now)
	if err != nil {
		t.Fatal(err)
	}
	wrapped, id, err := text.Seal(alice)
	if err != nil {
		t.Fatal(err)
	}
	transport, err := secure.WrapPublic("device", wrapped)
	if err != nil {
		t.Fatal(err)
	}
	key := whisper.SymKeyOf("sotto")
	send := func(params whisper.SealParams) (payload.Public, error) {
		params.Topic, params.SymKey, params.Payload, params.PoW = whisper.TopicOf("sotto"), &key, transport, 0.000002
		envelope, err := whisper.Seal(context.Background(), rand.Reader, now, params)
		if err != nil {
			t.Fatal(err)
		}
		return receive(t, envelope.Encode(), "sotto")
	}
	got, err := send(whisper.SealParams{Signer: alice})
	if err != nil || got.ID != id || got.Text != "hello" || got.Author != identity.KeyOf(&alice.PublicKey) {
		t.Errorf("received %+v, %v", got, err)
	}
	if _, err := send(whisper.SealParams{Signer: mallory}); !errors.Is(err, payload.ReasonAuthor) {
		t.Errorf("passed on by somebody else: %v", err)
	}
	if _, err := send(whisper.SealParams{}); !errors.Is(err, payload.ReasonUnsigned) {
		t.Errorf("passed on by nobody: %v", err)
	}
}

// What Status spec 3/WHISPER-USAGE asks of every client's settings.
func TestSettingsOfAClient(t *testing.T) {
	if whisper.DefaultMinPoW > 0.002 {
		t.Errorf("asks for a proof of work of %v", whisper.DefaultMinPoW)
	}
	key, now := whisper.SymKey{1}, time.Unix(1_590_000_000, 0)
	envelope, err := whisper.Seal(t.Context(), rand.Reader, now, whisper.SealParams{SymKey: &key, PoW: whisper.DefaultMinPoW})
	if err != nil {
		t.Fatal(err)
	}
	if envelope.TTL < 10 || envelope.Sent() != uint32(now.Unix()) {
		t.Errorf("an envelope sent at %d lives %d s", envelope.Sent(), envelope.TTL)
	}
}

// receive opens an envelope of a public chat as a listener to it does.
func receive(t *testing.T, raw []byte, chat string) (payload.Public, error) {
	t.Helper()
	envelope, err := whisper.DecodeEnvelope(raw)
	if err != nil {
		t.Fatal(err)
	}
	plaintext, err := whisper.NewSymOpener(whisper.SymKeyOf(chat)).Open(envelope)
	if err != nil {
		t.Fatal(err)
	}
	transport, err := secure.UnwrapPublic(plaintext.Payload)
	if err != nil {
		return payload.Public{}, err
	}
	arrival := payload.Arrival{Chat: chat, Sent: time.Unix(int64(envelope.Sent()), 0)}
	if plaintext.Signer != nil {
		arrival.Signer = identity.KeyOf(plaintext.Signer)
	}
	return payload.OpenPublic(transport.Payload, arrival)
}
