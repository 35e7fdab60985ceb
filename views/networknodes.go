package views

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"sotto/services/network"
	"sotto/views/icon"
	"sotto/views/part"
	"sotto/views/theme"
)

// nodeLine is what is told of a node.
type nodeLine struct {
	enode, line string
	roles       string // what it does; may be empty
	traffic     string // may be empty
	known       bool   // it can be forgotten
}

func peerLines(s network.Status) []nodeLine {
	var lines []nodeLine
	connected := map[string]bool{}
	for _, p := range s.Peers {
		connected[nodeID(p.Enode)] = true
		lines = append(lines, nodeLine{p.Enode, peerLine(p), roleWords(p.Roles), peerTraffic(p), slices.Contains(s.Known, p.Enode)})
	}
	for _, enode := range s.Known {
		if !connected[nodeID(enode)] {
			lines = append(lines, nodeLine{enode: enode, line: "Not connected; tried again and again", known: true})
		}
	}
	return lines
}

func ownLine(s network.Status) []nodeLine {
	if s.Enode == "" {
		return nil
	}
	return []nodeLine{{enode: s.Enode, line: "Others may connect to you with it"}}
}

// nodeRows is a list of nodes. A node keeps its row as long as it is shown: a button that has the keyboard, or is being
// pressed, must not be exchanged for another while the details are loaded anew.
type nodeRows struct {
	sheet *networkSheet
	box   *fyne.Container
	none  *widget.Label
	rows  map[string]*nodeRow // by node id
}

func newNodeRows(n *networkSheet, none string) *nodeRows {
	return &nodeRows{sheet: n, box: container.NewVBox(), none: part.Quiet(none)}
}

// show gives every node its row, an old one where it had one.
func (r *nodeRows) show(lines []nodeLine) {
	rows, objects := map[string]*nodeRow{}, []fyne.CanvasObject(nil)
	for _, l := range lines {
		id := nodeID(l.enode)
		for rows[id] != nil { // a node that is known by two addresses
			id += "+"
		}
		row := r.rows[id]
		if row == nil {
			row = newNodeRow(r.sheet)
		}
		row.show(l)
		rows[id], objects = row, append(objects, row.object)
	}
	if len(objects) == 0 {
		objects = []fyne.CanvasObject{r.none}
	}
	r.rows = rows
	if !slices.Equal(objects, r.box.Objects) {
		r.box.Objects = objects
		r.box.Refresh()
	}
}

// nodeRow is one node: the address shortened, what is known of it, and what can be done with it.
type nodeRow struct {
	object                        fyne.CanvasObject
	address, line, roles, traffic *part.Span
	forget                        *part.Button
	enode                         string
}

func newNodeRow(n *networkSheet) *nodeRow {
	r := &nodeRow{
		address: part.NewSpan("", theme.ColorNameText, theme.TextSize),
		line:    part.NewSpan("", theme.ColorNameQuiet, theme.SmallSize),
		roles:   part.NewSpan("", theme.ColorNameQuiet, theme.SmallSize),
		traffic: part.NewSpan("", theme.ColorNameQuiet, theme.SmallSize),
	}
	copied := part.NewIconButton("Copy", icon.Of(icon.Copy), func() { n.c.copy(r.enode) })
	copied.Importance = widget.LowImportance
	r.forget = part.Link("Forget", func() { n.forget(r.enode) })
	r.object = container.NewBorder(nil, nil, nil, container.NewCenter(container.NewHBox(copied, r.forget)),
		part.Inset(theme.Near, container.NewVBox(r.address, r.roles, r.line, r.traffic)))
	return r
}

func (r *nodeRow) show(l nodeLine) {
	r.enode = l.enode
	r.address.SetText(shortEnode(l.enode))
	r.line.SetText(l.line)
	r.roles.SetText(l.roles)
	r.traffic.SetText(l.traffic)
	show(l.roles != "", r.roles)
	show(l.traffic != "", r.traffic)
	show(l.known, r.forget)
}
