package views

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"sotto/services/chats"
	"sotto/services/contacts"
	"sotto/views/part"
	"sotto/views/theme"
)

// foot is what stands below the messages of the open chat: the composer, or in its place what comes before writing.
type foot struct {
	c      *conversations
	object *fyne.Container
	now    footing
}

// footing is which foot there is. A foot that would be the same stays, with the keyboard on it.
type footing struct {
	kind    footKind
	key     string
	name    string
	claimed bool   // nobody but themselves says that they are called so
	by      string // key of who invites to a group
	count   int    // of its members
}

type footKind int

const (
	footWrite   footKind = iota // the composer
	footRequest                 // a stranger waits for an answer
	footIgnored                 // a request that was put away
	footBlocked
	footStranger // nobody's contact, and the chat is in no list any more
	footInvited  // to a group
	footStrangerInvites
	footOut // of a group
)

func newFoot(c *conversations) *foot {
	return &foot{c: c, object: container.NewStack(c.composer)}
}

// writing tells whether the foot is the composer.
func (f *foot) writing() bool { return f.now.kind == footWrite }

// show puts the foot there that the open chat needs.
func (f *foot) show() {
	now := f.needed()
	if now == f.now {
		return
	}
	f.now = now
	f.c.list.SetReadOnly(!f.writing())
	f.object.Objects = []fyne.CanvasObject{f.content()}
	f.object.Refresh()
}

func (f *foot) needed() footing {
	switch f.c.chat.Kind {
	case chats.Group:
		return f.inGroup()
	case chats.Public:
		return footing{}
	}
	person := f.c.people.openOrSo()
	now := footing{key: f.c.open, name: called(person), claimed: person.Name != "" && person.Nickname == ""}
	switch {
	case person.State == contacts.Blocked:
		now.kind = footBlocked
	case person.State == contacts.Ignored:
		now.kind = footIgnored
	case f.c.chat.Request:
		now.kind = footRequest
	case person.State == contacts.Stranger && f.c.gone:
		now.kind = footStranger
	default:
		return footing{}
	}
	return now
}

func (f *foot) content() fyne.CanvasObject {
	switch f.now.kind {
	case footRequest:
		return f.panel(f.requestSentence(), part.Link("Block", f.block), f.ignore(), f.accept())
	case footIgnored:
		return f.panel("You put this request away. Nothing was answered.", part.Link("Block", f.block), f.accept())
	case footBlocked:
		return f.panel("You blocked "+f.now.name+".", nil, f.unblock())
	case footStranger:
		return f.panel(f.now.name+" is not in your contacts.", nil, f.add())
	case footInvited, footStrangerInvites, footOut:
		return f.groupContent()
	}
	return f.c.composer
}

func (f *foot) requestSentence() string {
	sentence := "Nothing was answered so far. " + f.now.name + " does not learn whether you read this."
	if f.now.claimed {
		sentence += " The name is one they gave themselves."
	}
	return sentence
}

// panel is a sentence and buttons, of which the first stands apart where there is one.
func (f *foot) panel(sentence string, apart *part.Button, buttons ...*part.Button) fyne.CanvasObject {
	line := container.New(layout.NewCustomPaddedLayout(0, 0, theme.Near, theme.Near), buttonRow(apart, buttons...))
	column := part.Column(part.Text(sentence), line)
	return container.NewVBox(part.NewLine(theme.ColorNameLine), part.Inset(theme.Near, column))
}

func (f *foot) block() { f.c.people.openBlock(f.c.people.openOrSo()) }

// ask is a button that changes how the other of the open chat stands.
func (f *foot) ask(b *part.Button, doing string, call func(context.Context, string) (contacts.Contact, error), done func(contacts.Contact)) *part.Button {
	key := f.now.key
	b.OnTapped = func() {
		f.c.people.change(b, doing, f.c.say,
			func(ctx context.Context) (contacts.Contact, error) { return call(ctx, key) }, done)
	}
	return b
}

func (f *foot) accept() *part.Button {
	return f.ask(part.Main("Accept", nil), "Accepting…", f.c.people.service().Accept, f.c.people.accepted)
}

func (f *foot) ignore() *part.Button {
	return f.ask(part.NewButton("Ignore", nil), "Putting it away…", f.c.people.service().Ignore,
		func(person contacts.Contact) { f.c.people.answered(person.Key) })
}

func (f *foot) unblock() *part.Button {
	return f.ask(part.NewButton("Unblock", nil), "Unblocking…", f.c.people.service().Unblock,
		func(contacts.Contact) { f.c.focusComposer(focusTries) })
}

func (f *foot) add() *part.Button {
	return f.ask(part.NewButton("Add as contact", nil), "Adding…", f.c.people.service().Add, f.c.people.accepted)
}
