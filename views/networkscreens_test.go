package views

import (
	"bytes"
	"context"
	"image/png"
	"io"
	"strings"
	"time"

	"sotto/services/fault"
	"sotto/services/history"
	"sotto/services/invite"
	"sotto/services/network"
	"sotto/services/qr"
	"sotto/views/part"
	"sotto/views/viewtest"
)

// networkScreens are the screens about networks, and about what may be missing.
var networkScreens = []screen{
	{"where-to-invited", func(h *harness) { h.clipboard = acme.Link() }, func(h *harness) { h.tap("Create account"); h.tap("Create") }},
	{"join-network", inLobby, func(h *harness) { h.window.openLinkSheet("", h.window.landed) }},
	{"join-network-wrong", inLobby, func(h *harness) {
		h.window.openLinkSheet("", h.window.landed)
		h.put("sotto:join?…", strings.TrimSuffix(acme.Link(), "a")[:60])
		h.tap("Look")
	}},
	{"invitation", inLobby, func(h *harness) { h.window.openLink(acme.Link()) }},
	{"invitation-historic", inLobby, func(h *harness) { h.window.openLink(historic().Link) }},
	{"narrow-invitation", inLobby, func(h *harness) { h.resize(720, 480); h.window.openLink(largeInvite().Link()) }},
	{"offers", inLobby, func(h *harness) {
		offers, _ := h.network.Offers(context.Background(), severalNetworks())
		h.window.openOffers(offers, h.window.landed)
	}},
	{"networks-none", func(h *harness) { inLobby(h); h.network.status = network.Status{State: network.Connecting} },
		func(h *harness) { h.window.main.openNetwork() }},
	{"networks", inAcme, func(h *harness) { h.tap("2 peers · Acme") }},
	{"networks-degraded", func(h *harness) {
		inAcme(h)
		h.network.status.State, h.network.status.Peers = network.Connecting, nil
		h.network.degraded = []network.Degraded{
			{Name: "no_mailserver", Text: "None of your mailservers answers. What was written while you were away comes later.",
				Remedy: "Wait, or connect to another mailserver."},
			{Name: "no_peers", Text: "None of the nodes you know answers. Tried: 192.0.2.7:30303 (connection refused). What you write is sent later.",
				Remedy: "Wait, or connect to another node."},
		}
	}, func(h *harness) { h.window.main.openNetwork() }},
	{"network-nodes", inAcme, func(h *harness) { h.tap("2 peers · Acme"); h.tap("Nodes") }},
	{"network-nodes-whole", inAcme, func(h *harness) { h.resize(1100, 1100); h.tap("2 peers · Acme"); h.tap("Nodes") }},
	{"network-traffic", inAcme, func(h *harness) { h.tap("2 peers · Acme"); h.tap("Traffic") }},
	{"narrow-networks", inAcme, func(h *harness) { h.resize(720, 480); h.window.main.openNetwork() }},
	{"share-network", inAcme, func(h *harness) { h.window.main.openShare("Acme") }},
	{"host-network", inAcme, func(h *harness) { h.window.main.openHost() }},
	{"leave-network", inAcme, func(h *harness) { h.tap("2 peers · Acme"); h.tap("Leave") }},
	{"historic-networks", inAcme, func(h *harness) { h.window.main.openPresets() }},
	{"budget", inAcme, func(h *harness) { h.tap("2 peers · Acme"); h.tap("Traffic"); h.tap("Change") }},
	{"catching-up", func(h *harness) {
		inAcme(h)
		h.history.progress = history.Progress{Done: 1240, Total: 3012, Server: "mail-01", Running: true}
	}, nil},
	{"narrow-catching-up", func(h *harness) {
		inAcme(h)
		h.history.progress = history.Progress{Done: 1240, Total: 3012, Server: "mail-01", Running: true}
	}, func(h *harness) { h.resize(760, 520) }},
	{"gaps", withGaps, nil},
	{"gaps-asking", withGaps, func(h *harness) { h.window.main.list.SetAsking(true) }},
	{"narrow-gaps", withGaps, func(h *harness) { h.resize(720, 480) }},
	{"history", withGaps, func(h *harness) { h.window.main.catchup.openHistory("lobby") }},
	{"history-complete", func(h *harness) {
		withGaps(h)
		delete(h.history.gaps, "lobby")
		h.history.coverage[0].To = noon.Add(-2 * time.Minute)
	}, func(h *harness) {
		h.window.main.catchup.openHistory("lobby")
	}},
}

// withGaps prepares a channel of which something is missing.
func withGaps(h *harness) {
	inAcme(h)
	for i := range h.chats.messages["lobby"] {
		m := &h.chats.messages["lobby"][i]
		m.Clock = uint64(m.Timestamp.UnixMilli())
	}
	late := h.chats.messages["lobby"][3].Timestamp
	h.history.gaps["lobby"] = []history.Gap{
		{Chat: "lobby", From: noon.AddDate(0, 0, -19), To: noon.AddDate(0, 0, -17), Text: "No mailserver keeps messages for so long."},
		{Chat: "lobby", From: late.Add(-20 * time.Minute), To: late.Add(-10 * time.Minute), Text: "mail-01.example.org is asked for it."},
	}
	h.history.coverage = []history.Coverage{
		{Chat: "lobby", From: noon.AddDate(0, 0, -10), To: late.Add(-20 * time.Minute), Server: mailEnode},
		{Chat: "lobby", From: noon.AddDate(0, 0, -8), To: late.Add(-25 * time.Minute), Server: strings.Replace(mailEnode, "mail-01", "mail-02", 1)},
	}
}

// largeInvite has more nodes than are shown, a long name and a long channel.
func largeInvite() invite.Invite {
	inv := invite.Invite{Name: strings.Repeat("Hikers of the northern valley ", 2) + "and friends", Channel: strings.Repeat("valley-", 6) + "lobby"}
	for i := range 12 {
		inv.Nodes = append(inv.Nodes, invite.Node{Enode: strings.Replace(enode, "192.0.2.7", "192.0.2."+string(rune('1'+i%9))+"1", 1), Roles: invite.Relay})
	}
	return inv
}

// tapIn presses a button of the row that says something.
func (h *harness) tapIn(row, verb string) {
	h.t.Helper()
	seen := false
	for _, o := range viewtest.Visible(h.canvas) {
		if s, ok := o.(*part.Span); ok && s.Text() == row {
			seen = true
		}
		if b, ok := o.(*part.Button); ok && seen && b.Text == verb {
			b.OnTapped()
			h.settle()
			return
		}
	}
	h.t.Fatalf("no row that says %q has a button %q", row, verb)
}

// put replaces what is in a field, as a paste over everything does.
func (h *harness) put(hint, text string) {
	h.t.Helper()
	viewtest.Set(h.t, h.canvas, hint, text)
	h.settle()
}

// pictureOf is a file with the picture of a text.
func pictureOf(h *harness, text string) io.ReadCloser {
	h.t.Helper()
	img, err := qr.Encode(text, 512)
	if err != nil {
		h.t.Fatal(err)
	}
	var file bytes.Buffer
	if err := png.Encode(&file, img); err != nil {
		h.t.Fatal(err)
	}
	return io.NopCloser(&file)
}

var errDisk = fault.New(fault.StorageProblem, "The disk is full.")
