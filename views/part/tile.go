package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"sotto/views/theme"
)

// Pad is a piece of the window that can be pressed as a whole by the pointer: a row of a list that has the keyboard itself. It
// shows the pointer, whether it is the chosen one, and where the keyboard of its list is.
type Pad struct {
	widget.BaseWidget
	Tap          func()
	SecondaryTap func(at fyne.Position) // right button, absolute position; may be nil
	Over         func(on bool)          // the pointer or the keyboard came or went; may be nil
	ground       *Panel
	rest         fyne.ThemeColorName
	chosen, over bool
	marked       bool
}

// Fill makes a Pad, or a Tile, of one that is part of a larger widget, which is self. At rest it stands on the ground of the given
// colour.
func (p *Pad) Fill(self fyne.Widget, rest fyne.ThemeColorName, content fyne.CanvasObject, tap func()) {
	p.Tap, p.rest, p.ground = tap, rest, NewPanel(rest, 6, content)
	p.ExtendBaseWidget(self)
}

// SetChosen marks it as the chosen one of its list.
func (p *Pad) SetChosen(chosen bool) {
	p.chosen = chosen
	p.paint()
}

// Chosen tells whether it is.
func (p *Pad) Chosen() bool { return p.chosen }

// SetMarked shows the line of the keyboard's focus around it.
func (p *Pad) SetMarked(on bool) {
	if p.marked != on {
		p.marked = on
		p.changed()
	}
}

func (p *Pad) changed() {
	p.paint()
	if p.Over != nil {
		p.Over(p.over || p.marked)
	}
}

func (p *Pad) paint() {
	p.ground.SetRing(p.marked) // a colour of the ground would be that of another state
	switch {
	case p.chosen:
		p.ground.SetColour(theme.ColorNameSelected)
	case p.over:
		p.ground.SetColour(theme.ColorNameUnder)
	default:
		p.ground.SetColour(p.rest)
	}
}

// CreateRenderer implements fyne.Widget.
func (p *Pad) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(p.ground) }

// Tapped implements fyne.Tappable.
func (p *Pad) Tapped(*fyne.PointEvent) { p.tap() }

// TappedSecondary implements fyne.SecondaryTappable.
func (p *Pad) TappedSecondary(e *fyne.PointEvent) {
	if p.SecondaryTap != nil {
		p.SecondaryTap(e.AbsolutePosition)
	}
}

func (p *Pad) tap() {
	if p.Tap != nil {
		p.Tap()
	}
}

// MouseIn implements desktop.Hoverable.
func (p *Pad) MouseIn(*desktop.MouseEvent) { p.over = true; p.changed() }

// MouseMoved implements desktop.Hoverable.
func (p *Pad) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (p *Pad) MouseOut() { p.over = false; p.changed() }

// Cursor implements desktop.Cursorable.
func (p *Pad) Cursor() desktop.Cursor { return desktop.PointerCursor }

// Tile is a Pad that takes the keyboard by itself: an indicator, a choice.
type Tile struct{ Pad }

// NewTile returns a tile over content, which at rest stands on the ground of the given colour.
func NewTile(rest fyne.ThemeColorName, content fyne.CanvasObject, tap func()) *Tile {
	t := &Tile{}
	t.Fill(t, rest, content, tap)
	return t
}

// FocusGained implements fyne.Focusable.
func (t *Tile) FocusGained() { t.SetMarked(true) }

// FocusLost implements fyne.Focusable.
func (t *Tile) FocusLost() { t.SetMarked(false) }

// TypedRune implements fyne.Focusable.
func (t *Tile) TypedRune(rune) {}

// TypedKey implements fyne.Focusable. Escape goes to the window.
func (t *Tile) TypedKey(key *fyne.KeyEvent) {
	switch key.Name {
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		t.tap()
	default:
		ToWindow(t, key)
	}
}

// ToWindow hands a key that an object has no use for to the window it is in.
func ToWindow(o fyne.CanvasObject, key *fyne.KeyEvent) {
	c := fyne.CurrentApp().Driver().CanvasForObject(o)
	if c == nil {
		return
	}
	if typed := c.OnTypedKey(); typed != nil {
		typed(key)
	}
}
