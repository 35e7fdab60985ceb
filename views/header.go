package views

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"sotto/services/chats"
	"sotto/services/contacts"
	"sotto/views/icon"
	"sotto/views/part"
	"sotto/views/sidebar"
	"sotto/views/theme"
)

// header tells which chat is open and who can read it.
type header struct {
	object fyne.CanvasObject
	title  *part.Span
	sign   *part.Tile // the other person was verified
	hint   *part.Span
	back   *part.Button
	more   *part.Button
	words  *fyne.Container
	tile   *part.Tile      // around the words where a press on them leads somewhere
	place  *fyne.Container // of the words, with the tile around them or without
	now    heading
}

// heading is what a header says.
type heading struct {
	title, hint string
	verified    string // not empty: the sign is there, and this is what it means
	back, more  bool
	about       bool // a press on the words tells more
}

func newHeader(back func(), menu func(at fyne.CanvasObject), verified func()) *header {
	h := &header{
		title: part.NewSpan("", theme.ColorNameText, theme.TitleSize).Bold().Clipped(),
		hint:  part.NewSpan("", theme.ColorNameQuiet, theme.SmallSize),
	}
	h.back = part.NewIconButton("", icon.Of(icon.Back), back)
	h.back.Importance = widget.LowImportance
	h.more = part.NewIconButton("", icon.Of(icon.More), func() { menu(h.more) })
	h.more.Importance = widget.LowImportance
	shield := canvas.NewImageFromResource(icon.In(icon.Verified, theme.ColorNameGood))
	shield.SetMinSize(fyne.NewSquareSize(20))
	h.sign = part.NewTile(theme.ColorNameGround, part.Inset(2, shield), verified)
	h.sign.Over = func(on bool) { h.explain(on) }
	h.words = container.New(headerLayout{h.more.MinSize().Height}, h.title, h.sign, h.hint)
	h.place = container.NewStack(h.words)
	line := container.NewBorder(nil, nil, h.back, h.more, h.place)
	padded := container.New(layout.NewCustomPaddedLayout(theme.Near, theme.Near, theme.Apart, theme.Near), line)
	h.object = container.New(layout.NewCustomPaddedVBoxLayout(0), padded, part.NewLine(theme.ColorNameLine))
	h.show(heading{})
	return h
}

// tileRoom is how far the ground under the words reaches beyond them.
const tileRoom = theme.Near

// about is called when the words are pressed, where the heading says that they can be.
func (h *header) about(tap func()) {
	room := container.New(layout.NewCustomPaddedLayout(0, 0, tileRoom, tileRoom), h.words)
	h.tile = part.NewTile(theme.ColorNameGround, room, tap)
}

// surround puts the tile around the words, or takes it away.
func (h *header) surround(about bool) {
	content := fyne.CanvasObject(h.words)
	if about && h.tile != nil {
		content = container.New(layout.NewCustomPaddedLayout(0, 0, -tileRoom, 0), h.tile)
	}
	h.place.Objects = []fyne.CanvasObject{content}
}

func (h *header) show(now heading) {
	if now.about != h.now.about {
		h.surround(now.about)
	}
	h.now = now
	h.title.SetText(now.title)
	h.hint.SetText(now.hint)
	show(now.verified != "", h.sign)
	show(now.back, h.back)
	show(now.more, h.more)
	h.object.Refresh()
}

// explain says what the sign means, in the hint's place, while the pointer or the keyboard is on it.
func (h *header) explain(on bool) {
	if on {
		h.hint.SetText(h.now.verified)
		return
	}
	h.hint.SetText(h.now.hint)
}

// heading is what the header says of the open chat.
func (c *conversations) heading() heading {
	h := heading{title: sidebar.Title(c.chat), back: c.narrow || c.chat.Request, more: c.open != ""}
	switch c.chat.Kind {
	case chats.Public:
		h.hint = "Anyone who knows the name can read"
	case chats.Group:
		h.hint, h.about = c.groups.hint(), c.groups.service() != nil
	case chats.Private:
		h.hint = c.privacy()
		if c.people.verified() && c.people.open.State != contacts.Blocked {
			h.verified = verifiedSentence(c.people.openOrSo())
		}
	}
	return h
}

// privacy is who can read a private chat, as far as that is known.
func (c *conversations) privacy() string {
	switch person := c.people.open; {
	case person.State == contacts.Blocked:
		return "Blocked"
	case c.chat.Request:
		return "Wants to write to you"
	case person.State == contacts.Ignored:
		return "You put this request away"
	case person.State == contacts.Stranger:
		return "Not in your contacts"
	case c.people.verified():
		return "Only you two can read this."
	}
	return "Not verified yet"
}

// verifiedSentence says when somebody was verified.
func verifiedSentence(person contacts.Contact) string {
	sentence := "You compared codes with " + called(person)
	if !person.VerifiedAt.IsZero() {
		sentence += " on " + person.VerifiedAt.Local().Format("2 January 2006")
	}
	return sentence + "."
}

// headerLayout puts the sign and the hint beside the title, on one base line, and cuts the title where the room ends.
type headerLayout struct{ height float32 } // of the header, also where it has no button

func (l headerLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(120, max(o[0].MinSize().Height+theme.Near, l.height))
}

// hintShare is how much of the width the hint keeps beside a long title.
const hintShare = 0.3

func (headerLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	title, sign, hint := o[0], o[1], o[2]
	titleSize, hintSize := title.MinSize(), hint.MinSize()
	room := size.Width * (1 - hintShare)
	var signSize fyne.Size
	if sign.Visible() {
		signSize = sign.MinSize()
		room -= signSize.Width + theme.Grid
	}
	width := min(titleSize.Width, room)
	top := (size.Height - titleSize.Height) / 2
	title.Resize(fyne.NewSize(width, titleSize.Height))
	title.Move(fyne.NewPos(0, top))
	left := width
	if sign.Visible() {
		sign.Resize(signSize)
		sign.Move(fyne.NewPos(left+theme.Grid, (size.Height-signSize.Height)/2))
		left += theme.Grid + signSize.Width - theme.Near
	}
	left += theme.Apart
	hint.Resize(fyne.NewSize(max(1, size.Width-left), hintSize.Height))
	hint.Move(fyne.NewPos(left, top+titleSize.Height-hintSize.Height-2))
}
