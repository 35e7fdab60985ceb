package views

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"sotto/services/event"
	"sotto/services/fault"
	"sotto/services/groups"
	"sotto/views/theme"
	"sotto/views/viewtest"
)

func TestAskingToBeLetIn(t *testing.T) {
	h := newHarness(t, theme.Light, amongHikers)
	link := groupLinkOf(strangerKey, skiers, "Skiers of the north")
	h.window.openLink(link)
	h.must("Ask to join Skiers of the north?", "Dora is an admin of this group and decides.")
	h.typed("Who you are, and where you have the link from", "It is Kay")
	h.groups.err = fault.New(fault.NotAllowed, "You blocked this person.")
	h.tap("Ask")
	h.must("You blocked this person.")
	h.tap("Ask")
	h.must("You asked to join Skiers of the north", "You asked Dora at 12:40 and wait for an answer.", "You wrote: “It is Kay”")
	h.tap("Close")
	h.window.openLink(link) // again
	h.must("You asked to join Skiers of the north")
	h.tap("Take back")
	h.settle()
	if len(h.groups.requests) != 0 || h.window.sheets.Depth() != 0 {
		t.Errorf("%+v, %d sheets", h.groups.requests, h.window.sheets.Depth())
	}
}

func TestAGroupsLinkIsTakenEverywhere(t *testing.T) {
	link := groupLinkOf(strangerKey, skiers, "Skiers")
	const asks = "Ask to join Skiers?"
	for name, reach := range map[string]func(h *harness){
		"the search":      func(h *harness) { h.window.main.openNew(link) },
		"a channel":       func(h *harness) { h.window.main.openJoin(""); h.put("channel-name", link) },
		"a contact":       func(h *harness) { h.window.main.openAdd(""); h.put("Key or link", link) },
		"another group":   func(h *harness) { h.window.main.openNewGroup(); h.put("Name of the group", link) },
		"Status's form":   func(h *harness) { h.window.openLink("status-im://g/args?a=" + strangerKey + "&a1=Skiers&a2=" + skiers) },
		"an opened link":  func(h *harness) { h.window.OpenLink(link); h.settle() },
		"without a name":  func(h *harness) { h.window.openLink(groupLinkOf(strangerKey, skiers, "")) },
		"of one's own":    func(h *harness) { h.window.openLink(groupLinkOf(ownKey, skiers, "Skiers")) },
		"where one is in": func(h *harness) { h.window.openLink(groupLinkOf(otherKey, hikers, "Hike group")) },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t, theme.Light, amongHikers)
			h.window.main.openChat("lobby")
			h.settle()
			reach(h)
			h.settle()
			switch name {
			case "without a name":
				h.must("Ask to join this group?")
			case "of one's own":
				h.must("This is a link of your own.")
			case "where one is in":
				h.opens(hikers)
			default:
				h.must(asks)
			}
		})
	}
}

func TestWhoAsksIsShownOnThePage(t *testing.T) {
	h := newHarness(t, theme.Light, asked)
	h.must("Requests", "3")
	page(h)
	h.tap("Asking to be let in (2)")
	h.must("Dora", "Asks to be let in · 11:41", "May I come along?", "Pecan Chipper Brook", "Turn down", "Let in")
	first := h.window.main.groups.page.asks.Objects[0]
	h.bus.Publish(event.Event{Kind: event.Group, Chat: hikers})
	h.settle()
	if h.window.main.groups.page.asks.Objects[0] != first {
		t.Error("rows are made anew, away from under the keyboard")
	}
	h.groups.refused = fault.New(fault.NotAllowed, "That request is not there any more.")
	h.tap("Let in")
	h.must("That request is not there any more.")
	h.tapAmong("Let in", 0)
	h.until(func() bool { return len(h.window.main.groups.page.members) == 5 })
	h.settle()
	h.must("Asking to be let in (1)", "5 members")
	h.tap("Turn down")
	h.must("Nobody asks to be let in.")
	h.mustNot("Dora", "Pecan")
}

func TestWhoAsksIsShownAmongTheRequests(t *testing.T) {
	h := newHarness(t, theme.Light, asked)
	h.tap("Requests")
	h.must("Asks to be let into Hike group · 11:41", "You asked to be let into Skiers of the north", "Nobody has answered yet · asked 20 November")
	h.tapAmong("Turn down", 0)
	h.mustNot("Asks to be let into Hike group · 11:41")
	h.tap("Let in")
	h.mustNot("Asks to be let into")
	h.tap("Take back")
	h.mustNot("You asked to be let into")
	if len(h.groups.requests) != 0 || len(h.groups.groups[hikers].members) != 5 {
		t.Errorf("%+v, %d members", h.groups.requests, len(h.groups.groups[hikers].members))
	}
}

// tapAmong presses the n-th of several buttons that say the same.
func (h *harness) tapAmong(text string, n int) {
	h.t.Helper()
	for _, o := range viewtest.Visible(h.canvas) {
		if b, ok := o.(interface {
			fyne.Tappable
			Tapped(*fyne.PointEvent)
		}); ok && strings.TrimSpace(viewtest.SaysWithin(o)) == text+"\n"+text {
			if n == 0 {
				b.Tapped(&fyne.PointEvent{})
				h.settle()
				return
			}
			n--
		}
	}
	h.t.Fatalf("nothing says %q", text)
}

func TestOwnRequestsKeepTheirLine(t *testing.T) {
	h := newHarness(t, theme.Light, func(h *harness) {
		inLobby(h)
		h.groups.requests = []groups.Request{{Group: skiers, GroupName: "Skiers", Key: ownKey, At: noon, State: groups.Asked, Mine: true}}
	})
	h.tap("Requests")
	h.must("You asked to be let into Skiers")
	h.mustNot("Nobody waits for an answer.")
}

func TestWhoWasTurnedDownIsTold(t *testing.T) {
	h := newHarness(t, theme.Light, func(h *harness) {
		inLobby(h)
		h.groups.requests = []groups.Request{{Group: skiers, GroupName: "Skiers", Key: ownKey, At: noon, State: groups.Rejected, Mine: true}}
	})
	h.tap("Requests")
	h.must("You were not let into Skiers")
	h.mustNot("Nobody has answered yet")
	h.tap("Remove")
	h.mustNot("You were not let into")
	if len(h.groups.requests) != 0 {
		t.Errorf("left %+v", h.groups.requests)
	}
}

func TestAHostileIntroduction(t *testing.T) {
	h := newHarness(t, theme.Light, func(h *harness) {
		asked(h)
		h.groups.requests[0].Text = strings.Repeat("line\n\u202e", 1000)
		h.groups.requests[0].Name = "\u202e" + strings.Repeat("Wilhelmina ", 30)
	})
	h.tap("Requests")
	h.inRoom(h.window.main.object)
	if got := viewtest.Says(h.canvas); strings.Contains(got, "\u202e") || strings.Contains(got, strings.Repeat("line ", 60)) {
		t.Error("it is shown as it came")
	}
}
