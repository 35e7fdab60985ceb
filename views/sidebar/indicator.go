package sidebar

import (
	"fmt"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"sotto/services/history"
	"sotto/services/network"
	"sotto/views/icon"
	"sotto/views/message/flow"
	"sotto/views/part"
	"sotto/views/theme"
)

// indicator is the line at the foot of the sidebar that tells how the node stands to the network.
type indicator struct {
	part.Tile
	sign *canvas.Image
	text *part.Span

	status   network.Status
	degraded []network.Degraded
	progress history.Progress
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

func (i *indicator) show() {
	text, name, colour := Sentence(i.status, i.degraded)
	if catching := i.catchingUp(); catching != "" {
		text = catching
	}
	i.text.SetText(text)
	i.sign.Resource = icon.In(name, colour)
	i.sign.Refresh()
}

// catchingUp is how far catching up is; empty while there is nothing to say about it, or something worse.
func (i *indicator) catchingUp() string {
	if _, name, _ := Sentence(i.status, i.degraded); name != icon.Dot {
		return ""
	}
	return CatchingUp(i.progress)
}

// fewMessages is how many are caught up without a word about it.
const fewMessages = 20

// CatchingUp says how far catching up with what waited at mailservers is; empty when there is nothing to say.
func CatchingUp(p history.Progress) string {
	if !p.Running || p.Done == 0 || p.Total > 0 && p.Total < fewMessages {
		return ""
	}
	done, from := Count(p.Done), ""
	if p.Server != "" {
		from = " from " + flow.Line(p.Server, serverLimit)
	}
	if p.Total <= p.Done {
		return done + " messages" + from
	}
	return done + " of about " + Count(p.Total) + from
}

const serverLimit = 60

// Count is a number with commas between its thousands.
func Count(n int) string {
	digits := strconv.Itoa(max(n, 0))
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// Sentence is the truth about the network in one line, with its sign. A degraded state comes before good news.
func Sentence(s network.Status, degraded []network.Degraded) (string, icon.Name, fyne.ThemeColorName) {
	for _, d := range degraded {
		if d.Until.IsZero() {
			return d.Text, icon.Attention, theme.ColorNameAttention
		}
	}
	in := ""
	if s.Network != "" {
		in = " · " + flow.Line(s.Network, serverLimit)
	}
	switch n := len(s.Peers); {
	case s.State == network.Online && n == 1:
		return "1 peer" + in, icon.Dot, theme.ColorNameGood
	case s.State == network.Online:
		return fmt.Sprintf("%d peers", n) + in, icon.Dot, theme.ColorNameGood
	case s.State == network.Connecting && len(s.Known) == 0 && s.Network == "":
		return "No node known yet", icon.Ring, theme.ColorNameAttention
	case s.State == network.Connecting:
		return "Connecting…", icon.Ring, theme.ColorNameAttention
	default:
		return "Offline", icon.Ring, theme.ColorNameTinted
	}
}
