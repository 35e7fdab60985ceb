package flow

import "github.com/go-text/typesetting/segmenter"

// MaxLines is how many lines of one message are laid out. Whoever wants the rest copies the text.
const MaxLines = 250

// Measure is the width of a piece of text in a style.
type Measure func(text string, style Style) float32

// Run is a piece of one line in one style. Start is the place of its first character in Text.Runes.
type Run struct {
	Span  int // index in Text.Spans
	Start int
	Text  string
	X     float32
	Width float32
}

// Row is one line: the characters from Start up to End, without the white space it was broken at.
type Row struct {
	Runs       []Run
	Start, End int
	Width      float32
}

// Text is a message laid out.
type Text struct {
	Spans []Span
	Runes []rune
	Rows  []Row
	Width float32 // of the widest row
	Cut   bool    // there was more than MaxLines
}

// Lay breaks spans into rows of at most width.
func Lay(spans []Span, width float32, measure Measure) *Text {
	l := layer{text: &Text{Spans: spans}, width: max(width, 1), measure: measure}
	for i, s := range spans {
		for range len([]rune(s.Text)) {
			l.span = append(l.span, i)
		}
		l.text.Runes = append(l.text.Runes, []rune(s.Text)...)
	}
	l.lines()
	for _, row := range l.text.Rows {
		l.text.Width = max(l.text.Width, row.Width)
	}
	return l.text
}

type layer struct {
	text    *Text
	span    []int // rune → span
	width   float32
	measure Measure
	row     Row
	pending []Run // white space that counts only when something follows it
}

func (l *layer) lines() {
	var seg segmenter.Segmenter
	seg.Init(l.text.Runes)
	it := seg.LineIterator()
	for it.Next() && !l.text.Cut {
		unit := it.Line()
		end := unit.Offset + len(unit.Text)
		word := end
		for word > unit.Offset && (l.text.Runes[word-1] == ' ' || l.text.Runes[word-1] == '\n') {
			word--
		}
		l.word(unit.Offset, word)
		l.space(word, end)
		if unit.IsMandatoryBreak && end > word && l.text.Runes[end-1] == '\n' {
			l.flush(end)
		}
	}
	n := len(l.text.Runes)
	if !l.text.Cut && (l.row.Start < n || len(l.text.Rows) == 0 || l.text.Runes[n-1] == '\n') {
		l.flush(n)
	}
}

// word places an unbreakable piece, on the next row when this one is full.
func (l *layer) word(from, to int) {
	if from == to {
		return
	}
	runs, width := l.pieces(from, to)
	if l.used()+width > l.width && len(l.row.Runs) > 0 {
		l.flush(from)
	}
	if width > l.width {
		l.long(from, to)
		return
	}
	l.place(runs)
}

// long breaks a word that is wider than a row between characters as people see them. It measures these one by one,
// since measuring ever longer pieces of a word of thousands would take a blink.
func (l *layer) long(from, to int) {
	at, width := from, float32(0)
	for _, end := range graphemes(l.text.Runes[from:to], from) {
		_, w := l.pieces(at, end)
		if width+w > l.width && at > from && !l.text.Cut {
			l.part(from, at)
			l.flush(at)
			from, width = at, 0
		}
		at, width = end, width+w
	}
	if !l.text.Cut {
		l.part(from, to)
	}
}

func (l *layer) part(from, to int) {
	runs, _ := l.pieces(from, to)
	l.place(runs)
}

func graphemes(runes []rune, offset int) []int {
	var seg segmenter.Segmenter
	seg.Init(runes)
	ends := make([]int, 0, len(runes))
	for it := seg.GraphemeIterator(); it.Next(); {
		g := it.Grapheme()
		ends = append(ends, offset+g.Offset+len(g.Text))
	}
	return ends
}

func (l *layer) space(from, to int) {
	for to > from && l.text.Runes[to-1] == '\n' {
		to--
	}
	if from < to && len(l.row.Runs) > 0 {
		runs, _ := l.pieces(from, to)
		l.pending = append(l.pending, runs...)
	}
}

// pieces cuts runes into runs of one span each and measures them.
func (l *layer) pieces(from, to int) (runs []Run, width float32) {
	for from < to {
		end := from + 1
		for end < to && l.span[end] == l.span[from] {
			end++
		}
		r := Run{Span: l.span[from], Start: from, Text: string(l.text.Runes[from:end])}
		r.Width = l.measure(r.Text, l.text.Spans[r.Span].Style)
		runs, width, from = append(runs, r), width+r.Width, end
	}
	return runs, width
}

func (l *layer) used() float32 {
	width := l.row.Width
	for _, r := range l.pending {
		width += r.Width
	}
	return width
}

// place adds runs to the row; neighbours of one span become one run.
func (l *layer) place(runs []Run) {
	for _, r := range append(l.pending, runs...) {
		if n := len(l.row.Runs); n > 0 && l.row.Runs[n-1].Span == r.Span {
			l.row.Runs[n-1].Text += r.Text
			l.row.Runs[n-1].Width += r.Width
		} else {
			r.X = l.row.Width
			l.row.Runs = append(l.row.Runs, r)
		}
		l.row.Width += r.Width
		l.row.End = r.Start + len([]rune(r.Text))
	}
	l.pending = l.pending[:0]
}

// flush ends the row; the next one starts at rune next.
func (l *layer) flush(next int) {
	if l.row.End < l.row.Start {
		l.row.End = l.row.Start
	}
	l.text.Rows = append(l.text.Rows, l.row)
	l.text.Cut = len(l.text.Rows) >= MaxLines && next < len(l.text.Runes)
	l.row = Row{Start: next, End: next}
	l.pending = l.pending[:0]
}
