package views

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"sotto/services/chats"
	"sotto/services/event"
	"sotto/services/fault"
	"sotto/services/network"
	"sotto/views/theme"
	"sotto/views/viewtest"
)

// messages waits until the list of the open chat says this.
func (h *harness) messages(text string) {
	h.t.Helper()
	h.until(func() bool { return strings.Contains(viewtest.SaysWithin(h.window.main.list), text) })
}

func TestMessagesOfTheOpenChat(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	h.must("#lobby", "Steep: see you there", "12:31", "#hike-group", "3", "1 peer")
	h.messages("see you there")
	h.chats.arrive(said("lobby", 31, otherKey, "bring a lamp"))
	h.messages("bring a lamp")
	h.untilSays("Steep: bring a lamp")
}

func TestAMessageElsewhereCounts(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	h.chats.arrive(said("hike-group", 32, otherKey, "found some"))
	h.untilSays("Steep: found some")
	h.must("4")
	h.tap("#hike-group")
	h.messages("found some")
}

func TestSending(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	h.messages("see you there")
	h.window.Say("on my way")
	h.settle()
	h.messages("on my way")
	h.must("You: on my way")

	h.chats.err = fault.New(fault.StorageProblem, "The disk is full. Your message is still here.")
	h.window.Say("lost?")
	h.settle()
	h.must("The disk is full. Your message is still here.")
	if got := h.window.main.composer.Text(); got != "lost?" {
		t.Errorf("the composer has %q", got)
	}
}

func TestReadingEndsTheCount(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	h.tap("#hike-group")
	h.messages("second pair of skis")
	h.until(func() bool {
		h.chats.mu.Lock()
		defer h.chats.mu.Unlock()
		return slices.Contains(h.chats.read, "hike-group")
	})
	h.bus.Publish(event.Event{Kind: event.Chat, Chat: "hike-group"})
	h.until(func() bool { return !contains(h.canvas, "\n3\n") })
}

func TestDraftShowsInTheList(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	h.window.main.keepDraft("hike-group", "still thinking")
	h.settle()
	h.bus.Publish(event.Event{Kind: event.Chat, Chat: "hike-group"})
	h.untilSays("Draft: still thinking")
}

func TestTheIndicatorTellsTheTruth(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	for _, c := range []struct {
		status network.Status
		says   string
	}{
		{network.Status{State: network.Offline}, "Offline"},
		{network.Status{State: network.Connecting, Known: []string{enode}}, "Connecting…"},
		{network.Status{State: network.Online, Peers: make([]network.Peer, 3)}, "3 peers"},
	} {
		h.network.set(h.bus, c.status)
		h.untilSays(c.says)
	}
	wrong := network.Degraded{Name: "clock", Text: "Your clock is 40 seconds ahead.", Remedy: "Open the date settings."}
	h.network.set(h.bus, network.Status{State: network.Online, Peers: make([]network.Peer, 3)}, wrong)
	h.untilSays("Your clock is 40 seconds ahead.")
	h.network.mu.Lock()
	h.network.degraded[0].Text = "Your clock is 50 seconds ahead."
	h.network.mu.Unlock()
	h.bus.Publish(event.Event{Kind: event.Degraded, Name: "clock"})
	h.untilSays("Your clock is 50 seconds ahead.")
	wrong.Until = noon
	h.network.set(h.bus, network.Status{State: network.Online, Peers: make([]network.Peer, 2)}, wrong)
	h.untilSays("2 peers")
}

func TestResyncLoadsEverything(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	h.messages("see you there")
	h.chats.mu.Lock()
	h.chats.messages["lobby"] = append(h.chats.messages["lobby"], said("lobby", 33, otherKey, "never announced"))
	h.chats.mu.Unlock()
	h.bus.Publish(event.Event{Kind: event.Resync})
	h.messages("never announced")
	h.untilSays("Steep: never announced")
}

func TestAChatLeftElsewhereCloses(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	h.chats.mu.Lock()
	h.chats.chats = h.chats.chats[1:]
	h.chats.mu.Unlock()
	h.bus.Publish(event.Event{Kind: event.Chat, Chat: "lobby"})
	h.untilSays("Choose a chat on the left, or begin a new one.")
}

func TestChatsCannotBeRead(t *testing.T) {
	h := newHarness(t, theme.Light, func(h *harness) {
		inLobby(h)
		h.chats.err = fault.New(fault.StorageProblem, "Your chats cannot be read. Nothing was deleted.")
	})
	h.must("Your chats cannot be read. Nothing was deleted.")
	h.tap("Try again")
	h.must("#lobby")
}

func TestNarrowWindow(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	h.resize(760, 520)
	h.must("Anyone who knows the name can read")
	h.mustNot("1 peer")
	h.window.main.back()
	h.settle()
	h.must("1 peer", "#hike-group")
	h.mustNot("Anyone who knows the name can read")
	h.tap("#hike-group")
	h.must("Anyone who knows the name can read")
	h.resize(1000, 520)
	h.must("Anyone who knows the name can read", "1 peer")
}

func TestLeastSize(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	if got := h.canvas.Content().MinSize(); got != fyne.NewSize(720, 480) {
		t.Errorf("the window's least size is %v", got)
	}
}

func TestKeyboard(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	control, alt := fyne.KeyModifierShortcutDefault, fyne.KeyModifierAlt
	h.shortcut(fyne.KeyDown, alt)
	if h.window.main.open != "hike-group" {
		t.Fatalf("Alt+Down opened %q", h.window.main.open)
	}
	h.shortcut(fyne.KeyDown, alt) // the list ends here
	h.shortcut(fyne.KeyUp, alt)
	if h.window.main.open != "lobby" {
		t.Fatalf("Alt+Up opened %q", h.window.main.open)
	}
	h.shortcut(fyne.KeyK, control)
	h.typed("Search  Ctrl+K", "hike")
	h.must("#hike-group")
	if strings.Contains(viewtest.SaysWithin(h.window.main.sidebar.Object), "#lobby") {
		t.Error("the search keeps what does not match")
	}
	h.press(fyne.KeyReturn)
	if h.window.main.open != "hike-group" {
		t.Fatalf("Enter in the search opened %q", h.window.main.open)
	}
	h.shortcut(fyne.KeyK, control)
	h.typed("Search  Ctrl+K", "Summer Trip")
	h.must("No chat has this name. Press Enter to join a channel of this name.")
	h.press(fyne.KeyReturn)
	h.must("Join a channel")
	h.press(fyne.KeyReturn)
	if h.window.main.open != "summer-trip" {
		t.Fatalf("joining from the search opened %q", h.window.main.open)
	}
	h.shortcut(fyne.KeyComma, control)
	h.must("Settings")
	h.press(fyne.KeyEscape)
	h.mustNot("Settings")
	h.shortcut(fyne.KeyN, control)
	h.must("Join a channel")
	h.press(fyne.KeyEscape)
	h.mustNot("Whoever knows the name")
}

func TestTypingAnywhereIsForTheComposer(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	h.canvas.Unfocus()
	h.canvas.OnTypedRune()('h')
	h.canvas.OnTypedRune()('i')
	if got := h.window.main.composer.Text(); got != "hi" {
		t.Errorf("the composer has %q", got)
	}
	h.tap("1 peer")
	h.canvas.OnTypedRune()('!')
	h.press(fyne.KeyEscape)
	if got := h.window.main.composer.Text(); got != "hi" {
		t.Errorf("under a sheet the composer got %q", got)
	}
}

func TestWhenAndWho(t *testing.T) {
	h := newHarness(t, theme.Light, func(h *harness) {
		inLobby(h)
		old := said("hike-group", 4, otherKey, "long ago")
		old.Timestamp = noon.AddDate(0, 0, -1)
		old.Unsupported = "This message needs another app: sticker"
		old.Author.Claimed = "otter.eth" // anybody can claim a name
		h.chats.messages["hike-group"] = []chats.Message{old}
	})
	h.must("Yest.", "Steep: This message needs another app:")
	h.mustNot("otter.eth")
}

func TestClosingEndsEverything(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	h.tap("1 peer")
	h.window.Close()
	h.window.Close()
	h.bus.Publish(event.Event{Kind: event.Resync})
	h.queue.Drain()
	if n := h.window.Running(); n != 0 {
		t.Errorf("%d calls run after Close", n)
	}
}

func TestWhatWasTypedSurvivesClosing(t *testing.T) {
	for name, end := range map[string]func(h *harness){
		"close": func(h *harness) { h.window.Close() },
		"lock":  func(h *harness) { h.window.lock(); h.settle() },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t, theme.Light, inLobby)
			h.chats.slow = 50 * time.Millisecond
			h.window.main.composer.SetText("half a thought")
			end(h)
			if got := h.chats.chats[0].Draft; got != "half a thought" {
				t.Errorf("the draft is %q", got)
			}
		})
	}
}

// What could not be sent is not lost: it comes back before what was written since, or when its chat is open again.
func TestRefusedMessagesComeBack(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	c := h.window.main
	refuse := func() { h.chats.err = fault.New(fault.StorageProblem, "The disk is full.") } // the next call
	refuse()
	c.send("lobby", "first", chats.Message{})
	c.composer.SetText("second")
	h.settle()
	h.must("The disk is full.")
	if got := c.composer.Text(); got != "first\nsecond" {
		t.Errorf("the composer has %q", got)
	}
	c.composer.SetText("")
	answered := h.chats.messages["lobby"][0]
	refuse()
	c.send("lobby", "an answer", answered)
	c.closeChat()
	h.settle()
	c.openChat("lobby")
	h.settle()
	if got := c.composer.Text(); got != "an answer" || !contains(h.canvas, "Steep Violet Otter: The cabin is free") {
		t.Errorf("after coming back the composer has %q", got)
	}
}

// The list of chats that is in memory is older than what was just typed.
func TestDraftsSurviveSwitching(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	c := h.window.main
	c.composer.SetText("half a thought")
	c.openChat("hike-group")
	c.openChat("lobby")
	if got := c.composer.Text(); got != "half a thought" {
		t.Errorf("the composer has %q", got)
	}
	h.settle()
	c.openChat("hike-group")
	h.settle()
	h.must("Draft: half a thought")
	c.openChat("lobby")
	h.press(fyne.KeyReturn)
	c.openChat("hike-group")
	c.openChat("lobby")
	if got := c.composer.Text(); got != "" {
		t.Errorf("what was sent stands in the composer again: %q", got)
	}
}

// However slow the disk is, messages are stored in the order in which they were typed.
func TestMessagesKeepTheirOrder(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	var want []string
	for i := range 50 {
		want = append(want, strconv.Itoa(i))
		h.window.main.send("lobby", strconv.Itoa(i), chats.Message{})
	}
	h.settle()
	var got []string
	for _, m := range h.chats.messages["lobby"][4:] {
		got = append(got, m.Text)
	}
	if !slices.Equal(got, want) {
		t.Errorf("stored as %v", got)
	}
}

func TestWhatWaitsForTheNetwork(t *testing.T) {
	h := newHarness(t, theme.Light, func(h *harness) { inLobby(h); h.network.status = network.Status{State: network.Connecting} })
	h.mustNot("Waiting for a connection.")
	h.window.Say("one")
	h.settle()
	h.must("Waiting for a connection. 1 message will be sent.")
	h.window.Say("two")
	h.settle()
	h.must("Waiting for a connection. 2 messages will be sent.")
	h.network.set(h.bus, network.Status{State: network.Online})
	h.until(func() bool { return !contains(h.canvas, "Waiting for a connection.") })
}
