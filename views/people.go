package views

import (
	"context"
	"maps"

	"sotto/services/chats"
	"sotto/services/contacts"
	"sotto/services/fault"
	"sotto/views/message/flow"
	"sotto/views/part"
	"sotto/views/task"
)

// people is what the window knows of those whom the account knows, as far as it was loaded.
type people struct {
	c        *conversations
	contacts *task.Latest[[]contacts.Contact]
	requests *task.Latest[[]chats.Chat]
	all      []contacts.Contact
	names    contactNames // what some of them are called in groups
	loaded   bool         // all was loaded once
	failed   error        // why it could not be loaded last time
	waiting  []chats.Chat // strangers who wrote and wait for an answer
	page     *requestPage
	open     contacts.Contact // whom the open chat is with; without a key while that is not known
	asked    int              // grows with each question about somebody: an older answer is no news
	profile  *profileSheet    // nil while closed
	list     *contactSheet    // nil while closed
}

func newPeople(c *conversations) *people {
	p := &people{c: c}
	p.page = newRequestPage(p)
	if service := p.service(); service != nil {
		p.contacts = task.NewLatest(c.w.runner, service.List, p.showAll).Rest(listRest)
		p.requests = task.NewLatest(c.w.runner, c.w.opt.Services.Chats.Requests, p.showRequests).Rest(listRest)
	}
	return p
}

// service may be nil: then nobody is known and nothing about people is offered.
func (p *people) service() Contacts { return p.c.w.opt.Services.Contacts }

func (p *people) load() {
	if p.service() != nil {
		p.contacts.Ask()
		p.requests.Ask()
	}
}

func (p *people) askRequests() {
	if p.service() != nil {
		p.requests.Ask()
	}
}

// changed is told that somebody changed: what shows them is loaded anew.
func (p *people) changed(key string) {
	if p.service() == nil {
		return
	}
	p.load()
	p.c.chats.Ask()
	p.c.groups.contactChanged()
	if key == p.c.open {
		p.askOpen()
	}
	if p.profile != nil && p.profile.person.Key == key {
		p.profile.load()
	}
}

// opened is told that another chat is open, or none.
func (p *people) opened() {
	p.open = contacts.Contact{}
	p.askOpen()
}

// askOpen asks whom the open chat is with.
func (p *people) askOpen() {
	p.asked++
	if p.service() == nil || p.c.open == "" || p.c.chat.Kind != chats.Private {
		return
	}
	key, asked := p.c.open, p.asked
	task.Go(p.c.w.runner, func(ctx context.Context) (contacts.Contact, error) { return p.service().Get(ctx, key) },
		func(person contacts.Contact, err error) {
			switch {
			case key != p.c.open || asked != p.asked:
			case err != nil:
				p.c.say.Say(fault.Sentence(err))
			default:
				p.open = person
				p.c.update(p.c.chat)
			}
		})
}

// take follows a change that was made here just now.
func (p *people) take(person contacts.Contact) {
	p.asked++
	if person.Key == p.c.open {
		p.open = person
		p.c.update(p.c.chat)
	}
	if p.profile != nil && p.profile.person.Key == person.Key {
		p.profile.show(person)
	}
	p.load()
	p.c.chats.Ask()
}

// change runs a call about somebody for a button and follows what came of it.
func (p *people) change(b *part.Button, doing string, say *part.Complaint,
	call func(context.Context) (contacts.Contact, error), done func(contacts.Contact),
) {
	part.Perform(p.c.w.runner, b, doing, say, call, func(now contacts.Contact) {
		p.take(now)
		done(now)
	})
}

func (p *people) showAll(list []contacts.Contact, err error) {
	if p.failed = err; err == nil {
		p.names.set(list)
		switch {
		case !p.loaded && p.names.any():
			p.c.chats.Ask() // the list may be without the names
		case !p.loaded:
		case seenOtherwise(p.all, list):
			p.c.list.Resync()
			p.c.chats.Ask()
		}
		p.all, p.loaded = list, true
	}
	if p.list != nil {
		p.list.fill()
	}
	if picker := p.c.groups.picker; picker != nil {
		picker.fill()
	}
}

// seenOtherwise tells whether messages look otherwise now: they have their authors' names, and none of who is blocked.
func seenOtherwise(before, now []contacts.Contact) bool {
	type look struct {
		name    string
		blocked bool
	}
	looks := func(list []contacts.Contact) map[string]look {
		m := map[string]look{}
		for _, one := range list {
			name := one.Nickname + ownName(one) // one of them is empty
			if blocked := one.State == contacts.Blocked; blocked || name != "" {
				m[one.Key] = look{name, blocked}
			}
		}
		return m
	}
	return !maps.Equal(looks(before), looks(now))
}

// known is somebody as far as they are known, else a stranger with the key alone.
func (p *people) known(key string) contacts.Contact {
	if p.open.Key == key {
		return p.open
	}
	for _, one := range p.all {
		if one.Key == key {
			return one
		}
	}
	return contacts.Contact{Key: key, State: contacts.Stranger}
}

// openOrSo is whom the open chat is with, by the chat's name while more is not known.
func (p *people) openOrSo() contacts.Contact {
	person := p.open
	if person.Key == "" {
		person = p.known(p.c.open)
	}
	if called(person) == somebody {
		person.Nickname = p.c.chat.Name
	}
	return person
}

// verified tells whether codes were compared with whom the open chat is with.
func (p *people) verified() bool {
	if p.open.Key == "" {
		return p.c.chat.Verified
	}
	return p.open.Verified
}

const (
	calledLength = 40 // characters of a name within a sentence
	verbLength   = 20 // and on a button
	somebody     = "somebody"
)

// called is a person's name within a sentence.
func called(person contacts.Contact) string {
	if name := flow.Line(person.DisplayName(), calledLength); name != "" {
		return name
	}
	return somebody
}

// verbAbout is a verb on a button and whom it is about.
func verbAbout(verb string, person contacts.Contact) string {
	return verb + " " + flow.Line(called(person), verbLength)
}
