package message

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"sotto/services/chats"
	"sotto/views/message/flow"
	"sotto/views/theme"
)

const (
	noteLines = 4
	peerLimit = 40 // characters of a name in a note
)

// note is what a reader should know of a message, in small letters below it.
type note struct{ lines []*canvas.Text }

func newNote() *note {
	n := &note{}
	for range noteLines {
		n.lines = append(n.lines, canvas.NewText("", nil))
	}
	return n
}

func (n *note) objects() []fyne.CanvasObject {
	objects := make([]fyne.CanvasObject, len(n.lines))
	for i, line := range n.lines {
		objects[i] = line
	}
	return objects
}

func (n *note) hide() {
	for _, line := range n.lines {
		line.Hide()
	}
}

// show sets the text between left and right, at y, and returns where it ends. It stands at the right edge on request.
func (n *note) show(f *fonts, text string, left, right, y float32, atRight bool) float32 {
	laid := flow.Lay([]flow.Span{{Text: text}}, right-left, f.measure(f.small))
	small := f.line(f.small)
	for i, row := range laid.Rows[:min(len(laid.Rows), noteLines)] {
		line := n.lines[i]
		line.TextSize, line.Text = f.small, string(laid.Runes[row.Start:row.End])
		x := left
		if atRight {
			x = right - row.Width
		}
		write(line, fyne.NewPos(x, y), fyne.NewSize(row.Width, small), theme.ColorNameQuiet)
		y += small
	}
	return y + between
}

// noted tells whether a message has a note: it is encrypted with a key that stays the same, or it is ours in a group, or was
// handed over there. That is decided when it is written, so no row grows later.
func noted(m chats.Message, kind chats.Kind) bool {
	switch {
	case m.System:
		return false
	case kind == chats.Group:
		return m.Outgoing || m.HandedBy != nil
	}
	return kind == chats.Private && !m.ForwardSecret
}

// noteText is a message's note, or empty.
func (r *row) noteText() string {
	c := r.content
	switch {
	case c.handed != "":
		return "Handed over by " + c.handed
	case !noted(c.msg, c.chat):
		return ""
	case c.chat == chats.Group:
		return groupText(c.msg)
	}
	const what = "This message had no forward secrecy: "
	switch {
	case !c.msg.Outgoing:
		return what + flow.Line(r.author(), peerLimit) + " did not know your keys yet."
	case c.peer == "":
		return what + "their keys were not known yet."
	}
	return what + flow.Line(c.peer, peerLimit) + "'s keys were not known yet."
}

// groupText is how far a message of ours to a group got, always in one line.
func groupText(m chats.Message) string {
	switch {
	case m.State == chats.Queued:
		return "Waiting for a connection"
	case m.State == chats.Failed:
		return "Not sent"
	case m.DeliveredTo > 0:
		return deliveredText(m)
	case m.Addressed == 1:
		return "Not delivered yet"
	case m.Addressed > 1:
		return "Delivered to none of " + itoa(m.Addressed) + " yet"
	}
	return "Sent"
}

// handedBy is who handed a message over that its author did not send, empty where they did.
func handedBy(m chats.Message, own string) string {
	switch {
	case m.HandedBy == nil:
		return ""
	case m.HandedBy.Key == own:
		return "you"
	}
	return flow.Line(Name(*m.HandedBy), peerLimit)
}
