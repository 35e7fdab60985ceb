package views

import (
	"context"

	"sotto/services/contacts"
	"sotto/views/part"
)

// openBlock asks before somebody is blocked, by name.
func (p *people) openBlock(person contacts.Contact) {
	p.confirm(confirmation{
		title: "Block " + called(person) + "?",
		text:  "What they write is dropped unread, here and in channels. They are not told. You can unblock them in your contacts.",
		verb:  verbAbout("Block", person), doing: "Blocking…", key: person.Key, call: p.service().Block,
		done: func(now contacts.Contact) {
			if p.c.chat.Request {
				p.answered(now.Key)
			}
		},
	})
}

// openRemove asks before somebody is taken off the contacts, by name.
func (p *people) openRemove(person contacts.Contact) {
	p.confirm(confirmation{
		title: "Remove " + called(person) + "?",
		text:  "The chat leaves your list. What was said stays on this computer, and is there again when you add them anew.",
		verb:  verbAbout("Remove", person), doing: "Removing…", key: person.Key, call: p.service().Remove,
		done: func(now contacts.Contact) {
			if p.c.open == now.Key {
				p.c.closeChat()
			}
		},
	})
}

// confirmation is a question before something that cannot simply be taken back.
type confirmation struct {
	title, text, verb, doing string
	key                      string
	call                     func(context.Context, string) (contacts.Contact, error)
	done                     func(contacts.Contact)
}

func (p *people) confirm(q confirmation) {
	say := part.NewComplaint()
	var sheet *part.Sheet
	var yes *part.Button
	yes = part.Danger(q.verb, func() {
		p.change(yes, q.doing, say,
			func(ctx context.Context) (contacts.Contact, error) { return q.call(ctx, q.key) },
			func(now contacts.Contact) { p.c.w.sheets.CloseAll(); q.done(now) })
	})
	no := part.NewButton("Keep", func() { sheet.Close() })
	sheet = p.c.w.sheets.Open(q.title, part.Column(part.Text(q.text), say), yes, no)
	p.c.w.Focus(no)
}

// openNickname asks what somebody is called here.
func (p *people) openNickname(person contacts.Contact) {
	field, say := part.NewField("Nickname"), part.NewComplaint()
	var sheet *part.Sheet
	var save *part.Button
	save = part.Main("Save", func() {
		name := field.Text
		p.change(save, "Saving…", say,
			func(ctx context.Context) (contacts.Contact, error) {
				return p.service().SetNickname(ctx, person.Key, name)
			},
			func(contacts.Contact) { sheet.Close() })
	})
	field.OnSubmitted = func(string) { save.OnTapped() }
	sheet = p.c.w.sheets.Open("Nickname", part.Column(
		part.Text("What "+called(person)+" is called on this computer. Only you see it. Leave it empty to take it away."), field, say), nil, save)
	field.SetText(person.Nickname)
	p.c.w.Focus(field)
}
