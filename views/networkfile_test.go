package views

import (
	"io"
	"slices"
	"strings"
	"testing"

	"sotto/services/invite"
	"sotto/views/theme"
)

func TestJoiningWithAPictureOrAFile(t *testing.T) {
	h := newHarness(t, theme.Light, noChats)
	var file io.ReadCloser
	h.window.choose = func(done func(io.ReadCloser)) { done(file) }
	h.window.openLinkSheet("", h.window.landed)
	h.tap("Choose a picture or file") // nothing was chosen
	h.must("Join a network")
	file = pictureOf(h, "no link at all")
	h.tap("Choose a picture or file")
	h.must("That is no link to a network.")
	file = pictureOf(h, acme.Link())
	h.tap("Choose a picture or file")
	h.must("Join Acme?")
	h.press("Escape")
	h.window.openLinkSheet("", h.window.landed)
	file = io.NopCloser(strings.NewReader("sotto:join?x"))
	h.tap("Choose a picture or file")
	h.must("cut off")
	file = io.NopCloser(strings.NewReader(acme.Link()))
	h.tap("Choose a picture or file")
	h.must("Join Acme?", "One of them keeps messages for those who are away.", "#lobby", "relay, mailserver")
	h.mustNot(historicSentence)
	if len(h.network.joined) != 0 {
		t.Error("it was joined by a look")
	}
	h.network.err = errDisk
	h.tap("Join")
	h.must("The disk is full.")
	h.network.err = nil
	h.tap("Join")
	joinedAcme(t, h)
}

func TestJoiningOneOfTheNetworksOfAFile(t *testing.T) {
	h := newHarness(t, theme.Light, noChats)
	h.window.choose = func(done func(io.ReadCloser)) { done(severalNetworks()) }
	h.tap("1 peer")
	h.tap("Join with a link")
	h.tap("Choose a picture or file")
	h.must("Which network?", "There are 3 networks in this file.", "Acme", "2 nodes, 1 with mail", "Status eth.beta", "1 node · historic", "Winter")
	h.press("Return") // Acme is the first
	h.must("Join Acme?")
	h.press("Escape")
	h.must("Which network?")
	h.tapIn("Status eth.beta", "Look")
	h.must("Join Status eth.beta?", historicSentence)
	h.press("Escape")
	if len(h.network.joined) != 0 {
		t.Error("it was joined by a look")
	}
	h.tapIn("Winter", "Look")
	h.must("Join Winter?", "None of them keeps messages")
	h.tap("Join")
	h.must("Winter", "Active · 2 nodes")
	h.mustNot("Which network?")
	if len(h.network.joined) != 1 {
		t.Errorf("joined are %+v", h.network.joined)
	}
}

// severalNetworks is a file with three.
func severalNetworks() io.ReadCloser {
	winter := acme
	winter.Name, winter.Channel, winter.Nodes = "Winter", "", slices.Clone(acme.Nodes)
	winter.Nodes[1].Roles = invite.Relay
	return io.NopCloser(strings.NewReader(acme.Link() + "\n" + historic().Link + "\n" + winter.Link() + "\n"))
}
