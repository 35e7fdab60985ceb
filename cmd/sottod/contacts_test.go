package main

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"sotto/node/identity"
)

// someone is a key that nobody has who takes part.
const someone = "0x04" +
	"79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798" +
	"483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8"

// A refusal has a sentence and changes nothing.
func TestRefusalsOfContacts(t *testing.T) {
	p := client4test(t, t.TempDir())
	p.refused(t, "contacts.list", "", codeRefusal, "locked")
	me := create(t, p.talk, "Ann")
	p.call(t, "contacts.add", fmt.Sprintf(`{"key":%q}`, someone), nil)
	own, friend := *me.Key, someone
	key := func(k string) string { return fmt.Sprintf(`{"key":%q}`, k) }
	other := "zQ3shajmTb29MxR6htjD79Hdo6vneJLvyKCzZSRcawNWks9JC"
	cases := []struct{ method, params, code string }{
		{"contacts.add", key(""), "bad_key"},
		{"contacts.add", key("0x04ff"), "bad_key"},
		{"contacts.add", key(friend[:131] + "9"), "bad_key"},
		{"contacts.add", key("sotto:contact?key=zQ3sh"), "bad_key"},
		{"contacts.add", key("sotto:contact?key=" + other + "&bundle=AAAA"), "bad_link"},
		{"contacts.add", key("sotto:channel?name=lobby"), "bad_link"},
		{"contacts.add", key("https://example.org"), "bad_link"},
		{"contacts.accept", key(other), "no_such_contact"},
		{"contacts.accept", key("status-im://u/" + other), "no_such_contact"},
		{"contacts.ignore", key(other), "no_such_contact"},
		{"contacts.ignore", key(friend), "no_such_contact"},
		{"contacts.remove", key(other), "no_such_contact"},
		{"contacts.block", key("0x04"), "bad_key"},
		{"contacts.nickname", fmt.Sprintf(`{"key":%q,"name":"Bo"}`, other), "no_such_contact"},
		{"contacts.nickname", fmt.Sprintf(`{"key":%q,"name":%q}`, friend, strings.Repeat("x", 65)), "bad_name"},
		{"contacts.verify", fmt.Sprintf(`{"key":%q,"code":"1"}`, other), "no_such_contact"},
		{"contacts.verify", fmt.Sprintf(`{"key":%q,"code":"1"}`, friend), "not_allowed"},
		{"chats.openPrivate", key("hello"), "bad_key"},
		{"chats.openPrivate", key(own), "own_key"},
		{"chats.leave", fmt.Sprintf(`{"chat":%q}`, friend), "not_allowed"},
		{"chats.send", fmt.Sprintf(`{"chat":%q,"text":" \n"}`, friend), "text_blank"},
		{"chats.send", fmt.Sprintf(`{"chat":%q,"text":%q}`, friend, strings.Repeat("x", 4097)), "text_too_long"},
		{"chats.send", fmt.Sprintf(`{"chat":%q,"text":"x","replyTo":"0x00"}`, friend), "no_such_message"},
		{"chats.send", fmt.Sprintf(`{"chat":%q,"text":"x"}`, own), "no_such_chat"},
		{"messages.retry", `{"id":"0x00"}`, "no_such_message"},
	}
	for _, method := range []string{"add", "accept", "ignore", "block", "unblock", "remove", "code"} {
		cases = append(cases, struct{ method, params, code string }{"contacts." + method, key(ownLink(t, p)), "own_key"})
	}
	before := standing(t, p)
	for _, c := range cases {
		p.refused(t, c.method, c.params, codeRefusal, c.code)
	}
	if after := standing(t, p); !reflect.DeepEqual(before, after) {
		t.Errorf("refusals changed %+v into %+v", before, after)
	}
}

// ownLink is the open account's contact link.
func ownLink(t *testing.T, p *process) string {
	var l linkObject
	p.call(t, "contacts.link", "", &l)
	return l.Link
}

// standing is all that a client tells of people and chats.
func standing(t *testing.T, p *process) (all struct {
	contacts []contactObject
	chats    []chatObject
}) {
	t.Helper()
	p.call(t, "contacts.list", "", &all.contacts)
	p.call(t, "chats.list", "", &all.chats)
	return all
}

// Every method of contacts takes a key in any form, and a link.
func TestKeysInEveryForm(t *testing.T) {
	p := client4test(t, t.TempDir())
	create(t, p.talk, "Ann")
	who, err := identity.ParsePublicKey(someone)
	if err != nil {
		t.Fatal(err)
	}
	compressed := who.Compressed()
	forms := []string{
		someone, strings.ToUpper(someone[2:]), fmt.Sprintf("0x%x", compressed), who.Short(), "fe701" + fmt.Sprintf("%x", compressed),
		"sotto:contact?key=" + who.Short(), "https://join.status.im/u/" + someone, " status-im://u/" + who.Short() + "\n",
	}
	for _, form := range forms {
		for _, step := range []struct{ method, state string }{
			{"add", "added"}, {"accept", "added"}, {"block", "blocked"}, {"unblock", "added"}, {"remove", "stranger"},
		} {
			var c contactObject
			p.call(t, "contacts."+step.method, fmt.Sprintf(`{"key":%q}`, form), &c)
			if c.Key != someone || string(c.State) != step.state || c.Pseudonym == "" || c.Short != who.Short() {
				t.Errorf("%s %s: %+v", step.method, form, c)
			}
		}
		p.call(t, "contacts.code", fmt.Sprintf(`{"key":%q}`, form), nil)
	}
	for _, form := range forms[:5] {
		var chat chatObject
		p.call(t, "chats.openPrivate", fmt.Sprintf(`{"key":%q}`, form), &chat)
		if chat.ID != someone || chat.Kind != "private" {
			t.Errorf("opened %+v", chat)
		}
	}
	p.call(t, "chats.leave", fmt.Sprintf(`{"chat":%q}`, someone), nil)
	p.event(t, "event.chat", `"kind":"private"`)
	if all := standing(t, p); len(all.contacts)+len(all.chats) != 0 {
		t.Errorf("what stays is %+v", all)
	}
}
