package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sotto/views/theme"
)

// Button is Fyne's button, which shows the keyboard's focus by a line and not by a shade of its own ground alone, and
// takes Enter as well as Space. Escape goes to the window.
type Button struct {
	widget.Button
	ring    *canvas.Rectangle
	focused bool
}

// NewButton returns a button that says a verb.
func NewButton(verb string, tapped func()) *Button { return NewIconButton(verb, nil, tapped) }

// NewIconButton returns a button with an icon; the verb may be empty.
func NewIconButton(verb string, icon fyne.Resource, tapped func()) *Button {
	b := &Button{ring: canvas.NewRectangle(nil)}
	b.Text, b.Icon, b.OnTapped = verb, icon, tapped
	b.ring.StrokeWidth = ringWidth
	b.ring.Hidden = true
	b.ExtendBaseWidget(b)
	return b
}

// FocusGained implements fyne.Focusable.
func (b *Button) FocusGained() {
	b.focused = true
	b.Button.FocusGained()
}

// FocusLost implements fyne.Focusable.
func (b *Button) FocusLost() {
	b.focused = false
	b.Button.FocusLost()
}

// TypedKey implements fyne.Focusable.
func (b *Button) TypedKey(key *fyne.KeyEvent) {
	switch key.Name {
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		b.Tapped(nil)
	default:
		ToWindow(b, key)
	}
}

// ringColour stands out from the button's ground.
func (b *Button) ringColour() fyne.ThemeColorName {
	if b.Importance == widget.HighImportance || b.Importance == widget.DangerImportance {
		return theme.ColorNameOnAccent
	}
	return theme.ColorNameAccent
}

// CreateRenderer implements fyne.Widget.
func (b *Button) CreateRenderer() fyne.WidgetRenderer {
	return &buttonRenderer{b.Button.CreateRenderer(), b}
}

type buttonRenderer struct {
	fyne.WidgetRenderer
	button *Button
}

// ringInset keeps the line inside the button's ground, against which it is seen.
const ringInset float32 = 3

func (r *buttonRenderer) Objects() []fyne.CanvasObject {
	return append(r.WidgetRenderer.Objects(), r.button.ring)
}

func (r *buttonRenderer) Layout(size fyne.Size) {
	r.WidgetRenderer.Layout(size)
	r.button.ring.Move(fyne.NewSquareOffsetPos(ringInset))
	r.button.ring.Resize(size.SubtractWidthHeight(2*ringInset, 2*ringInset))
}

func (r *buttonRenderer) Refresh() {
	ring := r.button.ring
	ring.Hidden = !r.button.focused
	ring.StrokeColor = fynetheme.Color(r.button.ringColour())
	ring.CornerRadius = fynetheme.Size(fynetheme.SizeNameButtonRadius) - ringInset
	r.WidgetRenderer.Refresh()
}
