package message

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sotto/views/theme"
)

const (
	actionWidth  float32 = 30
	actionHeight float32 = 26
)

// actions are the buttons over the message under the pointer: reply, and more. The list moves them about; they are no
// hoverable of their own, since then the list would lose the pointer to them.
type actions struct {
	widget.BaseWidget
	list   *List
	row    *row
	at     fyne.Position // of the pointer, in the list
	inside bool

	ground  *canvas.Rectangle
	hover   *canvas.Rectangle
	icons   []*widget.Icon
	objects []fyne.CanvasObject
}

func newActions(l *List) *actions {
	a := &actions{list: l, ground: canvas.NewRectangle(nil), hover: canvas.NewRectangle(nil)}
	a.ground.CornerRadius, a.hover.CornerRadius = 6, 6
	a.ground.StrokeWidth = 1
	a.icons = []*widget.Icon{widget.NewIcon(fynetheme.MailReplyIcon()), widget.NewIcon(fynetheme.MoreHorizontalIcon())}
	a.objects = []fyne.CanvasObject{a.ground, a.hover, a.icons[0], a.icons[1]}
	a.Hidden = true
	a.ExtendBaseWidget(a)
	a.paint()
	return a
}

func (a *actions) paint() {
	a.ground.FillColor = fynetheme.Color(theme.ColorNameGround)
	a.ground.StrokeColor = fynetheme.Color(theme.ColorNameLine)
	a.hover.FillColor = fynetheme.Color(theme.ColorNameLine)
}

// pointer follows the pointer.
func (a *actions) pointer(at fyne.Position) {
	a.at, a.inside = at, true
	a.follow()
}

func (a *actions) leave() {
	a.inside = false
	a.follow()
}

// follow puts the buttons over the row under the pointer, wherever that is by now.
func (a *actions) follow() {
	if a.inside && a.Visible() && a.row != nil && a.over() >= 0 && a.list.rows[a.row.content.msg.ID] == a.row {
		a.highlight()
		return
	}
	before := a.row
	a.row = nil
	for _, r := range a.list.rows {
		if y := a.at.Y - r.Position().Y; a.inside && !r.content.msg.System && y >= r.top && y < r.height {
			a.row = r
		}
	}
	if a.row == nil && !a.inside && a.list.current != "" {
		a.row = a.list.rows[a.list.current]
	}
	if before != a.row && before != nil {
		before.peek(false)
	}
	if a.row == nil {
		a.Hide()
		return
	}
	a.row.peek(true)
	y := a.row.Position().Y + a.row.top - actionHeight/2 + theme.Near
	width := float32(a.offer()) * actionWidth
	a.Move(fyne.NewPos(a.row.textRight-width, max(y, 2)))
	a.Resize(fyne.NewSize(width, actionHeight))
	a.Show()
	a.highlight()
}

// offer shows the buttons that make sense for the message and returns how many there are.
func (a *actions) offer() int {
	if a.list.answerable(a.row.content.msg) {
		a.icons[0].Show()
		return len(a.icons)
	}
	a.icons[0].Hide()
	return len(a.icons) - 1
}

// over is the button under the pointer, or -1.
func (a *actions) over() int {
	p := a.at.Subtract(a.Position())
	if p.X < 0 || p.Y < 0 || p.X >= a.Size().Width || p.Y >= a.Size().Height {
		return -1
	}
	return int(p.X / actionWidth)
}

func (a *actions) highlight() {
	i := a.over()
	a.hover.Hidden = i < 0
	a.hover.Move(fyne.NewPos(float32(max(i, 0))*actionWidth+2, 2))
}

// Tapped implements fyne.Tappable.
func (a *actions) Tapped(e *fyne.PointEvent) {
	if a.row == nil {
		return
	}
	m := a.row.content.msg
	if e.Position.X < actionWidth && a.icons[0].Visible() {
		a.list.opt.Reply(m)
		return
	}
	a.list.OpenMenu(m, e.AbsolutePosition)
}

// Cursor implements desktop.Cursorable.
func (a *actions) Cursor() desktop.Cursor { return desktop.PointerCursor }

func (a *actions) CreateRenderer() fyne.WidgetRenderer { return &actionsRenderer{a} }

type actionsRenderer struct{ a *actions }

func (r *actionsRenderer) Destroy()                     {}
func (r *actionsRenderer) MinSize() fyne.Size           { return fyne.NewSize(2*actionWidth, actionHeight) }
func (r *actionsRenderer) Objects() []fyne.CanvasObject { return r.a.objects }

func (r *actionsRenderer) Layout(size fyne.Size) {
	r.a.ground.Resize(size)
	r.a.hover.Resize(fyne.NewSize(actionWidth-4, actionHeight-4))
	hidden := len(r.a.icons) - int(size.Width/actionWidth)
	for i, icon := range r.a.icons[max(hidden, 0):] {
		icon.Move(fyne.NewPos(float32(i)*actionWidth+(actionWidth-18)/2, (actionHeight-18)/2))
		icon.Resize(fyne.NewSquareSize(18))
	}
}

func (r *actionsRenderer) Refresh() {
	r.a.paint()
	canvas.Refresh(r.a)
}
