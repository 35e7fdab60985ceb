package views

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"sotto/services/network"
	"sotto/views/icon"
	"sotto/views/part"
	"sotto/views/theme"
)

// refreshEvery is how often open details are loaded anew: traffic has no events.
const refreshEvery = 2 * time.Second

func (c *conversations) queryNetwork(ctx context.Context) (networkNow, error) {
	return networkNow{c.w.opt.Services.Network.Status(ctx), c.w.opt.Services.Network.Degraded()}, nil
}

func (c *conversations) showNetwork(n networkNow) {
	c.status, c.degraded = n.status, n.degraded
	c.sidebar.SetNetwork(n.status, n.degraded)
	if c.details != nil {
		c.details.fill()
	}
}

// networkSheet shows the network's details as long as it is open.
type networkSheet struct {
	c       *conversations
	sheet   *part.Sheet
	body    *fyne.Container
	enode   *part.Field
	say     *part.Complaint
	connect *widget.Button
	cancel  context.CancelFunc
}

func (c *conversations) openNetwork() {
	if c.details != nil {
		return
	}
	n := &networkSheet{c: c, body: container.NewVBox(), enode: part.NewField("enode://…"), say: part.NewComplaint()}
	n.connect = widget.NewButton("Connect", n.add)
	n.enode.OnSubmitted = func(string) { n.add() }
	c.details = n
	form := part.Column(part.Heading("Connect to a node"), n.enode, n.say, container.NewHBox(n.connect))
	n.sheet = c.w.sheets.Open("Network", part.Column(n.body, form), nil)
	ctx, cancel := context.WithCancel(context.Background())
	n.cancel = cancel
	n.sheet.OnClose = func() { cancel(); c.details = nil }
	c.w.runner.Watch(func(window context.Context) { n.tick(window, ctx) })
	n.fill()
	c.w.window.Canvas().Focus(n.enode)
	c.network.Ask()
}

// tick asks for the network's state until the sheet or the window is closed.
func (n *networkSheet) tick(window, sheet context.Context) {
	ticker := time.NewTicker(refreshEvery)
	defer ticker.Stop()
	for {
		select {
		case <-window.Done():
			return
		case <-sheet.Done():
			return
		case <-ticker.C:
			n.c.w.runner.Post(func() {
				if n.c.details == n {
					n.c.network.Ask()
				}
			})
		}
	}
}

func (n *networkSheet) add() {
	enode := strings.TrimSpace(n.enode.Text)
	part.PerformOnly(n.c.w.runner, n.connect, "Connecting…", n.say,
		func(ctx context.Context) error { return n.c.w.opt.Services.Network.AddPeer(ctx, enode) },
		func() { n.enode.SetText(""); n.c.network.Ask() })
}

// fill shows what is known now.
func (n *networkSheet) fill() {
	s, degraded := n.c.status, n.c.degraded
	n.body.RemoveAll()
	n.body.Add(part.Text(standing(s)))
	for _, d := range degraded {
		if d.Until.IsZero() {
			wrong := part.Text(d.Text)
			wrong.Importance = widget.WarningImportance
			n.body.Add(wrong)
			n.body.Add(part.Quiet(d.Remedy))
		}
	}
	n.body.Add(part.Heading("Peers"))
	n.peers(s)
	n.body.Add(part.Heading("Clock and traffic"))
	n.body.Add(part.Quiet(clock(s) + "\n" + traffic(s.Traffic)))
	n.body.Add(part.Heading("This computer's address"))
	n.own(s)
}

// standing is the network's state as a sentence.
func standing(s network.Status) string {
	switch {
	case s.State == network.Online && len(s.Peers) == 1:
		return "You are connected to one peer."
	case s.State == network.Online:
		return fmt.Sprintf("You are connected to %d peers.", len(s.Peers))
	case s.State == network.Connecting && len(s.Known) == 0:
		return "You know no node yet. Somebody who runs one gives you its address."
	case s.State == network.Connecting:
		return "Connecting. Messages that you write now are sent when a peer answers."
	default:
		return "There is no way out of this computer. Messages that you write now are sent when there is one."
	}
}

func (n *networkSheet) peers(s network.Status) {
	connected := map[string]bool{}
	for _, p := range s.Peers {
		connected[nodeID(p.Enode)] = true
		n.body.Add(n.node(p.Enode, peerLine(p), slices.Contains(s.Known, p.Enode)))
	}
	for _, enode := range s.Known {
		if !connected[nodeID(enode)] {
			n.body.Add(n.node(enode, "Not connected; tried again and again", true))
		}
	}
	if len(s.Peers)+len(s.Known) == 0 {
		n.body.Add(part.Quiet("None."))
	}
}

// node is one line: the address shortened, what is known of it, and what can be done with it.
func (n *networkSheet) node(enode, line string, known bool) fyne.CanvasObject {
	actions := container.NewHBox(n.copyButton(enode))
	if known {
		actions.Add(part.Link("Forget", func() { n.forget(enode) }))
	}
	words := container.NewVBox(part.NewSpan(shortEnode(enode), theme.ColorNameText, theme.TextSize),
		part.NewSpan(line, theme.ColorNameQuiet, theme.SmallSize))
	return container.NewBorder(nil, nil, nil, actions, part.Inset(theme.Near, words))
}

func (n *networkSheet) forget(enode string) {
	part.PerformOnly(n.c.w.runner, n.connect, "Connect", n.say,
		func(ctx context.Context) error { return n.c.w.opt.Services.Network.RemovePeer(ctx, enode) },
		func() { n.c.network.Ask() })
}

func (n *networkSheet) own(s network.Status) {
	if s.Enode == "" {
		n.body.Add(part.Quiet("Not known yet."))
		return
	}
	n.body.Add(n.node(s.Enode, "Others may connect to you with it", false))
}

func (n *networkSheet) copyButton(text string) *widget.Button {
	b := widget.NewButtonWithIcon("Copy", icon.Of(icon.Copy), func() { n.c.copy(text) })
	b.Importance = widget.LowImportance
	return b
}

func peerLine(p network.Peer) string {
	line := "You connected to it"
	if p.Inbound {
		line = "It connected to you"
	}
	if p.RTT > 0 {
		line += fmt.Sprintf(" · %d ms", p.RTT.Milliseconds())
	}
	if p.Name != "" {
		line += " · " + p.Name
	}
	return line
}

// nodeID is the part of an enode URL that names the node, whatever address it has.
func nodeID(enode string) string {
	id, _, _ := strings.Cut(strings.TrimPrefix(enode, "enode://"), "@")
	return id
}

// shortEnode keeps the beginning of the node's key and its address.
func shortEnode(enode string) string {
	id := nodeID(enode)
	_, address, _ := strings.Cut(enode, "@")
	address, _, _ = strings.Cut(address, "?")
	return id[:min(8, len(id))] + "… at " + address
}

func clock(s network.Status) string {
	switch off := s.ClockOffset.Round(time.Second); {
	case len(s.Peers) == 0:
		return "There is no peer yet to compare your clock with."
	case off > 0:
		return "Your clock is " + span(off) + " behind your peers'."
	case off < 0:
		return "Your clock is " + span(-off) + " ahead of your peers'."
	default:
		return "Your clock agrees with your peers', as far as they tell."
	}
}

// span is a duration in words.
func span(d time.Duration) string {
	switch {
	case d == time.Second:
		return "one second"
	case d < 2*time.Minute:
		return fmt.Sprintf("%d seconds", int(d.Seconds()))
	default:
		return fmt.Sprintf("%d minutes", int(d.Minutes()))
	}
}

func traffic(t network.Traffic) string {
	in := t.Useful + t.Duplicate + t.Unwanted + t.Refused
	return fmt.Sprintf("Since the start %s in and %s out. Of what came in, %s was for you, %s passed through, %s came twice, %s was refused.",
		bytes(in), bytes(t.Out), bytes(t.Useful), bytes(t.Unwanted), bytes(t.Duplicate), bytes(t.Refused))
}

func bytes(n uint64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 1_000_000:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	default:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
}
