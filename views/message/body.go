package message

import (
	"net/url"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sotto/views/message/flow"
	"sotto/views/theme"
)

// body is the text of a message: it can be selected, its links pressed, and the right button is left to the row.
// Fyne's selectable label keeps that button for itself.
type body struct {
	widget.BaseWidget
	host  bodyHost
	fonts *fonts
	text  *flow.Text
	size  float32
	color fyne.ThemeColorName

	grounds []fyne.CanvasObject // of code
	marks   []fyne.CanvasObject // of the selection
	words   []fyne.CanvasObject
	objects []fyne.CanvasObject
	texts   []*canvas.Text // every text object there is; words are the ones in use

	from, to  int // selected runes, in the order in which they were selected
	selecting bool
	clicks    int
	lastClick time.Time
	hover     fyne.Position
}

// bodyHost is the row a body belongs to.
type bodyHost interface {
	selected(b *body)            // a selection begins here
	open(link *url.URL)          // a link was pressed
	menu(absolute fyne.Position) // the right button was pressed
}

func newBody(host bodyHost) *body {
	b := &body{host: host}
	b.ExtendBaseWidget(b)
	return b
}

// set lays spans out in the width and returns the size they need.
func (b *body) set(f *fonts, spans []flow.Span, size, width float32, color fyne.ThemeColorName) fyne.Size {
	b.fonts, b.size, b.color = f, size, color
	before := b.text
	b.text = flow.Lay(spans, width, f.measure(size))
	if before == nil || !slices.Equal(before.Runes, b.text.Runes) {
		b.from, b.to, b.selecting = 0, 0, false
	}
	b.fill()
	b.mark()
	return fyne.NewSize(b.text.Width, float32(len(b.text.Rows))*f.line(size))
}

// centre moves every line into the middle of the widest.
func (b *body) centre() {
	for _, row := range b.text.Rows {
		shift := (b.text.Width - row.Width) / 2
		for i := range row.Runs {
			row.Runs[i].X += shift
		}
	}
	b.fill()
	b.mark()
}

// fill makes the canvas objects of the text.
func (b *body) fill() {
	b.words, b.grounds = b.words[:0], b.grounds[:0]
	line := b.fonts.line(b.size)
	for i, row := range b.text.Rows {
		y := float32(i) * line
		for _, run := range row.Runs {
			style := b.text.Spans[run.Span].Style
			t := b.object(len(b.words))
			t.Text, t.TextSize, t.TextStyle = run.Text, b.size, textStyle(style)
			t.Color = fynetheme.Color(b.colorOf(style))
			t.Resize(fyne.NewSize(run.Width, line))
			t.Move(fyne.NewPos(run.X, y))
			b.words = append(b.words, t)
			if style&flow.Code != 0 {
				b.grounds = append(b.grounds, b.codeGround(run, y, line))
			}
		}
	}
}

func (b *body) object(i int) *canvas.Text {
	if i == len(b.texts) {
		b.texts = append(b.texts, canvas.NewText("", nil))
	}
	return b.texts[i]
}

func (b *body) colorOf(style flow.Style) fyne.ThemeColorName {
	if style&flow.Link != 0 {
		return theme.ColorNameAccent
	}
	return b.color
}

func (b *body) codeGround(run flow.Run, y, line float32) fyne.CanvasObject {
	r := canvas.NewRectangle(fynetheme.Color(theme.ColorNameLine))
	r.CornerRadius = 3
	r.Move(fyne.NewPos(run.X-2, y+1))
	r.Resize(fyne.NewSize(run.Width+4, line-2))
	return r
}

// collect puts the objects in the order in which they are painted.
func (b *body) collect() {
	clear(b.objects)
	b.objects = append(b.objects[:0], b.grounds...)
	b.objects = append(b.objects, b.marks...)
	b.objects = append(b.objects, b.words...)
}

// mark makes the canvas objects of the selection.
func (b *body) mark() {
	b.marks = b.marks[:0]
	from, to := b.selection()
	line := b.fonts.line(b.size)
	for i, row := range b.text.Rows {
		if from == to || row.End < from || row.Start >= to {
			continue
		}
		x1, x2 := b.xOf(row, max(from, row.Start)), b.xOf(row, min(to, row.End))
		r := canvas.NewRectangle(fynetheme.Color(fynetheme.ColorNameSelection))
		r.Move(fyne.NewPos(x1, float32(i)*line))
		r.Resize(fyne.NewSize(max(x2-x1, 2), line))
		b.marks = append(b.marks, r)
	}
	b.collect()
}

// selection is the selected range, in the order of the text.
func (b *body) selection() (from, to int) { return min(b.from, b.to), max(b.from, b.to) }

// SelectedText is what is selected, empty without a selection.
func (b *body) SelectedText() string {
	if b.text == nil {
		return ""
	}
	from, to := b.selection()
	return string(b.text.Runes[from:to])
}

// selectRange selects runes from up to to; an empty range ends the selection.
func (b *body) selectRange(from, to int) {
	if b.text == nil || b.from == from && b.to == to {
		return
	}
	b.from, b.to = from, to
	b.mark()
	canvas.Refresh(b)
}

// Cursor implements desktop.Cursorable.
func (b *body) Cursor() desktop.Cursor {
	if b.linkAt(b.hover) != nil {
		return desktop.PointerCursor
	}
	return desktop.TextCursor
}

// CreateRenderer implements fyne.Widget.
func (b *body) CreateRenderer() fyne.WidgetRenderer { return &bodyRenderer{b} }

type bodyRenderer struct{ b *body }

func (r *bodyRenderer) Destroy()                     {}
func (r *bodyRenderer) Layout(fyne.Size)             {}
func (r *bodyRenderer) MinSize() fyne.Size           { return fyne.Size{} }
func (r *bodyRenderer) Objects() []fyne.CanvasObject { return r.b.objects }
func (r *bodyRenderer) Refresh()                     { canvas.Refresh(r.b) }
