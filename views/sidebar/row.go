package sidebar

import (
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"sotto/services/chats"
	"sotto/views/icon"
	"sotto/views/message"
	"sotto/views/message/flow"
	"sotto/views/part"
	"sotto/views/theme"
)

// rowHeight holds a picture with room above and below.
const rowHeight = theme.AvatarList + 2*theme.Near + 2*theme.Grid

// previewLength is the most characters of a message that are looked at for its preview.
const previewLength = 120

// Row is one chat in a list.
type Row struct {
	part.Tile
	sign             *part.Panel   // of a channel
	face             *part.Picture // of a person, or the tile of a group
	name, when, last *part.Span
	count            *part.Span
	badge            fyne.CanvasObject
	mark             *message.StateMark // how far the own last message got
	chat             string
	shown            string // whose face is shown, or which group's tile
}

// NewRow returns a row on a ground of the given colour that shows no chat yet.
func NewRow(ground fyne.ThemeColorName, open func(id string)) *Row {
	r := &Row{
		face: part.NewPicture(theme.AvatarList), mark: message.NewStateMark(),
		name:  part.NewSpan("", theme.ColorNameText, theme.TextSize).Bold(),
		when:  part.NewSpan("", theme.ColorNameTinted, theme.SmallSize).Whole(),
		last:  part.NewSpan("", theme.ColorNameTinted, theme.SmallSize),
		count: part.NewSpan("", theme.ColorNameOnAccent, theme.SmallSize).Bold().Whole(),
	}
	r.badge = newBadge(r.count)
	sign := canvas.NewImageFromResource(icon.In(icon.Channel, theme.ColorNameTinted))
	sign.SetMinSize(fyne.NewSquareSize(20))
	r.sign = part.NewPanel(theme.ColorNameLine, theme.AvatarList/5, container.NewCenter(sign))
	content := container.New(rowLayout{}, r.sign, r.face, r.name, r.when, r.last, r.badge, r.mark)
	r.Fill(r, ground, content, func() { open(r.chat) })
	return r
}

// Bind shows a chat in the row.
func (r *Row) Bind(c chats.Chat, chosen bool, now time.Time) {
	r.chat = c.ID
	r.picture(c)
	r.name.SetText(Title(c))
	text, colour := preview(c, chosen)
	r.last.Set(text, colour)
	when := ""
	if c.Last != nil {
		when = When(c.Last.Timestamp, now)
	}
	r.when.SetText(when)
	waits := c.Unread
	if c.Invited {
		waits = max(waits, 1) // for an answer
	}
	r.count.SetText(unread(waits))
	show(waits > 0, r.badge)
	own := c.Last != nil && c.Last.Outgoing && !c.Last.System && waits == 0
	show(own, r.mark)
	if own {
		r.mark.SetState(message.Marked(*c.Last))
	}
	r.SetChosen(chosen)
	r.Refresh()
}

// picture shows the face of whom a private chat is with, the tile of a group, else the sign of channels.
func (r *Row) picture(c chats.Chat) {
	channel := c.Kind == chats.Public
	show(!channel, r.face)
	show(channel, r.sign)
	switch shown := c.ID + Title(c); {
	case channel || r.shown == shown:
	case c.Kind == chats.Group:
		r.shown = shown
		GroupTile(r.face, c.ID, c.Name)
	default:
		r.shown = shown
		r.face.SetKey(c.ID)
	}
}

// GroupTile makes a picture that of a group: the first letter of its name, in a hue of its own.
func GroupTile(p *part.Picture, id, name string) {
	p.SetLetter(Title(chats.Chat{Kind: chats.Group, Name: name}), theme.HueOf(id))
}

func show(visible bool, o fyne.CanvasObject) {
	if visible {
		o.Show()
	} else {
		o.Hide()
	}
}

// nameLength is the most characters of a name that are looked at.
const nameLength = 100

// Title is what a chat is called: a channel with its sign, a private one by the name of the other, a group by its own.
func Title(c chats.Chat) string {
	if c.Kind == chats.Public {
		return "#" + c.Name
	}
	if name := flow.Line(c.Name, nameLength); name != "" {
		return name
	}
	if c.Kind == chats.Group {
		return "A group without a name"
	}
	return "Somebody"
}

func unread(n int) string {
	if n > 999 {
		return "999+"
	}
	return strconv.Itoa(n)
}

// preview is the second line: what waits to be sent, else the last message and who wrote it.
func preview(c chats.Chat, chosen bool) (string, fyne.ThemeColorName) {
	if draft := strings.TrimSpace(c.Draft); draft != "" && !chosen {
		return "Draft: " + draft, theme.ColorNameAccent
	}
	switch {
	case c.Invited && c.Last != nil && c.Last.System:
		return "Invitation · " + flow.Line(c.Last.Text, previewLength), theme.ColorNameAccent
	case c.Invited:
		return "Invitation", theme.ColorNameAccent
	case c.Last == nil:
		return "Nothing here yet", theme.ColorNameTinted
	}
	text := c.Last.Text
	if c.Last.Unsupported != "" && !c.Last.System {
		text = c.Last.Unsupported
	}
	text = flow.Line(text, previewLength)
	if c.Last.System || c.Kind == chats.Private && !c.Last.Outgoing {
		return text, theme.ColorNameTinted // nobody said it, or the only one who can have
	}
	return who(*c.Last) + ": " + text, theme.ColorNameTinted
}

// who is a short word for a message's author. It is never what the author claims: that could be "You".
func who(m chats.Message) string {
	if m.Outgoing {
		return "You"
	}
	if name := flow.Line(m.Author.Nickname, nameLength); name != "" {
		return name
	}
	first, _, _ := strings.Cut(m.Author.Pseudonym, " ")
	if first == "" {
		return "Somebody"
	}
	return first
}

// newBadge is the pill with the number of unread messages.
func newBadge(count fyne.CanvasObject) fyne.CanvasObject {
	return part.NewPanel(theme.ColorNameAccent, 9, container.New(pill{}, count))
}

// pill keeps room beside a short text and is never narrower than high.
type pill struct{}

const pillHeight float32 = 18

func (pill) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(max(pillHeight, objects[0].MinSize().Width+10), pillHeight)
}

func (pill) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	text := objects[0].MinSize()
	objects[0].Resize(text)
	objects[0].Move(fyne.NewPos((size.Width-text.Width)/2, (size.Height-text.Height)/2))
}

// rowLayout places picture, name, time, last message, and badge or mark.
type rowLayout struct{}

func (rowLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(160, rowHeight) }

func (rowLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	name, when, last, badge, mark := o[2], o[3], o[4], o[5], o[6]
	top := (size.Height - theme.AvatarList) / 2
	for _, picture := range o[:2] {
		picture.Resize(fyne.NewSquareSize(theme.AvatarList))
		picture.Move(fyne.NewPos(theme.Near, top))
	}

	left, right := theme.Near+theme.AvatarList+theme.Near+theme.Grid, size.Width-theme.Near
	whenSize := when.MinSize()
	when.Resize(whenSize)
	when.Move(fyne.NewPos(right-whenSize.Width, top+1))
	place(name, left, top-1, right-whenSize.Width-theme.Near)

	for _, end := range []fyne.CanvasObject{badge, mark} {
		if end.Visible() {
			endSize := end.MinSize()
			end.Resize(endSize)
			end.Move(fyne.NewPos(right-endSize.Width, top+theme.AvatarList-(pillHeight+endSize.Height)/2))
			right -= endSize.Width + theme.Near
		}
	}
	place(last, left, top+theme.AvatarList-last.MinSize().Height, right)
}

func place(o fyne.CanvasObject, left, top, right float32) {
	o.Resize(fyne.NewSize(max(0, right-left), o.MinSize().Height))
	o.Move(fyne.NewPos(left, top))
}
