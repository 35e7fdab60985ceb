package views

import (
	"bytes"
	"io"
	"net/url"
	"strings"
	"testing"

	"sotto/services/invite"
	"sotto/services/network"
	"sotto/views/theme"
	"sotto/views/viewtest"
)

// joinedAcme wants Acme to be joined and its first channel open, ready to be written in.
func joinedAcme(t *testing.T, h *harness) {
	t.Helper()
	h.must("#lobby", "Anyone who knows the name can read")
	if n := h.network.at("Acme"); n == nil || !n.Active {
		t.Errorf("joined are %+v", h.network.joined)
	}
	if h.window.sheets.Depth() != 0 || h.window.main == nil || h.window.main.open != "lobby" || h.canvas.Focused() == nil {
		t.Errorf("%d sheets; the focus is on %T", h.window.sheets.Depth(), h.canvas.Focused())
	}
}

// noChats prepares an open account that is nowhere yet.
func noChats(h *harness) { inLobby(h); h.chats.chats = nil }

func TestNewcomerJoinsTheNetworkInTheClipboard(t *testing.T) {
	h := newHarness(t, theme.Light, func(h *harness) { h.clipboard = " " + acme.Link() + "\n" })
	h.tap("Create account")
	h.tap("Create")
	h.must("The link to this network is in your clipboard.")
	h.tap("Join Acme")
	h.must("Join Acme?", "This is a network of 2 nodes.", "#lobby", "a979fb57… at 192.0.2.7", "relay, boot node", "relay, mailserver")
	if len(h.network.joined) != 0 {
		t.Error("it was joined before anybody said so")
	}
	h.tap("Join")
	joinedAcme(t, h)
}

func TestNewcomerPastesALink(t *testing.T) {
	h := newHarness(t, theme.Light, nil)
	h.tap("Create account")
	h.tap("Create")
	h.mustNot("clipboard")
	h.tap("Join with a link or QR")
	h.tap("Look")
	h.must("Paste a link.")
	whole := acme.Link()
	h.put("sotto:join?…", whole[:len(whole)-9])
	h.tap("Look")
	h.must("cut off")
	h.put("sotto:join?…", strings.Replace(whole, "Acme", "Acne", 1))
	h.tap("Look")
	h.must("mistake")
	h.put("sotto:join?…", "sotto:channel?name=lobby")
	h.tap("Look")
	h.must("This link leads to no network.")
	h.put("sotto:join?…", whole)
	h.tap("Look")
	h.tap("Join")
	joinedAcme(t, h)
}

// What the sheet for networks is given by mistake is opened, once there is where to open it.
func TestOtherLinksInTheSheetForNetworks(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	h.tap("New")
	h.tap("Join a network")
	h.put("sotto:join?…", "sotto:channel?name=garden")
	h.tap("Look")
	h.must("Join a channel", "garden")
}

// A link may be pasted wherever something else is asked for.
func TestLinksArePastedAnywhere(t *testing.T) {
	for name, reach := range map[string]func(h *harness){
		"the channel's field": func(h *harness) { h.tap("New"); h.tap("Join a channel"); h.put("channel-name", acme.Link()) },
		"the contact's field": func(h *harness) { h.tap("New"); h.tap("Add a contact"); h.put("Key or link", acme.Link()) },
		"the search": func(h *harness) {
			h.put("Search  Ctrl+K", acme.Link())
			h.press("Return")
		},
		"the network's sheet": func(h *harness) { h.tap("1 peer"); h.tap("Nodes"); h.put("enode://…", acme.Link()) },
		"a message":           func(h *harness) { h.window.main.openURL(urlOf(h, acme.Link())) },
		"the new-chat sheet": func(h *harness) {
			h.tap("New")
			h.tap("Join a network")
			h.put("sotto:join?…", acme.Link())
			h.tap("Look")
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t, theme.Light, noChats)
			reach(h)
			h.settle()
			h.must("Join Acme?")
			h.tap("Join")
			joinedAcme(t, h)
		})
	}
}

func TestClickedLinkWaitsForUnlock(t *testing.T) {
	h := newHarness(t, theme.Light, func(h *harness) {
		inLobby(h)
		h.chats.chats = nil
		h.account.open = ""
		h.account.list[0].Slots.Keychain = false
	})
	h.window.OpenLink("sotto:join?old")
	h.window.OpenLink(acme.Link())
	h.settle()
	h.mustNot("Join Acme?")
	h.typed("Password", "correct")
	h.press("Return")
	h.must("Join Acme?")
	h.press("Escape")
	h.window.lock()
	h.settle()
	h.typed("Password", "correct")
	h.press("Return")
	h.mustNot("Join Acme?") // it was opened once
	h.window.OpenLink("sotto:join?" + strings.Repeat("x", 20))
	h.settle()
	h.must("This link cannot be opened", "cut off")
}

func TestClickedLinkOfANewcomer(t *testing.T) {
	h := newHarness(t, theme.Light, nil)
	h.window.OpenLink(acme.Link())
	h.settle()
	h.tap("Create account")
	h.tap("Create")
	h.must("Join Acme?")
	h.tap("Join")
	joinedAcme(t, h)
}

func TestInvitesAreSummedUp(t *testing.T) {
	mail, relay := invite.Node{Roles: invite.Mail}, invite.Node{Roles: invite.Relay}
	for want, inv := range map[string]invite.Invite{
		"This is a network of one node. It keeps no messages for those who are away.":              {Nodes: []invite.Node{relay}},
		"This is a network of one node. It keeps messages for those who are away.":                 {Nodes: []invite.Node{mail}},
		"This is a network of 2 nodes. None of them keeps messages for those who are away.":        {Nodes: []invite.Node{relay, relay}},
		"This is a network of 3 nodes. One of them keeps messages for those who are away.":         {Nodes: []invite.Node{relay, mail, relay}},
		"This is a network of 2 nodes. 2 of them keep messages for those who are away. It begins ": {Nodes: []invite.Node{mail, mail}, Channel: "lobby"},
	} {
		if got := inviteSentence(inv); !strings.HasPrefix(got, want) || inv.Channel == "" && got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestJoiningIsRefused(t *testing.T) {
	h := newHarness(t, theme.Light, func(h *harness) { noChats(h); h.network.err = errDisk })
	h.window.openLink(acme.Link())
	h.tap("Join")
	h.must("Join Acme?", "The disk is full.")
	h.network.err = nil
	h.chats.err = errDisk
	h.tap("Join")
	h.must("The channel #lobby cannot be joined", "The disk is full.")
	if h.network.at("Acme") == nil {
		t.Error("the network is not joined")
	}
}

func TestHistoricNetworksAreNamedSo(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	h.tap("1 peer")
	h.tap("Historic networks")
	h.must("Status eth.beta", "nothing here connects to them unless you join one")
	h.tap("Look")
	h.must("Join Status eth.beta?", historicSentence)
	if len(h.network.joined) != 0 {
		t.Error("it was joined by a look")
	}
	h.press("Escape")
	h.window.openLink(acme.Link())
	h.settle()
	h.mustNot(historicSentence)
}

func TestNetworksSwitchAndLeave(t *testing.T) {
	h := newHarness(t, theme.Light, inAcme)
	h.tap("2 peers · Acme")
	h.must("Acme", "Active · 2 nodes, 1 with mail", "Joined 3 November · #lobby", "Hikers of the northern valley", "1 node")
	before := h.button("Switch")
	h.tap("Switch")
	h.must("2 nodes, 1 with mail", "Active · 1 node")
	if n := h.network.at("Acme"); n.Active {
		t.Error("Acme is active still")
	}
	if h.button("Switch") == before {
		t.Error("the active network offers to be switched to")
	}
	h.tap("Leave")
	h.must("Its nodes are let go. Your chats and messages stay")
	h.tap("Stay")
	h.network.err = errDisk
	h.tap("Switch")
	h.must("The disk is full.")
	h.network.err = nil
	for range 2 {
		h.tap("Leave")
		for _, name := range []string{"Acme", "Hikers of the northern valley"} {
			if h.button("Leave "+name) != nil {
				h.tap("Leave " + name)
				break
			}
		}
	}
	h.must("You have joined no network yet.")
}

// What has the keyboard stays the same object while the details are loaded anew.
func TestButtonsOfANetworkStay(t *testing.T) {
	h := newHarness(t, theme.Light, inAcme)
	h.tap("2 peers · Acme")
	share := h.button("Share")
	h.network.mu.Lock()
	h.network.joined[0].Nodes = h.network.joined[0].Nodes[:1]
	h.network.mu.Unlock()
	h.window.main.details.ask()
	h.untilSays("Active · 1 node")
	if h.button("Share") != share {
		t.Error("the button was exchanged for another")
	}
}

// kept is a file that remembers what was written.
type kept struct {
	bytes.Buffer
	closed bool
}

func (k *kept) Close() error { k.closed = true; return nil }

func TestSharingANetwork(t *testing.T) {
	h := newHarness(t, theme.Light, inAcme)
	h.window.main.openShare("Acme")
	h.settle()
	h.must("Share Acme", "Whoever has this link can join Acme", acme.Link())
	h.tap("Copy")
	if h.copied != acme.Link() {
		t.Errorf("copied %q", h.copied)
	}
	file, name := &kept{}, ""
	h.window.save = func(n string, done func(io.WriteCloser)) { name = n; done(file) }
	h.tap("Save as a file")
	if file.String() != "the network Acme" || !file.closed || name != "Acme-network.json" {
		t.Errorf("saved %q as %q", file.String(), name)
	}
	h.network.err = errDisk
	h.window.main.openShare("Acme")
	h.settle()
	h.must("The disk is full.")
}

func TestHosting(t *testing.T) {
	h := newHarness(t, theme.Light, inAcme)
	h.tap("2 peers · Acme")
	h.tap("Host a network")
	h.must("sottod relay")
	h.tap("Copy the command")
	if h.copied != "sottod relay" {
		t.Errorf("copied %q", h.copied)
	}
	h.tap("Create")
	h.must("Write a name.")
	h.typed("Name of the network", "Winter")
	h.tap("Create")
	h.must("Share Winter")
	if n := h.network.at("Winter"); n == nil || !n.Active {
		t.Errorf("joined are %+v", h.network.joined)
	}
}

func TestNodesAndMailservers(t *testing.T) {
	h := newHarness(t, theme.Light, inAcme)
	h.tap("2 peers · Acme")
	h.tap("Nodes")
	h.must("You connected to it · 12 ms · Sotto/0.1.0", "relay, boot node", "31.4 MB in · 940 B out", "2.3 MB in · 88.0 kB out", "mail-01.example.org",
		"Connected · keeps messages for 30 days · answered at 12:30", "Not connected · answered on 19 November", "192.0.2.9 did not answer in time.")
	for _, o := range viewtest.Visible(h.canvas) {
		if check, ok := o.(interface{ SetChecked(bool) }); ok {
			check.SetChecked(true)
		}
	}
	h.typed("enode://…", enode)
	h.tap("Connect")
	if len(h.network.mails) != 1 {
		t.Errorf("mailservers that were added: %v", h.network.mails)
	}
}

func TestWhatIsReceivedAndWhy(t *testing.T) {
	for want, s := range map[string]network.Status{
		"Everything is received, so that nobody learns what you read. When a day has cost 100.0 MB, only what concerns you is.": {Everything: true, Receive: network.ReceiveAutomatic},
		"Everything is received, so that nobody learns what you read. You chose this in the settings.":                          {Everything: true, Receive: network.ReceiveEverything},
		"Only what concerns you is received, and some besides. You chose this in the settings.":                                 {Receive: network.ReceiveConcerning},
		"Today has cost more than 100.0 MB.": {Receive: network.ReceiveAutomatic},
		"Only nodes that you added":          {Receive: network.ReceiveAutomatic, StaticOnly: true},
	} {
		s.Budget = 100_000_000
		if got := received(s); !strings.Contains(got, want) {
			t.Errorf("%+v: %q", s, got)
		}
	}
}

func TestTodaysTrafficAndItsCap(t *testing.T) {
	h := newHarness(t, theme.Light, inAcme)
	h.tap("2 peers · Acme")
	h.tap("Traffic")
	h.must("34.1 MB of 100.0 MB", "For you", "2.4 MB", "29.9 MB", "1.1 MB", "12.0 kB")
	h.tap("Change")
	h.put("Megabytes", "many")
	h.tap("Save")
	h.must("Write a number of megabytes.")
	h.put("Megabytes", "250")
	h.tap("Save")
	h.untilSays("34.1 MB of 250.0 MB")
}

func urlOf(h *harness, text string) *url.URL {
	h.t.Helper()
	to, err := url.Parse(text)
	if err != nil {
		h.t.Fatal(err)
	}
	return to
}
