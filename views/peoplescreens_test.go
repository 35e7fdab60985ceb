package views

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"sotto/services/chats"
	"sotto/services/contacts"
	"sotto/services/fault"
)

// peopleScreens are the screens about people, each with how a person gets there.
var peopleScreens = []screen{
	{"new-chat", inLobby, func(h *harness) { h.tap("New") }},
	{"add-contact", func(h *harness) { amongPeople(h); h.clipboard = "sotto:contact?key=" + strangerKey + "&name=Dora" },
		func(h *harness) { h.tap("New"); h.tap("Add a contact") }},
	{"add-contact-wrong", amongPeople, func(h *harness) {
		h.tap("New")
		h.tap("Add a contact")
		h.typed("Key or link", "bruno@example.org")
		h.press(fyne.KeyReturn)
	}},
	{"private", amongPeople, within(otherKey)},
	{"private-verified", amongPeople, func(h *harness) { within(otherKey)(h); h.window.main.header.explain(true) }},
	{"private-unverified", amongPeople, within(cleoKey)},
	{"private-empty", func(h *harness) { amongPeople(h); delete(h.chats.messages, cleoKey) }, within(cleoKey)},
	{"private-reply", amongPeople, func(h *harness) { within(otherKey)(h); h.window.main.composer.Reply(h.chats.messages[otherKey][1]) }},
	{"private-menu", amongPeople, func(h *harness) { within(cleoKey)(h); h.window.main.chatMenuFromHeader(h.window.main.header.more) }},
	{"private-long-name", longNames, within(cleoKey)},
	{"narrow-private", longNames, func(h *harness) { h.resize(760, 520); within(cleoKey)(h) }},
	{"author-menu", inLobby, func(h *harness) {
		h.messages("see you there")
		menu := h.window.main.list.Menu(h.chats.messages["lobby"][0])
		h.canvas.Unfocus()
		widget.ShowPopUpMenuAtPosition(menu, h.canvas, fyne.NewPos(640, 300))
	}},
	{"requests", amongPeople, func(h *harness) { h.tap("Requests") }},
	{"requests-empty", inLobby, func(h *harness) { h.window.main.openRequests() }},
	{"requests-unreadable", func(h *harness) {
		inLobby(h)
		h.chats.requestsErr = fault.New(fault.StorageProblem, "The requests cannot be read. Nothing was deleted.")
	}, func(h *harness) { h.window.main.openRequests() }},
	{"request", amongPeople, within(strangerKey)},
	{"narrow-request", amongPeople, func(h *harness) { h.resize(760, 520); within(strangerKey)(h) }},
	{"blocked", amongPeople, func(h *harness) {
		within(otherKey)(h)
		h.window.main.people.openBlock(h.window.main.people.open)
		h.tap("Block Bruno")
	}},
	{"block", amongPeople, func(h *harness) { within(otherKey)(h); h.window.main.people.openBlock(h.window.main.people.open) }},
	{"remove", longNames, func(h *harness) { within(cleoKey)(h); h.window.main.people.openRemove(h.window.main.people.open) }},
	{"nickname", amongPeople, func(h *harness) { within(otherKey)(h); h.window.main.people.openNickname(h.window.main.people.open) }},
	{"profile", amongPeople, func(h *harness) { within(otherKey)(h); h.window.main.people.openProfile(h.window.main.people.open) }},
	{"profile-long-name", longNames, func(h *harness) { within(cleoKey)(h); h.window.main.people.openProfile(h.window.main.people.open) }},
	{"profile-stranger", inLobby, func(h *harness) {
		h.window.main.people.openAuthor(chats.Author{Key: otherKey, Pseudonym: "Steep Violet Otter"})
	}},
	{"profile-request", amongPeople, func(h *harness) { within(strangerKey)(h); h.window.main.people.openProfile(h.window.main.people.open) }},
	{"my-link", amongPeople, func(h *harness) { h.window.main.people.openMine() }},
	{"my-link-failed", amongPeople, func(h *harness) {
		h.people.err = fault.New(fault.StorageProblem, "The disk does not answer. Your link is the same as before.")
		h.window.main.people.openMine()
	}},
	{"codes", amongPeople, func(h *harness) { within(cleoKey)(h); h.window.main.people.openCodesOfOpen() }},
	{"codes-verified", amongPeople, func(h *harness) { within(otherKey)(h); h.window.main.people.openCodesOfOpen() }},
	{"codes-differ", amongPeople, func(h *harness) {
		within(cleoKey)(h)
		h.window.main.people.openCodesOfOpen()
		h.settle()
		h.tap("They do not match")
	}},
	{"narrow-codes", amongPeople, func(h *harness) {
		h.resize(720, 480)
		within(cleoKey)(h)
		h.window.main.people.openCodesOfOpen()
	}},
	{"contacts", func(h *harness) {
		amongPeople(h)
		h.people.list[2].State, h.people.list[3].State = contacts.Ignored, contacts.Blocked
		h.chats.chats = h.chats.chats[:4]
	}, func(h *harness) { h.window.main.openContacts() }},
	{"contacts-empty", inLobby, func(h *harness) { h.window.main.openContacts() }},
}

// within opens a chat and waits until it is read and it is known whom it is with.
func within(id string) func(h *harness) {
	return func(h *harness) {
		h.window.main.openChat(id)
		h.settle()
		h.chats.edit(id, func(c *chats.Chat) { c.Unread = 0 })
		h.window.main.people.load()
		h.window.main.chats.Ask()
		h.settle()
	}
}

// longNames prepares people whose names are as long as names get, one of them written from right to left.
func longNames(h *harness) {
	amongPeople(h)
	long := "Wilhelmina Theodora Bartholomew-Featherstonehaugh the Second"
	rightToLeft := strings.TrimSpace(strings.Repeat("\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd ", 6))
	h.people.list[0].Nickname, h.people.list[1].Nickname = rightToLeft, long
	h.people.list[1].Verified, h.people.list[1].VerifiedAt = true, noon
	h.chats.edit(otherKey, func(c *chats.Chat) { c.Name = rightToLeft })
	h.chats.edit(cleoKey, func(c *chats.Chat) { c.Name, c.Verified = long, true })
	for i := range h.chats.messages[cleoKey] {
		h.chats.messages[cleoKey][i].Author.Nickname = long
		h.chats.messages[cleoKey][i].ForwardSecret = false
	}
}
