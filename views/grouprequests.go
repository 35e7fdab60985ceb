package views

import (
	"context"
	"fmt"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"sotto/services/groups"
	"sotto/views/message/flow"
	"sotto/views/part"
	"sotto/views/theme"
)

const (
	introductionLength = 240 // characters of what somebody says to be let in
	mostAskRows        = 50  // requests shown at once
)

// askRow is a request to be let into a group, with the answers to it.
type askRow struct {
	object fyne.CanvasObject
	asked  groups.Request
}

// askRows are the rows of requests, the same ones as before where kept has them; the names of groups are in them on request.
func (g *grouping) askRows(kept map[string]*askRow, list []groups.Request, named bool) (objects []fyne.CanvasObject) {
	for _, r := range list[:min(len(list), mostAskRows)] {
		id := r.Group + r.Key
		row := kept[id]
		if row == nil || row.asked != r {
			row = g.newAskRow(r, named)
			kept[id] = row
		}
		objects = append(objects, row.object)
	}
	return objects
}

func (g *grouping) newAskRow(r groups.Request, named bool) *askRow {
	now := g.c.w.opt.Now()
	in := " in"
	if named {
		in = " into " + groupName(r.GroupName)
	}
	face, say := part.NewPicture(theme.AvatarList), part.NewComplaint()
	face.SetKey(r.Key)
	name, line := flow.Line(r.Name, calledLength), "Asks to be let"+in+" · "+pointWords(r.At, now)
	answers := buttonRow(nil, g.answerButton(r, "Turn down", "Turning down…", false, say), g.answerButton(r, "Let in", "Letting in…", true, say))
	if r.Mine {
		name, line = "You asked to be let"+in, "Nobody has answered yet · asked "+pointWords(r.At, now)
		back, doing := "Take back", "Taking it back…"
		if r.State == groups.Rejected {
			name, line = "You were not let"+in, "Asked "+pointWords(r.At, now)
			back, doing = "Remove", "Removing…"
		}
		answers = buttonRow(nil, g.answerButton(r, back, doing, false, say))
	}
	head := personLine(face, part.NewSpan(name, theme.ColorNameText, theme.TextSize).Bold(),
		part.NewSpan(line, theme.ColorNameQuiet, theme.SmallSize), nil)
	if !r.Mine && g.c.people.service() != nil {
		head = part.NewTile(theme.ColorNameGround, head, func() { g.c.people.openProfile(g.c.people.named(r.Key)) })
	}
	body := container.New(layout.NewCustomPaddedVBoxLayout(0), head)
	if text := flow.Line(r.Text, introductionLength); text != "" {
		body.Add(container.New(layout.NewCustomPaddedLayout(0, 0, theme.AvatarList+theme.Near, 0), part.Text("“"+text+"”")))
	}
	body.Add(say)
	body.Add(container.New(layout.NewCustomPaddedLayout(0, theme.Near, theme.Near, theme.Near), answers))
	if named {
		return &askRow{object: container.New(layout.NewCustomPaddedLayout(0, 0, theme.Grid, theme.Grid), body), asked: r}
	}
	return &askRow{object: body, asked: r}
}

// answerButton is a button that answers a request, or takes ours back.
func (g *grouping) answerButton(r groups.Request, verb, doing string, let bool, say *part.Complaint) *part.Button {
	b := part.NewButton(verb, nil)
	if let {
		b = part.Main(verb, nil)
	}
	b.OnTapped = func() {
		part.PerformOnly(g.c.w.runner, b, doing, say,
			func(ctx context.Context) error { return g.service().Answer(ctx, r.Group, r.Key, let) },
			func() { g.answeredRequest(r) })
	}
	return b
}

// answeredRequest takes a request away before the list without it was loaded.
func (g *grouping) answeredRequest(answered groups.Request) {
	g.requests = g.without(answered)
	g.c.people.showCount()
	if g.c.listing {
		g.c.people.page.fill()
	}
	if g.page != nil {
		g.page.fillRequests()
	}
	g.changed(answered.Group)
}

// without is the requests but one.
func (g *grouping) without(one groups.Request) []groups.Request {
	return slices.DeleteFunc(slices.Clone(g.requests), func(r groups.Request) bool { return r.Group == one.Group && r.Key == one.Key })
}

// fillRequests shows on a group's page who asks to be let in.
func (p *groupPage) fillRequests() {
	var list []groups.Request
	if p.admin() {
		list = p.g.asking(p.id, false)
	}
	name := "Asking to be let in"
	if len(list) > 0 {
		name += fmt.Sprintf(" (%d)", len(list))
	}
	p.tabs.Rename(1, name)
	show(p.admin(), p.tabs.Tile(1))
	objects := p.g.askRows(p.rows, list, false)
	if len(objects) == 0 {
		objects = []fyne.CanvasObject{p.noAsks}
	}
	if slices.Equal(objects, p.asks.Objects) {
		return
	}
	p.asks.Objects = objects
	p.asks.Refresh()
	p.g.c.w.sheets.Arrange()
}
