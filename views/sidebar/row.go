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
	"sotto/views/message/flow"
	"sotto/views/part"
	"sotto/views/theme"
)

// rowHeight holds a picture with room above and below.
const rowHeight = theme.AvatarList + 2*theme.Near + 2*theme.Grid

// previewLength is the most characters of a message that are looked at for its preview.
const previewLength = 120

// row is one chat in the list.
type row struct {
	part.Tile
	name, when, last *part.Span
	count            *part.Span
	badge            fyne.CanvasObject
	chat             string
}

func newRow(open func(id string)) *row {
	r := &row{
		name:  part.NewSpan("", theme.ColorNameText, theme.TextSize).Bold(),
		when:  part.NewSpan("", theme.ColorNameTinted, theme.SmallSize).Whole(),
		last:  part.NewSpan("", theme.ColorNameTinted, theme.SmallSize),
		count: part.NewSpan("", theme.ColorNameOnAccent, theme.SmallSize).Bold().Whole(),
	}
	r.badge = newBadge(r.count)
	sign := canvas.NewImageFromResource(icon.In(icon.Channel, theme.ColorNameTinted))
	sign.SetMinSize(fyne.NewSquareSize(20))
	picture := part.NewPanel(theme.ColorNameLine, theme.AvatarList/5, container.NewCenter(sign))
	content := container.New(rowLayout{}, picture, r.name, r.when, r.last, r.badge)
	r.Fill(r, theme.ColorNameRaised, content, func() { open(r.chat) })
	return r
}

// show binds the row to a chat.
func (r *row) show(c chats.Chat, chosen bool, now time.Time) {
	r.chat = c.ID
	r.name.SetText(Title(c))
	text, colour := preview(c, chosen)
	r.last.Set(text, colour)
	when := ""
	if c.Last != nil {
		when = When(c.Last.Timestamp, now)
	}
	r.when.SetText(when)
	r.count.SetText(unread(c.Unread))
	if c.Unread > 0 {
		r.badge.Show()
	} else {
		r.badge.Hide()
	}
	r.SetChosen(chosen)
	r.Refresh()
}

// Title is what a chat is called: a channel with its sign.
func Title(c chats.Chat) string {
	if c.Kind == chats.Public {
		return "#" + c.Name
	}
	return c.Name
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
	if c.Last == nil {
		return "Nothing here yet", theme.ColorNameTinted
	}
	text := c.Last.Text
	if c.Last.Unsupported != "" {
		text = c.Last.Unsupported
	}
	return who(*c.Last) + ": " + flow.Line(text, previewLength), theme.ColorNameTinted
}

// who is a short word for a message's author. It is never what the author claims: that could be "You".
func who(m chats.Message) string {
	if m.Outgoing {
		return "You"
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

// rowLayout places picture, name, time, last message and badge.
type rowLayout struct{}

func (rowLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(160, rowHeight) }

func (rowLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	picture, name, when, last, badge := o[0], o[1], o[2], o[3], o[4]
	top := (size.Height - theme.AvatarList) / 2
	picture.Resize(fyne.NewSquareSize(theme.AvatarList))
	picture.Move(fyne.NewPos(theme.Near, top))

	left, right := theme.Near+theme.AvatarList+theme.Near+theme.Grid, size.Width-theme.Near
	whenSize := when.MinSize()
	when.Resize(whenSize)
	when.Move(fyne.NewPos(right-whenSize.Width, top+1))
	place(name, left, top-1, right-whenSize.Width-theme.Near)

	if badge.Visible() {
		badgeSize := badge.MinSize()
		badge.Resize(badgeSize)
		badge.Move(fyne.NewPos(right-badgeSize.Width, top+theme.AvatarList-pillHeight))
		right -= badgeSize.Width + theme.Near
	}
	place(last, left, top+theme.AvatarList-last.MinSize().Height, right)
}

func place(o fyne.CanvasObject, left, top, right float32) {
	o.Resize(fyne.NewSize(max(0, right-left), o.MinSize().Height))
	o.Move(fyne.NewPos(left, top))
}
