//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sotto/node/identity"
)

// isGroup tells the page of a group's chat.
func isGroup(l line) bool { return l.Event == "page" && strings.Contains(l.Note, "-0x04") }

// befriend adds somebody by the link that they copy, writes to them, and lets them accept. It returns their key.
func befriend(t *testing.T, from, to *user) string {
	t.Helper()
	to.click(100, 72)
	to.click(70, 193) // My contact link
	to.picture(to.name + "-g1-link")
	to.click(728, 497) // Copy
	to.key("Escape")
	from.click(47, 658)  // New
	from.click(512, 343) // Add a contact
	from.paste(to.copied())
	from.picture(from.name + "-g1-add-" + to.name)
	n := from.app.now()
	from.key("Return")
	l, _ := from.app.wait(n, "a private chat", func(l line) bool { return l.Event == "page" && strings.HasPrefix(l.Note, "chat 0x04") })
	hello := from.say("Hello " + to.name + ", it is me")
	from.sees(hello, "sent")
	to.click(100, 164) // Requests
	to.picture(to.name + "-g2-requests")
	to.click(600, 145)
	to.sees(hello, "")
	to.click(1058, 696) // Accept
	from.sees(hello, "delivered")
	return strings.TrimPrefix(l.Note, "chat ")
}

// seesLines waits until so many messages and lines of a group were shown.
func (u *user) seesLines(group string, n int) {
	u.t.Helper()
	seen := map[string]bool{}
	u.app.wait(0, fmt.Sprintf("%d lines of the group", n), func(l line) bool {
		if l.Event == "displayed" && l.Chat == group {
			seen[l.ID] = true
		}
		return len(seen) >= n
	})
	for id := range seen {
		u.knows[id] = true
	}
}

// accept goes to the invitation as soon as it stands above the open chat, and accepts it.
func (u *user) accept(group string) {
	u.t.Helper()
	ctx, cancel := context.WithTimeout(u.t.Context(), 90*time.Second)
	defer cancel()
	ticker := time.NewTicker(500 * time.Millisecond)
	defer ticker.Stop()
	there := func() bool {
		u.app.mu.Lock()
		defer u.app.mu.Unlock()
		return slices.ContainsFunc(u.app.lines, isGroup)
	}
	for !there() {
		u.key("alt+Up")
		select {
		case <-ctx.Done():
			u.t.Fatalf("%s was never invited", u.name)
		case <-ticker.C:
		}
	}
	u.seesLines(group, 1)
	u.picture(u.name + "-g4-invitation")
	u.click(1053, 696) // Accept
	u.seesLines(group, 2)
}

// TestThreePeopleInAGroup goes the way of a group: one makes it, two join, all write, a second admin renames it, one leaves.
func TestThreePeopleInAGroup(t *testing.T) {
	enode := startRelay(t)
	alice, bob, carol := newUser(t, "Alice", "light"), newUser(t, "Bob", "dark"), newUser(t, "Carol", "light")
	everybody := []*user{alice, bob, carol}
	for _, u := range everybody {
		u.open()
		u.enrol(enode)
	}
	keys := []string{befriend(t, alice, bob), befriend(t, alice, carol)}

	alice.click(47, 658)  // New
	alice.click(512, 411) // New group
	alice.write("Hike group")
	alice.key("Tab")
	alice.key("Tab")
	for _, key := range []string{"space", "Down", "space"} { // both contacts
		alice.key(key)
	}
	alice.picture("Alice-g3-new-group")
	alice.key("shift+Tab")
	alice.key("shift+Tab")
	n := alice.app.now()
	alice.key("Return")
	opened, _ := alice.app.wait(n, "the group", isGroup)
	group := strings.TrimPrefix(opened.Note, "chat ")
	bob.accept(group)
	carol.accept(group)
	alice.seesLines(group, 3) // made, joined twice
	bob.seesLines(group, 3)   // invited, joined twice
	carol.seesLines(group, 2)
	for _, u := range everybody {
		id := u.say("This is " + u.name)
		for _, other := range everybody {
			other.sees(id, "")
		}
		u.sees(id, "delivered")
	}
	for _, u := range everybody {
		u.picture(u.name + "-g5-talk")
	}

	alice.promote(keys)
	alice.seesLines(group, 3+3+1)
	bob.seesLines(group, 3+3+1)
	bob.click(400, 72) // the header
	bob.picture("Bob-g6-page")
	bob.click(494, 260) // Rename
	bob.picture("Bob-g6-rename")
	bob.key("ctrl+a")
	bob.write("Summer hike")
	bob.key("Return")
	bob.picture("Bob-g6-renamed")
	bob.key("Escape")
	alice.seesLines(group, 3+3+2)
	carol.seesLines(group, 2+3+2)
	carol.click(400, 72)
	carol.picture("Carol-g7-page")
	carol.click(387, 551) // Leave group
	carol.picture("Carol-g7-leave")
	carol.click(404, 436) // Leave Summer hike
	alice.seesLines(group, 3+3+3)
	for _, u := range everybody {
		u.picture(u.name + "-g8-left")
		u.app.quit()
		noOffThread(t, u)
	}
	if got := alice.group(group); got != "Summer hike, 2 members, 2 of them admins" {
		t.Errorf("in the end it is %s", got)
	}
}

// promote makes an admin of the first of two contacts, on the page of the open group.
func (u *user) promote(keys []string) {
	u.t.Helper()
	words := make([]string, len(keys))
	for i, key := range keys {
		public, err := identity.ParsePublicKey(key)
		if err != nil {
			u.t.Fatal(err)
		}
		words[i] = public.Pseudonym()
	}
	row := 0
	if words[0] > words[1] { // members are in the order of their names
		row = 1
	}
	u.click(400, 72) // the header
	u.picture(u.name + "-g6-page")
	u.click(500, 432+48*row)
	u.picture(u.name + "-g6-menu")
	u.click(790, 432+48*row+100) // Make admin
	u.picture(u.name + "-g6-promote")
	u.key("Return")
	u.picture(u.name + "-g6-promoted")
	u.key("Escape")
}

// group says what the account in the person's folder knows of a group, without a window.
func (u *user) group(id string) string {
	u.t.Helper()
	var list []struct{ ID string }
	u.ask(&list, `{"jsonrpc":"2.0","id":1,"method":"account.list"}`)
	if len(list) != 1 {
		u.t.Fatalf("accounts %v", list)
	}
	unlock := fmt.Sprintf(`{"jsonrpc":"2.0","id":0,"method":"account.unlock","params":{"id":%q,"password":%q}}`, list[0].ID, password)
	var chats []struct{ ID, Name string }
	u.ask(&chats, unlock, `{"jsonrpc":"2.0","id":1,"method":"chats.list"}`)
	var members []struct{ Role string }
	u.ask(&members, unlock, fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"groups.members","params":{"chat":%q}}`, id))
	name, admins := "", 0
	for _, c := range chats {
		if c.ID == id {
			name = c.Name
		}
	}
	for _, m := range members {
		if m.Role == "admin" {
			admins++
		}
	}
	return fmt.Sprintf("%s, %d members, %d of them admins", name, len(members), admins)
}
