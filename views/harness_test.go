package views

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"sotto/services/account"
	"sotto/services/chats"
	"sotto/services/devices"
	"sotto/services/event"
	"sotto/services/history"
	"sotto/services/network"
	"sotto/views/dispatch"
	"sotto/views/theme"
	"sotto/views/viewtest"
)

// harness is a window over fakes.
type harness struct {
	t       *testing.T
	queue   *dispatch.Queue
	bus     *event.Bus
	account *fakeAccounts
	chats   *fakeChats
	people  *fakeContacts
	groups  *fakeGroups
	devices *fakeDevices
	network *fakeNetwork
	history *fakeHistory
	look    *fakeLook
	window  *Window
	canvas  fyne.Canvas
	copied  string

	clipboard string
	nobody    bool // without a contact service
}

// newHarness opens a window of 1100 by 720; prepare may fill the fakes before it starts.
func newHarness(t *testing.T, mode theme.Mode, prepare func(h *harness)) *harness {
	t.Helper()
	viewtest.Use(mode)
	bus := event.NewBus()
	h := &harness{t: t, queue: dispatch.NewQueue(), bus: bus,
		account: &fakeAccounts{pass: map[string]string{}},
		chats:   &fakeChats{bus: bus, messages: map[string][]chats.Message{}, left: map[string]bool{}},
		network: &fakeNetwork{status: network.Status{State: network.Offline}, receive: network.ReceiveAutomatic},
		history: &fakeHistory{gaps: map[string][]history.Gap{}},
		look:    &fakeLook{mode: mode},
	}
	h.chats.locked = func() bool { _, open := h.account.Current(); return !open }
	h.people = &fakeContacts{bus: bus, chats: h.chats}
	h.groups = &fakeGroups{bus: bus, chats: h.chats, groups: map[string]*fakeGroup{}}
	h.devices = &fakeDevices{bus: bus, list: []devices.Device{thisDevice}}
	if prepare != nil {
		prepare(h)
	}
	seeClock(t)
	fw := test.NewTempWindow(t, nil)
	h.window = New(fw, Options{
		Services: Services{
			Account: h.account, Chats: h.chats, Contacts: h.contacts(), Groups: h.groups, Devices: h.devices,
			Network: h.network, History: h.history, Events: bus,
		},
		Dispatch: h.queue, Look: h.look, Now: func() time.Time { return noon }, Copy: func(s string) { h.copied = s },
		Paste: func() string { return h.clipboard },
	})
	t.Cleanup(h.window.Close)
	h.canvas = fw.Canvas()
	fw.Resize(fyne.NewSize(1100, 720))
	h.window.Start()
	h.settle()
	return h
}

// clockSeen is when Fyne's clock was looked at last.
var clockSeen time.Time

// seeClock lets Fyne look at the clock, which it does when it paints only. What was made by the clock of a minute ago counts
// as a minute old, and would be thrown away with the next picture.
func seeClock(t *testing.T) {
	t.Helper()
	if time.Since(clockSeen) > 10*time.Second {
		test.NewTempWindow(t, widget.NewLabel("")).Canvas().Capture()
		clockSeen = time.Now()
	}
}

// contacts is the contact service, if there is one.
func (h *harness) contacts() Contacts {
	if h.nobody {
		return nil
	}
	return h.people
}

// inLobby prepares an open account with two channels.
func inLobby(h *harness) {
	h.account.list = []account.Account{{ID: "0000000000000000000000000000000a", Name: "Kay", Colour: 3,
		Slots: account.Slots{Keychain: true, Password: true, Phrase: true}}}
	h.account.pass["0000000000000000000000000000000a"] = "correct"
	h.account.open = h.account.list[0].ID
	h.chats.chats = []chats.Chat{
		{ID: "lobby", Name: "lobby", Kind: chats.Public},
		{ID: "hike-group", Name: "hike-group", Kind: chats.Public, Unread: 3},
	}
	h.chats.messages["lobby"] = []chats.Message{
		said("lobby", 1, otherKey, "The cabin is free next weekend. Shall we go?"),
		said("lobby", 2, otherKey, "There is snow up there already."),
		said("lobby", 12, ownKey, "Yes. I bring the maps, and soup for everybody who carries wood."),
		said("lobby", 30, otherKey, "see you there"),
	}
	h.chats.messages["hike-group"] = []chats.Message{said("hike-group", 3, otherKey, "Who has a second pair of skis? Mine are at the repair shop until Tuesday.")}
	h.network.status = network.Status{State: network.Online, Enode: enode,
		Peers: []network.Peer{{Enode: enode, Name: "Sotto/0.1.0", RTT: 12 * time.Millisecond}}, Known: []string{enode},
		Traffic: network.Traffic{Useful: 51_200, Duplicate: 1200, Unwanted: 2_300_000, Refused: 40, Out: 88_000}}
}

// settle runs everything until no call is under way.
func (h *harness) settle() {
	h.t.Helper()
	h.until(func() bool { return h.window.Running() == 0 })
	h.canvas.Content().Refresh() // the real driver arranges anew before each frame what changed its size
	h.window.sheets.Arrange()
}

func (h *harness) until(condition func() bool) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), 10*time.Second)
	defer cancel()
	if err := h.queue.Until(ctx, condition); err != nil {
		h.t.Fatalf("it never came to that; the window says:\n%s", viewtest.Says(h.canvas))
	}
}

// untilSays waits for a text to appear.
func (h *harness) untilSays(text string) {
	h.t.Helper()
	h.until(func() bool { return contains(h.canvas, text) })
}

func (h *harness) tap(text string)         { h.t.Helper(); viewtest.Tap(h.t, h.canvas, text); h.settle() }
func (h *harness) typed(hint, text string) { h.t.Helper(); viewtest.Type(h.t, h.canvas, hint, text) }
func (h *harness) must(texts ...string)    { h.t.Helper(); viewtest.Must(h.t, h.canvas, texts...) }
func (h *harness) mustNot(texts ...string) { h.t.Helper(); viewtest.MustNot(h.t, h.canvas, texts...) }
func (h *harness) press(key fyne.KeyName)  { viewtest.Press(h.canvas, key); h.settle() }

// shortcut presses a key with a modifier, in what has the focus or else in the window.
func (h *harness) shortcut(key fyne.KeyName, modifier fyne.KeyModifier) {
	s := &desktop.CustomShortcut{KeyName: key, Modifier: modifier}
	if f, ok := h.canvas.Focused().(fyne.Shortcutable); ok {
		f.TypedShortcut(s)
	} else {
		h.window.shortcut(s)
	}
	h.settle()
}

// looks compares the window with the kept picture, without a cursor in it, once the open chat's messages are there.
func (h *harness) looks(name string) {
	h.t.Helper()
	h.canvas.Unfocus()
	if c := h.window.main; c != nil && len(h.chats.messages[c.open]) > 0 {
		last := h.chats.messages[c.open][len(h.chats.messages[c.open])-1].Text
		h.until(func() bool { return strings.Contains(viewtest.SaysWithin(c.list), last) })
		h.settle()
	}
	test.AssertRendersToImage(h.t, name+"-"+string(h.look.mode)+".png", h.canvas)
}

// choose picks one of a group of choices.
func (h *harness) choose(option string) {
	h.t.Helper()
	for _, o := range viewtest.Visible(h.canvas) {
		if group, ok := o.(*widget.RadioGroup); ok && slices.Contains(group.Options, option) {
			group.SetSelected(option)
			h.settle()
			return
		}
	}
	h.t.Fatalf("no choice says %q", option)
}

func contains(c fyne.Canvas, text string) bool { return strings.Contains(viewtest.Says(c), text) }

// chosen is what is picked in the group that has this option.
func (h *harness) chosen(option string) string {
	h.t.Helper()
	for _, o := range viewtest.Visible(h.canvas) {
		if group, ok := o.(*widget.RadioGroup); ok && slices.Contains(group.Options, option) {
			return group.Selected
		}
	}
	h.t.Fatalf("no choice says %q", option)
	return ""
}
