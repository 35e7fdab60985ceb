package views

import (
	"context"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sotto/services/chats"
	"sotto/services/contacts"
	"sotto/services/fault"
	"sotto/views/part"
	"sotto/views/sidebar"
	"sotto/views/task"
	"sotto/views/theme"
)

// mostRequestRows is how many requests are shown at once: strangers can make as many as they like.
const mostRequestRows = 100

// requestPage lists the strangers who wrote.
type requestPage struct {
	people *people
	object fyne.CanvasObject
	header *header
	body   *fyne.Container
	rows   map[string]*sidebar.Row // by chat: a row that has the keyboard is not exchanged for another
	asks   map[string]*askRow      // the same for who asks to be let into a group, and for what we asked
	box    *fyne.Container
	loaded bool
	failed error
}

func newRequestPage(p *people) *requestPage {
	page := &requestPage{people: p, rows: map[string]*sidebar.Row{}, asks: map[string]*askRow{}, box: container.NewVBox()}
	page.header = newHeader(p.c.back, nil, nil)
	page.body = container.NewStack()
	page.object = container.New(onTop{}, page.header.object, page.body)
	return page
}

func (r *requestPage) setNarrow(narrow bool) {
	r.header.show(heading{title: "Requests", hint: "They do not learn whether you read what they write.", back: narrow})
}

// openRequests shows who waits for an answer.
func (c *conversations) openRequests() {
	c.closeChat()
	c.listing = true
	c.people.showCount()
	c.people.page.setNarrow(c.narrow)
	c.people.page.fill()
	c.people.askRequests()
	c.refreshPane()
	c.people.page.focus()
	c.w.tell("requests")
}

// showRequests takes the list that was loaded.
func (p *people) showRequests(list []chats.Chat, err error) {
	p.page.failed = err
	if err == nil {
		p.waiting, p.page.loaded = list, true
		p.showCount()
		p.followRequest()
	}
	if p.c.listing {
		p.page.fill()
	}
}

// followRequest follows the open request: it changed, or it was answered elsewhere.
func (p *people) followRequest() {
	if !p.c.chat.Request || p.c.chat.Kind != chats.Private {
		return
	}
	if chat := p.request(p.c.open); chat != nil {
		p.c.listed = true
		p.c.update(*chat)
		return
	}
	if p.c.listed {
		p.left()
	}
}

// left asks what became of the open chat, which is in no list any more: that may be heard before the answer to what was
// pressed, or be the doing of another program.
func (p *people) left() {
	key := p.c.open
	task.Go(p.c.w.runner, func(ctx context.Context) (contacts.Contact, error) { return p.service().Get(ctx, key) },
		func(person contacts.Contact, err error) {
			switch request := p.c.chat.Request; {
			case key != p.c.open || err == nil && person.State == contacts.Requested:
			case err == nil && person.State == contacts.Added:
				p.open = person
				p.accepted(person)
			case request:
				p.answered(key)
			case err == nil && person.State == contacts.Blocked:
				p.c.gone, p.open = true, person // it says so
				p.c.update(p.c.chat)
			default:
				p.c.closeChat()
			}
		})
}

// showCount tells the sidebar how many wait.
func (p *people) showCount() {
	p.c.sidebar.SetRequests(p.count(), len(p.c.groups.asking("", true)), p.c.listing || p.c.chat.Request)
}

// count is how many wait for an answer of ours: strangers who wrote or invite, and who asks to be let into a group.
func (p *people) count() int {
	return len(p.waiting) + len(p.c.groups.strangers()) + len(p.c.groups.asking("", false))
}

// request is the request with this id, nil without one.
func (p *people) request(id string) *chats.Chat {
	i := slices.IndexFunc(p.waiting, func(c chats.Chat) bool { return c.ID == id })
	if i < 0 {
		return nil
	}
	return &p.waiting[i]
}

// accepted goes on with an ordinary chat.
func (p *people) accepted(person contacts.Contact) {
	p.forget(person.Key)
	if p.c.open != person.Key {
		return
	}
	p.c.listed = false // it is in another list now, which is on its way
	chat := p.c.chat
	chat.Request = false
	p.c.update(chat)
	p.c.sidebar.SetOpen(chat.ID)
	p.showCount()
	p.c.focusComposer(focusTries)
}

// answered goes on to the other requests, where there are any.
func (p *people) answered(key string) {
	p.forget(key)
	switch {
	case p.c.open != key:
	case p.count() > 0:
		p.c.openRequests()
	default:
		p.c.closeChat()
	}
}

// forget takes a request away before the list without it was loaded.
func (p *people) forget(key string) {
	p.waiting = slices.DeleteFunc(slices.Clone(p.waiting), func(c chats.Chat) bool { return c.ID == key })
	p.showCount()
}

// fill shows what is known now.
func (r *requestPage) fill() {
	content := fyne.CanvasObject(container.NewWithoutLayout()) // until they are loaded
	switch {
	case r.failed != nil:
		content = notice(fault.Sentence(r.failed), part.Main("Try again", r.people.askRequests))
	case r.people.count() > 0 || len(r.people.c.groups.asking("", true)) > 0:
		r.list()
		content = container.NewVScroll(part.Inset(theme.Near, r.box))
	case r.loaded:
		content = notice("Nobody waits for an answer. Strangers who write to you appear here.",
			part.Main("Show my contact link", r.people.openMine))
	}
	if _, scroll := content.(*container.Scroll); scroll && len(r.body.Objects) == 1 {
		if _, already := r.body.Objects[0].(*container.Scroll); already {
			return
		}
	}
	r.body.Objects = []fyne.CanvasObject{content}
	r.body.Refresh()
}

// list gives every request its row: strangers, then who asks to be let into a group, then what we asked ourselves.
func (r *requestPage) list() {
	rows := map[string]*sidebar.Row{}
	var objects []fyne.CanvasObject
	g := r.people.c.groups
	waiting := append(slices.Clone(r.people.waiting), g.strangers()...)
	for _, chat := range waiting[:min(len(waiting), mostRequestRows)] {
		row := r.rows[chat.ID]
		if row == nil {
			row = sidebar.NewRow(theme.ColorNameGround, r.people.c.openChat)
		}
		row.Bind(chat, false, r.people.c.w.opt.Now())
		rows[chat.ID], objects = row, append(objects, row)
	}
	if len(waiting) > mostRequestRows {
		objects = append(objects, part.Quiet("More are waiting. They appear as you answer these."))
	}
	r.rows = rows
	objects = append(objects, g.askRows(r.asks, g.asking("", false), true)...)
	objects = append(objects, g.askRows(r.asks, g.asking("", true), true)...)
	if !slices.Equal(objects, r.box.Objects) {
		r.box.Objects = objects
		r.box.Refresh()
	}
}

// focus puts the keyboard on the first request.
func (r *requestPage) focus() {
	if len(r.box.Objects) > 0 {
		if first, ok := r.box.Objects[0].(*sidebar.Row); ok {
			r.people.c.w.window.Canvas().Focus(first)
		}
	}
}
