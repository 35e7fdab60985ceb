package views

import (
	"strings"
	"testing"
	"time"

	"sotto/services/chats"
	"sotto/services/event"
	"sotto/services/history"
	"sotto/services/network"
	"sotto/views/part"
	"sotto/views/theme"
	"sotto/views/viewtest"
)

func TestCatchingUpIsToldAndEnds(t *testing.T) {
	h := newHarness(t, theme.Light, inAcme)
	h.must("2 peers · Acme")
	h.history.tell(h.bus, func(f *fakeHistory) {
		f.progress = history.Progress{Done: 1240, Total: 3012, Server: "mail-01", Running: true}
	})
	h.untilSays("1,240 of about 3,012 from mail-01")
	h.history.tell(h.bus, func(f *fakeHistory) { f.progress = history.Progress{Done: 3000, Total: 3000, Server: "mail-01"} })
	h.untilSays("2 peers · Acme")
}

// Where the sidebar is hidden, the line is above what is shown in its place, whatever that is.
func TestCatchingUpIsToldInANarrowWindow(t *testing.T) {
	const line = "1,240 of about 3,012 from mail-01"
	h := newHarness(t, theme.Light, func(h *harness) {
		inAcme(h)
		h.history.progress = history.Progress{Done: 1240, Total: 3012, Server: "mail-01", Running: true}
	})
	once := func(where string) {
		t.Helper()
		h.settle()
		n := 0
		for _, o := range viewtest.Visible(h.canvas) {
			if s, ok := o.(*part.Span); ok && s.Text() == line {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s it is said %d times", where, n)
		}
	}
	once("in a wide window")
	h.resize(760, 520)
	once("over a chat")
	h.window.main.openRequests()
	once("over the requests")
	h.window.main.back()
	once("in the list of chats")
	h.window.main.openChat("lobby")
	once("over a chat again")
	h.resize(1100, 720)
	once("in a wide window again")
	h.resize(760, 520)
	s := h.network.Status(t.Context())
	h.network.set(h.bus, s, network.Degraded{Name: "clock", Text: "Your clock is wrong."})
	h.until(func() bool { return !contains(h.canvas, line) })
	h.network.set(h.bus, s)
	h.untilSays(line)
	before := h.window.main.list.Size().Height
	h.history.tell(h.bus, func(f *fakeHistory) { f.progress.Running = false })
	h.until(func() bool { return !contains(h.canvas, line) })
	if h.window.main.list.Size().Height <= before {
		t.Error("the line is gone and its room is not")
	}
}

func TestGapsAreRowsAndAreAskedForAgain(t *testing.T) {
	h := newHarness(t, theme.Light, func(h *harness) { withGaps(h); h.history.hold = make(chan struct{}) })
	const old = "Messages between 3 and 5 November may be missing. No mailserver keeps messages for so long."
	h.until(func() bool { return strings.Contains(flat(viewtest.SaysWithin(h.window.main.list)), old) })
	h.window.main.list.AskAgain()
	h.window.main.list.AskAgain() // once is enough
	h.until(func() bool { return strings.Contains(viewtest.SaysWithin(h.window.main.list), "Asking…") })
	h.history.mu.Lock()
	h.history.gaps["lobby"] = nil
	h.history.mu.Unlock()
	close(h.history.hold)
	h.until(func() bool { return !strings.Contains(viewtest.SaysWithin(h.window.main.list), "missing") })
	if len(h.history.synced) != 1 || h.history.synced[0] != "" {
		t.Errorf("asked for %q", h.history.synced)
	}
}

// flat is a text without its line breaks.
func flat(s string) string { return strings.Join(strings.Fields(s), " ") }

// What was asked about one chat and comes when another is open is not shown there.
func TestGapsOfAnotherChatAreNotShown(t *testing.T) {
	h := newHarness(t, theme.Light, withGaps)
	h.until(func() bool { return strings.Contains(viewtest.SaysWithin(h.window.main.list), "missing") })
	asked := 0
	h.history.gate, h.history.asked = make(chan struct{}), func() { h.queue.Do(func() { asked++ }) }
	h.bus.Publish(event.Event{Kind: event.History})
	h.until(func() bool { return asked > 0 })
	h.window.main.openChat("hike-group")
	h.history.gate <- struct{}{}
	h.until(func() bool { return asked > 1 }) // now the answer about the lobby was dealt with
	if said := viewtest.SaysWithin(h.window.main.list); strings.Contains(said, "missing") || h.window.main.open != "hike-group" {
		t.Errorf("the list says\n%s", said)
	}
	close(h.history.gate)
}

func TestHistoryOfAChat(t *testing.T) {
	h := newHarness(t, theme.Light, withGaps)
	h.window.main.chatMenu("lobby", h.window.main.list.Position())
	h.tap("View history")
	h.must("History of #lobby", "Complete from 12 November until 12:11, by mail-01.example.org and mail-02.example.org.",
		"Messages between 3 and 5 November may be missing. No mailserver keeps messages for so long.")
	h.tap("Ask for older ones")
	h.history.tell(h.bus, func(f *fakeHistory) { f.err = errDisk })
	h.tap("Ask again")
	h.must("The disk is full.")
	if got := strings.Join(h.history.synced, ","); got != "lobby," {
		t.Errorf("asked for %q", got)
	}
	h.history.tell(h.bus, func(f *fakeHistory) { f.gaps["lobby"], f.coverage = nil, nil })
	h.untilSays("No mailserver has answered for this chat yet.")
}

func TestCoverageSentences(t *testing.T) {
	span := func(from, to int, server string) history.Coverage {
		return history.Coverage{From: noon.AddDate(0, 0, -from), To: noon.AddDate(0, 0, -to), Server: "enode://ab@" + server + ":30303"}
	}
	for want, list := range map[string][]history.Coverage{
		"Complete since 12 November, by mail-01.":                                                   {span(10, 0, "mail-01")},
		"Complete since 12 November, by mail-01, mail-02 and mail-03.":                              {span(3, 0, "mail-02"), span(10, 3, "mail-01"), span(7, 1, "mail-03")},
		"Complete from 16 November until yesterday, by mail-02.":                                    {span(10, 7, "mail-01"), span(6, 1, "mail-02")},
		"Complete since 12:31, by mail-01.":                                                         {{From: noon.Add(-10 * time.Minute), To: noon, Server: "enode://ab@mail-01:1"}},
		"Complete since 22 November 2025, by mail-01.":                                              {span(365, 0, "mail-01")},
		"No mailserver has answered for this chat yet. What came while you were connected is here.": nil,
	} {
		if got := coverageSentence(list, noon); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestWhoKeepsAMessage(t *testing.T) {
	h := newHarness(t, theme.Light, func(h *harness) {
		inLobby(h)
		m := &h.chats.messages["lobby"][2]
		m.State = chats.Stored
		h.chats.steps = map[string][]chats.Step{m.ID: {
			{State: chats.Sent, Who: enode}, {State: chats.Stored, Who: mailEnode, Until: noon.AddDate(0, 0, 30)},
		}}
	})
	h.until(func() bool { return strings.Contains(viewtest.SaysWithin(h.window.main.list), "soup") })
	h.window.main.list.OpenMenu(h.chats.messages["lobby"][2], h.window.main.list.Position())
	h.until(func() bool { return contains(h.canvas, "Stored by mail-01.example.org until 22 December") })
}
