package views

import (
	"context"
	"fmt"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"sotto/services/network"
	"sotto/views/part"
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
	state   *widget.Label
	wrong   *fyne.Container
	peers   *nodeRows
	traffic *widget.Label
	own     *nodeRows
	enode   *part.Field
	say     *part.Complaint
	connect *part.Button
	cancel  context.CancelFunc
}

func (c *conversations) openNetwork() {
	if c.details != nil {
		return
	}
	n := &networkSheet{c: c, state: part.Text(""), wrong: container.NewVBox(), traffic: part.Quiet(""),
		enode: part.NewField("enode://…"), say: part.NewComplaint()}
	n.peers, n.own = newNodeRows(n, "None."), newNodeRows(n, "Not known yet.")
	n.connect = part.NewButton("Connect", n.add)
	n.enode.OnSubmitted = func(string) { n.add() }
	c.details = n
	form := part.Column(part.Heading("Connect to a node"), n.enode, n.say, container.NewHBox(n.connect))
	body := container.NewVBox(n.state, n.wrong, part.Heading("Peers"), n.peers.box,
		part.Heading("Clock and traffic"), n.traffic, part.Heading("This computer's address"), n.own.box)
	n.sheet = c.w.sheets.Open("Network", part.Column(body, form), nil)
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
	s := n.c.status
	n.state.SetText(standing(s))
	n.complain(n.c.degraded)
	n.peers.show(peerLines(s))
	n.traffic.SetText(clock(s) + "\n" + traffic(s.Traffic))
	n.own.show(ownLine(s))
}

// complain shows what is wrong now, each with its remedy.
func (n *networkSheet) complain(degraded []network.Degraded) {
	n.wrong.RemoveAll()
	for _, d := range degraded {
		if d.Until.IsZero() {
			wrong := part.Text(d.Text)
			wrong.Importance = widget.WarningImportance
			n.wrong.Add(wrong)
			n.wrong.Add(part.Quiet(d.Remedy))
		}
	}
	n.wrong.Hidden = len(n.wrong.Objects) == 0
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

func (n *networkSheet) forget(enode string) {
	part.PerformOnly(n.c.w.runner, n.connect, "Connect", n.say,
		func(ctx context.Context) error { return n.c.w.opt.Services.Network.RemovePeer(ctx, enode) },
		func() { n.c.network.Ask() })
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
