package views

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sotto/views/part"
	"sotto/views/theme"
)

// rootLayout gives all room to every object and holds the least size of the window, whatever is in it.
type rootLayout struct{}

func (rootLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(theme.LeastWidth, theme.LeastHeight)
}

func (rootLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(size)
		o.Move(fyne.Position{})
	}
}

// paneLayout places the sidebar, a line and the open chat side by side; in a narrow window only one of sidebar and chat.
type paneLayout struct {
	narrow func(bool) // told when the window becomes narrow or wide
	chat   func() bool
	state  *bool
}

func (l paneLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.Size{} }

func (l paneLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	sidebar, line, pane := o[0], o[1], o[2]
	narrow := size.Width < theme.NarrowWidth
	if narrow != *l.state {
		*l.state = narrow
		l.narrow(narrow)
	}
	switch {
	case !narrow:
		show(true, sidebar, line, pane)
		put(sidebar, 0, theme.SidebarWidth, size.Height)
		put(line, theme.SidebarWidth, 1, size.Height)
		put(pane, theme.SidebarWidth+1, size.Width-theme.SidebarWidth-1, size.Height)
	case l.chat():
		show(false, sidebar, line)
		show(true, pane)
		put(pane, 0, size.Width, size.Height)
	default:
		show(false, line, pane)
		show(true, sidebar)
		put(sidebar, 0, size.Width, size.Height)
	}
}

// onTop gives the first object its own height and the rest to the second, without room between them.
type onTop struct{}

func (onTop) MinSize(o []fyne.CanvasObject) fyne.Size {
	size := o[1].MinSize()
	if o[0].Visible() {
		top := o[0].MinSize()
		size = fyne.NewSize(max(size.Width, top.Width), size.Height+top.Height)
	}
	return size
}

func (onTop) Layout(o []fyne.CanvasObject, size fyne.Size) {
	var height float32
	if o[0].Visible() {
		height = o[0].MinSize().Height
		o[0].Resize(fyne.NewSize(size.Width, height))
		o[0].Move(fyne.Position{})
	}
	o[1].Resize(fyne.NewSize(size.Width, size.Height-height))
	o[1].Move(fyne.NewPos(0, height))
}

func put(o fyne.CanvasObject, x, width, height float32) {
	o.Resize(fyne.NewSize(width, height))
	o.Move(fyne.NewPos(x, 0))
}

func show(visible bool, objects ...fyne.CanvasObject) {
	for _, o := range objects {
		if visible {
			o.Show()
		} else {
			o.Hide()
		}
	}
}

// waiting is a page that says what is happening.
func waiting(sentence string) fyne.CanvasObject {
	return container.NewCenter(container.NewGridWrap(fyne.NewSize(320, 60), part.Quiet(sentence)))
}
