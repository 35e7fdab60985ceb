package views

import (
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"sotto/services/account"
	"sotto/services/fault"
	"sotto/services/network"
	"sotto/views/theme"
)

// screen is what the window shows after a person went there.
type screen struct {
	name    string
	prepare func(h *harness)
	reach   func(h *harness)
}

// screens are all screens but those about people, each with how a person gets there.
var screens = []screen{
	{"welcome", nil, nil},
	{"create", nil, func(h *harness) { h.tap("Create account") }},
	{"create-password", nil, func(h *harness) {
		h.tap("Create account")
		h.typed("Name", "Kay")
		h.choose("A password")
		h.typed("Password", "one")
		h.typed("The same password again", "two")
		h.tap("Create")
	}},
	{"recover", nil, func(h *harness) {
		h.tap("I have a recovery phrase")
		h.typed("Twelve to twenty-four words, in their order", "abandon ability abuot able ")
	}},
	{"where-to", nil, func(h *harness) { h.tap("Create account"); h.tap("Create") }},
	{"unlock", severalAccounts, nil},
	{"unlock-wrong-password", severalAccounts, func(h *harness) { h.tap("Bruno"); h.typed("Password", "wrong"); h.tap("Open") }},
	{"accounts-unreadable", func(h *harness) {
		h.account.err = fault.New(fault.StorageProblem, "The folder of your accounts cannot be read. Check who may read it.")
	}, nil},
	{"no-channel", func(h *harness) {
		inLobby(h)
		h.chats.chats = nil
		h.network.status = network.Status{State: network.Connecting, Known: []string{enode}}
	}, nil},
	{"chats-unreadable", func(h *harness) {
		inLobby(h)
		h.chats.err = fault.New(fault.StorageProblem, "Your chats cannot be read. Nothing was deleted.")
	}, nil},
	{"lobby", inLobby, nil},
	{"backup-bar", func(h *harness) { inLobby(h); h.account.list[0].BackupPending = true }, nil},
	{"words", pendingBackup, func(h *harness) { h.tap("Show the words") }},
	{"words-check", pendingBackup, func(h *harness) { h.tap("Show the words"); h.tap("I have written them down") }},
	{"join", inLobby, func(h *harness) { h.tap("New"); h.tap("Join a channel"); h.typed("channel-name", "Winter Camp!") }},
	{"leave", inLobby, func(h *harness) { h.window.main.openLeave("lobby") }},
	{"network", inLobby, func(h *harness) { h.tap("1 peer") }},
	{"clock-wrong", func(h *harness) {
		inLobby(h)
		h.network.status.ClockOffset = -40 * time.Second
		h.network.degraded = []network.Degraded{{Name: "clock", Text: "Your clock is 40 seconds ahead.", Remedy: "Others may not receive you. Open the date settings."}}
	}, func(h *harness) { h.tap("Your clock is 40 seconds ahead.") }},
	{"settings", inLobby, func(h *harness) { h.window.main.openSettings() }},
	{"delete-account", inLobby, func(h *harness) { h.window.openRemove(h.window.main.account) }},
	{"narrow-list", inLobby, func(h *harness) { h.resize(760, 520); h.window.main.back(); h.settle() }},
	{"narrow-chat", inLobby, func(h *harness) { h.resize(760, 520) }},
}

func severalAccounts(h *harness) {
	h.account.list = []account.Account{
		{ID: "0000000000000000000000000000000a", Name: "Kay", Colour: 3, Slots: account.Slots{Keychain: true, Phrase: true}},
		{ID: "0000000000000000000000000000000b", Name: "Bruno", Colour: 8, Slots: account.Slots{Password: true, Phrase: true}},
	}
	h.account.pass["0000000000000000000000000000000b"] = "correct"
}

func pendingBackup(h *harness) {
	inLobby(h)
	h.account.list[0].BackupPending = true
}

func (h *harness) resize(width, height float32) {
	h.window.window.Resize(fyne.NewSize(width, height))
	h.settle()
}

// everyScreen is 1 where all screens are drawn, and n where every nth is.
var everyScreen = 1

func TestScreens(t *testing.T) {
	modes := []theme.Mode{theme.Light, theme.Dark}
	if testing.Short() {
		modes = modes[:1]
	}
	for _, mode := range modes {
		for i, s := range slices.Concat(screens, peopleScreens, networkScreens, groupScreens, deviceScreens) {
			if i%everyScreen != 0 {
				continue
			}
			t.Run(s.name+"-"+string(mode), func(t *testing.T) {
				h := newHarness(t, mode, s.prepare)
				if s.reach != nil {
					s.reach(h)
				}
				h.settle()
				h.looks(s.name)
			})
		}
	}
}
