package sidebar

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"sotto/views/part"
	"sotto/views/theme"
)

// requests is the line above the chats that leads to the strangers who wrote. It is there while there are any, or while the
// person waits for an answer to a request of their own.
type requests struct {
	part.Tile
	count *part.Span
	badge fyne.CanvasObject
}

func newRequests(open func()) *requests {
	r := &requests{count: part.NewSpan("", theme.ColorNameOnAccent, theme.SmallSize).Bold().Whole()}
	name := part.NewSpan("Requests", theme.ColorNameText, theme.TextSize).Bold()
	r.badge = newBadge(r.count)
	line := container.NewBorder(nil, nil, nil, container.NewCenter(r.badge), part.Middle(name))
	room := layout.NewCustomPaddedLayout(theme.Near, theme.Near, theme.Near, theme.Near)
	r.Fill(r, theme.ColorNameRaised, container.New(room, line), open)
	r.Hide()
	return r
}

func (r *requests) set(n, own int, chosen bool) {
	r.count.SetText(unread(n))
	show(n > 0, r.badge)
	show(n+own > 0, r)
	r.SetChosen(chosen)
	r.Refresh()
}

var _ fyne.Focusable = (*requests)(nil)
