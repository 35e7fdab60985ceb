package services

import (
	"testing"
	"time"

	"sotto/services/event"
)

// BenchmarkTalk is the way of one message from Send at one person to the event at another, through a relay on loopback:
// stored, sealed, posted, relayed, opened, checked, stored.
func BenchmarkTalk(b *testing.B) {
	relay := startRelay(b)
	ann, _ := newAccount(b, b.TempDir(), "Ann")
	bo, _ := newAccount(b, b.TempDir(), "Bo")
	for _, s := range []*Session{ann, bo} {
		connect(b, s, relay)
		if _, err := s.Chats.JoinPublic(b.Context(), "lobby"); err != nil {
			b.Fatal(err)
		}
	}
	talk(b, ann, bo, "lobby")
}

// BenchmarkTalkPrivate is the same between two contacts: encrypted for the other's device, wrapped in data sync, acknowledged.
func BenchmarkTalkPrivate(b *testing.B) {
	relay := startRelay(b)
	ann, annsKeys := newAccount(b, b.TempDir(), "Ann")
	bo, bosKeys := newAccount(b, b.TempDir(), "Bo")
	for _, s := range []*Session{ann, bo} {
		connect(b, s, relay)
	}
	link, err := bo.Contacts.Link(b.Context())
	must(b, err)
	_, err = ann.Contacts.Add(b.Context(), link)
	must(b, err)
	_, err = bo.Contacts.Add(b.Context(), annsKeys.Key)
	must(b, err)
	talk(b, ann, bo, bosKeys.Key)
}

// talk sends in a chat of one person until it has shown at the other.
func talk(b *testing.B, from, to *Session, chat string) {
	events := to.Events.Subscribe(1000)
	defer events.Close()
	for b.Loop() {
		sent := send(b, from, chat, "see you there")
		timeout := time.After(time.Minute)
		for arrived := false; !arrived; {
			select {
			case e := <-events.C:
				arrived = e.Kind == event.Message && e.Message == sent.ID
			case <-timeout:
				b.Fatal("it never came")
			}
		}
	}
}
