package node_test

import (
	"crypto/ecdsa"
	"crypto/rand"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/crypto"

	"sotto/node/datasync"
	"sotto/node/identity"
	"sotto/node/payload"
	"sotto/node/payload/group"
	"sotto/node/secure"
	"sotto/node/secure/securetest"
)

// A text to a group of twenty with one device each: what travels for it, before envelopes, has at most 60 kB even where it is
// the first to each of them, which must bring the most.
func TestGroupTextIsSmall(t *testing.T) {
	const most = 60_000
	now := time.Unix(1605787200, 0)
	everybody := make([]secure.Device, 21)
	for n := range everybody {
		key, err := crypto.GenerateKey()
		if err != nil {
			t.Fatal(err)
		}
		id := "d1b8a0e0-0000-4000-8000-0000000000" + strconv.Itoa(10+n)
		everybody[n] = secure.Device{Key: key, Installation: id, Rand: rand.Reader}
	}
	author := everybody[20]
	chat, events := groupOf(t, everybody, now)
	if whole := group.Size(events); whole < 5_000 {
		t.Errorf("the log has only %d bytes", whole)
	}
	wrapped := groupText(t, author.Key, chat, events, now)
	state, total := securetest.New(), 0
	for _, other := range everybody[:20] {
		to := identity.KeyOf(&other.Key.PublicKey)
		bundle, err := other.Bundle(securetest.New(), now)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := author.Learn(state, bundle, to, now); err != nil {
			t.Fatal(err)
		}
		message := datasync.New(identity.KeyOf(&author.Key.PublicKey), to, wrapped, now)
		synced, err := datasync.Payload{Messages: []datasync.Message{message}}.Encode()
		if err != nil {
			t.Fatal(err)
		}
		sealed, err := author.Seal(state, to, synced, now, nil)
		if err != nil || !sealed.ForwardSecret {
			t.Fatalf("%+v, %v", sealed, err)
		}
		total += len(sealed.Message)
	}
	t.Logf("%d bytes, of which %d each are the text with its events", total, len(wrapped))
	if total > most {
		t.Errorf("a text takes %d bytes", total)
	}
}

// groupOf is a group that the first made, to which each was added on their own, and joined.
func groupOf(t *testing.T, everybody []secure.Device, now time.Time) (chat string, events []group.Event) {
	t.Helper()
	creator := everybody[0].Key
	chat, err := group.NewID(rand.Reader, identity.KeyOf(&creator.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	clock := uint64(now.UnixMilli())
	sign := func(key *ecdsa.PrivateKey, e group.Event) {
		clock++
		e.Clock = clock
		signed, err := group.Sign(key, chat, e)
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, signed)
	}
	sign(creator, group.Event{Type: group.Created, Name: "a group of twenty-one"})
	for _, other := range everybody[1:] {
		sign(creator, group.Event{Type: group.Added, Members: []identity.PublicKey{identity.KeyOf(&other.Key.PublicKey)}})
		sign(other.Key, group.Event{Type: group.Joined})
	}
	sign(creator, group.Event{Type: group.Renamed, Name: "another name"})
	return chat, events
}

// groupText is a text of a hundred characters with the events that show that its author may write it.
func groupText(t *testing.T, author *ecdsa.PrivateKey, chat string, events []group.Event, now time.Time) []byte {
	t.Helper()
	text, err := payload.NewGroupText(chat, strings.Repeat("0123456789", 10), "", payload.NextClock(now, 0), now)
	if err != nil {
		t.Fatal(err)
	}
	short, digest := group.Abridged(chat, events, identity.KeyOf(&author.PublicKey)), group.Digest(chat, events)
	wrapped, _, err := payload.Membership{ChatID: chat, Events: payload.RawEvents(short), Text: &text, Digest: digest[:]}.Seal(author)
	if err != nil {
		t.Fatal(err)
	}
	return wrapped
}
