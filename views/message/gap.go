package message

import (
	"cmp"
	"slices"
	"sort"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"sotto/services/history"
	"sotto/views/message/flow"
	"sotto/views/theme"
)

const (
	gapLines = 4   // of what is said at one place
	gapsMost = 64  // gaps that are shown of a chat, the newest
	gapLimit = 200 // characters of why it is there
)

// gaps are what may be missing in the shown chat, in the order of time. Their sentences are made once.
type gaps struct {
	from   []uint64 // clock values: Unix milliseconds, as messages have them
	texts  []string
	joined map[[2]int]string // sentences of several gaps at one place
}

// newGaps makes the sentences.
func newGaps(list []history.Gap, now time.Time) gaps {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b history.Gap) int { return cmp.Or(a.From.Compare(b.From), a.To.Compare(b.To)) })
	list = list[max(0, len(list)-gapsMost):]
	g := gaps{joined: map[[2]int]string{}}
	for _, one := range list {
		g.from = append(g.from, uint64(max(one.From.UnixMilli(), 0)))
		g.texts = append(g.texts, GapText(one, now))
	}
	return g
}

func (g *gaps) equal(o gaps) bool {
	return slices.Equal(g.from, o.from) && slices.Equal(g.texts, o.texts)
}

// between is what may be missing after one clock value and up to another. A gap stands where it begins: there is one place
// for each, whatever messages there are.
func (g *gaps) between(after, to uint64) string {
	if len(g.from) == 0 {
		return ""
	}
	low := sort.Search(len(g.from), func(i int) bool { return g.from[i] > after })
	high := sort.Search(len(g.from), func(i int) bool { return g.from[i] > to })
	switch high - low {
	case 0:
		return ""
	case 1:
		return g.texts[low]
	}
	at := [2]int{low, high}
	text, known := g.joined[at]
	if !known {
		text = g.texts[low] + "\n" + g.texts[high-1] // the first and the last of them; details have all
		g.joined[at] = text
	}
	return text
}

// endOfTime is later than every clock value.
const endOfTime = ^uint64(0)

// missing is what may be missing above message i, and below it where it is the last one.
func (l *List) missing(i int) (above, below string) {
	if len(l.gaps.from) == 0 {
		return "", ""
	}
	clock := l.window.items[i].Clock
	switch {
	case i > 0:
		above = l.gaps.between(l.window.items[i-1].Clock, clock)
	case !l.window.older:
		above = l.gaps.beginning(clock)
	}
	if i == len(l.window.items)-1 && !l.window.newer {
		below = l.gaps.between(clock, endOfTime)
	}
	return above, below
}

// beginning is what may be missing before the chat's first message.
func (g *gaps) beginning(to uint64) string {
	if len(g.from) > 0 && g.from[0] == 0 {
		return g.texts[0]
	}
	return g.between(0, to)
}

// SetGaps shows at their places in time what may be missing in the shown chat. What stands at the bottom stays there.
func (l *List) SetGaps(list []history.Gap) {
	g := newGaps(list, l.opt.Now())
	if l.ctx == nil || l.gaps.equal(g) {
		return
	}
	l.gaps = g
	l.relayout()
}

// SetAsking says at the gaps that they are being asked for, or offers to ask again.
func (l *List) SetAsking(on bool) {
	l.asks = on
	l.relayout()
}

// AskAgain asks for what may be missing, once at a time.
func (l *List) AskAgain() {
	if l.opt.Again == nil || l.asks {
		return
	}
	l.SetAsking(true)
	l.opt.Again()
}

// GapText says what may be missing, and why.
func GapText(g history.Gap, now time.Time) string {
	text := "Messages " + spanWords(g.From.In(now.Location()), g.To.In(now.Location()), now) + " may be missing."
	if why := flow.Line(g.Text, gapLimit); why != "" {
		text += " " + why
	}
	return text
}

// lately is how close to now the end of a gap is that goes on.
const lately = 30 * time.Minute

// spanWords is a span of time in a sentence.
func spanWords(from, to, now time.Time) string {
	clock := func(t time.Time) string { return t.Format("15:04") }
	zone := now.Location()
	sameDay := day(from, zone).Equal(day(to, zone))
	today := day(from, zone).Equal(day(now, zone))
	switch {
	case !plausible(from):
		return "before " + dateWords(to, now)
	case now.Sub(to) < lately && today:
		return "since " + clock(from)
	case now.Sub(to) < lately:
		return "since " + dateWords(from, now)
	case sameDay && today:
		return "between " + clock(from) + " and " + clock(to)
	case sameDay:
		return "between " + clock(from) + " and " + clock(to) + " on " + dateWords(from, now)
	case from.Year() == to.Year() && from.Month() == to.Month():
		return "between " + from.Format("2") + " and " + dateWords(to, now)
	}
	return "between " + dateWords(from, now) + " and " + dateWords(to, now)
}

// dateWords is a date in a sentence, with its year where that is another one.
func dateWords(t, now time.Time) string {
	if t.Year() == now.Year() {
		return t.Format("2 January")
	}
	return t.Format("2 January 2006")
}

// gapBlock is what a row says about a gap: a sentence, and that it can be asked for again.
type gapBlock struct {
	lines    [gapLines]*canvas.Text
	again    *canvas.Text
	from, to fyne.Position // corners of the offer
}

func newGapBlock() *gapBlock {
	b := &gapBlock{again: canvas.NewText("", nil)}
	for i := range b.lines {
		b.lines[i] = canvas.NewText("", nil)
	}
	return b
}

func (b *gapBlock) objects() []fyne.CanvasObject {
	objects := []fyne.CanvasObject{b.again}
	for _, line := range b.lines {
		objects = append(objects, line)
	}
	return objects
}

func (b *gapBlock) hide() {
	for _, o := range b.objects() {
		o.Hide()
	}
	b.from, b.to = fyne.Position{}, fyne.Position{}
}

// show places a sentence in the middle of a row, from y on, and returns where it ends.
func (b *gapBlock) show(text string, asking bool, y, width float32, f *fonts) float32 {
	b.hide()
	x, w := column(width)
	small := f.line(f.small)
	laid := flow.Lay([]flow.Span{{Text: text}}, w-2*margin, f.measure(f.small))
	y += theme.Near
	for i, row := range laid.Rows[:min(len(laid.Rows), gapLines)] {
		line := b.lines[i]
		line.TextSize, line.Text = f.small, string(laid.Runes[row.Start:row.End])
		if i == gapLines-1 && len(laid.Rows) > gapLines {
			row.Width = fit(line, line.Text+" …", f.small, w-2*margin)
		}
		write(line, fyne.NewPos(x+(w-row.Width)/2, y), fyne.NewSize(row.Width, small), theme.ColorNameAttention)
		y += small
	}
	offer, colour := "Ask again", theme.ColorNameAccent
	if asking {
		offer, colour = "Asking…", theme.ColorNameQuiet
	}
	tw := fit(b.again, offer, f.small, w)
	b.from = fyne.NewPos(x+(w-tw)/2, y)
	b.to = b.from.AddXY(tw, small)
	write(b.again, b.from, fyne.NewSize(tw, small), colour)
	return y + small + theme.Near
}

// on tells whether a point is on the offer, or next to it.
func (b *gapBlock) on(p fyne.Position) bool {
	return b.to != fyne.Position{} && p.X >= b.from.X-theme.Near && p.X < b.to.X+theme.Near && p.Y >= b.from.Y-2 && p.Y < b.to.Y+theme.Grid
}

// gap shows a gap's sentence above or below the row's message, and hides it without one. Few rows have one, so the block is
// made when it is needed.
func (r *row) gap(at **gapBlock, text string, y float32) float32 {
	if text == "" {
		if *at != nil {
			(*at).hide()
		}
		return y
	}
	if *at == nil {
		*at = newGapBlock()
		r.objects = append(r.objects, (*at).objects()...)
	}
	return (*at).show(text, r.content.asking, y, r.width, r.list.typeset())
}

// onGap tells whether a point is on the offer to ask again.
func (r *row) onGap(p fyne.Position) bool {
	return r.missed != nil && r.missed.on(p) || r.lacks != nil && r.lacks.on(p)
}
