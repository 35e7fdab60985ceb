package views

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"sotto/services/fault"
	"sotto/services/network"
	"sotto/views/theme"
	"sotto/views/viewtest"
)

func TestJoin(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	h.tap("New")
	h.tap("Join a channel")
	h.must("Whoever knows the name of a channel can read it.")
	h.tap("Join")
	h.must("Write the name of a channel.")
	h.typed("channel-name", "Café")
	h.must("Names have the letters a to z, digits and hyphens.", "caf")
	h.chats.err = fault.New(fault.BadName, "This name is too short.")
	h.tap("Join")
	h.must("This name is too short.")
	h.tap("Join")
	h.must("#caf", "Anyone who knows the name can read")
	if h.window.sheets.Depth() != 0 {
		t.Error("the sheet is still there")
	}
}

func TestAKeyIsNoChannel(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	h.tap("New")
	h.tap("Join a channel")
	viewtest.Set(t, h.canvas, "channel-name", ownKey)
	h.must("That is a person's key, not the name of a channel.")
}

func TestLeave(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	h.window.main.openLeave("lobby")
	h.must("Leave #lobby?", "Its messages are deleted from this computer.")
	h.tap("Stay")
	h.must("#lobby")
	h.window.main.openLeave("lobby")
	h.tap("Leave #lobby")
	h.mustNot("#lobby")
	h.must("Choose a chat on the left, or begin a new one.")
}

func TestChatMenus(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	h.window.main.chatMenu("hike-group", fyne.NewPos(50, 50))
	h.must("Copy name", "Leave #hike-group")
	h.tap("Copy name")
	if h.copied != "hike-group" {
		t.Errorf("copied %q", h.copied)
	}
	h.window.main.accountMenu(h.window.main.sidebar.Object)
	h.must("Open settings", "Switch account", "Lock")
	h.tap("Switch account")
	h.must("Open your account")
}

func TestWritingDownTheWords(t *testing.T) {
	h := newHarness(t, theme.Light, pendingBackup)
	h.must("Write down your twelve words")
	h.mustNot("abandon")
	h.tap("Show the words")
	h.must("abandon", "accident", "12")
	h.tap("I have written them down")
	h.mustNot("abandon")
	h.typed("Word 2", "ability")
	h.typed("Word 5", "wrong")
	h.typed("Word 11", "Access ")
	h.tap("Check")
	h.must("Word 5 is another one.")
	viewtest.Set(t, h.canvas, "Word 5", " ABOVE")
	h.tap("Check")
	h.mustNot("Write down your twelve words", "Check your words")
	if y := h.window.main.panes.Position().Y; y != 0 {
		t.Errorf("a band of %v stays where the bar was", y)
	}
}

func TestWordsThatCannotBeShown(t *testing.T) {
	h := newHarness(t, theme.Light, pendingBackup)
	h.account.err = fault.New(fault.StorageProblem, "The disk does not answer.")
	h.tap("Show the words")
	h.must("Your words cannot be shown", "The disk does not answer.")
	h.tap("Close")
	h.mustNot("The disk does not answer.")
}

func TestSettings(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	h.window.main.openSettings()
	h.settle()
	h.choose("Dark")
	if h.look.mode != theme.Dark {
		t.Errorf("the mode is %q", h.look.mode)
	}
	viewtest.Set(t, h.canvas, "Name", "Kay at work")
	h.tap("Save")
	if h.account.list[0].Name != "Kay at work" {
		t.Errorf("the name is %q", h.account.list[0].Name)
	}
	h.tap("Change")
	h.typed("New password", "a")
	h.typed("The same password again", "b")
	h.tap("Save")
	h.must("The two passwords differ.")
	viewtest.Set(t, h.canvas, "The same password again", "a")
	h.tap("Save")
	if h.account.pass[h.account.open] != "a" {
		t.Error("the password was not changed")
	}
	h.account.err = fault.New(fault.NotAllowed, "One way into the account has to stay.")
	h.tap("Remove")
	h.must("One way into the account has to stay.")
	h.tap("Close")
	h.must("Kay at work")
}

func TestReceiveSetting(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	h.window.main.openSettings()
	h.settle()
	if got := h.chosen("Everything"); got != "Automatic" {
		t.Errorf("at first %q is chosen", got)
	}
	h.choose("Everything")
	if h.network.receive != network.ReceiveEverything {
		t.Errorf("received is %q", h.network.receive)
	}
	h.network.err = fault.New(fault.StorageProblem, "The disk is full.")
	h.choose("What concerns you")
	h.must("The disk is full.")
	if got := h.chosen("Everything"); got != "Everything" {
		t.Errorf("after a refusal %q is chosen", got)
	}
}

func TestSlotsComeAndGo(t *testing.T) {
	h := newHarness(t, theme.Light, func(h *harness) { inLobby(h); h.account.list[0].Slots.Password = false })
	h.window.main.openSettings()
	h.settle()
	h.must("This computer's keychain", "Not with a password")
	h.tap("Remove")
	h.must("Not with this computer's keychain")
	h.tap("Add")
	h.must("This computer's keychain")
	h.tap("Set")
	h.typed("New password", "x")
	h.typed("The same password again", "x")
	h.press(fyne.KeyReturn)
	h.must("A password", "Change")
}

func TestDeletingTheAccount(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	h.window.main.openSettings()
	h.settle()
	h.tap("Delete account")
	h.must("Delete Kay?", "Only your recovery phrase brings the account back")
	h.typed("Your password", "wrong")
	h.tap("Delete Kay")
	h.must("That password does not open this account.")
	viewtest.Set(t, h.canvas, "Your password", "correct")
	h.tap("Delete Kay")
	h.must("Create account")
	if len(h.account.removed) != 1 {
		t.Errorf("removed %v", h.account.removed)
	}
}

func TestDeletingAnAccountWithoutBackup(t *testing.T) {
	h := newHarness(t, theme.Light, pendingBackup)
	h.window.openRemove(h.window.main.account)
	h.must("You have not written down your twelve words. Without them this account is gone for good.")
	h.tap("Keep")
	h.must("#lobby")
}

func TestNetworkDetails(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	h.tap("1 peer")
	h.must("You are connected to one peer.", "You have joined no network yet.")
	h.tap("Traffic")
	h.must("51.2 kB was for you", "2.3 MB passed through", "40 B was refused")
	h.tap("Nodes")
	h.must("a979fb57… at 192.0.2.7", "You connected to it · 12 ms · Sotto/0.1.0")
	h.tap("Copy")
	if h.copied != enode {
		t.Errorf("copied %q", h.copied)
	}
	h.typed("enode://…", "nonsense")
	h.tap("Connect")
	h.must("That is not the address of a node.")
	h.network.set(h.bus, network.Status{State: network.Connecting, Known: []string{enode}})
	h.untilSays("Not connected; tried again and again")
	h.tap("Forget")
	h.untilSays("You know no node yet.")
	h.press(fyne.KeyEscape)
	h.mustNot("Connect to a node")
}

func TestTrafficIsLoadedWhileDetailsAreOpen(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	h.tap("1 peer")
	h.tap("Traffic")
	h.network.mu.Lock()
	h.network.status.Traffic.Out = 7_000_000
	h.network.mu.Unlock()
	h.untilSays("7.0 MB out") // no event says so
}

func TestForeignTextStaysInItsLine(t *testing.T) {
	h := newHarness(t, theme.Light, func(h *harness) {
		inLobby(h)
		evil := said("hike-group", 4, otherKey, "one\ntwo\u202Eeerht\x00"+strings.Repeat("x", 100_000))
		h.chats.messages["hike-group"] = append(h.chats.messages["hike-group"], evil)
		h.network.status.Peers[0].Name = "evil\n\u202Etxt" + strings.Repeat("y", 100_000)
	})
	side := viewtest.SaysWithin(h.window.main.sidebar.Object)
	if strings.ContainsRune(side, '\u202E') || !strings.Contains(side, "one two") || len(side) > 4000 {
		t.Errorf("the list says %.200q", side)
	}
	h.tap("1 peer")
	h.tap("Nodes")
	if said := viewtest.Says(h.canvas); strings.ContainsRune(said, '\u202E') || len(said) > 4000 {
		t.Errorf("the details say %.200q", said)
	}
}
