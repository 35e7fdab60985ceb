package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sotto/views/theme"
)

// ringWidth is how broad the line is that shows where the keyboard is.
const ringWidth = 2

// Panel is a ground in a colour of the theme under some content. Unlike a bare rectangle it follows a change of theme.
type Panel struct {
	widget.BaseWidget
	colour  fyne.ThemeColorName
	radius  float32
	content fyne.CanvasObject
	least   fyne.Size
	border  bool
	ring    bool
}

// NewPanel returns a ground under content, which may be nil.
func NewPanel(colour fyne.ThemeColorName, radius float32, content fyne.CanvasObject) *Panel {
	p := &Panel{colour: colour, radius: radius, content: content}
	p.ExtendBaseWidget(p)
	return p
}

// NewLine returns a separator of one pixel.
func NewLine(colour fyne.ThemeColorName) *Panel {
	p := NewPanel(colour, 0, nil)
	p.least = fyne.NewSquareSize(1)
	return p
}

// Bordered draws a line around the ground and returns the panel.
func (p *Panel) Bordered() *Panel {
	p.border = true
	return p
}

// SetRing draws the line of the keyboard's focus around the ground, or takes it away.
func (p *Panel) SetRing(on bool) {
	if p.ring != on {
		p.ring = on
		p.Refresh()
	}
}

// SetColour paints the ground in another colour of the theme.
func (p *Panel) SetColour(colour fyne.ThemeColorName) {
	if p.colour != colour {
		p.colour = colour
		p.Refresh()
	}
}

// CreateRenderer implements fyne.Widget.
func (p *Panel) CreateRenderer() fyne.WidgetRenderer {
	r := &panelRenderer{panel: p, ground: canvas.NewRectangle(fynetheme.Color(p.colour))}
	r.ground.CornerRadius = p.radius
	r.paint()
	return r
}

type panelRenderer struct {
	panel  *Panel
	ground *canvas.Rectangle
}

func (r *panelRenderer) Destroy() {}

func (r *panelRenderer) Layout(size fyne.Size) {
	r.ground.Resize(size)
	if r.panel.content != nil {
		r.panel.content.Resize(size)
	}
}

func (r *panelRenderer) MinSize() fyne.Size {
	if r.panel.content == nil {
		return r.panel.least
	}
	return r.panel.content.MinSize()
}

func (r *panelRenderer) Objects() []fyne.CanvasObject {
	if r.panel.content == nil {
		return []fyne.CanvasObject{r.ground}
	}
	return []fyne.CanvasObject{r.ground, r.panel.content}
}

func (r *panelRenderer) paint() {
	r.ground.FillColor = fynetheme.Color(r.panel.colour)
	switch {
	case r.panel.ring:
		r.ground.StrokeColor, r.ground.StrokeWidth = fynetheme.Color(theme.ColorNameAccent), ringWidth
	case r.panel.border:
		r.ground.StrokeColor, r.ground.StrokeWidth = fynetheme.Color(theme.ColorNameLine), 1
	default:
		r.ground.StrokeWidth = 0
	}
}

func (r *panelRenderer) Refresh() {
	r.paint()
	r.ground.Refresh()
	if r.panel.content != nil {
		r.panel.content.Refresh()
	}
}
