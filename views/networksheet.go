package views

import (
	"context"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"sotto/services/history"
	"sotto/services/network"
	"sotto/views/part"
	"sotto/views/task"
)

// refreshEvery is how often open details are loaded anew: traffic has no events.
const refreshEvery = 2 * time.Second

func (c *conversations) queryNetwork(ctx context.Context) (networkNow, error) {
	return networkNow{c.w.opt.Services.Network.Status(ctx), c.w.opt.Services.Network.Degraded()}, nil
}

func (c *conversations) showNetwork(n networkNow) {
	c.status, c.degraded = n.status, n.degraded
	c.sidebar.SetNetwork(n.status, n.degraded)
	c.sayProgress()
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
	joined  *networkRows
	peers   *nodeRows
	servers *serverRows
	traffic *trafficPage
	own     *nodeRows
	enode   *part.Field
	mail    *widget.Check // the node that is added keeps messages
	static  *staticOnly
	about   *part.Complaint // networks
	say     *part.Complaint // nodes
	connect *part.Button
	more    *task.Latest[networkMore]
}

// networkMore is what only open details show.
type networkMore struct {
	networks []network.Network
	servers  []history.Server
}

func (c *conversations) queryMore(ctx context.Context) (m networkMore, err error) {
	if m.networks, err = c.w.opt.Services.Network.Networks(ctx); err != nil || c.w.opt.Services.History == nil {
		return m, err
	}
	m.servers, err = c.w.opt.Services.History.Servers(ctx)
	return m, err
}

func (c *conversations) openNetwork() {
	if c.details != nil {
		return
	}
	n := &networkSheet{c: c, state: part.Text(""), wrong: container.NewVBox(), about: part.NewComplaint(), say: part.NewComplaint()}
	c.details = n
	n.joined, n.servers, n.traffic = newNetworkRows(n), newServerRows(), newTrafficPage(n)
	n.static = newStaticOnly(n)
	n.peers, n.own = newNodeRows(n, "None."), newNodeRows(n, "Not known yet.")
	n.more = task.NewLatest(c.w.runner, c.queryMore, func(m networkMore, err error) { n.showMore(m, err) })
	tabs := part.NewTabs([]string{"Networks", "Nodes", "Traffic"}, []fyne.CanvasObject{n.networksPage(), n.nodesPage(), n.traffic.object})
	n.sheet = c.w.sheets.Open("Network", container.NewVBox(n.state, n.wrong, tabs.Object), nil)
	ctx, cancel := context.WithCancel(context.Background())
	n.sheet.OnClose = func() { cancel(); c.details = nil }
	c.w.runner.Watch(func(window context.Context) { n.tick(window, ctx) })
	n.fill()
	n.ask()
}

// networksPage is what this account joined, and the ways to more.
func (n *networkSheet) networksPage() fyne.CanvasObject {
	w := n.c.w
	ways := container.NewHBox(
		part.NewButton("Join with a link", func() { w.openLinkSheet("", n.c.landed) }),
		part.NewButton("Host a network", n.c.openHost))
	old := container.NewHBox(part.Link("Historic networks", n.c.openPresets))
	return part.Column(n.joined.box, n.about, ways, old)
}

// nodesPage is who is connected, who keeps messages, and a form for more of them.
func (n *networkSheet) nodesPage() fyne.CanvasObject {
	n.enode, n.connect = part.NewField("enode://…"), part.NewButton("Connect", n.add)
	n.mail = widget.NewCheck("It keeps messages for those who are away", nil)
	n.enode.OnSubmitted = func(string) { n.add() }
	n.c.w.leadInvites(n.enode, func() {})
	form := part.Column(part.Heading("Connect to a node"), n.enode, n.mail, n.say, container.NewHBox(n.connect))
	return part.Column(section("Peers", n.peers.box), section("Mailservers", n.servers.box), form,
		section("Finding nodes", n.static.object), section("This computer's address", n.own.box))
}

// section is an object under a heading.
func section(name string, o fyne.CanvasObject) fyne.CanvasObject {
	return container.NewVBox(part.Heading(name), o)
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
					n.ask()
				}
			})
		}
	}
}

func (n *networkSheet) ask() {
	n.c.network.Ask()
	n.more.Ask()
}

func (n *networkSheet) add() {
	enode, mail, services := strings.TrimSpace(n.enode.Text), n.mail.Checked, n.c.w.opt.Services.Network
	part.PerformOnly(n.c.w.runner, n.connect, "Connecting…", n.say, func(ctx context.Context) error {
		if mail {
			return services.AddMailserver(ctx, enode)
		}
		return services.AddPeer(ctx, enode)
	}, func() { n.enode.SetText(""); n.mail.SetChecked(false); n.ask() })
}

// fill shows what is known now.
func (n *networkSheet) fill() {
	s := n.c.status
	n.state.SetText(standing(s))
	n.complain(n.c.degraded)
	n.peers.show(peerLines(s))
	n.traffic.show(s)
	n.static.show(s.StaticOnly)
	n.own.show(ownLine(s))
}

// showMore shows what was asked for besides.
func (n *networkSheet) showMore(m networkMore, err error) {
	if n.c.details != n || err != nil {
		return
	}
	n.joined.show(m.networks)
	n.servers.show(serverFacts(m.servers, n.c.w.opt.Now()))
}

// complain shows what is wrong now, each with its remedy.
func (n *networkSheet) complain(degraded []network.Degraded) {
	n.wrong.RemoveAll()
	for _, d := range degraded {
		if d.Until.IsZero() {
			n.wrong.Add(attention(d.Text))
			n.wrong.Add(part.Quiet(d.Remedy))
		}
	}
	n.wrong.Hidden = len(n.wrong.Objects) == 0
}

// attention is a paragraph about something that does not work as it should.
func attention(text string) *widget.Label {
	l := part.Text(text)
	l.Importance = widget.WarningImportance
	return l
}

func (n *networkSheet) forget(enode string) {
	part.PerformOnly(n.c.w.runner, n.connect, "Connect", n.say,
		func(ctx context.Context) error { return n.c.w.opt.Services.Network.RemovePeer(ctx, enode) },
		func() { n.ask() })
}
