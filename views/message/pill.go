package message

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sotto/views/theme"
)

const pillHeight float32 = 30

// pill stands over the lower edge while the end is out of view. It says how many messages came, and leads there.
type pill struct {
	widget.BaseWidget
	tapped func()
	ground *canvas.Rectangle
	text   *canvas.Text
	icon   *widget.Icon
}

func newPill(tapped func()) *pill {
	p := &pill{tapped: tapped, ground: canvas.NewRectangle(nil), text: canvas.NewText("", nil)}
	p.icon = widget.NewIcon(fynetheme.NewInvertedThemedResource(fynetheme.MoveDownIcon()))
	p.ground.CornerRadius = pillHeight / 2
	p.Hidden = true
	p.ExtendBaseWidget(p)
	p.paint()
	return p
}

// words is what the pill says.
func words(n int) string {
	switch {
	case n == 0:
		return "Newest messages"
	case n == 1:
		return "1 new message"
	case n > 999:
		return "999+ new messages"
	}
	return itoa(n) + " new messages"
}

// set shows the pill where there are new messages or the end is far.
func (p *pill) set(n int, far bool, view fyne.Size) {
	if n == 0 && !far {
		p.Hide()
		return
	}
	p.text.Text = words(n)
	w := p.text.MinSize().Width + 2*theme.Apart + 20
	p.Resize(fyne.NewSize(w, pillHeight))
	p.Move(fyne.NewPos((view.Width-w)/2, view.Height-pillHeight-theme.Near))
	p.Show()
}

func (p *pill) paint() {
	p.ground.FillColor = fynetheme.Color(theme.ColorNameAccent)
	p.text.Color = fynetheme.Color(theme.ColorNameOnAccent)
	p.text.TextSize = fynetheme.Size(fynetheme.SizeNameText)
}

// Tapped implements fyne.Tappable.
func (p *pill) Tapped(*fyne.PointEvent) { p.tapped() }

// Cursor implements desktop.Cursorable.
func (p *pill) Cursor() desktop.Cursor { return desktop.PointerCursor }

// AccessibilityLabel implements fyne.Accessible.
func (p *pill) AccessibilityLabel() string { return p.text.Text }

// AccessibilityRole implements fyne.Accessible.
func (p *pill) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

func (p *pill) CreateRenderer() fyne.WidgetRenderer { return &pillRenderer{p} }

type pillRenderer struct{ p *pill }

func (r *pillRenderer) Destroy()           {}
func (r *pillRenderer) MinSize() fyne.Size { return fyne.NewSize(100, pillHeight) }
func (r *pillRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.p.ground, r.p.icon, r.p.text}
}

func (r *pillRenderer) Layout(size fyne.Size) {
	r.p.ground.Resize(size)
	r.p.icon.Move(fyne.NewPos(theme.Apart-4, (size.Height-18)/2))
	r.p.icon.Resize(fyne.NewSquareSize(18))
	r.p.text.Move(fyne.NewPos(theme.Apart+20, 0))
	r.p.text.Resize(fyne.NewSize(size.Width-theme.Apart-20, size.Height))
}

func (r *pillRenderer) Refresh() {
	r.p.paint()
	canvas.Refresh(r.p)
}
