package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Span is one line of text without a label's margins, in any colour of the theme. Where the room ends it ends in an
// ellipsis, unless it is Whole.
type Span struct {
	widget.BaseWidget
	text   string
	colour fyne.ThemeColorName
	size   float32
	style  fyne.TextStyle
	whole  bool // as wide as its text
	cut    bool // and ends in an ellipsis all the same where it is given less
}

// NewSpan returns a line in the given colour and text size.
func NewSpan(text string, colour fyne.ThemeColorName, size float32) *Span {
	s := &Span{text: oneLine(text), colour: colour, size: size}
	s.ExtendBaseWidget(s)
	return s
}

// Bold makes the line bold and returns it.
func (s *Span) Bold() *Span {
	s.style.Bold = true
	return s
}

// Whole makes the line as wide as its text and returns it.
func (s *Span) Whole() *Span {
	s.whole = true
	return s
}

// Clipped makes the line as wide as its text, and end in an ellipsis where it is given less. It returns it. The layout
// must be told when the text changes.
func (s *Span) Clipped() *Span {
	s.whole, s.cut = true, true
	return s
}

// Mono sets the line in letters of one width and returns it.
func (s *Span) Mono() *Span {
	s.style.Monospace = true
	return s
}

// Text is what the line says, without regard to its room.
func (s *Span) Text() string { return s.text }

// SetText changes the line. Line breaks become spaces.
func (s *Span) SetText(text string) { s.Set(text, s.colour) }

// Set changes the line and its colour.
func (s *Span) Set(text string, colour fyne.ThemeColorName) {
	text = oneLine(text)
	if text == s.text && colour == s.colour {
		return
	}
	s.text, s.colour = text, colour
	s.Refresh()
}

// longest is how many characters of a line are looked at: more than any window shows.
const longest = 300

func oneLine(text string) string {
	runes := make([]rune, 0, min(len(text), longest))
	for _, r := range text {
		if len(runes) == longest {
			break
		}
		switch {
		case r < ' ' || r == 0x7F:
			r = ' '
		case directs(r):
			continue
		}
		runes = append(runes, r)
	}
	return string(runes)
}

// directs tells the characters that change the direction of what follows, with which a text can pretend to be another.
func directs(r rune) bool {
	return r == 0x061C || r == 0x200E || r == 0x200F || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069
}

// CreateRenderer implements fyne.Widget.
func (s *Span) CreateRenderer() fyne.WidgetRenderer {
	r := &spanRenderer{span: s, text: canvas.NewText("", nil)}
	r.Refresh()
	return r
}

type spanRenderer struct {
	span *Span
	text *canvas.Text
}

func (r *spanRenderer) Destroy()                     {}
func (r *spanRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.text} }

func (r *spanRenderer) MinSize() fyne.Size {
	if r.span.whole {
		return fyne.MeasureText(r.span.text, r.span.size, r.span.style)
	}
	return fyne.NewSize(0, fyne.MeasureText("M", r.span.size, r.span.style).Height)
}

func (r *spanRenderer) Layout(size fyne.Size) {
	r.text.Resize(size)
	r.fill(size.Width)
}

func (r *spanRenderer) Refresh() {
	r.text.Color = fynetheme.Color(r.span.colour)
	r.text.TextSize = r.span.size
	r.text.TextStyle = r.span.style
	r.fill(r.span.Size().Width)
	r.text.Refresh()
}

func (r *spanRenderer) fill(width float32) {
	r.text.Text = r.span.text
	if !r.span.whole || r.span.cut {
		r.text.Text = ellipsis(r.span.text, width, r.span.size, r.span.style)
	}
}

// ellipsis is the longest beginning of text that fits, with … where something was left out.
func ellipsis(text string, width, size float32, style fyne.TextStyle) string {
	fits := func(s string) bool { return fyne.MeasureText(s, size, style).Width <= width }
	if width <= 0 || fits(text) {
		return text
	}
	runes := []rune(text)
	low, high := 0, len(runes)
	for low < high {
		middle := (low + high + 1) / 2
		if fits(string(runes[:middle]) + "…") {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return string(runes[:low]) + "…"
}
