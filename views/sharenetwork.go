package views

import (
	"context"
	"image"
	"io"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sotto/services/fault"
	"sotto/services/network"
	"sotto/views/part"
	"sotto/views/task"
	"sotto/views/theme"
)

// shareSheet is what others need to join a network.
type shareSheet struct {
	c     *conversations
	name  string
	text  string // the link
	qr    *part.QR
	link  *part.Span
	known *fyne.Container // what is there once the link is
	say   *part.Complaint
	file  *part.Button
}

// openShare shows the link to a network, and its picture.
func (c *conversations) openShare(name string) {
	s := &shareSheet{c: c, name: name, qr: part.NewQR(linkSide), say: part.NewComplaint(),
		link: part.NewSpan("Just a moment…", theme.ColorNameQuiet, theme.TextSize)}
	s.known = part.Column(container.NewCenter(s.qr), labelled("Link", copyLine(s.link, func() { c.copy(s.text) })))
	s.file = part.NewButton("Save as a file", s.save)
	body := part.Column(part.Text("Whoever has this link can join "+networkName(name)+", and sees the addresses of its nodes."), s.known, s.say)
	var sheet *part.Sheet
	shut := part.Main("Close", func() { sheet.Close() })
	sheet = c.w.sheets.Open("Share "+networkName(name), body, s.file, shut)
	s.load()
	c.w.Focus(shut)
}

// shared is the link to a network and its picture, which a link may be too long for.
type shared struct {
	link string
	qr   image.Image
}

func (s *shareSheet) load() {
	services, name := s.c.w.opt.Services.Network, s.name
	task.Go(s.c.w.runner, func(ctx context.Context) (m shared, err error) {
		if m.link, err = services.Invite(ctx, name); err != nil {
			return m, err
		}
		m.qr, err = services.InviteQR(ctx, name)
		return m, err
	}, func(m shared, err error) {
		s.text = m.link
		s.link.Set(m.link, theme.ColorNameText)
		s.qr.Set(m.qr)
		show(m.link != "", s.known)
		if err != nil {
			s.say.Say(fault.Sentence(err))
		}
	})
}

// save writes the network as a file.
func (s *shareSheet) save() {
	services, name := s.c.w.opt.Services.Network, s.name
	s.c.w.save(fileName(name), func(file io.WriteCloser) {
		if file == nil {
			return
		}
		part.PerformOnly(s.c.w.runner, s.file, "Saving…", s.say, func(ctx context.Context) error {
			err := services.Export(ctx, name, file)
			if shut := file.Close(); shut != nil && err == nil {
				err = fault.Wrap(fault.StorageProblem, "The file could not be written. Choose another place.", shut)
			}
			return err
		}, func() {})
	})
}

// fileName is a network's name as far as every file system takes it.
func fileName(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-':
			return r
		}
		return '-'
	}, name)
	return strings.Trim(name, "-") + "-network.json"
}

// openHost tells how a network is made.
func (c *conversations) openHost() {
	field, say := part.NewField("Name of the network"), part.NewComplaint()
	var create *part.Button
	var sheet *part.Sheet
	create = part.Main("Create", func() {
		name := strings.TrimSpace(field.Text)
		if name == "" {
			say.Say("Write a name.")
			return
		}
		part.PerformOnly(c.w.runner, create, "Creating…", say, func(ctx context.Context) error {
			_, err := c.w.opt.Services.Network.Create(ctx, name)
			return err
		}, func() {
			sheet.Close()
			if c.details != nil {
				c.details.ask()
			}
			c.openShare(name)
		})
	})
	field.OnSubmitted = func(string) { create.OnTapped() }
	sheet = c.w.sheets.Open("Host a network", part.Column(
		part.Text("Start “sottod relay” on a computer that is always on and that others can reach. It prints a link: whoever opens it is in your network."),
		container.NewHBox(part.NewButton("Copy the command", func() { c.copy(relayCommand) })),
		part.Gap(theme.Near),
		part.Heading("Or name what you have"),
		part.Quiet("The nodes that you are connected to now become a network with a link of its own."),
		field, say), nil, create)
	c.w.Focus(field)
}

// relayCommand starts a relay.
const relayCommand = "sottod relay"

// openPresets shows the networks of history.
func (c *conversations) openPresets() {
	list := container.NewVBox()
	var sheet *part.Sheet
	shut := part.Main("Close", func() { sheet.Close() })
	sheet = c.w.sheets.Open("Historic networks", part.Column(
		part.Text("Status ran these networks once. Their nodes went silent, and nothing here connects to them unless you join one."), list), nil, shut)
	c.w.Focus(shut)
	task.Go(c.w.runner, func(ctx context.Context) ([]network.Network, error) {
		return c.w.opt.Services.Network.Presets(ctx), nil
	}, func(presets []network.Network, _ error) {
		for _, n := range presets {
			list.Add(networkFact(n.Name, nodesWords(n.Nodes), part.NewButton("Look", func() { c.w.openLink(n.Link) })))
		}
	})
}

// openConnect asks for the address of a node; done is called when it is remembered.
func (w *Window) openConnect(done func()) {
	field, say := part.NewField("enode://…"), part.NewComplaint()
	var connect *part.Button
	var sheet *part.Sheet
	connect = part.Main("Connect", func() {
		enode := strings.TrimSpace(field.Text)
		part.PerformOnly(w.runner, connect, "Connecting…", say,
			func(ctx context.Context) error { return w.opt.Services.Network.AddPeer(ctx, enode) },
			func() { sheet.Close(); done() })
	})
	w.leadInvites(field, func() { sheet.Close() })
	field.OnSubmitted = func(string) { connect.OnTapped() }
	sheet = w.sheets.Open("Connect to a node", part.Column(
		part.Text("Somebody who runs a node gives you its address."), field, say), nil, connect)
	w.Focus(field)
}
