package views

import (
	"testing"

	"sotto/services/account"
	"sotto/services/fault"
	"sotto/services/network"
	"sotto/views/theme"
	"sotto/views/viewtest"
)

func TestNewAccountJoinsAChannel(t *testing.T) {
	h := newHarness(t, theme.Light, nil)
	h.must("Talk quietly. No phone number, no e-mail, no server but your own.")
	h.tap("Create account")
	h.typed("Name", "Kay")
	h.tap("Create")
	h.must("Where to?", "Join with a link or QR", "Join a channel", "Connect to a node", "Only look around")
	if a := h.account.list[0]; a.Name != "Kay" || !a.Slots.Keychain || a.Slots.Password {
		t.Errorf("made %+v", a)
	}

	h.tap("Connect to a node")
	h.typed("enode://…", "http://example.org")
	h.tap("Connect")
	h.must("That is not the address of a node. It begins with enode://.")
	viewtest.Set(t, h.canvas, "enode://…", "")
	h.typed("enode://…", enode)
	h.tap("Connect")
	h.must("Remembered. Sotto keeps connecting to it.")

	h.tap("Join a channel")
	h.must("Whoever knows the name of a channel can read it.")
	h.typed("channel-name", "#Winter Camp")
	h.tap("Join")
	h.must("#winter-camp", "Anyone who knows the name can read", "Write down your twelve words")
	if h.canvas.Focused() == nil {
		t.Error("the composer has not the focus")
	}
}

func TestLookAroundFirst(t *testing.T) {
	h := newHarness(t, theme.Light, nil)
	h.tap("Create account")
	h.tap("Create")
	h.tap("Only look around")
	h.must("You have no chats yet.", "New chat", "Amber Quiet Heron", "Offline")
}

func TestWithoutKeychainThePasswordIsOffered(t *testing.T) {
	h := newHarness(t, theme.Light, nil)
	h.tap("Create account")
	h.account.err = fault.New(fault.NoKeychain, "This computer has no keychain that answers. Choose a password.")
	h.tap("Create")
	h.must("This computer has no keychain that answers. Choose a password.")
	h.typed("Password", "correct")
	h.tap("Create")
	h.must("The two passwords differ.")
	h.typed("The same password again", "correct")
	h.tap("Create")
	h.must("Where to?")
	if a := h.account.list[0]; a.Slots.Keychain || !a.Slots.Password {
		t.Errorf("made with slots %+v", a.Slots)
	}
}

func TestRecover(t *testing.T) {
	h := newHarness(t, theme.Light, nil)
	h.tap("I have a recovery phrase")
	const hint = "Twelve to twenty-four words, in their order"
	h.typed(hint, "test test tset ")
	h.must("Word 3, “tset”, is not in the list of words.")
	viewtest.Set(t, h.canvas, hint, "test test test")
	h.mustNot("is not in the list")
	h.tap("Recover")
	h.must("A phrase has 12, 15, 18, 21 or 24 words. Yours has 3.")
	viewtest.Set(t, h.canvas, hint, "Test  test test test test test\ttest test test test test JUNK")
	h.tap("Recover")
	h.must("Where to?")
	h.mustNot("Write down your twelve words")
}

func TestRecoverRefusalIsShown(t *testing.T) {
	h := newHarness(t, theme.Light, nil)
	h.tap("I have a recovery phrase")
	h.typed("Twelve to twenty-four words, in their order", "test test test test test test test test test test test junk")
	h.account.err = fault.New(fault.AccountExists, "This account is here already. Open it from the list.")
	h.tap("Recover")
	h.must("This account is here already. Open it from the list.")
}

func TestUnlock(t *testing.T) {
	h := newHarness(t, theme.Light, severalAccounts)
	h.must("Kay", "Opens with keychain", "Bruno", "Opens with password", "Open with the keychain")
	h.tap("Bruno")
	h.mustNot("Open with the keychain")
	h.tap("Open")
	h.must("Type your password.")
	h.typed("Password", "wrong")
	h.tap("Open")
	h.must("That password does not open this account.")
	viewtest.Set(t, h.canvas, "Password", "correct")
	h.press("Return")
	h.must("You have no chats yet.", "Bruno")
}

func TestUnlockWithThePhrase(t *testing.T) {
	h := newHarness(t, theme.Light, severalAccounts)
	h.tap("Use the recovery phrase")
	h.tap("Open")
	h.must("Write the words of your phrase.")
	h.typed("The words of your recovery phrase", "test test test test test test test test test test test junk")
	h.tap("Open")
	h.must("You have no chats yet.")
}

func TestTheOnlyAccountOpensByItself(t *testing.T) {
	alone := func(h *harness) {
		severalAccounts(h)
		h.account.list = h.account.list[:1]
	}
	h := newHarness(t, theme.Light, alone)
	h.must("You have no chats yet.")

	h.window.lock()
	h.settle()
	h.must("Open your account", "Open with the keychain") // a lock that opened itself would be none
}

func TestTheKeychainDoesNotAnswer(t *testing.T) {
	h := newHarness(t, theme.Light, severalAccounts)
	h.account.err = fault.New(fault.NoKeychain, "The keychain did not answer. Your password opens the account.")
	h.tap("Open with the keychain")
	h.must("The keychain did not answer. Your password opens the account.", "Open with the keychain")
}

func TestAccountsCannotBeRead(t *testing.T) {
	h := newHarness(t, theme.Light, func(h *harness) {
		h.account.err = fault.New(fault.StorageProblem, "The folder of your accounts cannot be read.")
	})
	h.must("The folder of your accounts cannot be read.", "Nothing was changed. They stay where they are.")
	h.tap("Try again")
	h.must("Create account")
}

func TestBackFromCreateToTheAccounts(t *testing.T) {
	h := newHarness(t, theme.Light, severalAccounts)
	h.tap("Create account")
	h.tap("Back")
	h.must("I have a recovery phrase")
	h.tap("Back")
	h.must("Open your account")
}

func TestAStartWithAnOpenAccount(t *testing.T) {
	h := newHarness(t, theme.Light, func(h *harness) {
		h.account.list = []account.Account{{ID: "0a", Name: "Kay"}}
		h.account.open = "0a"
		h.network.status = network.Status{State: network.Connecting, Known: []string{enode}}
	})
	h.must("Kay", "Connecting…")
}

// An account whose history or keys are damaged cannot be opened; deleting it is the way to recover it by its phrase.
func TestALockedAccountCanBeDeleted(t *testing.T) {
	h := newHarness(t, theme.Light, severalAccounts)
	h.tap("Bruno")
	h.tap("Delete this account")
	h.must("Delete Bruno?", "Only your recovery phrase brings the account back")
	h.typed("Your password", "wrong")
	h.tap("Delete Bruno")
	h.must("That password does not open this account.")
	viewtest.Set(t, h.canvas, "Your password", "correct")
	h.tap("Delete Bruno")
	if len(h.account.removed) != 1 || contains(h.canvas, "Bruno") || !contains(h.canvas, "Kay") {
		t.Errorf("removed %v; the window says\n%s", h.account.removed, viewtest.Says(h.canvas))
	}
}
