package sidebar

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"sotto/services/network"
	"sotto/views/icon"
	"sotto/views/part"
	"sotto/views/theme"
)

// indicator is the line at the foot of the sidebar that tells how the node stands to the network.
type indicator struct {
	part.Tile
	sign *canvas.Image
	text *part.Span
}

func newIndicator(details func()) *indicator {
	i := &indicator{
		sign: canvas.NewImageFromResource(icon.In(icon.Ring, theme.ColorNameQuiet)),
		text: part.NewSpan("Starting…", theme.ColorNameTinted, theme.SmallSize),
	}
	i.sign.SetMinSize(fyne.NewSquareSize(16))
	line := container.NewBorder(nil, nil, container.NewCenter(i.sign), nil,
		container.New(layout.NewCustomPaddedLayout(theme.Near, theme.Near, theme.Grid, 0), i.text))
	i.Fill(i, theme.ColorNameRaised, container.New(layout.NewCustomPaddedLayout(0, 0, theme.Near, theme.Near), line), details)
	return i
}

func (i *indicator) show(s network.Status, degraded []network.Degraded) {
	text, name, colour := Sentence(s, degraded)
	i.text.SetText(text)
	i.sign.Resource = icon.In(name, colour)
	i.sign.Refresh()
}

// Sentence is the truth about the network in one line, with its sign. A degraded state comes before good news.
func Sentence(s network.Status, degraded []network.Degraded) (string, icon.Name, fyne.ThemeColorName) {
	for _, d := range degraded {
		if d.Until.IsZero() {
			return d.Text, icon.Attention, theme.ColorNameAttention
		}
	}
	switch n := len(s.Peers); {
	case s.State == network.Online && n == 1:
		return "1 peer", icon.Dot, theme.ColorNameGood
	case s.State == network.Online:
		return fmt.Sprintf("%d peers", n), icon.Dot, theme.ColorNameGood
	case s.State == network.Connecting && len(s.Known) == 0:
		return "No node known yet", icon.Ring, theme.ColorNameAttention
	case s.State == network.Connecting:
		return "Connecting…", icon.Ring, theme.ColorNameAttention
	default:
		return "Offline", icon.Ring, theme.ColorNameTinted
	}
}
