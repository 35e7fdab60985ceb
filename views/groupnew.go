package views

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"

	"sotto/services/groups"
	"sotto/views/part"
	"sotto/views/theme"
)

// openPicker opens a sheet in which people are chosen, with what is asked before and after that.
func (g *grouping) openPicker(title string, k *picker, before, after []fyne.CanvasObject, button *part.Button) *part.Sheet {
	top := part.Column(append(before, k.search)...)
	foot := part.Column(append([]fyne.CanvasObject{part.Inset(theme.Grid, k.line)}, after...)...)
	sheet := g.c.w.sheets.OpenFilled(title, newFilling(top, k.object, foot), nil, button)
	k.add = func() { sheet.Close(); g.c.openAdd("") }
	sheet.OnClose = func() {
		if g.picker == k {
			g.picker = nil
		}
	}
	g.picker = k
	k.fill()
	g.c.people.load()
	return sheet
}

// openNewGroup asks for a group's name and who is in it.
func (c *conversations) openNewGroup() {
	g, name, say := c.groups, part.NewField("Name of the group"), part.NewComplaint()
	k := newPicker(c.people, nil)
	k.none = "Nobody chosen yet. You can add people later, too."
	var sheet *part.Sheet
	create := part.Main("Create", nil)
	create.OnTapped = func() {
		title, members := strings.TrimSpace(name.Text), k.keys()
		if title == "" {
			say.Say("Give the group a name.")
			c.w.Focus(name)
			return
		}
		g.change(create, "Creating…", say,
			func(ctx context.Context) (groups.Group, error) { return g.service().Create(ctx, title, members) },
			func(now groups.Group) { sheet.Close(); c.openChat(now.ID) })
	}
	name.OnChanged = func(string) { say.Say("") }
	name.OnSubmitted = func(string) { create.OnTapped() }
	c.w.leadInvites(name, func() { sheet.Close() })
	intro := part.Text("Only the people in it can read a group. You invite them, and each decides whether to join.")
	sheet = g.openPicker("New group", k, []fyne.CanvasObject{intro, name}, []fyne.CanvasObject{say}, create)
	c.w.Focus(name)
}

// openAddMembers asks whom to invite into a group, and what they are given of what was said before.
func (p *groupPage) openAddMembers() {
	g, say, id := p.g, part.NewComplaint(), p.id
	skip := map[string]bool{}
	for _, m := range p.members {
		skip[m.Key] = true
	}
	k := newPicker(g.c.people, skip)
	k.none, k.full = "Nobody chosen yet.", "All your contacts are in this group."
	past := newPastChoice()
	var sheet *part.Sheet
	add := part.Main("Invite", nil)
	add.OnTapped = func() {
		members, last := k.keys(), past.last()
		if len(members) == 0 {
			say.Say("Choose somebody first.")
			return
		}
		g.change(add, "Inviting…", say,
			func(ctx context.Context) (groups.Group, error) { return g.service().Add(ctx, id, members, last) },
			func(groups.Group) { sheet.Close() })
	}
	sheet = g.openPicker("Add members", k, nil, []fyne.CanvasObject{past.object, say}, add)
	g.c.w.Focus(k.search)
}
