package views

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"sotto/services/contacts"
	"sotto/services/fault"
	"sotto/views/part"
	"sotto/views/theme"
)

// contactSheet lists everybody whom the account decided about, also those who are in no list of chats.
type contactSheet struct {
	p     *people
	sheet *part.Sheet
	body  *fyne.Container
}

// openContacts shows the contacts, and below them who was put away or blocked.
func (c *conversations) openContacts() {
	s := &contactSheet{p: c.people, body: container.NewVBox()}
	add := part.Main("Add a contact", func() { s.sheet.Close(); c.openAdd("") })
	s.sheet = c.w.sheets.Open("Contacts", s.body, nil, add)
	s.sheet.OnClose = func() { c.people.list = nil }
	c.people.list = s
	s.fill()
	c.people.contacts.Ask()
	c.w.Focus(add)
}

// fill shows what is known now.
func (s *contactSheet) fill() {
	s.body.RemoveAll()
	switch {
	case s.p.failed != nil:
		s.body.Add(part.Text(fault.Sentence(s.p.failed)))
		s.body.Add(container.NewHBox(part.NewButton("Try again", s.p.contacts.Ask)))
	case !s.p.loaded:
		s.body.Add(part.Quiet("Just a moment…"))
	case !s.section("", contacts.Added):
		s.body.Add(part.Text("You have no contacts yet."))
	}
	if s.p.failed == nil {
		s.section("Ignored", contacts.Ignored)
		s.section("Blocked", contacts.Blocked)
	}
}

// section lists those who stand so, and tells whether there are any.
func (s *contactSheet) section(name string, state contacts.State) bool {
	any := false
	for _, person := range s.p.all {
		if person.State != state {
			continue
		}
		if !any && name != "" {
			s.body.Add(part.Heading(name))
		}
		any = true
		s.body.Add(s.row(person))
	}
	return any
}

func (s *contactSheet) row(person contacts.Contact) fyne.CanvasObject {
	face := part.NewPicture(theme.AvatarList)
	face.SetKey(person.Key)
	words := container.New(layout.NewCustomPaddedVBoxLayout(0),
		part.NewSpan(called(person), theme.ColorNameText, theme.TextSize).Bold())
	if line := contactLine(person); line != "" {
		words.Add(part.NewSpan(line, theme.ColorNameQuiet, theme.SmallSize))
	}
	line := container.NewBorder(nil, nil, face, nil,
		container.New(layout.NewCustomPaddedLayout(0, 0, theme.Near, 0), part.Middle(words)))
	return part.NewTile(theme.ColorNameGround, part.Inset(theme.Grid, line), func() { s.sheet.Close(); s.p.openProfile(person) })
}

// contactLine is the second line about a contact: the words of the key, and whether codes were compared.
func contactLine(person contacts.Contact) string {
	line := ""
	if person.DisplayName() != person.Pseudonym {
		line = person.Pseudonym
	}
	if person.Verified {
		if line != "" {
			line += " · "
		}
		line += "Verified"
	}
	return line
}
