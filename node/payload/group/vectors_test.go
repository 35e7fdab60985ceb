package group

import (
	"crypto/ecdsa"
	"encoding/hex"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/crypto"

	"sotto/node/identity"
	"sotto/node/vectortest"
)

// recordedEvent is an event of the vectors. People have names there.
type recordedEvent struct {
	Author     string
	Clock      uint64
	Members    []string
	Name       string
	Type, Wire string
	SignedWith string `json:"signed_with_chat_id"`
	Body       string `json:"event_protobuf"`
}

// recordedState is who is what in a group.
type recordedState struct {
	Members, Joined, Admins []string
	Name                    string
	Events                  int `json:"event_count"`
}

type recordedVerdict struct {
	Accepted bool
	State    recordedState
}

type recordedScenario struct {
	Name      string
	Chat      string `json:"chat_id"`
	Events    []recordedEvent
	Reference recordedVerdict
}

type recordedMerge struct {
	Name             string
	Chat             string `json:"chat_id"`
	Existing, Update []recordedEvent
	Before           recordedState `json:"state_before"`
	Reference        recordedVerdict
}

var recordedTypes = map[string]Type{
	"CHAT_CREATED": Created, "NAME_CHANGED": Renamed, "MEMBERS_ADDED": Added, "MEMBER_JOINED": Joined,
	"MEMBER_REMOVED": Removed, "ADMINS_ADDED": AdminsAdded, "ADMIN_REMOVED": AdminRemoved,
}

// cast is the people of the vectors: their keys by name.
func cast(t *testing.T) map[string]string {
	t.Helper()
	var keys map[string]string
	vectortest.Load(t, "group.json", "keys", &keys)
	return keys
}

// ours is what we make of scenarios and merges of which the recorded client makes something else: of those it rejects as a
// whole, what the events amount to that count; and where it is not as strict as the specification, or counts what changes
// nothing. Each of them is named in docs/protocol-conformance.md.
var ours = map[string]recordedState{
	"join before invite by clock":                               state("team", 2, "alice bob", "alice", "alice"),
	"invalid: non admin renames":                                state("team", 2, "alice bob", "alice", "alice"),
	"invalid: empty name change":                                state("team", 1, "alice", "alice", "alice"),
	"invalid: stranger joins":                                   state("team", 1, "alice", "alice", "alice"),
	"invalid: member removes other member":                      state("team", 2, "alice bob carol", "alice", "alice"),
	"invalid: admin removes admin right of another":             state("team", 3, "alice bob", "alice", "alice bob"),
	"invalid: admins added not a member":                        state("team", 1, "alice", "alice", "alice"),
	"quirk: admins added, one member one stranger":              state("team", 2, "alice bob", "alice", "alice"),
	"quirk: remove of a non member by a non member (itself)":    state("team", 1, "alice", "alice", "alice"),
	"invalid: second chat created":                              state("team", 1, "alice", "alice", "alice"),
	"invalid: created by somebody else than the chat id suffix": state("", 0, "", "", ""),
	"invalid: event signed for another chat id":                 state("team", 1, "alice", "alice", "alice"),
	"invalid: corrupted signature":                              state("team", 1, "alice", "alice", "alice"),
	"invalid: remove two members in one event":                  state("team", 2, "alice bob carol", "alice", "alice"),
	"duplicate event":                                           state("team", 2, "alice bob", "alice", "alice"),
	"late removal invalidates later local event":                state("team", 3, "alice", "alice", "alice"),
	"same clock, rename twice":                                  state("first", 5, "alice bob carol", "alice bob", "alice"),
}

func state(name string, events int, members, joined, admins string) recordedState {
	return recordedState{
		Members: strings.Fields(members), Joined: strings.Fields(joined), Admins: strings.Fields(admins), Name: name, Events: events,
	}
}

func TestVectorScenarios(t *testing.T) {
	var cases []recordedScenario
	vectortest.Load(t, "group.json", "scenarios", &cases)
	keys := cast(t)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			events := decodeAll(t, c.Chat, c.Events, keys)
			check(t, c.Chat, events, expected(t, c.Name, c.Reference), keys)
			slices.Reverse(events)
			check(t, c.Chat, events, expected(t, c.Name, c.Reference), keys)
		})
	}
}

func TestVectorMerges(t *testing.T) {
	var cases []recordedMerge
	vectortest.Load(t, "group.json", "merges", &cases)
	keys := cast(t)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			existing, update := decodeAll(t, c.Chat, c.Existing, keys), decodeAll(t, c.Chat, c.Update, keys)
			check(t, c.Chat, existing, c.Before, keys)
			check(t, c.Chat, slices.Concat(existing, update), expected(t, c.Name, c.Reference), keys)
			check(t, c.Chat, slices.Concat(update, existing), expected(t, c.Name, c.Reference), keys)
		})
	}
}

// expected is the state that we must arrive at.
func expected(t *testing.T, name string, reference recordedVerdict) recordedState {
	t.Helper()
	want, differs := ours[name]
	if !differs {
		if !reference.Accepted {
			t.Fatal("the recorded client rejects this, and what we make of it is not said")
		}
		return reference.State
	}
	if reference.Accepted && reflect.DeepEqual(want, reference.State) {
		t.Error("said to be different, and is not")
	}
	return want
}

// decodeAll reads the events of a vector, and leaves out those whose signature fits nobody.
func decodeAll(t *testing.T, chat string, recorded []recordedEvent, keys map[string]string) (events []Event) {
	t.Helper()
	for _, r := range recorded {
		e, err := DecodeEvent(chat, mustHex(t, r.Wire))
		if err != nil {
			if ReasonOf(err) != ReasonSignature {
				t.Fatal(err)
			}
			continue
		}
		var members []identity.PublicKey
		for _, name := range r.Members {
			members = append(members, keyNamed(t, keys, name))
		}
		if e.Clock != r.Clock || e.Type != recordedTypes[r.Type] || e.Name != r.Name || !slices.Equal(e.Members, members) {
			t.Errorf("read as %+v", e)
		}
		if hex.EncodeToString(e.Raw[65:]) != r.Body {
			t.Errorf("raw %x", e.Raw)
		}
		events = append(events, e)
	}
	return events
}

func keyNamed(t *testing.T, keys map[string]string, name string) identity.PublicKey {
	t.Helper()
	key, ok := keyOf(keys[name+"_public"])
	if !ok {
		t.Fatalf("no key of %s", name)
	}
	return key
}

// check replays events and compares.
func check(t *testing.T, chat string, events []Event, want recordedState, keys map[string]string) {
	t.Helper()
	got, _ := Replay(chat, events)
	list := func(members []identity.PublicKey) []string {
		names := []string{}
		for _, name := range []string{"alice", "bob", "carol", "dave"} {
			if slices.Contains(members, keyNamed(t, keys, name)) {
				names = append(names, name)
			}
		}
		if len(names) != len(members) {
			t.Errorf("others than the four: %v", members)
		}
		return names
	}
	have := recordedState{list(got.Members()), list(got.Joined()), list(got.Admins()), got.Name, len(Clean(chat, events))}
	if !reflect.DeepEqual(have, want) {
		t.Errorf("state %+v, want %+v", have, want)
	}
}

// What is signed, byte for byte: who has the keys makes the same events.
func TestVectorEventsAreSignedAlike(t *testing.T) {
	var cases []recordedScenario
	vectortest.Load(t, "group.json", "scenarios", &cases)
	keys := cast(t)
	for _, c := range cases {
		for _, r := range c.Events {
			want := Event{Clock: r.Clock, Type: recordedTypes[r.Type], Name: r.Name}
			for _, name := range r.Members {
				want.Members = append(want.Members, keyNamed(t, keys, name))
			}
			got, err := Sign(keyFrom(t, keys[r.Author]), r.SignedWith, want)
			if err != nil {
				t.Fatal(err)
			}
			if hex.EncodeToString(got.Raw) != r.Wire && c.Name != "invalid: corrupted signature" {
				t.Errorf("%s: made %x", c.Name, got.Raw)
			}
			if got.Author != keyNamed(t, keys, r.Author) {
				t.Errorf("%s: by %v", c.Name, got.Author)
			}
		}
	}
}

func TestVectorSystemMessageIDs(t *testing.T) {
	var cases []struct {
		Signature string `json:"event_signature"`
		ID        string `json:"system_message_id"`
	}
	vectortest.Load(t, "group.json", "system_message_ids", &cases)
	if len(cases) == 0 {
		t.Fatal("none")
	}
	for _, c := range cases {
		t.Run(c.ID[:10], func(t *testing.T) {
			var e Event
			copy(e.Signature[:], mustHex(t, c.Signature))
			if id := e.LineID(); hex.EncodeToString(id[:]) != c.ID[2:] {
				t.Errorf("id %x", id)
			}
		})
	}
}

func keyFrom(t *testing.T, hexadecimal string) *ecdsa.PrivateKey {
	t.Helper()
	key, err := crypto.ToECDSA(mustHex(t, hexadecimal))
	if err != nil {
		t.Fatal(err)
	}
	return key
}
