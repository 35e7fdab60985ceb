package message

import (
	"net/url"
	"sort"
	"time"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"sotto/views/message/flow"
)

// doubleClick is how soon a second click must follow to select a word, and a third to select everything. The body
// counts clicks itself: Fyne holds every single tap back for as long on objects that know double taps, links included.
const doubleClick = 400 * time.Millisecond

var (
	_ desktop.Mouseable      = (*body)(nil)
	_ desktop.Cursorable     = (*body)(nil)
	_ fyne.Draggable         = (*body)(nil)
	_ fyne.SecondaryTappable = (*body)(nil)
)

// MouseDown implements desktop.Mouseable.
func (b *body) MouseDown(e *desktop.MouseEvent) {
	if b.text == nil || e.Button != desktop.MouseButtonPrimary {
		return
	}
	b.host.selected(b)
	at, now := b.runeAt(e.Position), time.Now()
	if now.Sub(b.lastClick) > doubleClick {
		b.clicks = 0
	}
	b.clicks++
	b.lastClick = now
	switch {
	case e.Modifier&fyne.KeyModifierShift != 0:
		b.selectRange(b.from, at)
	case b.clicks == 2:
		b.selectRange(wordAround(b.text.Runes, at))
	case b.clicks >= 3:
		b.selectRange(0, len(b.text.Runes))
	default:
		b.selectRange(at, at)
	}
}

// MouseUp implements desktop.Mouseable.
func (b *body) MouseUp(e *desktop.MouseEvent) {
	if b.text == nil || e.Button != desktop.MouseButtonPrimary || b.from != b.to || b.selecting {
		return
	}
	if link := b.linkAt(e.Position); link != nil {
		b.host.open(link)
	}
}

// Dragged implements fyne.Draggable.
func (b *body) Dragged(e *fyne.DragEvent) {
	if b.text == nil {
		return
	}
	if !b.selecting {
		b.selecting = true
		b.host.selected(b)
		if b.clicks < 2 {
			at := b.runeAt(e.Position.SubtractXY(e.Dragged.DX, e.Dragged.DY))
			b.from, b.to = at, at
		}
	}
	b.selectRange(b.from, b.runeAt(e.Position))
}

// DragEnd implements fyne.Draggable.
func (b *body) DragEnd() { b.selecting = false }

// TappedSecondary implements fyne.SecondaryTappable.
func (b *body) TappedSecondary(e *fyne.PointEvent) { b.host.menu(e.AbsolutePosition) }

// row is the index of the line at y.
func (b *body) row(y float32) int {
	i := int(y / b.fonts.line(b.size))
	return min(max(i, 0), len(b.text.Rows)-1)
}

// runeAt is the place between characters that is nearest to a point.
func (b *body) runeAt(p fyne.Position) int {
	if p.Y < 0 {
		return 0
	}
	if p.Y >= float32(len(b.text.Rows))*b.fonts.line(b.size) {
		return len(b.text.Runes)
	}
	row := b.text.Rows[b.row(p.Y)]
	for _, run := range row.Runs {
		if p.X < run.X+run.Width {
			return run.Start + b.within(run, p.X-run.X)
		}
	}
	return row.End
}

// within is how many characters of a run lie left of x.
func (b *body) within(run flow.Run, x float32) int {
	runes := []rune(run.Text)
	measure := b.fonts.measure(b.size)
	style := b.text.Spans[run.Span].Style
	n := sort.Search(len(runes), func(i int) bool {
		left, right := measure(string(runes[:i]), style), measure(string(runes[:i+1]), style)
		return (left+right)/2 > x
	})
	for n > 0 && n < len(runes) && joins(runes[n]) {
		n++ // not between a character and what modifies it
	}
	return n
}

func joins(r rune) bool {
	return unicode.Is(unicode.M, r) || r == 0x200D || r >= 0x1F3FB && r <= 0x1F3FF
}

// xOf is where a rune of a row begins.
func (b *body) xOf(row flow.Row, at int) float32 {
	for _, run := range row.Runs {
		n := at - run.Start
		runes := []rune(run.Text)
		if n >= 0 && n <= len(runes) {
			return run.X + b.fonts.measure(b.size)(string(runes[:n]), b.text.Spans[run.Span].Style)
		}
	}
	return row.Width
}

// linkAt is the link under a point, or nil.
func (b *body) linkAt(p fyne.Position) *url.URL {
	if b.text == nil || p.Y < 0 || p.X < 0 || p.Y >= float32(len(b.text.Rows))*b.fonts.line(b.size) {
		return nil
	}
	for _, run := range b.text.Rows[b.row(p.Y)].Runs {
		if span := b.text.Spans[run.Span]; span.Style&flow.Link != 0 && p.X >= run.X && p.X < run.X+run.Width {
			if u, ok := flow.ParseLink(span.URL); ok {
				return u
			}
		}
	}
	return nil
}

// wordAround is the run of letters and digits, or of anything else that is no space, around a place.
func wordAround(runes []rune, at int) (from, to int) {
	if len(runes) == 0 {
		return 0, 0
	}
	at = min(at, len(runes)-1)
	kind := func(r rune) int {
		switch {
		case unicode.IsSpace(r):
			return 0
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.Is(unicode.M, r), r == '_':
			return 1
		}
		return 2
	}
	from, to = at, at+1
	for from > 0 && kind(runes[from-1]) == kind(runes[at]) {
		from--
	}
	for to < len(runes) && kind(runes[to]) == kind(runes[at]) {
		to++
	}
	return from, to
}
