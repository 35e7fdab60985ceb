package message

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sotto/services/chats"
	"sotto/views/theme"
)

const (
	poolMax   = 64 // rows kept for later
	heightMax = 5000
	revealAt  = 0.2 // share of the view above a message that is brought into view
	pageAhead = 40  // messages above or below the view under which the next page is asked for
)

// relayout places the rows that can be seen. Its cost is that of these rows.
func (l *List) relayout() {
	size := l.Size()
	if size.Width <= 0 || size.Height <= 0 {
		return
	}
	if l.width != size.Width || len(l.measured) > heightMax {
		l.width = size.Width
		clear(l.measured)
	}
	n := len(l.window.items)
	if i := l.window.index(l.reveals); l.reveals != "" && i >= 0 {
		l.place = top(i, l.view()*revealAt, l.view(), l.height)
	}
	l.reveals = ""
	l.place = l.place.settle(n, l.view(), l.height)
	l.layer.begin()
	lowest, highest := l.place.at, l.place.at
	seen := make(map[string]bool, 2*len(l.layer.rows))
	if n > 0 {
		l.place.visible(l.view(), l.height, func(i int, y, h float32) {
			r := l.bind(i)
			seen[l.window.items[i].ID] = true
			r.Resize(fyne.NewSize(size.Width, h))
			r.Move(fyne.NewPos(0, y))
			l.layer.rows = append(l.layer.rows, r)
			highest = i
		})
	}
	l.recycle(seen)
	l.layer.end()
	l.surroundings(n, lowest, highest)
}

// view is the height in which rows are seen: the lowest keeps some distance to the edge.
func (l *List) view() float32 { return max(l.Size().Height-theme.Near, 0) }

// height is a row's height, measured by binding it once.
func (l *List) height(i int) float32 {
	m := &l.window.items[i]
	if got, ok := l.measured[m.ID]; ok && got.shape == l.shape(i) {
		return got.height
	}
	return l.bind(i).height
}

// bind gives message i a row.
func (l *List) bind(i int) *row {
	m := l.window.items[i]
	r, ok := l.rows[m.ID]
	if !ok {
		r = l.spare()
		l.rows[m.ID] = r
	}
	c := content{msg: m, shape: l.shape(i), chat: l.chat.Kind, peer: l.peer, quote: l.quoteFor(m)}
	c.handed = handedBy(m, l.opt.Own)
	c.msg.Quote = nil // it is in quote; another copy of the same would make another content
	c.asking = l.asks && (c.shape.gap != "" || c.shape.after != "")
	if m.Author.Key == l.chat.ID {
		c.name = l.peer
	}
	if c.shape.day {
		c.today = day(l.opt.Now(), l.opt.Now().Location())
	}
	l.measured[m.ID] = measured{r.bind(c, l.width), c.shape}
	return r
}

func (l *List) shape(i int) shape {
	var above *chats.Message
	if i > 0 {
		above = &l.window.items[i-1]
	}
	m := &l.window.items[i]
	s := shapeOf(above, m, m.ID == l.unread, l.opt.Now().Location())
	s.gap, s.after = l.missing(i)
	s.header = s.header || s.gap != "" && !m.System
	return s
}

func (l *List) spare() *row {
	if n := len(l.pool); n > 0 {
		r := l.pool[n-1]
		l.pool = l.pool[:n-1]
		return r
	}
	return newRow(listRows{l})
}

// recycle takes back the rows that left the view.
func (l *List) recycle(seen map[string]bool) {
	for id, r := range l.rows {
		if seen[id] {
			continue
		}
		delete(l.rows, id)
		r.body.selectRange(0, 0)
		if r == l.marked {
			l.marked = nil
		}
		if len(l.pool) < poolMax {
			l.pool = append(l.pool, r)
		}
	}
}

// surroundings follows the place: bar, pill, what to load next, what was read.
func (l *List) surroundings(n, lowest, highest int) {
	l.stick = l.loaded && !l.window.newer && l.place.end(n)
	if l.stick {
		clear(l.fresh)
	}
	l.bar.set(l.position(n, highest))
	l.pill.set(len(l.fresh), !l.stick && (l.window.newer || n-1-lowest > 20), l.Size())
	l.actions.follow()
	l.showEmpty(n)
	if n == 0 {
		return
	}
	if l.window.older && highest < pageAhead {
		l.page(true)
	}
	if l.window.newer && n-1-lowest < pageAhead {
		l.page(false)
	}
	l.report(l.window.items[n-1].ID)
}

// position is where the bar's thumb stands and how long it is, as shares of the window.
func (l *List) position(n, highest int) (from, to float32) {
	if n == 0 || highest == 0 && l.place.end(n) && !l.window.older && !l.window.newer {
		return 0, 1
	}
	part := float32(0)
	if h := l.height(l.place.at); h > 0 {
		part = l.place.below / h
	}
	low := float32(l.place.at+1) - part
	view := float32(l.place.at-highest) + 1
	return max(low-view, 0) / float32(n), low / float32(n)
}

func (l *List) showEmpty(n int) {
	text := ""
	if l.loaded && n == 0 {
		text = nothingSaid(l.chat.Kind, l.readOnly)
		if missing := l.gaps.between(0, endOfTime); missing != "" {
			text, _, _ = strings.Cut(missing, "\n")
		}
	}
	fit(l.empty, text, l.fonts.size, l.Size().Width-2*theme.Apart)
	l.empty.Color = fynetheme.Color(theme.ColorNameQuiet)
	l.empty.Move(fyne.NewPos(0, l.Size().Height/2-20))
	l.empty.Resize(fyne.NewSize(l.Size().Width, 20))
	l.empty.Hidden = text == ""
}

func nothingSaid(kind chats.Kind, readOnly bool) string {
	switch {
	case readOnly:
		return "Nothing was said here yet."
	case kind == chats.Public:
		return "Nothing was said here since you came. Write the first message."
	}
	return "Nothing was said here yet. Write the first message."
}

// reveal makes the next layout bring row i into the upper part of the view.
func (l *List) reveal(i int) { l.stick, l.reveals = false, l.window.items[i].ID }

// CreateRenderer implements fyne.Widget.
func (l *List) CreateRenderer() fyne.WidgetRenderer { return &listRenderer{l} }

type listRenderer struct{ l *List }

func (r *listRenderer) Destroy()           {}
func (r *listRenderer) MinSize() fyne.Size { return fyne.NewSize(240, 120) }
func (r *listRenderer) Objects() []fyne.CanvasObject {
	l := r.l
	return []fyne.CanvasObject{l.clip, l.empty, l.actions, l.bar, l.pill}
}

func (r *listRenderer) Layout(size fyne.Size) {
	r.l.clip.Resize(fyne.NewSize(size.Width, r.l.view()))
	r.l.bar.Move(fyne.NewPos(size.Width-barWidth, 0))
	r.l.bar.Resize(fyne.NewSize(barWidth, size.Height))
	r.l.relayout()
}

// Refresh follows a changed theme: everything is measured and coloured anew.
func (r *listRenderer) Refresh() {
	l := r.l
	l.fonts = newFonts()
	clear(l.measured)
	for _, one := range l.rows {
		one.unbind()
	}
	for _, one := range l.pool {
		one.unbind()
	}
	l.pill.Refresh()
	l.bar.Refresh()
	l.actions.Refresh()
	l.relayout()
	canvas.Refresh(l)
}

// layer holds the rows. It takes any size and asks none for its own.
type layer struct {
	widget.BaseWidget
	rows  []fyne.CanvasObject
	touch *canvas.Rectangle
	shown []fyne.CanvasObject
}

func newLayer() *layer {
	l := &layer{touch: canvas.NewRectangle(nil)}
	l.ExtendBaseWidget(l)
	return l
}

func (l *layer) begin() { l.rows = l.rows[:0] }

// end shows the new rows. Moving an empty rectangle makes the canvas paint again; a refresh of the layer would throw
// the textures of all rows away with it.
func (l *layer) end() {
	clear(l.shown)
	l.shown = append(append(l.shown[:0], l.rows...), l.touch)
	l.touch.Move(fyne.NewPos(l.touch.Position().X+1, -10))
	if l.touch.Position().X > 100 {
		l.touch.Move(fyne.NewPos(0, -10))
	}
}

func (l *layer) CreateRenderer() fyne.WidgetRenderer { return &layerRenderer{l} }

type layerRenderer struct{ l *layer }

func (r *layerRenderer) Destroy()                     {}
func (r *layerRenderer) Layout(fyne.Size)             {}
func (r *layerRenderer) MinSize() fyne.Size           { return fyne.Size{} }
func (r *layerRenderer) Objects() []fyne.CanvasObject { return r.l.shown }
func (r *layerRenderer) Refresh()                     { canvas.Refresh(r.l) }
