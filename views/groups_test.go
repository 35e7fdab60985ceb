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

func TestNewGroup(t *testing.T) {
	h := newHarness(t, theme.Light, amongPeople)
	h.tap("New")
	h.tap("New group")
	h.must("Nobody chosen yet.", "Bruno", "Cleo")
	h.mustNot("Dora") // no contact
	h.tap("Create")
	h.must("Give the group a name.")
	h.typed("Name of the group", "Winter camp")
	h.mustNot("Give the group a name.")
	h.typed("Search, or paste a key", "cle")
	h.mustNot("Bruno")
	h.tap("Cleo")
	h.must("1 chosen: Cleo")
	viewtest.Set(t, h.canvas, "Search, or paste a key", strangerKey)
	h.must("Dora")
	h.tap("Dora")
	viewtest.Set(t, h.canvas, "Search, or paste a key", "")
	h.tap("Bruno")
	h.must("3 chosen: Cleo, Dora and Bruno")
	h.tap("Bruno")
	h.must("2 chosen: Cleo and Dora")
	h.groups.err = fault.New(fault.BadName, "That is no name.")
	h.tap("Create")
	h.must("That is no name.")
	h.tap("Create")
	h.must("Winter camp", "3 members, 2 have not answered", "Write to Winter camp")
	id := h.window.main.open
	if g := h.groups.groups[id]; g == nil || len(g.members) != 3 || g.members[1].Key != cleoKey || g.members[2].Key != strangerKey {
		t.Errorf("made %+v", g)
	}
	h.opens(id)
}

func TestNewGroupWithoutContacts(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	h.window.main.openNewGroup()
	h.settle()
	h.must("You have no contacts yet.")
	h.tap("Add a contact")
	h.must("Paste the key or the link")
	h.press(fyne.KeyEscape)
	if h.window.sheets.Depth() != 0 || h.window.main.groups.picker != nil {
		t.Error("the sheet of the group stays")
	}
}

func TestNewGroupWhoseContactsCannotBeRead(t *testing.T) {
	h := newHarness(t, theme.Light, func(h *harness) {
		amongPeople(h)
		h.people.err = fault.New(fault.StorageProblem, "The disk does not answer.")
	})
	h.window.main.people.all, h.window.main.people.failed = nil, fault.New(fault.StorageProblem, "The disk does not answer.")
	h.window.main.openNewGroup()
	h.must("The disk does not answer.")
	h.settle()
	h.must("Bruno")
}

func TestThePickerByKeyboard(t *testing.T) {
	h := newHarness(t, theme.Light, amongPeople)
	h.window.main.openNewGroup()
	h.settle()
	k := h.window.main.groups.picker
	tab := func(to fyne.Focusable) {
		t.Helper()
		h.canvas.(interface{ FocusNext() }).FocusNext()
		if h.canvas.Focused() != to {
			t.Errorf("Tab leads to %T", h.canvas.Focused())
		}
	}
	tab(k.search)
	tab(k.list)
	h.canvas.(interface{ FocusPrevious() }).FocusPrevious()
	if h.canvas.Focused() != fyne.Focusable(k.search) {
		t.Errorf("Shift+Tab leads to %T", h.canvas.Focused())
	}
	tab(k.list)
	for _, key := range []fyne.KeyName{fyne.KeyDown, fyne.KeyDown, fyne.KeySpace, fyne.KeyUp, fyne.KeyUp, fyne.KeyReturn} {
		h.press(key)
	}
	if keys := k.keys(); len(keys) != 2 || keys[0] != cleoKey || keys[1] != otherKey {
		t.Errorf("chosen %v", k.chosenWords())
	}
	h.press(fyne.KeyEscape)
	if h.window.sheets.Depth() != 0 {
		t.Error("Escape does not close the sheet")
	}
}

func TestWithoutAGroupServiceNoneIsOffered(t *testing.T) {
	h := newHarness(t, theme.Light, amongHikers)
	h.window.opt.Services.Groups = nil
	h.tap("New")
	h.mustNot("New group")
	h.press(fyne.KeyEscape)
	h.window.main.openChat(hikers)
	h.settle()
	h.must("Write to Hike group")
	h.window.main.groups.openPage()
	h.bus.Publish(event.Event{Kind: event.Group, Chat: hikers})
	h.settle()
	if h.window.sheets.Depth() != 0 || h.window.main.groups.items(h.window.main.chat) != nil {
		t.Error("there is a page")
	}
	h.window.openLink(groupLinkOf(strangerKey, skiers, "Skiers"))
	h.must("Sotto cannot open links of this kind yet.")
}

func TestAGroupInTheList(t *testing.T) {
	h := newHarness(t, theme.Light, amongHikers)
	h.must("Hike group", "Cleo: Then I bring bread")
	h.messages("Then I bring bread")
	h.must("4 members, 1 has not answered", "Bruno made you an admin", "Delivered to all 2", "Delivered to 1 of 2")
	h.mustNot("claims to be")
	h.opens(hikers)
}

func TestNamesInGroupsAreThoseOfContacts(t *testing.T) {
	names := &contactNames{}
	a := chats.Author{Key: cleoKey, Pseudonym: pseudonymOf(cleoKey)}
	if got := names.author(a); got != a {
		t.Errorf("before they are known: %+v", got)
	}
	cleo, bruno, dora := person(cleoKey, contacts.Added), person(otherKey, contacts.Added), person(strangerKey, contacts.Requested)
	cleo.Name, bruno.Name, dora.Name = "Cleo", " YOU\u202e", "Dora"
	names.set([]contacts.Contact{cleo, bruno, dora})
	for key, want := range map[string]string{cleoKey: "Cleo", otherKey: "", strangerKey: ""} {
		if got := names.author(chats.Author{Key: key}).Nickname; got != want {
			t.Errorf("%.10s is called %q, want %q", key, got, want)
		}
	}
	m := chats.Message{Chat: "lobby", Author: a}
	if got := names.message(m); got.Author.Nickname != "" {
		t.Errorf("in a channel she is called %q", got.Author.Nickname)
	}
	quote := &chats.Quote{Author: a}
	m = chats.Message{Chat: hikers, Author: a, Quote: quote, HandedBy: &a}
	got := names.message(m)
	if got.Author.Nickname != "Cleo" || got.Quote.Author.Nickname != "Cleo" || got.HandedBy.Nickname != "Cleo" || quote.Author.Nickname != "" {
		t.Errorf("in a group: %+v", got)
	}
}

func TestAnInvitation(t *testing.T) {
	h := newHarness(t, theme.Light, invited)
	h.must("Invitation · You were added by Bruno")
	h.must("Invitation", "Bruno invites you to this group of 4.", "Accept", "Decline")
	h.mustNot("Write to Hike group", "You do not know")
	h.window.typedRune('x')
	h.composed("")
	h.groups.err = fault.New(fault.StorageProblem, "The disk is full.")
	h.tap("Accept")
	h.must("The disk is full.", "Accept")
	h.tap("Accept")
	h.must("Write to Hike group", "4 members, 1 has not answered")
	h.opens(hikers)
}

func TestAnInvitationDeclined(t *testing.T) {
	h := newHarness(t, theme.Light, invited)
	h.tap("Decline")
	h.must("Choose a chat on the left")
	h.mustNot("Hike group")
}

func TestAStrangersInvitation(t *testing.T) {
	h := newHarness(t, theme.Light, invitedByStranger)
	side := func() string { return viewtest.SaysWithin(h.window.main.sidebar.Object) }
	if strings.Contains(side(), "Skiers") {
		t.Error("a stranger puts something on the list")
	}
	h.tap("Requests")
	h.tap("Skiers of the north")
	h.must("You do not know Scarlet Stellar Bowerbird, who invites you.", "Block", "Accept", "Decline")
	h.tap("Accept")
	h.must("Write to Skiers of the north")
	h.until(func() bool { return strings.Contains(side(), "Skiers") })
	h.settle()
	h.mustNot("Requests")
	h.opens(skiers)
}

func TestAStrangersInvitationDeclined(t *testing.T) {
	h := newHarness(t, theme.Light, func(h *harness) {
		invitedByStranger(h)
		h.chats.chats = append(h.chats.chats, chats.Chat{ID: otherwise, Kind: chats.Private, Name: "Pecan", Request: true, Unread: 1})
		h.people.list = append(h.people.list, person(otherwise, contacts.Requested))
	})
	h.window.main.openChat(skiers)
	h.settle()
	h.tap("Decline")
	h.must("They do not learn whether you read what they write.", "Pecan")
	h.mustNot("Skiers")
}

func TestAnInvitationIsTakenBack(t *testing.T) {
	h := newHarness(t, theme.Light, invitedByStranger)
	h.window.main.openChat(skiers)
	h.settle()
	if _, err := h.groups.Leave(t.Context(), skiers); err != nil {
		t.Fatal(err)
	}
	h.untilSays("Choose a chat on the left")
}

func TestAnInvitationIsAcceptedElsewhere(t *testing.T) {
	h := newHarness(t, theme.Light, invitedByStranger)
	h.window.main.openChat(skiers)
	h.settle()
	if _, err := h.groups.Accept(t.Context(), skiers); err != nil {
		t.Fatal(err)
	}
	h.untilSays("Write to Skiers of the north")
	h.settle()
	h.opens(skiers)
}

func TestRemovedFromAGroup(t *testing.T) {
	h := newHarness(t, theme.Light, amongHikers)
	h.window.main.openChat(hikers)
	h.settle()
	h.must("Write to Hike group")
	if _, err := h.groups.Remove(t.Context(), hikers, []string{ownKey}); err != nil {
		t.Fatal(err)
	}
	h.untilSays("You are no longer in this group. What was said stays here.")
	h.settle()
	h.mustNot("Write to Hike group")
	if got := h.window.main.header.now.hint; got != "You are no longer in this group" {
		t.Errorf("the header says %q", got)
	}
	h.messages("Then I bring bread")
	h.tap("Take off the list")
	h.must("Choose a chat on the left")
	h.mustNot("Hike group")
}
