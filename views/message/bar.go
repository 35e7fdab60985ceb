package message

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

const (
	barWidth   float32 = 10
	thumbWidth float32 = 6
	thumbLeast float32 = 28
)

// bar is the scroll bar. It knows shares of the window in memory, not of the chat, whose length nobody counts.
type bar struct {
	widget.BaseWidget
	moved    func(to float32) // the thumb's lower end was dragged to this share
	from, to float32
	grabbed  float32 // where in the thumb it was taken; negative while it is not
	thumb    *canvas.Rectangle
}

func newBar(moved func(float32)) *bar {
	b := &bar{moved: moved, to: 1, grabbed: -1, thumb: canvas.NewRectangle(nil)}
	b.thumb.CornerRadius = thumbWidth / 2
	b.paint()
	b.ExtendBaseWidget(b)
	return b
}

func (b *bar) paint() { b.thumb.FillColor = fynetheme.Color(fynetheme.ColorNameScrollBar) }

// set moves the thumb.
func (b *bar) set(from, to float32) {
	b.from, b.to = from, to
	b.layout()
}

// span is the thumb's place. A short thumb is drawn longer without its ends leaving the bar.
func (b *bar) span() (y, height float32) {
	total := b.Size().Height
	height = max((b.to-b.from)*total, thumbLeast)
	if b.to-b.from >= 1 {
		return 0, total
	}
	return b.from / (1 - (b.to - b.from)) * (total - height), height
}

func (b *bar) layout() {
	y, height := b.span()
	b.thumb.Hidden = b.to-b.from >= 1
	b.thumb.Move(fyne.NewPos((barWidth-thumbWidth)/2, y+2))
	b.thumb.Resize(fyne.NewSize(thumbWidth, max(height-4, 0)))
}

// Dragged implements fyne.Draggable.
func (b *bar) Dragged(e *fyne.DragEvent) {
	y, height := b.span()
	if b.grabbed < 0 {
		b.grabbed = min(max(e.Position.Y-e.Dragged.DY-y, 0), height)
	}
	b.jump(e.Position.Y - b.grabbed)
}

// DragEnd implements fyne.Draggable.
func (b *bar) DragEnd() { b.grabbed = -1 }

// Tapped implements fyne.Tappable: the thumb comes to the pointer.
func (b *bar) Tapped(e *fyne.PointEvent) {
	y, height := b.span()
	if e.Position.Y < y || e.Position.Y >= y+height {
		b.jump(e.Position.Y - height/2)
	}
}

// jump puts the thumb's upper end at y.
func (b *bar) jump(y float32) {
	_, height := b.span()
	free := b.Size().Height - height
	if free <= 0 {
		return
	}
	length := b.to - b.from
	share := min(max(y/free, 0), 1)
	b.moved(share*(1-length) + length)
}

func (b *bar) CreateRenderer() fyne.WidgetRenderer { return &barRenderer{b} }

type barRenderer struct{ b *bar }

func (r *barRenderer) Destroy()                     {}
func (r *barRenderer) Layout(fyne.Size)             { r.b.layout() }
func (r *barRenderer) MinSize() fyne.Size           { return fyne.NewSize(barWidth, thumbLeast) }
func (r *barRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.b.thumb} }

func (r *barRenderer) Refresh() {
	r.b.paint()
	canvas.Refresh(r.b)
}
