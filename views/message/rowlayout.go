package message

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynetheme "fyne.io/fyne/v2/theme"

	"sotto/services/chats"
	"sotto/views/message/flow"
	"sotto/views/theme"
)

// Measures of a row, on the grid of four.
const (
	margin     = theme.Apart                               // left of the picture
	groundLeft = margin + theme.AvatarMessage + theme.Near // where a message's ground begins
	padX       = theme.Near                                // between ground and text
	padY       = theme.Grid                                // above and below the text
	gutter     = float32(72)                               // room for time and mark beside the text
	above      = theme.Near                                // above a header
	between    = float32(2)                                // between messages of a group
	quoteLine  = float32(20)                               // a quotation
	bigEmoji   = 2                                         // how many times larger a message of emoji alone is set
)

// column is where the rows' column begins and how wide it is: centred, at most 680.
func column(width float32) (x, w float32) {
	w = min(width, theme.RowWidth)
	return (width - w) / 2, w
}

// arrange lays the row out and returns its height.
func (r *row) arrange() float32 {
	y := r.arrangeMessage(r.dividers(r.gap(&r.missed, r.content.shape.gap, 0)))
	return r.gap(&r.lacks, r.content.shape.after, y)
}

// arrangeMessage lays out what stands below the dividers, from y on, and returns where it ends.
func (r *row) arrangeMessage(y float32) float32 {
	x, w := column(r.width)
	r.note.hide()
	r.authorTo = fyne.Position{}
	if r.content.msg.System {
		return r.system(x, y, w)
	}
	header := r.content.shape.header
	if header {
		y += above
	} else {
		y += between
	}
	r.hideHeader()
	top := y
	if header && !r.right() {
		y += r.header(x, y, w) + between
	}
	return r.message(x, y, w, top)
}

// dividers places the day and the "new messages" line.
func (r *row) dividers(y float32) float32 {
	f, c := r.list.typeset(), r.content
	r.day.hide()
	r.unread.hide()
	if c.shape.day {
		y += r.day.show(DayName(c.msg.Timestamp, r.list.now()), theme.ColorNameQuiet, theme.ColorNameLine, y, r.width, f)
	}
	if c.shape.unread {
		y += r.unread.show("new messages", theme.ColorNameAccent, theme.ColorNameAccent, y, r.width, f)
	}
	return y
}

func (r *row) hideHeader() {
	for _, o := range []fyne.CanvasObject{r.picture, r.frame, r.name, r.claim} {
		o.Hide()
	}
}

// header places picture and name and returns the name's height.
func (r *row) header(x, y, w float32) float32 {
	f, author := r.list.typeset(), r.content.msg.Author
	line := f.line(f.size)
	left, room := x+groundLeft+padX, w-groundLeft-padX-gutter
	r.showPicture(author.Key, fyne.NewPos(x+margin, y+2))
	used := fit(r.name, r.author(), f.size, room)
	r.authorTo = fyne.NewPos(left+used, y+theme.AvatarMessage+2)
	write(r.name, fyne.NewPos(left, y), fyne.NewSize(used, line), theme.HueName(theme.HueOf(author.Key)))
	if c := claimed(author); c != "" && r.content.chat != chats.Private {
		rest := fit(r.claim, c, f.small, room-used-theme.Near)
		write(r.claim, fyne.NewPos(left+used+theme.Near, y+(line-f.line(f.small))/2+0.5), fyne.NewSize(rest, f.line(f.small)), theme.ColorNameQuiet)
	}
	return line
}

func (r *row) showPicture(key string, at fyne.Position) {
	r.picture.Move(at)
	r.picture.Resize(fyne.NewSquareSize(theme.AvatarMessage))
	r.frame.FillColor = fynetheme.Color(theme.ColorNameLine)
	r.frame.Move(at)
	r.frame.Resize(fyne.NewSquareSize(theme.AvatarMessage))
	r.frame.Show()
	img := r.list.image(key)
	if img == nil {
		return
	}
	r.picture.Show()
	if r.picture.Image != img {
		r.picture.Image = img
		canvas.Refresh(r.picture)
	}
}

// message places quotation, text, ground, time and mark from y on; top is the row's upper edge below dividers.
func (r *row) message(x, y, w, top float32) float32 {
	f := r.list.typeset()
	room := w - groundLeft - 2*padX - gutter
	spans, size := r.spans(), f.size
	if emojiOnly(spans) {
		size *= bigEmoji
	}
	text := r.body.set(f, spans, size, room, r.textColor())
	if size > f.size {
		text.Height -= theme.Near // emoji hang at the top of their line
	}
	inner := text.Width
	quoted := r.quotation(room)
	if quoted > 0 {
		inner = max(inner, quoted+padX)
	}
	left := x + groundLeft
	if r.right() {
		left = x + w - margin - inner - 2*padX
	}
	at := y + padY
	if quoted > 0 {
		r.placeQuotation(left+padX, at)
		at += quoteLine
	}
	r.body.Move(fyne.NewPos(left+padX, at))
	r.body.Resize(fyne.NewSize(max(text.Width, 1), text.Height))
	bottom := at + text.Height + padY
	r.placeGround(left, y, inner+2*padX, bottom-y)
	r.top, r.textRight = top, x+w-gutter
	r.placeTime(x, w, left, top, y)
	return r.placeNote(x, w, bottom)
}

// system lays out a line of this program: centred and quiet, without author, time and mark.
func (r *row) system(x, y, w float32) float32 {
	f := r.list.typeset()
	r.hideHeader()
	r.mark.hide()
	for _, o := range []fyne.CanvasObject{r.ground, r.clock, r.quoteBar, r.quoteText} {
		o.Hide()
	}
	text := r.body.set(f, r.spans(), f.small, w-2*margin-2*gutter, theme.ColorNameQuiet)
	r.body.centre()
	r.body.Move(fyne.NewPos(x+(w-text.Width)/2, y+theme.Near))
	r.body.Resize(fyne.NewSize(max(text.Width, 1), text.Height))
	r.quoteFrom, r.quoteTo = 0, 0
	r.top, r.textRight = y, x+w-gutter
	return y + text.Height + 2*theme.Near
}

// placeNote puts what a reader should know of the message below its ground and returns where that ends.
func (r *row) placeNote(x, w, y float32) float32 {
	text := r.noteText()
	if text == "" {
		return y
	}
	left, right := x+groundLeft+padX, x+w-margin-padX
	return r.note.show(r.list.typeset(), text, left, right, y+between, r.right())
}

func (r *row) textColor() fyne.ThemeColorName {
	switch {
	case r.content.msg.Unsupported == "":
		return theme.ColorNameText
	case r.content.msg.Outgoing:
		return theme.ColorNameTinted
	}
	return theme.ColorNameQuiet
}

// placeGround draws what a message stands on: own ones on the accent's tint, others raised, but in a channel on nothing.
func (r *row) placeGround(x, y, w, h float32) {
	r.ground.Show()
	switch {
	case r.content.msg.Outgoing:
		r.ground.FillColor = fynetheme.Color(theme.ColorNameOwn)
	case r.content.chat == chats.Public || r.content.msg.Unsupported != "":
		r.ground.Hide()
	default:
		r.ground.FillColor = fynetheme.Color(theme.ColorNameRaised)
	}
	r.ground.Move(fyne.NewPos(x, y))
	r.ground.Resize(fyne.NewSize(w, h))
}

// placeTime puts time and mark into the gutter: the time beside the header, the mark beside the first line. Without a
// header the time waits there, too, until the pointer asks for it.
func (r *row) placeTime(x, w, left, top, y float32) {
	f, m := r.list.typeset(), r.content.msg
	line, small := f.line(f.size), f.line(f.small)
	right, first := x+w-margin, y+padY
	if r.right() {
		right = left - theme.Near
	}
	width := fit(r.clock, clockTime(m.Timestamp, r.list.now().Location()), f.small, gutter)
	at := fyne.NewPos(right-width, top+(line-small)/2+0.5)
	if r.right() || !r.content.shape.header {
		at.Y = first + (line-small)/2 + 0.5
		if m.Outgoing {
			at.X -= markSize + 6
		}
	}
	write(r.clock, at, fyne.NewSize(width, small), theme.ColorNameQuiet)
	r.clock.Hidden = !r.content.shape.header
	r.markAt = fyne.NewPos(right-markSize, first+(line-markSize)/2)
	if m.Outgoing {
		r.mark.draw(Marked(m), r.markAt)
	} else {
		r.mark.hide()
	}
}

// peek shows the time of a message without a header while the pointer is on it.
func (r *row) peek(on bool) {
	if r.content.msg.System {
		return
	}
	r.clock.Hidden = !on && !r.content.shape.header
	canvas.Refresh(r.clock)
}

// onMark tells whether a point is on the delivery mark of an own message, or next to it.
func (r *row) onMark(p fyne.Position) bool {
	d := p.Subtract(r.markAt)
	return r.content.msg.Outgoing && !r.content.msg.System && d.X >= -6 && d.Y >= -6 && d.X < markSize+6 && d.Y < markSize+6
}

// onAuthor tells whether a point is on the picture or the name above the message.
func (r *row) onAuthor(p fyne.Position) bool {
	x, _ := column(r.width)
	picture := p.X < x+margin+theme.AvatarMessage
	name := p.Y < r.top+r.list.typeset().line(r.list.typeset().size)
	return p.X >= x+margin && p.Y >= r.top && p.X < r.authorTo.X && p.Y < r.authorTo.Y && (picture || name)
}

// quotation prepares the line of what is answered and returns its width, 0 without one.
func (r *row) quotation(room float32) float32 {
	r.quoteFrom, r.quoteTo = 0, 0
	r.quoteBar.Hide()
	r.quoteText.Hide()
	if r.content.msg.ReplyTo == "" {
		return 0
	}
	q := r.content.quote
	text := "The message this answers is not here."
	if q.name != "" {
		text = q.name + ": " + q.text
	}
	return fit(r.quoteText, text, r.list.typeset().small, room-padX)
}

func (r *row) placeQuotation(x, y float32) {
	f := r.list.typeset()
	small := f.line(f.small)
	r.quoteFrom, r.quoteTo = y, y+quoteLine
	r.quoteBar.FillColor = fynetheme.Color(theme.ColorNameAccent)
	r.quoteBar.Move(fyne.NewPos(x, y+1))
	r.quoteBar.Resize(fyne.NewSize(2, small))
	r.quoteBar.Show()
	color := theme.ColorNameQuiet
	if r.content.msg.Outgoing {
		color = theme.ColorNameTinted
	}
	write(r.quoteText, fyne.NewPos(x+padX, y+1), fyne.NewSize(1, small), color)
}

// fit sets a text object to as much of s as fits, with an ellipsis where it was cut, and returns its width.
func fit(t *canvas.Text, s string, size, room float32) float32 {
	width := func(s string) float32 { return fyne.MeasureText(s, size, t.TextStyle).Width }
	t.TextSize, t.Text = size, s
	w := width(s)
	for runes := []rune(s); w > room && len(runes) > 1; w = width(t.Text) {
		keep := min(len(runes)-1, int(float32(len(runes))*room/w))
		runes = runes[:max(keep, 1)]
		t.Text = string(runes) + "…"
	}
	return w
}

func write(t *canvas.Text, at fyne.Position, size fyne.Size, color fyne.ThemeColorName) {
	t.Color = fynetheme.Color(color)
	t.Move(at)
	t.Resize(size)
	t.Show()
}

// emojiOnly tells a message of one to three emoji and nothing else.
func emojiOnly(spans []flow.Span) bool {
	return len(spans) == 1 && spans[0].Style == 0 && flow.Emoji(spans[0].Text, 3)
}
