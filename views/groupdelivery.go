package views

import (
	"context"
	"fmt"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"sotto/services/chats"
	"sotto/services/fault"
	"sotto/services/groups"
	"sotto/views/icon"
	"sotto/views/message/flow"
	"sotto/views/part"
	"sotto/views/task"
	"sotto/views/theme"
)

// messageItems is what a message's menu offers beside what every message has.
func (c *conversations) messageItems(m chats.Message) []*fyne.MenuItem {
	if m.Outgoing && !m.System && c.chat.Kind == chats.Group && c.groups.service() != nil {
		return []*fyne.MenuItem{fyne.NewMenuItem("Who has it", func() { c.groups.openDelivery(m) })}
	}
	return c.people.authorItems(m)
}

// openDelivery shows who of a group has a message of ours, those first who have not.
func (g *grouping) openDelivery(m chats.Message) {
	var list []groups.Delivery
	say, sum, now := part.NewComplaint(), part.Text("Just a moment…"), g.c.w.opt.Now()
	var sheet *part.Sheet
	rows := newRowList(func() int { return len(list) }, func() fyne.CanvasObject { return newDeliveryRow() },
		func(i int, o fyne.CanvasObject) { o.(*deliveryRow).bind(list[i], now) }, func(int) {})
	rows.most = 6
	rows.Hide()
	shut := part.Main("Close", func() { sheet.Close() })
	sheet = g.c.w.sheets.OpenFilled("Who has it", newFilling(part.Column(sum, say), rows), nil, shut)
	g.c.w.Focus(shut)
	task.Go(g.c.w.runner, func(ctx context.Context) ([]groups.Delivery, error) { return g.service().Delivery(ctx, m.ID) },
		func(got []groups.Delivery, err error) {
			show(err == nil, sum)
			if err != nil {
				say.Say(fault.Sentence(err))
				return
			}
			list = missingFirst(got)
			sum.SetText(deliverySentence(got))
			rows.show()
			g.c.w.sheets.Arrange()
		})
}

// missingFirst puts those first who do not have the message.
func missingFirst(list []groups.Delivery) (sorted []groups.Delivery) {
	for _, has := range []bool{false, true} {
		for _, d := range list {
			if !d.Delivered.IsZero() == has {
				sorted = append(sorted, d)
			}
		}
	}
	return sorted
}

// mostMissing is how many of those who do not have a message are named.
const mostMissing = 3

// deliverySentence sums up who has a message.
func deliverySentence(list []groups.Delivery) string {
	var missing []string
	for _, d := range list {
		if d.Delivered.IsZero() {
			missing = append(missing, deliveryName(d))
		}
	}
	switch n := len(missing); {
	case len(list) == 0:
		return "It went to nobody."
	case n == 0:
		return "Everybody has it."
	case n == len(list):
		return "Nobody has it yet."
	case n <= mostMissing:
		verb := "do"
		if n == 1 {
			verb = "does"
		}
		return namesWords(missing) + " " + verb + " not have it yet."
	default:
		return fmt.Sprintf("%d of %d have it.", len(list)-n, len(list))
	}
}

func deliveryName(d groups.Delivery) string {
	if name := flow.Line(d.Name, calledLength); name != "" {
		return name
	}
	return somebody
}

// deliveryRow is one member to whom a message went.
type deliveryRow struct {
	widget.BaseWidget
	content    fyne.CanvasObject
	key        string
	face       *part.Picture
	name, line *part.Span
	sign       *canvas.Image
}

func newDeliveryRow() *deliveryRow {
	r := &deliveryRow{face: part.NewPicture(theme.AvatarList), name: part.NewSpan("", theme.ColorNameText, theme.TextSize).Bold(),
		line: part.NewSpan("", theme.ColorNameQuiet, theme.SmallSize), sign: canvas.NewImageFromResource(icon.In(icon.Circle, theme.ColorNameQuiet))}
	r.sign.SetMinSize(fyne.NewSquareSize(20))
	r.content = personLine(r.face, r.name, r.line, container.NewCenter(r.sign))
	r.ExtendBaseWidget(r)
	return r
}

// CreateRenderer implements fyne.Widget.
func (r *deliveryRow) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(r.content)
}

func (r *deliveryRow) bind(d groups.Delivery, now time.Time) {
	if r.key != d.Key {
		r.key = d.Key
		r.face.SetKey(d.Key)
	}
	r.name.SetText(deliveryName(d))
	line, sign, colour := "Sent, has not told that it came", icon.Circle, theme.ColorNameQuiet
	switch {
	case !d.Delivered.IsZero():
		line, sign, colour = "Has it since "+pointWords(d.Delivered, now), icon.Tick, theme.ColorNameGood
	case d.Failed:
		line, sign, colour = "Could not be sent", icon.Attention, theme.ColorNameAttention
	case d.Waiting:
		line = "Waits for a connection"
	}
	r.line.SetText(line)
	r.sign.Resource = icon.In(sign, colour)
	r.sign.Refresh()
}
