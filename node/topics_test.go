package node_test

import (
	"encoding/hex"
	"testing"

	"github.com/ethereum/go-ethereum/crypto"

	"sotto/node/identity"
	"sotto/node/secure"
	"sotto/node/vectortest"
	"sotto/node/whisper"
)

// recordedTopic is a name with its topic, and its key where there is one.
type recordedTopic struct {
	String, Topic, SymKey string
	Mine                  string `json:"my_private"`
	Theirs                string `json:"their_private"`
}

func (r recordedTopic) check(t *testing.T, kind, name string) {
	t.Helper()
	if name != r.String {
		t.Errorf("%s: %q, want %q", kind, name, r.String)
	}
	if got := whisper.TopicOf(name); hex.EncodeToString(got[:]) != r.Topic {
		t.Errorf("%s: topic %x, want %s", kind, got, r.Topic)
	}
	if r.SymKey == "" {
		return
	}
	if got := whisper.SymKeyOf(name); hex.EncodeToString(got[:]) != r.SymKey {
		t.Errorf("%s: key %s differs", kind, r.SymKey)
	}
}

// Every topic that is derived from people's keys, and the keys that come of their names.
func TestVectorTopics(t *testing.T) {
	var cases []struct {
		Kind, Name, Topic, Private, SymKey string
		Secret                             string        `json:"shared_secret"`
		ContactCode                        recordedTopic `json:"contact_code"`
		Negotiated                         recordedTopic
		Partitioned                        recordedTopic
		Personal                           recordedTopic `json:"personal_discovery"`
		PublicKey                          string        `json:"public_key"`
	}
	vectortest.Load(t, "secure-transport.json", "topics", &cases)
	for _, c := range cases {
		t.Run(c.Kind+c.Name+c.PublicKey[:min(len(c.PublicKey), 16)], func(t *testing.T) {
			switch {
			case c.Name != "":
				recordedTopic{String: c.Name, Topic: c.Topic}.check(t, c.Kind, c.Name)
			case c.Private != "":
				r := recordedTopic{String: c.Secret, Topic: c.Topic, SymKey: c.SymKey}
				r.check(t, c.Kind, negotiated(t, c.Private, c.Private))
			default:
				who, err := identity.DecodePublicKey(unhex(t, c.PublicKey))
				if err != nil {
					t.Fatal(err)
				}
				c.ContactCode.check(t, "contact code", secure.ContactCodeTopic(who))
				c.Partitioned.check(t, "partitioned", secure.PartitionedTopic(who))
				c.Personal.check(t, "personal", secure.PersonalTopic(who))
				c.Negotiated.check(t, "negotiated", negotiated(t, c.Negotiated.Mine, c.Negotiated.Theirs))
				c.Negotiated.check(t, "negotiated by the other", negotiated(t, c.Negotiated.Theirs, c.Negotiated.Mine))
			}
		})
	}
}

// negotiated is the name that two identity keys agree on.
func negotiated(t *testing.T, mine, theirs string) string {
	t.Helper()
	own, err := crypto.ToECDSA(unhex(t, mine))
	if err != nil {
		t.Fatal(err)
	}
	other, err := crypto.ToECDSA(unhex(t, theirs))
	if err != nil {
		t.Fatal(err)
	}
	name, err := secure.NegotiatedTopic(own, identity.KeyOf(&other.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	return name
}

func TestVectorSymKeys(t *testing.T) {
	var cases []struct{ Password, SymKey string }
	vectortest.Load(t, "secure-transport.json", "symkeys", &cases)
	for _, c := range cases {
		if got := whisper.SymKeyOf(c.Password); hex.EncodeToString(got[:]) != c.SymKey {
			t.Errorf("%q: %s differs", c.Password, c.SymKey)
		}
	}
}
