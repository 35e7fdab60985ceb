package views

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"sotto/services/chats"
	"sotto/views/icon"
	"sotto/views/part"
	"sotto/views/sidebar"
	"sotto/views/theme"
)

// header tells which chat is open and who can read it.
type header struct {
	object fyne.CanvasObject
	title  *part.Span
	hint   *part.Span
	back   *part.Button
	more   *part.Button
}

func newHeader(back func(), menu func(at fyne.CanvasObject)) *header {
	h := &header{
		title: part.NewSpan("", theme.ColorNameText, theme.TitleSize).Bold().Whole(),
		hint:  part.NewSpan("", theme.ColorNameQuiet, theme.SmallSize),
	}
	h.back = part.NewIconButton("", icon.Of(icon.Back), back)
	h.back.Importance = widget.LowImportance
	h.back.Hide()
	h.more = part.NewIconButton("", icon.Of(icon.More), func() { menu(h.more) })
	h.more.Importance = widget.LowImportance
	words := container.New(headerLayout{}, h.title, h.hint)
	line := container.NewBorder(nil, nil, h.back, h.more, words)
	padded := container.New(layout.NewCustomPaddedLayout(theme.Near, theme.Near, theme.Apart, theme.Near), line)
	h.object = container.New(layout.NewCustomPaddedVBoxLayout(0), padded, part.NewLine(theme.ColorNameLine))
	return h
}

func (h *header) show(c chats.Chat) {
	h.title.SetText(sidebar.Title(c))
	hint := ""
	if c.Kind == chats.Public {
		hint = "Anyone who knows the name can read"
	}
	h.hint.SetText(hint)
	h.object.Refresh()
}

func (h *header) setNarrow(narrow bool) { show(narrow, h.back) }

// headerLayout puts the hint beside the title, on one base line, and cuts the title where the room ends.
type headerLayout struct{}

func (headerLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(120, o[0].MinSize().Height+theme.Near)
}

func (headerLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	title, hint := o[0], o[1]
	titleSize, hintSize := title.MinSize(), hint.MinSize()
	width := min(titleSize.Width, size.Width)
	top := (size.Height - titleSize.Height) / 2
	title.Resize(fyne.NewSize(width, titleSize.Height))
	title.Move(fyne.NewPos(0, top))
	left := width + theme.Apart
	hint.Resize(fyne.NewSize(max(0, size.Width-left), hintSize.Height))
	hint.Move(fyne.NewPos(left, top+titleSize.Height-hintSize.Height-2))
}
