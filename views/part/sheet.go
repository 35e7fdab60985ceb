package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sotto/views/icon"
	"sotto/views/theme"
)

// SheetWidth is how wide a sheet is.
const SheetWidth float32 = 460

// Sheet is a card over the window that wants an answer or shows details. Sheets stack; Escape closes the upper one.
type Sheet struct {
	OnClose func() // after the sheet is gone; may be nil

	stack  *Sheets
	title  *widget.Label
	cover  *fyne.Container // the whole window: a shade, and the card in its middle
	closed bool
}

// Sheets is the stack of a window.
type Sheets struct {
	canvas fyne.Canvas
	open   []*Sheet
	before fyne.Focusable // what had the focus before the first sheet
}

// NewSheets returns an empty stack over the canvas.
func NewSheets(c fyne.Canvas) *Sheets { return &Sheets{canvas: c} }

// Open shows a sheet with a title, a body and a row of buttons, of which the first stands apart on the left where it is
// not nil. What had the focus gets it back when the last sheet is closed.
func (s *Sheets) Open(title string, body fyne.CanvasObject, apart *Button, buttons ...*Button) *Sheet {
	return s.put(title, body, true, apart, buttons)
}

// OpenFilled is Open for a body that holds a list: where the window ends the list gets less room, and scrolls by itself.
func (s *Sheets) OpenFilled(title string, body fyne.CanvasObject, apart *Button, buttons ...*Button) *Sheet {
	return s.put(title, body, false, apart, buttons)
}

func (s *Sheets) put(title string, body fyne.CanvasObject, scrolls bool, apart *Button, buttons []*Button) *Sheet {
	sheet := &Sheet{stack: s, title: Title(title)}
	shut := NewIconButton("", icon.Of(icon.Close), sheet.Close)
	shut.Importance = widget.LowImportance
	head := container.NewBorder(nil, nil, nil, shut, sheet.title)
	// room for the frames of fields, which a scroll would cut, and for the scroll's bar, which lies in the card's margin
	body = container.New(layout.NewCustomPaddedLayout(theme.Grid, theme.Grid, theme.Grid, theme.Grid+barRoom), body)
	foot := footer(apart, buttons)
	inner := body
	if scrolls {
		inner = container.NewVScroll(body)
	}
	frame := container.NewBorder(head, foot, nil, nil, container.New(growing{s.canvas, head, body, foot}, inner))
	card := NewPanel(theme.ColorNameGround, 8, Inset(theme.Apart, frame)).Bordered()
	sheet.cover = container.New(centred{}, NewPanel(fynetheme.ColorNameShadow, 0, nil), card)
	if len(s.open) == 0 {
		s.before = s.canvas.Focused()
		if _, pressed := s.before.(*Button); pressed {
			s.before = nil // it opened the sheet; what is typed afterwards is not for it
		}
		s.canvas.Unfocus()
	}
	s.open = append(s.open, sheet)
	s.canvas.Overlays().Add(sheet.cover)
	sheet.cover.Resize(s.canvas.Size())
	return sheet
}

// centred puts a card of its own height into the middle, over a shade.
type centred struct{}

func (centred) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.Size{} }

func (centred) Layout(o []fyne.CanvasObject, size fyne.Size) {
	shade, card := o[0], o[1]
	shade.Resize(size)
	width := min(SheetWidth, size.Width-2*theme.Edge)
	card.Resize(fyne.NewSize(width, card.MinSize().Height)) // wrapped text knows its height only by its width
	height := card.MinSize().Height
	card.Resize(fyne.NewSize(width, height))
	card.Move(fyne.NewPos((size.Width-width)/2, (size.Height-height)/2))
}

// growing is as high as a sheet's body, up to where the window ends; the rest is reached by scrolling.
type growing struct {
	canvas           fyne.Canvas
	head, body, foot fyne.CanvasObject
}

// barRoom is how far a sheet's scroll reaches into the card's margin.
const barRoom = theme.Near + theme.Grid

func (g growing) MinSize([]fyne.CanvasObject) fyne.Size {
	around := g.head.MinSize().Height + g.foot.MinSize().Height + 2*theme.Apart + 2*theme.Edge + 2*fynetheme.Padding()
	return fyne.NewSize(0, max(40, min(g.body.MinSize().Height, g.canvas.Size().Height-around)))
}

func (g growing) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	objects[0].Resize(size.AddWidthHeight(barRoom, 0))
}

func footer(apart *Button, buttons []*Button) fyne.CanvasObject {
	if apart == nil && len(buttons) == 0 {
		return Gap(theme.Near)
	}
	row := container.NewHBox()
	if apart != nil {
		row.Add(apart)
	}
	row.Add(layout.NewSpacer())
	for _, b := range buttons {
		row.Add(b)
	}
	return container.NewVBox(Gap(theme.Apart), row)
}

// SetTitle gives the sheet another title.
func (s *Sheet) SetTitle(title string) {
	if s.title.Text != title {
		s.title.SetText(title)
	}
}

// Close takes the sheet away. Closing twice is harmless.
func (s *Sheet) Close() {
	if s.closed {
		return
	}
	s.closed = true
	s.stack.canvas.Overlays().Remove(s.cover)
	for i, o := range s.stack.open {
		if o == s {
			s.stack.open = append(s.stack.open[:i], s.stack.open[i+1:]...)
			break
		}
	}
	if len(s.stack.open) == 0 && s.stack.before != nil {
		s.stack.canvas.Focus(s.stack.before)
		s.stack.before = nil
	}
	if s.OnClose != nil {
		s.OnClose()
	}
}

// CloseTop closes the uppermost sheet and tells whether there was one.
func (s *Sheets) CloseTop() bool {
	if len(s.open) == 0 {
		return false
	}
	s.open[len(s.open)-1].Close()
	return true
}

// CloseAll closes every sheet.
func (s *Sheets) CloseAll() {
	for s.CloseTop() {
		continue
	}
}

// Arrange arranges the open sheets anew, for when their content changed its size and nothing is drawn meanwhile.
func (s *Sheets) Arrange() {
	for _, sheet := range s.open {
		sheet.cover.Refresh()
	}
}

// Depth is how many sheets are open.
func (s *Sheets) Depth() int { return len(s.open) }
