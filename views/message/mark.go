package message

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynetheme "fyne.io/fyne/v2/theme"

	"sotto/services/chats"
	"sotto/views/theme"
)

// markSize is the width and height of a delivery mark.
const markSize float32 = 14

// mark draws how far a message got: a clock (queued), a ring (sent), a disc (stored), a disc with a tick (delivered),
// a disc with an exclamation mark (failed). It has the same size in every state.
type mark struct {
	circle *canvas.Circle
	lines  [2]*canvas.Line
}

func newMark() *mark {
	return &mark{
		circle: canvas.NewCircle(nil),
		lines:  [2]*canvas.Line{canvas.NewLine(nil), canvas.NewLine(nil)},
	}
}

func (k *mark) objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{k.circle, k.lines[0], k.lines[1]}
}

func (k *mark) hide() {
	for _, o := range k.objects() {
		o.Hide()
	}
}

// stroke is a line inside the mark: from and to in twelfths of its size.
type stroke struct{ x1, y1, x2, y2 float32 }

// drawing is how a state is drawn.
type drawing struct {
	color  fyne.ThemeColorName
	filled bool
	lines  []stroke
}

var drawings = map[chats.State]drawing{
	chats.Queued:    {theme.ColorNameQuiet, false, []stroke{{6, 2.8, 6, 6.4}, {6, 6.4, 8.4, 7.6}}},
	chats.Sent:      {theme.ColorNameQuiet, false, nil},
	chats.Accepted:  {theme.ColorNameQuiet, false, nil},
	chats.Stored:    {theme.ColorNameQuiet, true, nil},
	chats.Delivered: {theme.ColorNameGood, true, []stroke{{3, 6.3, 5.1, 8.5}, {5.1, 8.5, 9, 3.8}}},
	chats.Failed:    {theme.ColorNameDanger, true, []stroke{{6, 2.6, 6, 7}, {6, 8.4, 6, 9.6}}},
}

// draw shows a state with its upper left corner at p.
func (k *mark) draw(state chats.State, p fyne.Position) {
	d, ok := drawings[state]
	if !ok {
		k.hide()
		return
	}
	color := fynetheme.Color(d.color)
	k.circle.StrokeColor, k.circle.StrokeWidth, k.circle.FillColor = color, 1.5, nil
	inside := color
	if d.filled {
		k.circle.FillColor = color
		inside = fynetheme.Color(theme.ColorNameGround)
	}
	k.circle.Move(p)
	k.circle.Resize(fyne.NewSquareSize(markSize))
	k.circle.Show()
	for i, line := range k.lines {
		if i >= len(d.lines) {
			line.Hide()
			continue
		}
		s := d.lines[i]
		line.StrokeColor, line.StrokeWidth = inside, 1.5
		line.Position1 = p.AddXY(s.x1*markSize/12, s.y1*markSize/12)
		line.Position2 = p.AddXY(s.x2*markSize/12, s.y2*markSize/12)
		line.Show()
	}
}

// StateText says in one sentence how far an own message got.
func StateText(m chats.Message) string {
	switch m.State {
	case chats.Queued:
		return "Waiting for a connection"
	case chats.Failed:
		if m.FailureReason != "" {
			return "Not sent: " + m.FailureReason
		}
		return "Not sent"
	case chats.Accepted:
		return "Accepted by a mailserver"
	case chats.Stored:
		return "Stored by a mailserver"
	case chats.Delivered:
		return deliveredText(m)
	}
	switch {
	case m.Unconfirmed:
		return "Sent, not confirmed"
	case m.Peers == 1:
		return "Sent to 1 peer"
	case m.Peers > 1:
		return "Sent to " + itoa(m.Peers) + " peers"
	}
	return "Sent"
}

// deliveredText says how many of the other's devices have the message, or of the people of a group, where it was for more than
// one.
func deliveredText(m chats.Message) string {
	if m.Addressed < 2 || m.DeliveredTo == 0 {
		return "Delivered"
	}
	of, what := itoa(m.Addressed), " devices"
	if chats.KindOf(m.Chat) == chats.Group {
		if what = ""; m.DeliveredTo >= m.Addressed {
			return "Delivered to all " + of
		}
	}
	return "Delivered to " + itoa(min(m.DeliveredTo, m.Addressed)) + " of " + of + what
}

// Marked is the state that a message's mark shows: in a group it is delivered once everybody has it.
func Marked(m chats.Message) chats.State {
	if m.State == chats.Delivered && m.DeliveredTo < m.Addressed && chats.KindOf(m.Chat) == chats.Group {
		return chats.Sent
	}
	return m.State
}
