package views

import (
	"context"
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"sotto/services/contacts"
	"sotto/services/fault"
	"sotto/views/icon"
	"sotto/views/message/flow"
	"sotto/views/part"
	"sotto/views/task"
	"sotto/views/theme"
)

// profileSheet tells of somebody and offers what can be done about them.
type profileSheet struct {
	p      *people
	person contacts.Contact
	asked  int
	sheet  *part.Sheet
	face   *part.Picture
	name   *part.Span
	more   *fyne.Container // other names
	state  *widget.Label
	key    *part.Span
	ways   *fyne.Container // what can be done
	say    *part.Complaint
}

// openProfile shows somebody, as far as they are known, and asks for the rest.
func (p *people) openProfile(person contacts.Contact) {
	if p.profile != nil {
		p.profile.sheet.Close()
	}
	s := &profileSheet{p: p, face: part.NewPicture(theme.AvatarProfile), say: part.NewComplaint(), state: part.Text(""),
		name: part.NewSpan("", theme.ColorNameText, theme.TitleSize).Bold(),
		key:  part.NewSpan("", theme.ColorNameQuiet, theme.SmallSize),
		more: container.NewVBox(), ways: container.NewVBox()}
	names := part.Middle(container.NewVBox(s.name, s.more))
	top := container.NewBorder(nil, nil, s.face, nil, container.New(layout.NewCustomPaddedLayout(0, 0, theme.Apart, 0), names))
	line := copyLine(s.key, func() { p.c.copy(s.person.Key) })
	s.sheet = p.c.w.sheets.Open("Profile", part.Column(top, line, s.state, s.say, s.ways), nil)
	s.sheet.OnClose = func() { p.profile = nil }
	p.profile = s
	s.show(person)
	s.load()
}

// copyLine is a line of text and a button that copies what it stands for.
func copyLine(text *part.Span, do func()) fyne.CanvasObject {
	b := part.NewIconButton("Copy", icon.Of(icon.Copy), do)
	b.Importance = widget.LowImportance
	return container.NewBorder(nil, nil, nil, b, part.Middle(container.New(layout.NewCustomPaddedLayout(0, 0, theme.Near, 0), text)))
}

// load asks for what is known of the person now.
func (s *profileSheet) load() {
	s.asked++
	key, asked := s.person.Key, s.asked
	task.Go(s.p.c.w.runner, func(ctx context.Context) (contacts.Contact, error) { return s.p.service().Get(ctx, key) },
		func(person contacts.Contact, err error) {
			switch {
			case s.p.profile != s || asked != s.asked:
			case err != nil:
				s.say.Say(fault.Sentence(err))
			default:
				s.show(person)
			}
		})
}

func (s *profileSheet) show(person contacts.Contact) {
	changed := s.person != person
	s.asked++ // an answer that is on its way is older
	s.person = person
	if !changed {
		return
	}
	s.face.SetKey(person.Key)
	s.name.SetText(called(person))
	s.key.SetText(shortKey(person))
	s.more.RemoveAll()
	for _, line := range otherNames(person) {
		s.more.Add(part.NewSpan(line, theme.ColorNameQuiet, theme.SmallSize))
	}
	s.state.SetText(stateSentence(person))
	s.ways.RemoveAll()
	for _, way := range s.waysNow() {
		s.ways.Add(way)
	}
}

// shortKey is a key's short form, or what is known in its place.
func shortKey(person contacts.Contact) string {
	if person.Short != "" {
		return person.Short
	}
	return person.Key
}

// otherNames is what else somebody is called.
func otherNames(person contacts.Contact) (lines []string) {
	if person.DisplayName() != person.Pseudonym && person.Pseudonym != "" {
		lines = append(lines, person.Pseudonym)
	}
	switch name := flow.Line(person.Name, calledLength); {
	case name == "":
	case person.Nickname == "":
		lines = append(lines, "The name above is one they gave themselves")
	case person.Nickname != person.Name:
		lines = append(lines, "Calls themselves "+name)
	}
	return lines
}

// stateSentence is how this account stands with somebody.
func stateSentence(person contacts.Contact) string {
	switch person.State {
	case contacts.Added:
		sentence := "In your contacts. "
		if person.Verified {
			sentence += verifiedSentence(person)
		} else {
			sentence += "Not verified yet: compare codes to know that nobody stands between you."
		}
		return sentence + deviceWords(person.Devices)
	case contacts.Requested:
		return "They wrote to you and wait. Nothing was answered."
	case contacts.Ignored:
		return "You put their request away. Nothing was answered."
	case contacts.Blocked:
		return "You blocked them. What they write is dropped unread."
	case contacts.Stranger:
		return "Not in your contacts."
	}
	return ""
}

func deviceWords(n int) string {
	switch n {
	case 0:
		return ""
	case 1:
		return " One device of theirs is known."
	}
	return fmt.Sprintf(" %d devices of theirs are known.", n)
}

// waysNow are rows of buttons: what changes how we stand, and below, apart, what destroys and what is most wanted.
func (s *profileSheet) waysNow() []fyne.CanvasObject {
	person, c := s.person, s.p.c
	then := func(f func()) func() { return func() { s.sheet.Close(); f() } }
	write := part.Main("Write", then(func() { c.openPrivate(person.Key) }))
	block := part.Link("Block", func() { s.p.openBlock(person) })
	accept := s.ask(part.Main("Accept", nil), "Accepting…", s.p.service().Accept)
	switch person.State {
	case contacts.Added:
		links := container.NewHBox(
			part.NewButton("Set nickname", func() { s.p.openNickname(person) }),
			part.NewButton("Compare codes", func() { s.p.openCodes(person) }),
			part.NewButton("Remove", func() { s.p.openRemove(person) }))
		return []fyne.CanvasObject{links, part.Gap(theme.Near), buttonRow(block, write)}
	case contacts.Requested, contacts.Ignored:
		return []fyne.CanvasObject{buttonRow(block, accept)}
	case contacts.Blocked:
		return []fyne.CanvasObject{buttonRow(nil, s.ask(part.NewButton("Unblock", nil), "Unblocking…", s.p.service().Unblock))}
	case contacts.Stranger:
		add := s.ask(part.NewButton("Add as contact", nil), "Adding…", s.p.service().Add)
		return []fyne.CanvasObject{buttonRow(block, add, write)}
	}
	return nil
}

func buttonRow(apart *part.Button, buttons ...*part.Button) fyne.CanvasObject {
	row := container.NewHBox()
	if apart != nil {
		row.Add(apart)
	}
	row.Add(layout.NewSpacer())
	for _, b := range buttons {
		row.Add(b)
	}
	return row
}

// ask makes a button that changes how this account stands with the person.
func (s *profileSheet) ask(b *part.Button, doing string, call func(context.Context, string) (contacts.Contact, error)) *part.Button {
	key := s.person.Key
	b.OnTapped = func() {
		s.p.change(b, doing, s.say,
			func(ctx context.Context) (contacts.Contact, error) { return call(ctx, key) },
			func(person contacts.Contact) {
				if person.State == contacts.Added {
					s.p.accepted(person)
				}
			})
	}
	return b
}
