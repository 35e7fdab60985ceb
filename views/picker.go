package views

import (
	"fmt"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"sotto/services/contacts"
	"sotto/services/fault"
	"sotto/views/icon"
	"sotto/views/part"
	"sotto/views/theme"
)

// picker chooses people: contacts, or somebody whose key is pasted into its search.
type picker struct {
	p      *people
	object fyne.CanvasObject // the list, or why it is empty
	search *part.Field
	list   *rowList
	empty  *fyne.Container
	line   *part.Span // who is chosen
	none   string     // what it says of a choice of nobody
	full   string     // what it says where every contact is left out
	skip   map[string]bool
	chosen []contacts.Contact
	shown  []contacts.Contact
	add    func() // leads to adding a contact
}

// newPicker leaves out the people whose keys are in skip; it may be nil.
func newPicker(p *people, skip map[string]bool) *picker {
	k := &picker{p: p, skip: skip, search: part.NewField("Search, or paste a key"), empty: container.NewVBox(),
		line: part.NewSpan("", theme.ColorNameQuiet, theme.SmallSize)}
	k.list = newRowList(func() int { return len(k.shown) }, func() fyne.CanvasObject { return newPickRow(k.toggle) },
		func(i int, o fyne.CanvasObject) { o.(*pickRow).bind(k.shown[i], k.has(k.shown[i].Key)) },
		func(i int) { k.toggle(k.shown[i]) })
	k.search.OnChanged = func(string) { k.fill() }
	k.object = container.NewStack(k.list, k.empty)
	return k
}

// keys are those of whom is chosen.
func (k *picker) keys() (keys []string) {
	for _, c := range k.chosen {
		keys = append(keys, c.Key)
	}
	return keys
}

func (k *picker) has(key string) bool {
	return slices.ContainsFunc(k.chosen, func(c contacts.Contact) bool { return c.Key == key })
}

// toggle chooses somebody, or does not any more.
func (k *picker) toggle(person contacts.Contact) {
	if k.has(person.Key) {
		k.chosen = slices.DeleteFunc(k.chosen, func(c contacts.Contact) bool { return c.Key == person.Key })
	} else {
		k.chosen = append(k.chosen, person)
	}
	k.fill()
}

// fill shows what is known now and fits what is searched for.
func (k *picker) fill() {
	k.shown = k.fitting(strings.ToLower(strings.TrimSpace(k.search.Text)))
	k.line.SetText(k.chosenWords())
	k.list.show()
	k.empty.RemoveAll()
	if len(k.shown) == 0 {
		k.fillEmpty()
	}
	k.object.Refresh()
	k.p.c.w.sheets.Arrange()
}

// fitting are the contacts whose names have the text in them, in the order of the list, or the person whose key it is.
func (k *picker) fitting(text string) (list []contacts.Contact) {
	if to, person := contactIn(k.search.Text); person {
		if key := to.Key.String(); key != k.p.c.account.Key && !k.skip[key] {
			list = append(list, k.p.named(key))
		}
		return list
	}
	for _, c := range k.p.all {
		if c.State == contacts.Added && !k.skip[c.Key] && strings.Contains(strings.ToLower(c.DisplayName()+"\n"+c.Pseudonym), text) {
			list = append(list, c)
		}
	}
	return list
}

// fillEmpty says why nobody is shown, and what to do.
func (k *picker) fillEmpty() {
	_, person := contactIn(k.search.Text)
	switch {
	case k.p.failed != nil:
		k.empty.Add(part.Text(fault.Sentence(k.p.failed)))
		k.empty.Add(container.NewHBox(part.NewButton("Try again", k.p.contacts.Ask)))
	case !k.p.loaded:
		k.empty.Add(part.Quiet("Just a moment…"))
	case person:
		k.empty.Add(part.Text("This person is in the group already."))
	case k.search.Text != "":
		k.empty.Add(part.Text("None of your contacts is called so."))
	case slices.ContainsFunc(k.p.all, func(c contacts.Contact) bool { return c.State == contacts.Added }):
		k.empty.Add(part.Text(k.full))
	default:
		k.empty.Add(part.Text("You have no contacts yet. Add somebody first, or paste their key above."))
		k.empty.Add(container.NewHBox(part.NewButton("Add a contact", func() { k.add() })))
	}
}

// mostChosen is how many of the chosen are named.
const mostChosen = 4

// chosenWords says who is chosen, and how many.
func (k *picker) chosenWords() string {
	if len(k.chosen) == 0 {
		return k.none
	}
	var names []string
	for _, c := range k.chosen[:min(len(k.chosen), mostChosen)] {
		names = append(names, called(c))
	}
	if more := len(k.chosen) - mostChosen; more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	return fmt.Sprintf("%d chosen: %s", len(k.chosen), namesWords(names))
}

// pickRow is somebody who can be chosen.
type pickRow struct {
	part.Pad
	person     contacts.Contact
	face       *part.Picture
	name, line *part.Span
	sign       *canvas.Image
}

func newPickRow(toggle func(contacts.Contact)) *pickRow {
	r := &pickRow{face: part.NewPicture(theme.AvatarList), name: part.NewSpan("", theme.ColorNameText, theme.TextSize).Bold(),
		line: part.NewSpan("", theme.ColorNameQuiet, theme.SmallSize), sign: canvas.NewImageFromResource(icon.In(icon.Circle, theme.ColorNameQuiet))}
	r.sign.SetMinSize(fyne.NewSquareSize(24))
	r.Fill(r, theme.ColorNameGround, personLine(r.face, r.name, r.line, container.NewCenter(r.sign)), func() { toggle(r.person) })
	return r
}

// personLine is a face, two lines of text, and something at the end.
func personLine(face, name, line, end fyne.CanvasObject) fyne.CanvasObject {
	words := container.New(layout.NewCustomPaddedVBoxLayout(0), name, line)
	middle := container.New(layout.NewCustomPaddedLayout(0, 0, theme.Near, theme.Near), part.Middle(words))
	return part.Inset(theme.Grid, container.NewBorder(nil, nil, face, end, middle))
}

func (r *pickRow) bind(person contacts.Contact, chosen bool) {
	if r.person.Key != person.Key {
		r.face.SetKey(person.Key)
	}
	r.person = person
	r.name.SetText(called(person))
	setLine(r.line, contactLine(person))
	r.sign.Resource = icon.In(icon.Circle, theme.ColorNameQuiet)
	if chosen {
		r.sign.Resource = icon.In(icon.Tick, theme.ColorNameAccent)
	}
	r.Refresh()
}

// setLine shows a second line where there is one; without it the name stands in the middle.
func setLine(line *part.Span, text string) {
	line.SetText(text)
	show(text != "", line)
}
