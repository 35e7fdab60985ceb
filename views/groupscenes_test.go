package views

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/ethereum/go-ethereum/crypto"

	"sotto/services/chats"
	"sotto/services/contacts"
	"sotto/services/groups"
)

// amongHikers prepares people and a group of four, of which Kay and Bruno are admins.
func amongHikers(h *harness) {
	amongPeople(h)
	h.people.list = append(h.people.list[:2:2], h.people.list[2])
	h.chats.drop(otherwise)
	g := h.groups.add(hikers, "Hike group", member(ownKey, "", groups.Admin, true), member(otherKey, "Bruno", groups.Admin, true),
		member(cleoKey, "Cleo", groups.Plain, true), member(otherwise, "", groups.Plain, false))
	h.chats.chats = slices.Insert(h.chats.chats, 0, withGroup(chats.Chat{ID: hikers, Kind: chats.Group}, g.group))
	h.chats.messages[hikers] = amongThem()
}

// amongThem is a conversation in a group.
func amongThem() []chats.Message {
	in := func(n int, key, text string) chats.Message {
		m := said(hikers, n, key, text)
		switch key {
		case otherKey:
			m.Author.Nickname = "Bruno"
		case cleoKey:
			m.Author.Claimed = "Cleo"
		}
		m.Addressed = 2
		return m
	}
	line := func(n int, key, text string) chats.Message {
		m := in(n, key, text)
		m.System = true
		return m
	}
	all := []chats.Message{
		line(1, otherKey, "Bruno made the group"),
		line(2, otherKey, "Bruno invited you and Cleo"),
		in(4, otherKey, "Where do we meet on Friday?"),
		in(6, cleoKey, "At the station, as always"),
		line(8, otherKey, "Bruno made you an admin"),
		in(12, ownKey, "I bring the maps"),
		in(13, ownKey, "and soup"),
		in(21, cleoKey, "Then I bring bread"),
	}
	all[5].State, all[5].DeliveredTo = chats.Delivered, 2
	all[6].State, all[6].DeliveredTo = chats.Delivered, 1
	return all
}

// plain makes us a member of the group without a say.
func plain(h *harness) {
	amongHikers(h)
	_, _ = h.groups.roles(hikers, []string{ownKey}, groups.Plain)
}

// invited prepares an invitation by a contact.
func invited(h *harness) {
	amongHikers(h)
	g := h.groups.groups[hikers]
	g.members[0] = member(ownKey, "", groups.Plain, false)
	g.group.InvitedBy = otherKey
	g.count()
	h.chats.edit(hikers, func(c *chats.Chat) { *c = withGroup(*c, g.group); c.Unread = 0 })
	line := said(hikers, 8, otherKey, "You were added by Bruno")
	line.System = true
	h.chats.messages[hikers] = []chats.Message{line}
}

// invitedByStranger prepares one by somebody who is no contact.
func invitedByStranger(h *harness) {
	amongPeople(h)
	h.chats.drop(strangerKey)
	h.chats.drop(otherwise)
	h.people.list = h.people.list[:2]
	g := h.groups.add(skiers, "Skiers of the north", member(strangerKey, "", groups.Admin, true), member(ownKey, "", groups.Plain, false))
	g.group.InvitedBy, g.group.Stranger = strangerKey, true
	chat := withGroup(chats.Chat{ID: skiers, Kind: chats.Group}, g.group)
	chat.Request = true
	h.chats.chats = append(h.chats.chats, chat)
	line := said(skiers, 8, strangerKey, "You were added by "+pseudonymOf(strangerKey))
	line.System = true
	h.chats.messages[skiers] = []chats.Message{line}
}

// removed takes us out of the group.
func removed(h *harness) {
	amongHikers(h)
	g := h.groups.groups[hikers]
	g.members = g.members[1:]
	g.count()
	line := said(hikers, 30, otherKey, "Bruno removed you")
	line.System = true
	h.chats.messages[hikers] = append(h.chats.messages[hikers], line)
	h.chats.edit(hikers, func(c *chats.Chat) { *c = withGroup(*c, g.group); c.Unread = 0 })
}

// crowd makes the group one of 200.
func crowd(h *harness) {
	amongHikers(h)
	g := h.groups.groups[hikers]
	for i := range 196 {
		key := keyNumber(i)
		m := member(key, fmt.Sprintf("Member %03d", i), groups.Plain, i%9 != 0)
		m.Pseudonym = "Quiet Amber Heron"
		g.members = append(g.members, m)
	}
	g.count()
	h.chats.edit(hikers, func(c *chats.Chat) { *c = withGroup(*c, g.group) })
}

// asked prepares two people who ask to be let in, and a request of our own.
func asked(h *harness) {
	amongHikers(h)
	h.groups.requests = []groups.Request{
		{Group: hikers, GroupName: "Hike group", Key: strangerKey, Name: "Dora", Text: "Hello, I am Dora from the ski club. Bruno told me about the hike.\nMay I come along?",
			At: noon.Add(-time.Hour), State: groups.Asked},
		{Group: hikers, GroupName: "Hike group", Key: otherwise, Name: pseudonymOf(otherwise), At: noon.AddDate(0, 0, -1), State: groups.Asked},
		{Group: skiers, GroupName: "Skiers of the north", Key: ownKey, Text: "It is Kay", At: noon.AddDate(0, 0, -2), State: groups.Asked, Mine: true},
	}
}

// without contacts.
func alone(h *harness) { inLobby(h); h.people.list = []contacts.Contact{} }

// keyNumber is one of many keys.
func keyNumber(i int) string {
	private, err := crypto.ToECDSA(binary.BigEndian.AppendUint64(make([]byte, 24), uint64(i+1000)))
	if err != nil {
		panic(err)
	}
	return "0x" + hex.EncodeToString(crypto.FromECDSAPub(&private.PublicKey))
}
