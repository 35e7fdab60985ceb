package message

import (
	"image"
	"net/url"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"sotto/services/chats"
	"sotto/views/message/flow"
)

const (
	nameLimit  = 60   // characters of a name
	quoteLimit = 120  // characters of a quotation
	textLimit  = 4096 // characters of a message that are laid out
)

// content is everything a row shows; two equal contents look alike.
type content struct {
	msg   chats.Message
	shape shape
	chat  chats.Kind
	name  string    // what the author is called, where not as elsewhere
	peer  string    // what the other of a private chat is called
	today time.Time // the day on which it is shown
	quote quote

	handed string // who handed it over, where its author did not send it

	asking bool // what may be missing is being asked for
}

// quote is what a message answers.
type quote struct{ name, text string }

// row is one message with what stands above it. Rows are pooled: bind gives one another message.
type row struct {
	widget.BaseWidget
	list    rowHost
	content content
	width   float32
	height  float32
	bound   bool

	day, unread *divider
	picture     *canvas.Image
	frame       *canvas.Rectangle // behind the picture
	name, claim *canvas.Text
	clock       *canvas.Text
	quoteBar    *canvas.Rectangle
	quoteText   *canvas.Text
	ground      *canvas.Rectangle
	body        *body
	mark        *mark
	note        *note
	missed      *gapBlock // above the message; nil before it is needed
	lacks       *gapBlock // below it
	objects     []fyne.CanvasObject
	markAt      fyne.Position
	top         float32 // where the message begins below its dividers
	textRight   float32
	quoteFrom   float32
	quoteTo     float32
	authorTo    fyne.Position // lower right corner of picture and name, zero without them
}

// rowHost is the list a row belongs to.
type rowHost interface {
	now() time.Time
	typeset() *fonts
	image(key string) image.Image
	selected(r *row)
	open(link *url.URL)
	menu(r *row, absolute fyne.Position)
	show(id string)
	author(a chats.Author)
	again()
	focus()
}

func newRow(list rowHost) *row {
	r := &row{list: list}
	r.day, r.unread = newDivider(), newDivider()
	r.picture = &canvas.Image{CornerRadius: 8, ScaleMode: canvas.ImageScalePixels, FillMode: canvas.ImageFillStretch}
	r.name = canvas.NewText("", nil)
	r.name.TextStyle.Bold = true
	r.claim, r.clock, r.quoteText = canvas.NewText("", nil), canvas.NewText("", nil), canvas.NewText("", nil)
	r.ground, r.quoteBar, r.frame = canvas.NewRectangle(nil), canvas.NewRectangle(nil), canvas.NewRectangle(nil)
	r.frame.CornerRadius = 8
	r.ground.CornerRadius = 8
	r.quoteBar.CornerRadius = 1
	r.mark, r.note = newMark(), newNote()
	r.body = newBody(rowText{r})
	r.objects = []fyne.CanvasObject{r.ground, r.frame, r.picture, r.name, r.claim, r.clock, r.quoteBar, r.quoteText, r.body}
	r.objects = append(r.objects, r.mark.objects()...)
	r.objects = append(r.objects, r.note.objects()...)
	r.objects = append(r.objects, r.day.objects()...)
	r.objects = append(r.objects, r.unread.objects()...)
	r.ExtendBaseWidget(r)
	return r
}

// bind shows other content in a width and returns the row's height. The same content again costs nothing.
func (r *row) bind(c content, width float32) float32 {
	if r.bound && r.content == c && r.width == width {
		return r.height
	}
	r.content, r.width, r.bound = c, width, true
	r.height = r.arrange()
	return r.height
}

// author is what the message's author is called here.
func (r *row) author() string {
	if r.content.name != "" {
		return r.content.name
	}
	return Name(r.content.msg.Author)
}

// unbind forgets the colours and places, so that the next bind makes them anew.
func (r *row) unbind() { r.bound = false }

// right tells whether the message stands on the right: an own one, but not in a public channel.
func (r *row) right() bool { return r.content.msg.Outgoing && r.content.chat != chats.Public }

// spans is the text to lay out.
func (r *row) spans() []flow.Span {
	m := r.content.msg
	text, cut := clip(m.Text, textLimit)
	switch {
	case m.System:
		return []flow.Span{{Text: flow.Clean(text)}}
	case m.Unsupported != "":
		return []flow.Span{{Text: flow.Line(m.Unsupported, quoteLimit), Style: flow.Italic}}
	}
	spans := flow.Parse(flow.Clean(text))
	if strings.TrimSpace(flow.Plain(flow.Clean(text))) == "" {
		spans = []flow.Span{{Text: "A message without visible text", Style: flow.Italic}}
	}
	if cut {
		spans = append(spans, flow.Span{Text: "\n… Copy text gives the rest.", Style: flow.Italic})
	}
	if m.Backdated {
		spans = append(spans, flow.Span{Text: "\nSent later than its place here says.", Style: flow.Italic})
	}
	return spans
}

// clip cuts a text after so many characters.
func clip(s string, limit int) (string, bool) {
	if len(s) <= limit {
		return s, false
	}
	n := 0
	for i := range s {
		if n == limit {
			return s[:i], true
		}
		n++
	}
	return s, false
}

// Name is how an author is called: as this account names them, else by the three words of their key.
func Name(a chats.Author) string {
	for _, name := range []string{a.Nickname, a.Pseudonym} {
		if name = flow.Line(name, nameLimit); name != "" {
			return name
		}
	}
	key := flow.Line(a.Key, nameLimit)
	return key[:min(len(key), 14)]
}

// nameIn is how an author is called in a chat. A private one bears the name of the other.
func nameIn(chat chats.Chat, a chats.Author) string {
	if name := peerOf(chat); name != "" && a.Key == chat.ID {
		return name
	}
	return Name(a)
}

// peerOf is what the other of a private chat is called, empty in other chats and where it could be taken for oneself.
func peerOf(chat chats.Chat) string {
	if chat.Kind != chats.Private {
		return ""
	}
	if name := flow.Line(chat.Name, nameLimit); !strings.EqualFold(name, you) {
		return name
	}
	return ""
}

// you is who wrote what this account wrote, in quotations.
const you = "You"

// claimed is what an author says to be called; nobody verified it.
func claimed(a chats.Author) string {
	if name := flow.Line(a.Claimed, nameLimit); name != "" && a.Nickname == "" {
		return "claims to be " + name
	}
	return ""
}

// TappedSecondary implements fyne.SecondaryTappable.
func (r *row) TappedSecondary(e *fyne.PointEvent) { r.list.menu(r, e.AbsolutePosition) }

// Tapped implements fyne.Tappable: a press on the mark says how far the message got, one on the quotation leads to what
// is quoted, one on picture or name tells of the author.
func (r *row) Tapped(e *fyne.PointEvent) {
	if r.onMark(e.Position) {
		r.list.menu(r, e.AbsolutePosition)
		return
	}
	r.list.focus()
	if r.onGap(e.Position) {
		r.list.again()
		return
	}
	if r.onAuthor(e.Position) {
		r.list.author(r.content.msg.Author)
		return
	}
	if e.Position.Y >= r.quoteFrom && e.Position.Y < r.quoteTo {
		r.list.show(r.content.msg.ReplyTo)
	}
}

// AccessibilityLabel implements fyne.Accessible.
func (r *row) AccessibilityLabel() string {
	m := r.content.msg
	if m.System {
		return flow.Clean(m.Text)
	}
	return strings.TrimSpace(r.author() + ", " + clockTime(m.Timestamp, r.list.now().Location()) + ": " + flow.Clean(m.Text))
}

// AccessibilityRole implements fyne.Accessible.
func (r *row) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// rowText is the row as its body sees it.
type rowText struct{ r *row }

func (t rowText) selected(*body)        { t.r.list.selected(t.r) }
func (t rowText) open(link *url.URL)    { t.r.list.open(link) }
func (t rowText) menu(at fyne.Position) { t.r.list.menu(t.r, at) }

// CreateRenderer implements fyne.Widget.
func (r *row) CreateRenderer() fyne.WidgetRenderer { return &rowRenderer{r} }

type rowRenderer struct{ r *row }

func (n *rowRenderer) Destroy()                     {}
func (n *rowRenderer) Layout(fyne.Size)             {}
func (n *rowRenderer) MinSize() fyne.Size           { return fyne.Size{} }
func (n *rowRenderer) Objects() []fyne.CanvasObject { return n.r.objects }
func (n *rowRenderer) Refresh()                     { canvas.Refresh(n.r) }

func itoa(n int) string { return strconv.Itoa(n) }
