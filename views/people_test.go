package views

import (
	"errors"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"sotto/services/chats"
	"sotto/services/contacts"
	"sotto/services/event"
	"sotto/services/fault"
	"sotto/views/part"
	"sotto/views/theme"
	"sotto/views/viewtest"
)

// opens fails unless this chat is open, with the keyboard in the composer.
func (h *harness) opens(chat string) {
	h.t.Helper()
	h.settle()
	if got := h.window.main.open; got != chat {
		h.t.Fatalf("open is %.20q", got)
	}
	if h.window.sheets.Depth() != 0 {
		h.t.Error("a sheet is open")
	}
	if !h.window.main.canWrite() {
		h.t.Fatal("nothing can be written")
	}
	h.window.typedRune('h')
	h.composed("h")
}

func TestWithoutContactServiceNobodyIsOffered(t *testing.T) {
	h := newHarness(t, theme.Light, func(h *harness) { inLobby(h); h.nobody = true })
	h.tap("New")
	h.must("Join a channel")
	h.mustNot("Add a contact")
	h.press(fyne.KeyEscape)
	h.window.main.accountMenu(h.window.main.sidebar.Object)
	h.must("Copy my key")
	h.mustNot("Contacts", "My contact link")
	h.press(fyne.KeyEscape)
	h.messages("see you there")
	h.window.main.people.openAuthor(chats.Author{Key: otherKey})
	h.mustNot("Profile")
	if items := h.window.main.people.authorItems(h.chats.messages["lobby"][0]); items != nil {
		t.Error("a message's menu offers its author")
	}
	h.bus.Publish(event.Event{Kind: event.Contact, Chat: otherKey})
	h.bus.Publish(event.Event{Kind: event.Chat, Chat: "lobby"})
	h.bus.Publish(event.Event{Kind: event.Message, Chat: otherKey, Message: "0x01"})
	h.settle()
}

func TestPrivateChatsInTheList(t *testing.T) {
	h := newHarness(t, theme.Light, amongPeople)
	h.must("Bruno", "You: thanks, see you there", "Cleo", "I have a seat left in the car", "Requests", "2")
	side := viewtest.SaysWithin(h.window.main.sidebar.Object)
	for _, hidden := range []string{"Dora", "Win a new phone"} {
		if strings.Contains(side, hidden) {
			t.Errorf("the list says %q of a stranger", hidden)
		}
	}
}

func TestTheHeaderOfAPrivateChat(t *testing.T) {
	h := newHarness(t, theme.Light, amongPeople)
	h.window.main.openChat(otherKey)
	h.settle()
	h.must("Only you two can read this.")
	header := h.window.main.header
	header.sign.FocusGained()
	h.must("You compared codes with Bruno on 20 November 2026.")
	header.sign.FocusLost()
	h.must("Only you two can read this.")
	header.sign.Tapped(nil)
	h.settle()
	h.must("Compare codes")
	h.press(fyne.KeyEscape)
	h.window.main.openChat("lobby")
	h.settle()
	if header.sign.Visible() {
		t.Error("a channel is verified")
	}
}

func TestTheMenuOfAPrivateChat(t *testing.T) {
	h := newHarness(t, theme.Light, amongPeople)
	h.window.main.openChat(cleoKey)
	h.settle()
	h.window.main.chatMenuFromHeader(h.window.main.header.more)
	h.must("View profile", "Set nickname", "Compare codes", "Copy key", "Remove from contacts", "Block Cleo")
	h.mustNot("Leave")
	h.tap("Copy key")
	if h.copied != cleoKey {
		t.Errorf("copied %q", h.copied)
	}
	h.window.main.chatMenu(otherKey, fyne.NewPos(50, 50)) // of a row, not of the open chat
	h.must("Block Bruno")
	h.tap("View profile")
	h.must("Steep Violet Otter", "2 devices of theirs are known.")
}

func TestNickname(t *testing.T) {
	h := newHarness(t, theme.Light, amongPeople)
	h.window.main.openChat(cleoKey)
	h.settle()
	h.window.main.people.openNickname(h.window.main.people.open)
	h.typed("Nickname", "Skier")
	h.people.err = fault.New(fault.BadName, "This name is too long.")
	h.press(fyne.KeyReturn)
	h.must("This name is too long.")
	h.tap("Save")
	h.settle()
	h.until(func() bool { return strings.Contains(viewtest.SaysWithin(h.window.main.sidebar.Object), "Skier") })
	h.settle()
	h.must("Skier", "Write to Skier")
	h.mustNot("Cleo")
}

func TestBlockingAndUnblocking(t *testing.T) {
	h := newHarness(t, theme.Light, amongPeople)
	h.window.main.openChat(otherKey)
	h.settle()
	h.window.main.people.openBlock(h.window.main.people.open)
	h.must("Block Bruno?", "What they write is dropped unread")
	h.tap("Keep")
	h.must("Only you two can read this.")
	h.window.main.people.openBlock(h.window.main.people.open)
	h.tap("Block Bruno")
	h.must("You blocked Bruno.", "Blocked")
	h.mustNot("Write to Bruno")
	if strings.Contains(viewtest.SaysWithin(h.window.main.sidebar.Object), "Bruno") {
		t.Error("the chat stays in the list")
	}
	h.messages("see you there")
	h.tap("Unblock")
	h.must("Write to Bruno")
	h.opens(otherKey)
}

func TestRemoving(t *testing.T) {
	h := newHarness(t, theme.Light, amongPeople)
	h.window.main.openChat(otherKey)
	h.settle()
	h.window.main.people.openRemove(h.window.main.people.open)
	h.must("Remove Bruno?", "What was said stays on this computer")
	h.people.err = errors.New("something")
	h.tap("Remove Bruno")
	h.must("Something went wrong.")
	h.tap("Remove Bruno")
	h.must("Choose a chat on the left")
	h.mustNot("Only you two")
}

func TestContacts(t *testing.T) {
	h := newHarness(t, theme.Light, func(h *harness) {
		amongPeople(h)
		h.people.list[2].State, h.people.list[3].State = contacts.Ignored, contacts.Blocked
		h.people.err = fault.New(fault.StorageProblem, "The disk does not answer.")
	})
	h.window.main.accountMenu(h.window.main.sidebar.Object)
	h.people.mu.Lock()
	h.people.err = fault.New(fault.StorageProblem, "The disk does not answer.")
	h.people.mu.Unlock()
	h.tap("Contacts")
	h.must("The disk does not answer.")
	h.tap("Try again")
	h.must("Bruno", "Steep Violet Otter · Verified", "Cleo", "Ignored", "Dora", "Blocked", "Pecan Chipper Brook")
	h.tap("Pecan Chipper Brook")
	h.must("Profile", "You blocked them.", "Unblock")
	h.mustNot("Steep Violet Otter")
}

func TestNoContacts(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	h.window.main.openContacts()
	h.must("You have no contacts yet.")
	h.tap("Add a contact")
	h.must("Paste the key or the link")
}

func TestAPersonWhoCannotBeLoaded(t *testing.T) {
	h := newHarness(t, theme.Light, amongPeople)
	h.people.err = fault.New(fault.StorageProblem, "The disk does not answer.")
	h.window.main.openChat(cleoKey)
	h.settle()
	h.must("The disk does not answer.", "Not verified yet", "Write to Cleo")
}

func TestAChatThatCannotBeOpened(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	h.chats.err = fault.New(fault.NotAllowed, "You blocked this person.")
	h.window.main.openPrivate(otherKey)
	h.settle()
	h.must("The chat cannot be opened", "You blocked this person.")
}

// However long a name is, and in whatever direction it is written, it stays in its room.
func TestNamesStayInTheirRoom(t *testing.T) {
	h := newHarness(t, theme.Light, longNames)
	for _, chat := range []string{cleoKey, otherKey} {
		h.window.main.openChat(chat)
		h.settle()
		h.inRoom(h.window.main.object)
		people := h.window.main.people
		for _, sheet := range []func(contacts.Contact){people.openProfile, people.openBlock, people.openRemove, people.openCodes, people.openNickname} {
			sheet(people.open)
			h.settle()
			h.inRoom(h.canvas.Overlays().Top())
			h.window.sheets.CloseAll()
		}
	}
	h.window.main.openContacts()
	h.settle()
	h.inRoom(h.canvas.Overlays().Top())
}

// inRoom fails where a line of text is wider than its room, or a button reaches into the next.
func (h *harness) inRoom(root fyne.CanvasObject) {
	h.t.Helper()
	for _, o := range viewtest.Within(root) {
		switch o := o.(type) {
		case *part.Span:
			if shown := viewtest.Shown(o); shown > o.Size().Width+1 {
				h.t.Errorf("%q is %v wide in %v", o.Text(), shown, o.Size().Width)
			}
		case *part.Button:
			if o.MinSize().Width > o.Size().Width+1 {
				h.t.Errorf("the button %q has %v of %v", o.Text, o.Size().Width, o.MinSize().Width)
			}
			at := fyne.CurrentApp().Driver().AbsolutePositionForObject(o)
			if at.X < 0 || at.X+o.Size().Width > h.canvas.Size().Width {
				h.t.Errorf("the button %q leaves the window", o.Text)
			}
		}
	}
}

// Who was never added is nobody's contact after a block: the chat says so until another is opened.
func TestUnblockingAStranger(t *testing.T) {
	h := newHarness(t, theme.Light, func(h *harness) { amongPeople(h); h.people.neverAdded = true })
	h.window.main.openChat(otherKey)
	h.settle()
	h.window.main.people.openBlock(h.window.main.people.open)
	h.tap("Block Bruno")
	h.tap("Unblock")
	h.must("Bruno is not in your contacts.", "Not in your contacts")
	h.tap("Add as contact")
	h.until(func() bool { return h.window.main.find(otherKey) != nil })
	h.settle()
	h.opens(otherKey)
}

func TestAChatOfWhichNothingIsKnownCloses(t *testing.T) {
	h := newHarness(t, theme.Light, amongPeople)
	h.window.main.openChat(otherKey)
	h.settle()
	h.chats.mu.Lock()
	h.chats.left[otherKey] = true
	h.chats.mu.Unlock()
	h.people.err = fault.New(fault.StorageProblem, "The disk does not answer.")
	h.bus.Publish(event.Event{Kind: event.Chat, Chat: otherKey})
	h.untilSays("Choose a chat on the left")
}
