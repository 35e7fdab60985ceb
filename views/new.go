package views

import (
	"context"
	"io"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sotto/services/chats"
	"sotto/services/contacts"
	"sotto/services/link"
	"sotto/views/icon"
	"sotto/views/message/flow"
	"sotto/views/part"
	"sotto/views/task"
)

// openNew asks what to begin; text is what was already typed elsewhere, a name or somebody's key.
func (c *conversations) openNew(text string) {
	_, person := contactIn(text)
	to, group := groupIn(text)
	switch {
	case group && c.groups.service() != nil:
		c.openGroup(text, to)
	case isInvite(text):
		c.w.openLinkSheet(text, c.landed)
	case c.people.service() == nil || text != "" && !person:
		c.openJoin(text)
	case person:
		c.openAdd(text)
	default:
		c.openChoice()
	}
}

func (c *conversations) openChoice() {
	var sheet *part.Sheet
	join := part.NewChoice(icon.Channel, "Join a channel", "Whoever knows its name can read it.",
		func() { sheet.Close(); c.openJoin("") })
	add := part.NewChoice(icon.Person, "Add a contact", "You need their key, their link, or a picture of their code.",
		func() { sheet.Close(); c.openAdd("") })
	group := part.NewChoice(icon.Group, "New group", "Only the people whom you invite can read it.",
		func() { sheet.Close(); c.openNewGroup() })
	show(c.groups.service() != nil && c.people.service() != nil, group)
	network := part.NewChoice(icon.Link, "Join a network", "You need its link, or a picture of it.",
		func() { sheet.Close(); c.w.openLinkSheet("", c.landed) })
	sheet = c.w.sheets.Open("New chat", part.Column(join, add, group, network), nil)
	c.w.window.Canvas().Focus(join)
}

// contactIn is whose key or link a text is.
func contactIn(text string) (link.Link, bool) {
	if strings.TrimSpace(text) == "" {
		return link.Link{}, false
	}
	to, err := link.Parse(text)
	return to, err == nil && to.Kind == link.KindContact
}

// addSheet asks whom to add.
type addSheet struct {
	c     *conversations
	sheet *part.Sheet
	field *part.Field
	say   *part.Complaint
	add   *part.Button
	file  *part.Button
}

// openAdd asks for somebody's key or link; text is what was already typed elsewhere.
func (c *conversations) openAdd(text string) {
	s := &addSheet{c: c, field: part.NewField("Key or link"), say: part.NewComplaint()}
	s.add = part.Main("Add", s.addText)
	s.file = part.NewButton("Choose a picture", s.choose)
	s.field.OnSubmitted = func(string) { s.addText() }
	s.field.OnChanged = func(string) { s.say.Say("") }
	c.w.leadInvites(s.field, func() { s.sheet.Close() })
	body := part.Column(
		part.Text("Paste the key or the link that they gave you, or choose a picture of their code."), s.field)
	if offer := s.offer(text); offer != nil {
		body.Add(offer)
	}
	body.Add(s.say)
	s.sheet = c.w.sheets.Open("Add a contact", body, s.file, s.add)
	s.field.SetText(text)
	c.w.window.Canvas().Focus(s.field)
}

// offer is what the clipboard has, where that is somebody; nil else.
func (s *addSheet) offer(typed string) fyne.CanvasObject {
	if s.c.w.opt.Paste == nil || typed != "" {
		return nil
	}
	text := s.c.w.opt.Paste()
	to, person := contactIn(text)
	if !person || to.Key.String() == s.c.account.Key {
		return nil
	}
	name := to.Key.Pseudonym()
	if to.Name != "" {
		name += ", who calls themselves " + flow.Line(to.Name, calledLength)
	}
	use := part.NewButton("Use it", func() {
		s.field.SetText(strings.TrimSpace(text))
		s.c.w.Focus(s.add)
	})
	return container.NewBorder(nil, nil, nil, container.NewCenter(use), part.Quiet("In your clipboard: "+name+"."))
}

func (s *addSheet) addText() {
	text := strings.TrimSpace(s.field.Text)
	if text == "" {
		s.say.Say("Paste a key or a link.")
		return
	}
	s.run(s.add, func(ctx context.Context) (contacts.Contact, error) { return s.c.people.service().Add(ctx, text) })
}

func (s *addSheet) choose() {
	s.c.w.pick(func(file io.ReadCloser) {
		if file != nil {
			s.addPicture(file)
		}
	})
}

// addPicture reads the code in a picture, and closes the file.
func (s *addSheet) addPicture(file io.ReadCloser) {
	s.run(s.file, func(ctx context.Context) (contacts.Contact, error) {
		defer file.Close()
		return s.c.people.service().AddPicture(ctx, file)
	})
}

func (s *addSheet) run(b *part.Button, call func(context.Context) (contacts.Contact, error)) {
	s.c.people.change(b, "Adding…", s.say, call, func(person contacts.Contact) {
		s.sheet.Close()
		s.c.openPrivate(person.Key)
	})
}

// openPrivate shows the chat with somebody, which is made where there is none.
func (c *conversations) openPrivate(key string) {
	task.Go(c.w.runner, func(ctx context.Context) (chats.Chat, error) {
		return c.w.opt.Services.Chats.OpenPrivate(ctx, key)
	}, func(chat chats.Chat, err error) {
		switch {
		case c.w.main != c:
		case err != nil:
			c.complain("The chat cannot be opened", err)
		default:
			c.chats.Ask()
			c.showChat(chat)
		}
	})
}
