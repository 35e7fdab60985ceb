package views

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sotto/views/part"
	"sotto/views/theme"
)

// progressLine tells at the top of the pane how far catching up is, where a narrow window hides the sidebar, which says it
// elsewhere.
type progressLine struct {
	object *fyne.Container
	text   *part.Span
}

func newProgressLine() *progressLine {
	l := &progressLine{text: part.NewSpan("", theme.ColorNameTinted, theme.SmallSize)}
	row := part.NewPanel(theme.ColorNameRaised, 0, part.Inset(theme.Near, l.text))
	l.object = container.NewBorder(nil, part.NewLine(theme.ColorNameLine), nil, nil, row)
	l.object.Hide()
	return l
}

// show shows what is said, and takes no room where it is nothing. It tells whether that is another height.
func (l *progressLine) show(text string) (moved bool) {
	l.text.SetText(text)
	moved = l.object.Visible() != (text != "")
	show(text != "", l.object)
	return moved
}

// sayProgress says in a narrow window, above the open chat, how far catching up is.
func (c *conversations) sayProgress() {
	text := ""
	if c.narrow {
		text = c.sidebar.CatchingUp()
	}
	if c.progress.show(text) {
		c.topped.Refresh()
	}
}
