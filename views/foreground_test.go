package views

import (
	"slices"
	"strings"
	"testing"

	"sotto/services/event"
	"sotto/views/theme"
	"sotto/views/viewtest"
)

// reads is how often a chat was marked as read.
func (h *harness) reads(chat string) int {
	h.chats.mu.Lock()
	defer h.chats.mu.Unlock()
	return len(slices.DeleteFunc(slices.Clone(h.chats.read), func(c string) bool { return c != chat }))
}

func TestWhatComesInTheBackgroundIsNotRead(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	h.messages("see you there")
	h.settle()
	before := h.reads("lobby")
	h.window.SetForeground(false)
	for i, text := range []string{"bring a lamp", "and matches"} {
		m := said("lobby", 31+i, otherKey, text)
		m.Seen = false
		h.chats.arrive(m)
	}
	h.messages("and matches")
	h.settle()
	if got := h.reads("lobby"); got != before {
		t.Errorf("marked as read %d times while nobody looks", got-before)
	}
	h.window.SetForeground(true)
	h.until(func() bool { return h.reads("lobby") > before })
	h.newsAbove("bring a lamp")
}

// newsAbove fails unless the one "new messages" line belongs to the message with this text. The list's rows are read
// from the lowest up, each from its text to what stands above it.
func (h *harness) newsAbove(text string) {
	h.t.Helper()
	said := viewtest.SaysWithin(h.window.main.list)
	if strings.Count(said, "new messages") != 1 || !strings.Contains(said, text+"\nnew messages\n") {
		h.t.Errorf("no line above %q:\n%s", text, said)
	}
}

// A chat that is opened in the background is not read either, also by another account.
func TestAWindowOpenedInTheBackground(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	h.window.SetForeground(false)
	h.window.lock()
	h.settle()
	h.chats.mu.Lock()
	h.chats.read = nil
	h.chats.mu.Unlock()
	h.account.mu.Lock()
	h.account.open = h.account.list[0].ID
	h.account.mu.Unlock()
	a, _ := h.account.Current()
	h.window.showConversations(a)
	h.messages("see you there")
	h.bus.Publish(event.Event{Kind: event.Resync})
	h.settle()
	if got := h.reads("lobby"); got != 0 {
		t.Errorf("marked as read %d times", got)
	}
	h.window.SetForeground(true)
	h.until(func() bool { return h.reads("lobby") == 1 })
}
