package message

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynetheme "fyne.io/fyne/v2/theme"

	"sotto/views/theme"
)

const (
	answerHeight float32 = 32 // of the line that shows what is answered
	sendWidth    float32 = 44
)

// place lays the composer out: what is answered, the field, the button beside its last line, the counter above it.
func (c *Composer) place(size fyne.Size) {
	if size.Width <= 0 {
		return
	}
	c.line.Resize(fyne.NewSize(size.Width, 1))
	x, y := theme.Apart, theme.Near
	if c.reply.ID != "" {
		c.placeAnswer(x, y, size.Width-2*theme.Apart)
		y += answerHeight
	}
	height := c.entry.MinSize().Height
	c.entry.Move(fyne.NewPos(x, y))
	c.entry.Resize(fyne.NewSize(size.Width-2*theme.Apart-sendWidth-theme.Near, height))
	button := min(c.send.MinSize().Height, height)
	c.send.Move(fyne.NewPos(size.Width-theme.Apart-sendWidth, y+height-button))
	c.send.Resize(fyne.NewSize(sendWidth, button))
	counter := c.counter.MinSize()
	c.counter.Move(fyne.NewPos(size.Width-theme.Apart-counter.Width, y+height+1))
	c.counter.Resize(counter)
}

func (c *Composer) placeAnswer(x, y, width float32) {
	q := quoteOf(c.reply, c.chat)
	fit(c.quote, "Reply to "+q.name+": "+q.text, c.fonts.size, width-answerHeight-theme.Near)
	c.bar.Move(fyne.NewPos(x, y+4))
	c.bar.Resize(fyne.NewSize(2, answerHeight-12))
	c.quote.Move(fyne.NewPos(x+theme.Near, y))
	c.quote.Resize(fyne.NewSize(width-answerHeight-theme.Near, answerHeight-theme.Grid))
	c.cancel.Move(fyne.NewPos(x+width-answerHeight, y-2))
	c.cancel.Resize(fyne.NewSquareSize(answerHeight - 2))
}

func (c *Composer) paint() {
	c.fonts = newFonts()
	c.line.FillColor = fynetheme.Color(theme.ColorNameLine)
	c.bar.FillColor = fynetheme.Color(theme.ColorNameAccent)
	c.quote.Color = fynetheme.Color(theme.ColorNameQuiet)
	c.counter.TextSize = fynetheme.Size(fynetheme.SizeNameCaptionText)
	answering := c.reply.ID != ""
	for _, o := range []fyne.CanvasObject{c.bar, c.quote, c.cancel} {
		if answering {
			o.Show()
		} else {
			o.Hide()
		}
	}
}

// CreateRenderer implements fyne.Widget.
func (c *Composer) CreateRenderer() fyne.WidgetRenderer { return &composerRenderer{c} }

type composerRenderer struct{ c *Composer }

func (r *composerRenderer) Destroy() {}

func (r *composerRenderer) MinSize() fyne.Size {
	height := r.c.entry.MinSize().Height + 2*theme.Near
	if r.c.reply.ID != "" {
		height += answerHeight
	}
	if !r.c.counter.Hidden {
		height += theme.Near + theme.Grid
	}
	return fyne.NewSize(240, height)
}

func (r *composerRenderer) Layout(size fyne.Size) {
	r.c.place(size)
	r.c.grow()
}

func (r *composerRenderer) Objects() []fyne.CanvasObject {
	c := r.c
	return []fyne.CanvasObject{c.line, c.bar, c.quote, c.cancel, c.entry, c.send, c.counter}
}

func (r *composerRenderer) Refresh() {
	r.c.paint()
	r.c.place(r.c.Size())
	canvas.Refresh(r.c)
}
