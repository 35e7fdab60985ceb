package views

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"sotto/services/chats"
	"sotto/services/contacts"
	"sotto/services/fault"
	"sotto/views/theme"
	"sotto/views/viewtest"
)

func TestTheProfileOfAnAuthor(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	h.messages("see you there")
	author := h.chats.messages["lobby"][0].Author
	h.window.main.people.openAuthor(author)
	h.settle()
	h.must("Steep Violet Otter", "Not in your contacts.", "Write", "Add as contact", "Block")
	h.tap("Copy")
	if h.copied != otherKey {
		t.Errorf("copied %q", h.copied)
	}
	h.people.err = fault.New(fault.NotAllowed, "You blocked this person.")
	h.tap("Add as contact")
	h.must("You blocked this person.")
	h.tap("Add as contact")
	h.must("In your contacts. Not verified yet", "Set nickname", "Compare codes", "Remove")
	h.tap("Write")
	h.opens(otherKey)
}

func TestTheMenuOfAnAuthor(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	h.messages("see you there")
	labels := func(m chats.Message) (all string) {
		for _, item := range h.window.main.people.authorItems(m) {
			all += item.Label + "|"
		}
		return all
	}
	theirs, own := h.chats.messages["lobby"][0], h.chats.messages["lobby"][2]
	if got := labels(theirs); got != "View profile|Write to Steep Violet Otter|Add as contact|Copy key|" {
		t.Errorf("offered is %s", got)
	}
	if labels(own) != "" {
		t.Error("the own message's menu offers oneself")
	}
	items := h.window.main.people.authorItems(theirs)
	items[2].Action()
	h.settle()
	h.must("Profile", "In your contacts.")
	h.press(fyne.KeyEscape)
	if got := labels(theirs); got != "View profile|Write to Steep Violet Otter|Copy key|" {
		t.Errorf("offered is %s", got)
	}
	items[1].Action()
	h.opens(otherKey)
	if labels(theirs) != "" {
		t.Error("a private chat's messages offer the other, too")
	}
}

func TestAnAuthorWhoIsOneself(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	h.window.main.people.openAuthor(chats.Author{Key: ownKey})
	h.settle()
	h.must("My contact link")
}

func TestWhoCannotBeAdded(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	h.people.err = fault.New(fault.NotAllowed, "You blocked this person.")
	h.window.main.people.add(person(otherKey, contacts.Stranger))
	h.settle()
	h.must("Steep Violet Otter was not added", "You blocked this person.")
}

func TestAProfileThatCannotBeRead(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	h.people.err = fault.New(fault.StorageProblem, "The disk does not answer.")
	h.window.main.people.openAuthor(chats.Author{Key: otherKey, Pseudonym: "Steep Violet Otter"})
	h.settle()
	h.must("Steep Violet Otter", "The disk does not answer.")
}

func TestAProfileFollowsWhatHappens(t *testing.T) {
	h := newHarness(t, theme.Light, amongPeople)
	h.window.main.people.openProfile(h.window.main.people.known(strangerKey))
	h.settle()
	h.must("They wrote to you and wait.")
	h.tap("Accept")
	h.must("In your contacts.")
	if _, err := h.people.Block(t.Context(), strangerKey); err != nil {
		t.Fatal(err)
	}
	h.untilSays("You blocked them.")
	h.tap("Unblock")
	h.must("In your contacts.")
}

func TestMyLink(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	h.people.err = fault.New(fault.StorageProblem, "The disk does not answer.")
	h.window.main.accountMenu(h.window.main.sidebar.Object)
	h.tap("My contact link")
	h.must("The disk does not answer.", "Your key")
	h.mustNot("Your link")
	h.tap("Try again")
	h.must("Whoever has this can write to you.", "sotto:contact?key=")
	h.mustNot("Try again", "The disk does not answer.")
	h.tap("Copy")
	if !strings.HasPrefix(h.copied, "zQ3sh") && !strings.HasPrefix(h.copied, "sotto:contact") {
		t.Errorf("copied %q", h.copied)
	}
}

func TestComparingCodes(t *testing.T) {
	h := newHarness(t, theme.Light, amongPeople)
	h.window.main.openChat(cleoKey)
	h.settle()
	h.people.err = fault.New(fault.StorageProblem, "The disk does not answer.")
	h.window.main.people.openCodesOfOpen()
	h.must("·····")
	h.settle()
	h.must("The disk does not answer.")
	h.mustNot("They match")
	h.tap("Try again")
	for _, group := range strings.Fields(codeWith(cleoKey)) {
		h.must(group)
	}
	h.tap("They do not match")
	h.must("Then somebody may stand between you.")
	h.tap("Check")
	h.must("Paste the digits that they see")
	h.typed("Paste their code", strings.Repeat("1", 60))
	h.press(fyne.KeyReturn)
	h.must("The codes differ.")
	viewtest.Set(t, h.canvas, "Paste their code", codeWith(cleoKey))
	h.tap("Check")
	h.must("You compared codes with Cleo on 22 November 2026.")
	h.mustNot("They match", "The codes differ.")
	h.tap("Not verified any more")
	h.mustNot("You compared codes")
	h.tap("They match")
	h.must("You compared codes with Cleo")
	h.press(fyne.KeyEscape)
	h.must("Only you two can read this.")
}

func TestGroups(t *testing.T) {
	for code, want := range map[string]string{
		"":                "",
		"12345 67890":     "12345|67890",
		"1234567":         "12345|67",
		"12-34\n5 (678)9": "12345|6789",
	} {
		if got := strings.Join(pieces(code), "|"); got != want {
			t.Errorf("%q: %q", code, got)
		}
	}
}
