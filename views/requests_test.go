package views

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"sotto/services/chats"
	"sotto/services/contacts"
	"sotto/services/event"
	"sotto/services/fault"
	"sotto/views/theme"
	"sotto/views/viewtest"
)

func TestRequests(t *testing.T) {
	h := newHarness(t, theme.Light, amongPeople)
	h.tap("Requests")
	h.must("They do not learn whether you read what they write.", "Dora", "Pecan Chipper Brook", "Win a new phone")
	h.press(fyne.KeyReturn) // the keyboard is on the first
	h.messages("Hello, I am Dora from the ski club.")
	h.must("Wants to write to you", "Nothing was answered so far. Dora does not learn whether you read this.",
		"The name is one they gave themselves.", "Accept", "Ignore", "Block")
	h.mustNot("Write to Dora")
	h.window.typedRune('x')
	h.window.Say("too soon")
	h.settle()
	if n := len(h.chats.messages[strangerKey]); n != 2 || h.window.main.composer.Text() != "" {
		t.Errorf("something was written to a stranger: %d messages, %q", n, h.window.main.composer.Text())
	}
	h.tap("Accept")
	h.must("Not verified yet", "Write to Dora")
	h.opens(strangerKey)
	h.until(func() bool { return strings.Contains(viewtest.SaysWithin(h.window.main.sidebar.Object), "Dora") })
	h.must("1")
}

func TestARequestRefused(t *testing.T) {
	h := newHarness(t, theme.Light, amongPeople)
	h.window.main.openChat(strangerKey)
	h.settle()
	h.people.err = fault.New(fault.StorageProblem, "The disk is full.")
	h.tap("Accept")
	h.must("The disk is full.", "Accept", "Wants to write to you")
	h.tap("Ignore")
	h.must("Requests", "Pecan Chipper Brook")
	h.mustNot("Dora")
	h.tap("Pecan Chipper Brook")
	h.tap("Block")
	h.must("Block Pecan Chipper Brook?", "They are not told.")
	h.tap("Block Pecan Chipper Brook")
	h.must("Choose a chat on the left, or begin a new one.")
	h.mustNot("Requests")
	if h.people.list[len(h.people.list)-1].State != contacts.Blocked {
		t.Error("nobody was blocked")
	}
}

func TestRequestsThatCannotBeRead(t *testing.T) {
	h := newHarness(t, theme.Light, func(h *harness) {
		amongPeople(h)
		h.chats.requestsErr = fault.New(fault.StorageProblem, "The requests cannot be read.")
	})
	h.window.main.openRequests()
	h.settle()
	h.must("The requests cannot be read.")
	h.chats.mu.Lock()
	h.chats.requestsErr = nil
	h.chats.mu.Unlock()
	h.tap("Try again")
	h.must("Dora")
}

func TestNoRequests(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	h.mustNot("Requests")
	h.window.main.openRequests()
	h.settle()
	h.tap("Show my contact link")
	h.must("My contact link")
}

func TestARequestComesAndAnotherIsIgnoredElsewhere(t *testing.T) {
	h := newHarness(t, theme.Light, amongPeople)
	h.chats.mu.Lock()
	h.chats.chats = append(h.chats.chats, chats.Chat{ID: "0x04", Kind: chats.Private, Request: true})
	h.chats.mu.Unlock()
	h.bus.Publish(event.Event{Kind: event.Message, Chat: "0x04", Message: "0x01"})
	h.untilSays("3")
	h.window.main.openChat(strangerKey)
	h.settle()
	if _, err := h.people.Ignore(t.Context(), strangerKey); err != nil {
		t.Fatal(err)
	}
	h.untilSays("They do not learn whether you read what they write.")
}

func TestManyRequests(t *testing.T) {
	h := newHarness(t, theme.Light, func(h *harness) {
		inLobby(h)
		for i := range mostRequestRows + 1 {
			id := strangerKey[:8] + strings.Repeat("0", 3) + string(rune('A'+i%26)) + string(rune('a'+i/26))
			h.chats.chats = append(h.chats.chats, chats.Chat{ID: id, Kind: chats.Private, Name: id, Request: true})
		}
	})
	h.tap("Requests")
	h.must("More are waiting. They appear as you answer these.")
	if n := len(h.window.main.people.page.rows); n != mostRequestRows {
		t.Errorf("%d rows", n)
	}
	first := h.window.main.people.page.box.Objects[0]
	h.bus.Publish(event.Event{Kind: event.Chat})
	h.settle()
	if h.window.main.people.page.box.Objects[0] != first {
		t.Error("rows are made anew, away from under the keyboard")
	}
}

func TestEscapeLeadsBackFromARequest(t *testing.T) {
	h := newHarness(t, theme.Light, amongPeople)
	h.window.main.openChat(strangerKey)
	h.settle()
	h.canvas.Unfocus()
	h.press(fyne.KeyEscape)
	h.must("They do not learn whether you read what they write.")
	h.canvas.Unfocus()
	h.press(fyne.KeyEscape)
	h.must("Choose a chat on the left")
}

func TestRequestsInANarrowWindow(t *testing.T) {
	h := newHarness(t, theme.Light, amongPeople)
	h.resize(760, 520)
	h.window.main.back()
	h.settle()
	h.tap("Requests")
	h.must("Dora")
	h.mustNot("1 peer")
	h.tap("Dora")
	h.must("Accept")
	h.window.main.back()
	h.settle()
	h.must("Pecan Chipper Brook")
	h.window.main.jump()
	h.settle()
	h.must("1 peer")
}

// What another program of the same account does is followed.
func TestAnsweredElsewhere(t *testing.T) {
	for name, c := range map[string]struct {
		open, says string
		do         func(*fakeContacts) error
	}{
		"accepted": {strangerKey, "Write to Dora", func(f *fakeContacts) error { _, err := f.Accept(t.Context(), strangerKey); return err }},
		"ignored":  {strangerKey, "Win a new phone", func(f *fakeContacts) error { _, err := f.Ignore(t.Context(), strangerKey); return err }},
		"blocked":  {otherKey, "You blocked Bruno.", func(f *fakeContacts) error { _, err := f.Block(t.Context(), otherKey); return err }},
		"removed":  {otherKey, "Choose a chat on the left", func(f *fakeContacts) error { _, err := f.Remove(t.Context(), otherKey); return err }},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t, theme.Light, amongPeople)
			h.window.main.openChat(c.open)
			h.settle()
			if err := c.do(h.people); err != nil {
				t.Fatal(err)
			}
			h.untilSays(c.says)
		})
	}
}
