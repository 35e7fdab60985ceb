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
	events := bo.Events.Subscribe(1000)
	defer events.Close()
	for b.Loop() {
		sent := send(b, ann, "lobby", "see you there")
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
