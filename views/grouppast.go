package views

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"sotto/views/part"
)

// pastNames are how many of the last messages newcomers are given, as a person reads it.
var pastNames = []struct {
	name string
	last int
}{{"Nothing", 0}, {"20", 20}, {"50", 50}, {"100", 100}}

// pastChoice asks how many of the last messages newcomers are given.
type pastChoice struct {
	object fyne.CanvasObject
	group  *widget.RadioGroup
}

func newPastChoice() *pastChoice {
	c := &pastChoice{group: widget.NewRadioGroup(nil, nil)}
	for _, n := range pastNames {
		c.group.Append(n.name)
	}
	c.group.Horizontal, c.group.Required = true, true
	c.group.SetSelected(pastNames[0].name)
	c.object = container.NewVBox(part.Heading("Hand over the last messages"), c.group,
		part.Quiet("They can then read what was said before they came. Each message bears its author's signature, and says that you handed it over."))
	return c
}

// last is how many were chosen.
func (c *pastChoice) last() int {
	for _, n := range pastNames {
		if n.name == c.group.Selected {
			return n.last
		}
	}
	return 0
}
