package views

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"sotto/services/chats"
	"sotto/services/fault"
	"sotto/services/invite"
	"sotto/services/link"
	"sotto/services/network"
	"sotto/services/qr"
	"sotto/views/message/flow"
	"sotto/views/part"
	"sotto/views/task"
)

// linkSheet asks for the link to a network, a picture of it, or a network file.
type linkSheet struct {
	w     *Window
	sheet *part.Sheet
	field *part.Field
	say   *part.Complaint
	look  *part.Button
	file  *part.Button
	done  landing
}

// openLinkSheet asks for a link; a text that is one already goes on to what it says.
func (w *Window) openLinkSheet(text string, done landing) {
	s := &linkSheet{w: w, done: done, field: part.NewField("sotto:join?…"), say: part.NewComplaint()}
	s.look = part.Main("Look", s.read)
	s.file = part.NewButton("Choose a picture or file", s.choose)
	s.field.OnSubmitted = func(string) { s.read() }
	s.field.OnChanged = func(string) { s.say.Say("") }
	body := part.Column(part.Text("Paste the link that you were given, or choose a picture of it or a network file. "+
		"You see where it leads before you join."), s.field)
	if offer := s.offer(text); offer != nil {
		body.Add(offer)
	}
	body.Add(s.say)
	s.sheet = w.sheets.Open("Join a network", body, s.file, s.look)
	w.Focus(s.field)
	if text != "" {
		s.field.SetText(text)
		s.read()
	}
}

// offer is the invitation that the clipboard has; nil without one.
func (s *linkSheet) offer(typed string) fyne.CanvasObject {
	if typed != "" {
		return nil
	}
	text := s.w.clipboard()
	to, err := link.Parse(text)
	if err != nil || to.Kind != link.KindJoin {
		return nil
	}
	use := part.NewButton("Use it", func() { s.field.SetText(strings.TrimSpace(text)); s.read() })
	return container.NewBorder(nil, nil, nil, container.NewCenter(use),
		part.Quiet("In your clipboard: the link to "+networkName(to.Invite.Name)+"."))
}

// read shows where the link in the field leads.
func (s *linkSheet) read() {
	text := strings.TrimSpace(s.field.Text)
	if text == "" {
		s.say.Say("Paste a link.")
		return
	}
	to, err := link.Parse(text)
	switch {
	case fault.CodeOf(err) == fault.BadKey:
		s.say.Say("That is no link to a network. It begins with sotto:join?")
	case err != nil:
		s.say.Say(fault.Sentence(err))
	case to.Kind != link.KindJoin && s.w.main == nil:
		s.say.Say("This link leads to no network. Join one first, then open it.")
	case to.Kind != link.KindJoin:
		s.sheet.Close()
		s.w.openLink(text)
	default:
		s.sheet.Close()
		s.w.openInvite(to.Invite, text, s.done)
	}
}

func (s *linkSheet) choose() {
	s.w.choose(func(file io.ReadCloser) {
		if file != nil {
			s.take(file)
		}
	})
}

// taken is what a file was: a picture of a link, or a file with networks.
type taken struct {
	text   string
	offers []network.Offer
}

// largestFile bounds what is read of a file that somebody chose, in bytes.
const largestFile = 32 << 20

// take reads a file and closes it, and goes on to what is in it. Nothing is joined by choosing a file.
func (s *linkSheet) take(file io.ReadCloser) {
	networks := s.w.opt.Services.Network
	part.Perform(s.w.runner, s.file, "Reading…", s.say, func(ctx context.Context) (taken, error) {
		defer file.Close()
		data, err := io.ReadAll(io.LimitReader(file, largestFile))
		if err != nil {
			return taken{}, fault.Wrap(fault.StorageProblem, "This file cannot be read. Choose it again.", err)
		}
		if isPicture(data) {
			text, err := qr.Decode(bytes.NewReader(data))
			return taken{text: text}, err
		}
		offers, err := networks.Offers(ctx, bytes.NewReader(data))
		return taken{offers: offers}, err
	}, func(t taken) {
		switch {
		case t.text != "":
			s.field.SetText(t.text)
			s.read()
		case len(t.offers) == 1:
			s.sheet.Close()
			s.w.openOffer(t.offers[0], s.done)
		case len(t.offers) > 1:
			s.sheet.Close()
			s.w.openOffers(t.offers, s.done)
		}
	})
}

// isPicture tells a PNG, JPEG or GIF file by its beginning.
func isPicture(data []byte) bool {
	for _, magic := range []string{"\x89PNG", "\xff\xd8\xff", "GIF8"} {
		if bytes.HasPrefix(data, []byte(magic)) {
			return true
		}
	}
	return false
}

// openInvite shows what an invitation says, and asks whether to join. The text has its link.
func (w *Window) openInvite(inv invite.Invite, text string, done landing) {
	old := w.openLook(inv, func(ctx context.Context) (network.Network, error) { return w.opt.Services.Network.Join(ctx, text) }, done)
	task.Go(w.runner, func(ctx context.Context) ([]network.Network, error) { return w.opt.Services.Network.Presets(ctx), nil },
		func(presets []network.Network, _ error) { show(historicNodes(presets, inv), old) })
}

// openLook shows what an invitation says, and asks whether to join, which call does. The result is what says that the network
// is history, hidden at first.
func (w *Window) openLook(inv invite.Invite, call func(context.Context) (network.Network, error), done landing) (old *widget.Label) {
	say := part.NewComplaint()
	old = attention(historicSentence)
	old.Hide()
	body := part.Column(part.Text(inviteSentence(inv)), inviteNodes(inv.Nodes), old,
		part.Quiet("Its nodes see your internet address and when you are online, but not what you write. You can leave at any time."), say)
	var sheet *part.Sheet
	join := part.Main("Join", nil)
	join.OnTapped = func() {
		part.Perform(w.runner, join, "Joining…", say, call,
			func(joined network.Network) { sheet.Close(); w.enterNetwork(joined, done) })
	}
	sheet = w.sheets.Open("Join "+networkName(inv.Name)+"?", body, nil, join)
	w.Focus(join)
	return old
}

// enterNetwork joins the first channel of a network that was joined, and goes on there.
func (w *Window) enterNetwork(joined network.Network, done landing) {
	if joined.Channel == "" {
		done(joined, nil)
		return
	}
	task.Go(w.runner, func(ctx context.Context) (chats.Chat, error) {
		return w.opt.Services.Chats.JoinPublic(ctx, joined.Channel)
	}, func(chat chats.Chat, err error) {
		if err != nil {
			done(joined, nil)
			w.refuse("The channel #"+joined.Channel+" cannot be joined", err)
			return
		}
		done(joined, &chat)
	})
}

// refuse says in a sheet of its own what did not work.
func (w *Window) refuse(title string, err error) {
	var sheet *part.Sheet
	shut := part.Main("Close", func() { sheet.Close() })
	sheet = w.sheets.Open(title, part.Text(fault.Sentence(err)), nil, shut)
	w.Focus(shut)
}

// networkName is a network's name as it may stand in a line.
func networkName(name string) string { return flow.Line(name, networkNameLimit) }

const networkNameLimit = 60

// inviteSentence says how large a network is, whether messages wait there, and where it begins.
func inviteSentence(inv invite.Invite) string {
	mail := 0
	for _, n := range inv.Nodes {
		if n.Roles&invite.Mail != 0 {
			mail++
		}
	}
	var sentence string
	switch n := len(inv.Nodes); {
	case n == 1 && mail == 0:
		sentence = "This is a network of one node. It keeps no messages for those who are away."
	case n == 1:
		sentence = "This is a network of one node. It keeps messages for those who are away."
	case mail == 0:
		sentence = fmt.Sprintf("This is a network of %d nodes. None of them keeps messages for those who are away.", n)
	case mail == 1:
		sentence = fmt.Sprintf("This is a network of %d nodes. One of them keeps messages for those who are away.", n)
	default:
		sentence = fmt.Sprintf("This is a network of %d nodes. %d of them keep messages for those who are away.", n, mail)
	}
	if inv.Channel != "" {
		sentence += " It begins in the channel #" + inv.Channel + ", which anyone who knows the name can read."
	}
	return sentence
}

// shownNodes is how many nodes of an invitation are listed.
const shownNodes = 6

// inviteNodes lists the nodes of an invitation, each with what it does.
func inviteNodes(nodes []invite.Node) fyne.CanvasObject {
	rows := container.NewVBox()
	for _, n := range nodes[:min(len(nodes), shownNodes)] {
		rows.Add(nodeFact(n.Enode, roleWords(rolesOf(n.Roles))))
	}
	if more := len(nodes) - shownNodes; more > 0 {
		rows.Add(part.Quiet(fmt.Sprintf("And %d more.", more)))
	}
	return rows
}

// rolesOf are the roles of an invitation's node, named as the network service does.
func rolesOf(r invite.Role) (names []string) {
	for _, known := range []struct {
		role invite.Role
		name string
	}{{invite.Relay, "relay"}, {invite.Mail, "mail"}, {invite.Boot, "boot"}} {
		if r&known.role != 0 {
			names = append(names, known.name)
		}
	}
	return names
}

// historicNodes tells whether an invitation leads to a network that is only history.
func historicNodes(presets []network.Network, inv invite.Invite) bool {
	known := map[string]bool{}
	for _, p := range presets {
		for _, n := range p.Nodes {
			known[nodeID(n.Enode)] = p.Historic
		}
	}
	for _, n := range inv.Nodes {
		if !known[nodeID(n.Enode)] {
			return false
		}
	}
	return len(inv.Nodes) > 0
}
