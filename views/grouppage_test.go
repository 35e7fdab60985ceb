package views

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"sotto/services/contacts"
	"sotto/services/event"
	"sotto/services/fault"
	"sotto/services/groups"
	"sotto/views/theme"
	"sotto/views/viewtest"
)

// menuLabels are the labels of a menu, one a line.
func menuLabels(items []*fyne.MenuItem) string {
	var labels []string
	for _, i := range items {
		labels = append(labels, i.Label)
	}
	return strings.Join(labels, "\n")
}

func TestTheHeaderLeadsToThePage(t *testing.T) {
	h := newHarness(t, theme.Light, amongHikers)
	h.window.main.openChat("lobby")
	h.settle()
	if h.window.main.header.place.Objects[0] != fyne.CanvasObject(h.window.main.header.words) {
		t.Error("the header of a channel can be pressed")
	}
	h.window.main.openChat(hikers)
	h.settle()
	h.tap("4 members, 1 has not answered")
	h.must("4 members, 1 has not answered · made on 3 November", "Members", "Add members", "Rename", "Invite with a link", "Leave group",
		"Admins cannot be removed.", "You", "Bruno", "Admin", "Cleo", "Pecan Chipper Brook", "Invited, has not answered")
	h.window.main.openChat("lobby")
	h.settle()
	if h.window.sheets.Depth() != 0 {
		t.Error("the page stays over another chat")
	}
}

func TestWhatMayBeDone(t *testing.T) {
	h := newHarness(t, theme.Light, amongHikers)
	page(h)
	p := h.window.main.groups.page
	for i, want := range []string{
		"Give up being an admin\nLeave group",
		"View profile\nWrite to Bruno",
		"View profile\nWrite to Cleo\n\nMake admin\nRemove from the group",
		"View profile\nWrite to Pecan Chipper Brook\n\nRemove from the group", // has not joined
	} {
		if got := menuLabels(p.memberItems(p.members[i])); got != want {
			t.Errorf("%s: %q, want %q", p.members[i].Name, got, want)
		}
	}
	if _, err := h.groups.Resign(t.Context(), hikers); err != nil {
		t.Fatal(err)
	}
	h.untilSays("Only admins can add or remove people and rename the group. That is Bruno.")
	h.settle()
	h.mustNot("Add members", "Rename", "Invite with a link", "Asking to be let in")
	p = h.window.main.groups.page
	for i, want := range []string{"Leave group", "View profile\nWrite to Bruno", "View profile\nWrite to Cleo", "View profile\nWrite to Pecan Chipper Brook"} {
		if got := menuLabels(p.memberItems(p.members[i])); got != want {
			t.Errorf("as a member, %s: %q, want %q", p.members[i].Name, got, want)
		}
	}
	if got := menuLabels(h.window.main.chatItems(hikers)); got != "View group\nView history\n\nLeave group" {
		t.Errorf("the group's menu: %q", got)
	}
}

func TestGroupsWithoutAnAdmin(t *testing.T) {
	h := newHarness(t, theme.Light, func(h *harness) {
		plain(h)
		_, _ = h.groups.roles(hikers, []string{otherKey}, groups.Plain)
	})
	page(h)
	h.must("Only admins can add or remove people and rename the group. It has none any more.")
}

func TestAMembersMenu(t *testing.T) {
	h := newHarness(t, theme.Light, amongHikers)
	page(h)
	h.tap("Cleo")
	h.tap("Make admin")
	h.must("Make Cleo an admin?", "Only Cleo can give that up again.")
	h.tap("Make admin")
	h.until(func() bool { return h.window.main.groups.page.members[2].Role == groups.Admin })
	h.settle()
	h.tap("Pecan Chipper Brook")
	h.tap("Remove from the group")
	h.must("Remove Pecan Chipper Brook?", "Everybody in the group sees that you did this.")
	h.groups.err = fault.New(fault.NotAllowed, "Only an admin of the group can do that.")
	h.tap("Remove Pecan Chipper Brook")
	h.must("Only an admin of the group can do that.")
	h.tap("Remove Pecan Chipper Brook")
	h.must("3 members")
	h.mustNot("Pecan")
	h.tap("You")
	h.tap("Give up being an admin")
	h.must("Give up being an admin?", "Stay admin")
	h.tap("Give it up")
	h.must("They are Bruno and Cleo.")
	h.tap("Bruno")
	h.tap("Write to Bruno")
	h.opens(otherKey)
}

func TestRenaming(t *testing.T) {
	h := newHarness(t, theme.Light, amongHikers)
	page(h)
	h.tap("Rename")
	viewtest.Set(t, h.canvas, "Name of the group", "  ")
	h.press(fyne.KeyReturn)
	h.must("Give the group a name.")
	viewtest.Set(t, h.canvas, "Name of the group", strings.Repeat("x", 256))
	h.tap("Save")
	h.must("at most 255 bytes")
	viewtest.Set(t, h.canvas, "Name of the group", "Summer hike")
	h.tap("Save")
	h.must("Summer hike")
	h.press(fyne.KeyEscape)
	h.must("Write to Summer hike")
	h.mustNot("Hike group")
}

func TestAddingMembers(t *testing.T) {
	h := newHarness(t, theme.Light, func(h *harness) { amongHikers(h); h.people.list[2].State = contacts.Added })
	page(h)
	h.tap("Add members")
	h.must("Dora", "Hand over the last messages", "Each message bears its author's signature")
	h.mustNot("Cleo") // is in it
	h.tap("Invite")
	h.must("Choose somebody first.")
	viewtest.Set(t, h.canvas, "Search, or paste a key", otherKey)
	h.must("This person is in the group already.")
	viewtest.Set(t, h.canvas, "Search, or paste a key", "nobody of this name")
	h.must("None of your contacts is called so.")
	viewtest.Set(t, h.canvas, "Search, or paste a key", "")
	h.tap("Dora")
	h.choose("50")
	h.tap("Invite")
	h.must("5 members, 2 have not answered")
	if h.groups.handed != 50 {
		t.Errorf("%d messages were handed over", h.groups.handed)
	}
	h.tap("Add members")
	h.must("All your contacts are in this group.")
}

func TestTheLinkOfAGroup(t *testing.T) {
	h := newHarness(t, theme.Light, amongHikers)
	page(h)
	h.tap("Invite with a link")
	h.must("Link to Hike group", "Whoever has this link can ask you to be let in.")
	h.tap("Copy")
	if h.copied != groupLinkOf(ownKey, hikers, "Hike group") {
		t.Errorf("copied %q", h.copied)
	}
	h.press(fyne.KeyEscape)
	h.groups.err = fault.New(fault.NotAllowed, "Only an admin of the group can do that.")
	h.tap("Invite with a link")
	h.must("Only an admin of the group can do that.")
	h.mustNot("Copy")
}

func TestLeavingAGroup(t *testing.T) {
	h := newHarness(t, theme.Light, amongHikers)
	page(h)
	h.tap("Leave group")
	h.must("Leave Hike group?", "an admin can invite you again")
	h.mustNot("only admin")
	h.tap("Stay")
	if _, err := h.groups.roles(hikers, []string{otherKey}, groups.Plain); err != nil {
		t.Fatal(err)
	}
	h.window.sheets.CloseAll()
	h.window.main.chatMenuFromHeader(h.window.main.header.more)
	h.tap("Leave group")
	h.must("You are its only admin.", "Make somebody else an admin first")
	h.tap("Leave Hike group")
	h.must("Choose a chat on the left")
	if len(h.groups.left) != 1 {
		t.Errorf("left %v", h.groups.left)
	}
}

func TestOrphanedGroups(t *testing.T) {
	own, other := member(ownKey, "", groups.Admin, true), member(otherKey, "Bruno", groups.Plain, true)
	second := other
	second.Role = groups.Admin
	for name, c := range map[string]struct {
		members []groups.Member
		want    bool
	}{
		"the only admin":         {[]groups.Member{own, other}, true},
		"another admin":          {[]groups.Member{own, second}, false},
		"alone":                  {[]groups.Member{own}, false},
		"no admin, another is":   {[]groups.Member{second, member(ownKey, "", groups.Plain, true)}, false},
		"no admin, nobody is":    {[]groups.Member{other, member(ownKey, "", groups.Plain, true)}, false},
		"nothing is known of it": {nil, false},
	} {
		if got := orphaned(c.members); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestACrowdStaysQuick(t *testing.T) {
	h := newHarness(t, theme.Light, crowd)
	page(h)
	p := h.window.main.groups.page
	rows := 0
	for _, o := range viewtest.Within(p.list) {
		if _, ok := o.(*memberRow); ok {
			rows++
		}
	}
	if rows == 0 || rows > 2*rowsInView {
		t.Errorf("%d rows are made for %d members", rows, len(p.members))
	}
	h.typed("Search", "member 19")
	h.must("Member 190", "Member 195")
	h.mustNot("Bruno", "Member 019")
	viewtest.Set(t, h.canvas, "Search", "nobody of this name")
	h.must("Nobody in this group is called so.")
	viewtest.Set(t, h.canvas, "Search", "")
	h.canvas.Focus(p.list)
	for range 40 {
		h.press(fyne.KeyPageDown)
	}
	h.must("Member 195")
	h.press(fyne.KeyReturn)
	h.must("Remove from the group")
}

func TestAPageThatCannotBeRead(t *testing.T) {
	h := newHarness(t, theme.Light, amongHikers)
	within(hikers)(h)
	h.groups.err = fault.New(fault.StorageProblem, "The disk does not answer.")
	h.window.main.groups.openPage()
	h.settle()
	h.must("The disk does not answer.")
	h.tap("Try again")
	h.must("Bruno")
	h.mustNot("The disk does not answer.", "Try again")
}

func TestAPageClosesWithTheGroup(t *testing.T) {
	h := newHarness(t, theme.Light, amongHikers)
	page(h)
	h.groups.mu.Lock()
	delete(h.groups.groups, hikers)
	h.groups.mu.Unlock()
	h.bus.Publish(event.Event{Kind: event.Group, Chat: hikers})
	h.until(func() bool { return h.window.main.groups.page == nil })
	if h.window.sheets.Depth() != 0 {
		t.Error("its sheet stays")
	}
}

func TestGroupSheetsStayInTheirRoom(t *testing.T) {
	h := newHarness(t, theme.Light, longGroup)
	within(hikers)(h)
	h.inRoom(h.window.main.object)
	page(h)
	p := h.window.main.groups.page
	h.inRoom(h.canvas.Overlays().Top())
	for _, open := range []func(){
		p.openAddMembers, func() { h.window.main.groups.openRename(p.group) }, func() { h.window.main.groups.openLeave(p.group) },
		func() { h.window.main.groups.openPromote(p.group, p.members[2]) }, func() { h.window.main.groups.openRemoveMember(p.group, p.members[1]) },
		func() { h.window.main.groups.openGroupLink(p.group) },
	} {
		open()
		h.settle()
		h.inRoom(h.canvas.Overlays().Top())
		h.window.sheets.CloseTop()
	}
}

func TestWhoHasAMessage(t *testing.T) {
	h := newHarness(t, theme.Light, amongHikers)
	within(hikers)(h)
	own, other := h.chats.messages[hikers][6], h.chats.messages[hikers][7]
	if got := menuLabels(h.window.main.messageItems(other)); strings.Contains(got, "Who has it") || !strings.Contains(got, "View profile") {
		t.Errorf("about somebody else's: %q", got)
	}
	h.groups.delivery = []groups.Delivery{{Key: otherKey, Name: "Bruno", Delivered: noon}, {Key: cleoKey, Name: "Cleo"}}
	h.window.main.messageItems(own)[0].Action()
	h.settle()
	h.must("Cleo does not have it yet.", "Has it since 12:41", "Sent, has not told that it came")
	h.press(fyne.KeyEscape)
	h.groups.err = fault.New(fault.NoSuchMessage, "That message is not here.")
	h.window.main.groups.openDelivery(own)
	h.settle()
	h.must("That message is not here.")
}

func TestWordsAboutWhoHasAMessage(t *testing.T) {
	has, not := groups.Delivery{Name: "Bruno", Delivered: noon}, groups.Delivery{Name: "Cleo"}
	for want, list := range map[string][]groups.Delivery{
		"It went to nobody.":                      nil,
		"Everybody has it.":                       {has},
		"Nobody has it yet.":                      {not, not},
		"Cleo does not have it yet.":              {has, not},
		"Cleo and Cleo do not have it yet.":       {not, has, not},
		"1 of 5 have it.":                         {not, has, not, not, not},
		"somebody does not have it yet.":          {has, {Name: "\u200b"}},
		"Cleo, Cleo and Cleo do not have it yet.": {not, not, not, has},
	} {
		if got := deliverySentence(list); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
