package views

import (
	"context"

	"fyne.io/fyne/v2"

	"sotto/services/chats"
	"sotto/services/contacts"
	"sotto/views/task"
)

// openAuthor shows who wrote a message.
func (p *people) openAuthor(a chats.Author) {
	switch {
	case p.service() == nil:
	case a.Key == p.c.account.Key:
		p.openMine()
	default:
		p.openProfile(p.author(a))
	}
}

// author is who wrote a message, as far as they are known. The name that a message claims is none of theirs.
func (p *people) author(a chats.Author) contacts.Contact {
	person := p.known(a.Key)
	if person.Pseudonym == "" {
		person.Pseudonym, person.Nickname = a.Pseudonym, a.Nickname
	}
	return person
}

// authorItems is what a message's menu offers about who wrote it. In a chat of two the chat's own menu does.
func (p *people) authorItems(m chats.Message) []*fyne.MenuItem {
	if p.service() == nil || m.Outgoing || p.c.chat.Kind == chats.Private {
		return nil
	}
	person := p.author(m.Author)
	items := []*fyne.MenuItem{fyne.NewMenuItem("View profile", func() { p.openProfile(person) })}
	if person.State != contacts.Blocked {
		items = append(items, fyne.NewMenuItem(verbAbout("Write to", person), func() { p.c.openPrivate(person.Key) }))
	}
	if person.State == contacts.Stranger {
		items = append(items, fyne.NewMenuItem("Add as contact", func() { p.add(person) }))
	}
	return append(items, fyne.NewMenuItem("Copy key", func() { p.c.copy(person.Key) }))
}

// add makes a contact of a channel's member and shows them.
func (p *people) add(person contacts.Contact) {
	task.Go(p.c.w.runner, func(ctx context.Context) (contacts.Contact, error) { return p.service().Add(ctx, person.Key) },
		func(now contacts.Contact, err error) {
			if err != nil {
				p.c.complain(called(person)+" was not added", err)
				return
			}
			p.take(now)
			p.openProfile(now)
		})
}
