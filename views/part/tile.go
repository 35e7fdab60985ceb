package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"sotto/views/theme"
)

// Tile is a piece of the window that can be pressed as a whole: a row of a list, an indicator. It shows the pointer and
// the keyboard's focus, and whether it is the chosen one.
type Tile struct {
	widget.BaseWidget
	Tap          func()
	SecondaryTap func(at fyne.Position) // right button, absolute position; may be nil
	Over         func(on bool)          // the pointer or the keyboard came or went; may be nil
	ground       *Panel
	rest         fyne.ThemeColorName
	chosen, over bool
	focused      bool
	marked       bool
}

// NewTile returns a tile over content, which at rest stands on the ground of the given colour.
func NewTile(rest fyne.ThemeColorName, content fyne.CanvasObject, tap func()) *Tile {
	t := &Tile{}
	t.Fill(t, rest, content, tap)
	return t
}

// Fill makes a Tile of one that is part of a larger widget, which is self.
func (t *Tile) Fill(self fyne.Widget, rest fyne.ThemeColorName, content fyne.CanvasObject, tap func()) {
	t.Tap, t.rest, t.ground = tap, rest, NewPanel(rest, 6, content)
	t.ExtendBaseWidget(self)
}

// SetChosen marks the tile as the chosen one of its list.
func (t *Tile) SetChosen(chosen bool) {
	t.chosen = chosen
	t.paint()
}

// Chosen tells whether it is.
func (t *Tile) Chosen() bool { return t.chosen }

// SetMarked shows the line of the keyboard's focus around a tile of a list that has the keyboard itself.
func (t *Tile) SetMarked(on bool) {
	if t.marked != on {
		t.marked = on
		t.paint()
	}
}

func (t *Tile) changed() {
	t.paint()
	if t.Over != nil {
		t.Over(t.over || t.focused)
	}
}

func (t *Tile) paint() {
	t.ground.SetRing(t.focused || t.marked) // a colour of the ground would be that of another state
	switch {
	case t.chosen:
		t.ground.SetColour(theme.ColorNameSelected)
	case t.over:
		t.ground.SetColour(theme.ColorNameUnder)
	default:
		t.ground.SetColour(t.rest)
	}
}

// CreateRenderer implements fyne.Widget.
func (t *Tile) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(t.ground) }

// Tapped implements fyne.Tappable.
func (t *Tile) Tapped(*fyne.PointEvent) { t.tap() }

// TappedSecondary implements fyne.SecondaryTappable.
func (t *Tile) TappedSecondary(e *fyne.PointEvent) {
	if t.SecondaryTap != nil {
		t.SecondaryTap(e.AbsolutePosition)
	}
}

func (t *Tile) tap() {
	if t.Tap != nil {
		t.Tap()
	}
}

// FocusGained implements fyne.Focusable.
func (t *Tile) FocusGained() { t.focused = true; t.changed() }

// FocusLost implements fyne.Focusable.
func (t *Tile) FocusLost() { t.focused = false; t.changed() }

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

// MouseIn implements desktop.Hoverable.
func (t *Tile) MouseIn(*desktop.MouseEvent) { t.over = true; t.changed() }

// MouseMoved implements desktop.Hoverable.
func (t *Tile) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (t *Tile) MouseOut() { t.over = false; t.changed() }

// Cursor implements desktop.Cursorable.
func (t *Tile) Cursor() desktop.Cursor { return desktop.PointerCursor }

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
