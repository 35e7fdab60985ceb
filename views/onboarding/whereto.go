package onboarding

import (
	"strings"

	"fyne.io/fyne/v2"

	"sotto/services/link"
	"sotto/views/icon"
	"sotto/views/message/flow"
	"sotto/views/part"
	"sotto/views/theme"
)

// Ways is where a newcomer can go; all must be set.
type Ways struct {
	Clipboard string            // text that was copied elsewhere; an invitation to a network is offered
	Link      func(text string) // join a network with a link, which may be given already
	Channel   func()            // join a channel
	Node      func(done func()) // connect to a node; done is called when it is remembered
	Around    func()            // only look
}

// nameLimit is how many characters of a network's name a line shows.
const nameLimit = 60

// WhereTo asks a newcomer where to go.
func WhereTo(stage Stage, ways Ways) {
	connected := part.Quiet("Remembered. Sotto keeps connecting to it.")
	connected.Hide()
	join := part.NewChoice(icon.Link, "Join with a link or QR", "You were given the link to a network, or a picture of it.",
		func() { ways.Link("") })
	channel := part.NewChoice(icon.Channel, "Join a channel", "Whoever knows its name can read it.", ways.Channel)
	node := part.NewChoice(icon.Node, "Connect to a node", "You were given the address of a node.",
		func() { ways.Node(connected.Show) })
	column := part.Column(part.Title("Where to?"))
	first := join
	if name, text := invitation(ways.Clipboard); name != "" {
		first = part.NewChoice(icon.Copy, "Join "+name, "The link to this network is in your clipboard.", func() { ways.Link(text) })
		column.Add(first)
	}
	for _, o := range []fyne.CanvasObject{join, channel, node, connected, part.Gap(theme.Near), part.Link("Only look around", ways.Around)} {
		column.Add(o)
	}
	stage.SetPage("where-to", page(nil, column), first)
}

// invitation is the name of the network that a text invites to, and the link; empty where it is none.
func invitation(text string) (name, url string) {
	to, err := link.Parse(text)
	if err != nil || to.Kind != link.KindJoin {
		return "", ""
	}
	return flow.Line(to.Invite.Name, nameLimit), strings.TrimSpace(text)
}
