package views

import (
	"testing"

	"fyne.io/fyne/v2/widget"

	"sotto/views/theme"
	"sotto/views/viewtest"
)

func TestOnlyNodesThatAreKnown(t *testing.T) {
	h := newHarness(t, theme.Light, inAcme)
	check := func() *widget.Check {
		for _, o := range viewtest.Visible(h.canvas) {
			if c, ok := o.(*widget.Check); ok && c.Text == staticName {
				return c
			}
		}
		t.Fatal("there is no check")
		return nil
	}
	h.tap("2 peers · Acme")
	h.tap("Nodes")
	h.must(staticHint)
	if check().Checked {
		t.Error("checked at first")
	}
	h.network.hold = make(chan struct{})
	check().SetChecked(true)
	h.queue.Drain() // the window waits for nobody
	h.window.main.details.fill()
	check().SetChecked(false) // too early
	if !check().Checked {
		t.Error("what was pressed springs back before it is saved")
	}
	h.network.hold <- struct{}{}
	h.settle()
	if !h.network.Status(t.Context()).StaticOnly || !check().Checked {
		t.Error("it does not hold")
	}
	h.tap("Traffic")
	h.must("Only nodes that you added")
	h.tap("Nodes")
	close(h.network.hold)
	h.network.err = errDisk
	check().SetChecked(false)
	h.settle()
	h.must("The disk is full.")
	if !h.network.Status(t.Context()).StaticOnly || !check().Checked {
		t.Error("a refused change is shown")
	}
	h.network.err = nil
	check().SetChecked(false)
	h.settle()
	h.mustNot("The disk is full.")
	if h.network.Status(t.Context()).StaticOnly || check().Checked {
		t.Error("it cannot be taken back")
	}
	s := h.network.Status(t.Context())
	s.StaticOnly = true
	h.network.set(h.bus, s) // another program
	h.until(func() bool { return check().Checked })
}
