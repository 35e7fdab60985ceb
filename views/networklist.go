package views

import (
	"context"
	"fmt"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sotto/services/network"
	"sotto/views/part"
	"sotto/views/theme"
)

// historicSentence says what a network of history is.
const historicSentence = "This network is history: its nodes went silent years ago. Join it only if you know that some answer again."

// networkRows is the list of the networks of this account. A network keeps its row as long as it is shown.
type networkRows struct {
	sheet *networkSheet
	box   *fyne.Container
	rows  map[string]*networkRow // by name
}

func newNetworkRows(n *networkSheet) *networkRows {
	return &networkRows{sheet: n, box: container.NewVBox()}
}

// show gives every network its row.
func (r *networkRows) show(list []network.Network) {
	rows, objects := map[string]*networkRow{}, []fyne.CanvasObject(nil)
	for _, one := range list {
		row := r.rows[one.Name]
		if row == nil {
			row = newNetworkRow(r.sheet, one.Name)
		}
		row.show(one, r.sheet.c.w.opt.Now())
		rows[one.Name], objects = row, append(objects, row.object)
	}
	if len(objects) == 0 {
		objects = []fyne.CanvasObject{part.Text("You have joined no network yet. Somebody who is in one gives you its link.")}
	}
	if len(list) == 0 && len(r.rows) == 0 && len(r.box.Objects) > 0 || slices.Equal(objects, r.box.Objects) {
		return
	}
	r.rows, r.box.Objects = rows, objects
	r.box.Refresh()
}

// networkRow is one network: what it is called, what is known of it, and what can be done with it.
type networkRow struct {
	object             fyne.CanvasObject
	name, line, more   *part.Span
	change, give, quit *part.Button
}

func newNetworkRow(n *networkSheet, name string) *networkRow {
	r := &networkRow{name: part.NewSpan(networkName(name), theme.ColorNameText, theme.TextSize).Bold(),
		line: part.NewSpan("", theme.ColorNameQuiet, theme.SmallSize), more: part.NewSpan("", theme.ColorNameQuiet, theme.SmallSize)}
	r.change = part.NewButton("Switch", nil)
	r.change.OnTapped = func() {
		part.PerformOnly(n.c.w.runner, r.change, "Switching…", n.about,
			func(ctx context.Context) error { return n.c.w.opt.Services.Network.Switch(ctx, name) }, n.ask)
	}
	r.give = part.Link("Share", func() { n.c.openShare(name) })
	r.quit = part.Link("Leave", func() { n.openLeaveNetwork(name) })
	r.object = container.NewBorder(nil, nil, nil, container.NewCenter(container.NewHBox(r.change, r.give, r.quit)),
		part.Inset(theme.Near, container.NewVBox(r.name, r.line, r.more)))
	return r
}

func (r *networkRow) show(n network.Network, now time.Time) {
	first, second := networkLines(n, now)
	r.line.SetText(first)
	r.more.SetText(second)
	show(!n.Active, r.change)
}

// networkLines are what is known of a network.
func networkLines(n network.Network, now time.Time) (first, second string) {
	first, second = nodesWords(n.Nodes), "Joined "+dayWords(n.Joined, now)
	if n.Active {
		first = "Active · " + first
	}
	if n.Historic {
		first += " · historic"
	}
	if n.Channel != "" {
		second += " · #" + n.Channel
	}
	return first, second
}

// nodesWords counts nodes, and those that keep messages.
func nodesWords(nodes []network.NetworkNode) string {
	mail := 0
	for _, n := range nodes {
		if slices.Contains(n.Roles, "mail") {
			mail++
		}
	}
	line := fmt.Sprintf("%d nodes", len(nodes))
	if len(nodes) == 1 {
		line = "1 node"
	}
	if mail > 0 {
		line += fmt.Sprintf(", %d with mail", mail)
	}
	return line
}

// openLeaveNetwork asks before a network is left, by name.
func (n *networkSheet) openLeaveNetwork(name string) {
	say := part.NewComplaint()
	var leave *part.Button
	var sheet *part.Sheet
	leave = part.Danger("Leave "+networkName(name), func() {
		part.PerformOnly(n.c.w.runner, leave, "Leaving…", say,
			func(ctx context.Context) error { return n.c.w.opt.Services.Network.Leave(ctx, name) },
			func() { sheet.Close(); n.ask() })
	})
	sheet = n.c.w.sheets.Open("Leave "+networkName(name)+"?", part.Column(
		part.Text("Its nodes are let go. Your chats and messages stay, and you can join again with its link."), say),
		leave, part.NewButton("Stay", func() { sheet.Close() }))
}
