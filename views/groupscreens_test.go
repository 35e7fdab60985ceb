package views

import (
	"strings"

	"sotto/services/chats"
	"sotto/services/fault"
	"sotto/services/groups"
)

// groupScreens are the screens of private groups, each with how a person gets there.
var groupScreens = []screen{
	{"new-group", amongHikers, func(h *harness) { h.tap("New"); h.tap("New group") }},
	{"new-group-chosen", amongHikers, func(h *harness) {
		h.tap("New")
		h.tap("New group")
		h.typed("Name of the group", "Winter camp")
		h.tap("Bruno")
		h.tap("Cleo")
	}},
	{"new-group-alone", alone, func(h *harness) { h.tap("New"); h.tap("New group") }},
	{"new-group-refused", amongHikers, func(h *harness) { h.tap("New"); h.tap("New group"); h.tap("Create") }},
	{"group", amongHikers, within(hikers)},
	{"narrow-group", amongHikers, func(h *harness) { h.resize(760, 520); within(hikers)(h) }},
	{"group-invitation", invited, within(hikers)},
	{"group-invitation-stranger", invitedByStranger, within(skiers)},
	{"narrow-group-invitation", invitedByStranger, func(h *harness) { h.resize(720, 480); within(skiers)(h) }},
	{"group-requests", func(h *harness) {
		asked(h)
		invitedToSki(h)
	}, func(h *harness) { h.tap("Requests") }},
	{"group-turned-down", func(h *harness) {
		inLobby(h)
		h.groups.requests = []groups.Request{{Group: skiers, GroupName: "Skiers", Key: ownKey, Text: "May I come along?", At: noon, State: groups.Rejected, Mine: true}}
	}, func(h *harness) { h.tap("Requests") }},
	{"group-removed", removed, within(hikers)},
	{"group-page", amongHikers, page},
	{"group-page-plain", plain, page},
	{"group-page-asked", asked, func(h *harness) { page(h); h.tap("Asking to be let in (2)") }},
	{"group-page-crowd", crowd, page},
	{"group-page-menu", amongHikers, func(h *harness) {
		page(h)
		p := h.window.main.groups.page
		p.openMenu(p.members[2], p.list)
	}},
	{"narrow-group-page", crowd, func(h *harness) { h.resize(720, 480); page(h) }},
	{"group-page-unreadable", amongHikers, func(h *harness) {
		within(hikers)(h)
		h.groups.err = fault.New(fault.StorageProblem, "The disk does not answer.")
		h.window.main.groups.openPage()
	}},
	{"group-long-name", longGroup, page},
	{"group-add", amongHikers, func(h *harness) { h.people.list[2].State = "added"; page(h); h.tap("Add members"); h.tap("Dora") }},
	{"group-rename", amongHikers, func(h *harness) { page(h); h.tap("Rename") }},
	{"group-link", amongHikers, func(h *harness) { page(h); h.tap("Invite with a link") }},
	{"group-leave", amongHikers, func(h *harness) { page(h); h.tap("Leave group") }},
	{"group-leave-last-admin", func(h *harness) {
		amongHikers(h)
		_, _ = h.groups.roles(hikers, []string{otherKey}, groups.Plain)
	}, func(h *harness) { page(h); h.tap("Leave group") }},
	{"group-remove", amongHikers, func(h *harness) {
		page(h)
		h.window.main.groups.openRemoveMember(h.window.main.groups.page.group, h.window.main.groups.page.members[2])
	}},
	{"group-promote", amongHikers, func(h *harness) {
		page(h)
		h.window.main.groups.openPromote(h.window.main.groups.page.group, h.window.main.groups.page.members[2])
	}},
	{"group-ask", amongHikers, func(h *harness) { h.window.openLink(groupLinkOf(strangerKey, skiers, "Skiers of the north")) }},
	{"group-asked", asked, func(h *harness) { h.window.openLink(groupLinkOf(strangerKey, skiers, "Skiers of the north")) }},
	{"group-delivery", amongHikers, func(h *harness) {
		within(hikers)(h)
		h.groups.delivery = []groups.Delivery{
			{Key: otherKey, Name: "Bruno", Delivered: noon.Add(-30 * 1e9)},
			{Key: cleoKey, Name: "Cleo"}, {Key: otherwise, Name: pseudonymOf(otherwise), Waiting: true},
		}
		h.window.main.groups.openDelivery(h.chats.messages[hikers][6])
	}},
}

// deviceScreens are the screens of the account's own devices.
var deviceScreens = []screen{
	{"devices-none", withDevices(), func(h *harness) { h.window.main.devices.openSheet() }},
	{"devices", withDevices(laptop(false), office), func(h *harness) { h.window.main.devices.openSheet() }},
	{"devices-full", withDevices(laptop(true), office, unnamed), func(h *harness) { h.window.main.devices.openSheet() }},
	{"devices-trouble", inTrouble, func(h *harness) {
		h.resize(1100, 900)
		h.window.main.devices.openSheet()
		h.tap("Look for my other devices")
		h.untilSays("No other device answered so far.")
	}},
	{"devices-unreadable", unreadDevices, func(h *harness) { unreadDevices(h); h.window.main.devices.openSheet() }},
	{"device-code", withDevices(laptop(false)), func(h *harness) { h.window.main.devices.openSheet(); h.settle(); h.tap("Compare codes") }},
	{"device-code-differs", withDevices(laptop(false)), func(h *harness) {
		h.window.main.devices.openSheet()
		h.settle()
		h.tap("Compare codes")
		h.tap("They differ")
	}},
	{"device-enabled", withDevices(laptop(false)), func(h *harness) {
		h.window.main.devices.openSheet()
		h.settle()
		h.tap("Compare codes")
		h.tap("The codes are the same")
	}},
	{"device-disable", withDevices(laptop(true)), func(h *harness) { h.window.main.devices.openSheet(); h.settle(); h.tap("Disable") }},
	{"device-notice", withDevices(), func(h *harness) { h.devices.appear(laptop(false)); h.untilSays("announced itself") }},
	{"narrow-device-code", withDevices(laptop(false)), func(h *harness) {
		h.resize(720, 480)
		h.window.main.devices.openSheet()
		h.settle()
		h.tap("Compare codes")
	}},
}

// page opens the group's page and waits for it.
func page(h *harness) {
	within(hikers)(h)
	h.window.main.groups.openPage()
	h.settle()
}

// invitedToSki adds a stranger's invitation.
func invitedToSki(h *harness) {
	g := h.groups.add(skiers, "Skiers of the north", member(strangerKey, "", groups.Admin, true), member(ownKey, "", groups.Plain, false))
	g.group.InvitedBy, g.group.Stranger = strangerKey, true
	h.chats.edit(strangerKey, func(c *chats.Chat) { c.Unread = 1 })
}

// longGroup gives the group and its people names as long as names get.
func longGroup(h *harness) {
	amongHikers(h)
	long := strings.Repeat("Wilhelmina Theodora ", 8)
	g := h.groups.groups[hikers]
	g.group.Name = long
	g.members[1].Name, g.members[2].Name = long, strings.TrimSpace(strings.Repeat("\u05e9\u05dc\u05d5\u05dd ", 20))
	h.chats.edit(hikers, func(c *chats.Chat) { c.Name = long })
}

// unreadDevices lets the next look at the devices fail.
func unreadDevices(h *harness) {
	if h.window == nil {
		inLobby(h)
	}
	h.devices.mu.Lock()
	defer h.devices.mu.Unlock()
	h.devices.unread = fault.New(fault.StorageProblem, "The disk does not answer.")
}
