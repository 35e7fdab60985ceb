package message

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynetheme "fyne.io/fyne/v2/theme"

	"sotto/views/theme"
)

// dividerHeight is the room that a line with a day or "new messages" takes.
const dividerHeight float32 = 32

// divider is a word between two lines across the column.
type divider struct {
	text        *canvas.Text
	left, right *canvas.Rectangle
}

func newDivider() *divider {
	return &divider{canvas.NewText("", nil), canvas.NewRectangle(nil), canvas.NewRectangle(nil)}
}

func (d *divider) objects() []fyne.CanvasObject { return []fyne.CanvasObject{d.text, d.left, d.right} }

func (d *divider) hide() {
	for _, o := range d.objects() {
		o.Hide()
	}
}

// show places the divider at y and returns its height.
func (d *divider) show(text string, color, lines fyne.ThemeColorName, y, width float32, f *fonts) float32 {
	x, w := column(width)
	x, w = x+margin, w-2*margin
	small := f.line(f.small)
	tw := fit(d.text, text, f.small, w)
	write(d.text, fyne.NewPos(x+(w-tw)/2, y+(dividerHeight-small)/2), fyne.NewSize(tw, small), color)
	side := (w-tw)/2 - theme.Near
	middle := y + dividerHeight/2
	for i, r := range []*canvas.Rectangle{d.left, d.right} {
		r.FillColor = fynetheme.Color(lines)
		r.Move(fyne.NewPos(x+float32(i)*(w-side), middle))
		r.Resize(fyne.NewSize(side, 1))
		r.Show()
	}
	return dividerHeight
}
