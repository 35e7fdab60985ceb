package views

import (
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"sotto/services/network"
	"sotto/views/part"
	"sotto/views/theme"
	"sotto/views/viewtest"
)

// button is the visible button that says this, nil without one.
func (h *harness) button(verb string) fyne.Focusable {
	for _, o := range viewtest.Visible(h.canvas) {
		if b, ok := o.(*part.Button); ok && b.Text == verb {
			return b
		}
	}
	return nil
}

// What has the keyboard, or is being pressed, stays the same object while the details are loaded anew.
func TestButtonsOfANodeStay(t *testing.T) {
	other := strings.Replace(enode, "a979fb57", "b979fb57", 1)
	h := newHarness(t, theme.Light, inLobby)
	h.tap("1 peer")
	h.tap("Nodes")
	forget, copied := h.button("Forget"), h.button("Copy")
	h.canvas.Focus(forget)
	s := h.network.status
	s.Peers = []network.Peer{{Enode: other}, {Enode: enode, RTT: 34 * time.Millisecond}}
	h.network.set(h.bus, s)
	h.untilSays("34 ms")
	h.must("b979fb57…", "a979fb57…")
	moved := strings.Replace(enode, "192", "193", 1)
	h.network.set(h.bus, network.Status{State: network.Connecting, Known: []string{moved}})
	h.untilSays("193.0.2.7")
	h.mustNot("b979fb57…", "192.0.2.7")
	if h.button("Forget") != forget || h.button("Copy") != copied || h.canvas.Focused() != forget {
		t.Fatal("the buttons were exchanged for others")
	}
	h.press(fyne.KeyReturn)
	h.untilSays("You know no node yet.")
}

// A node with two addresses, and peers that have none yet, have a row each.
func TestNodesWithTheSameID(t *testing.T) {
	h := newHarness(t, theme.Light, inLobby)
	h.tap("1 peer")
	h.tap("Nodes")
	second := strings.Replace(enode, "192", "193", 1)
	h.network.set(h.bus, network.Status{State: network.Connecting, Known: []string{enode, second}})
	h.untilSays("193.0.2.7")
	h.must("192.0.2.7")
	h.tap("Forget")
	h.until(func() bool { return !contains(h.canvas, "193.0.2.7") })
	if !slices.Equal(h.network.Status(t.Context()).Known, []string{enode}) {
		t.Errorf("known are %v", h.network.Status(t.Context()).Known)
	}
}
