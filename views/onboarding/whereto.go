package onboarding

import (
	"context"

	"fyne.io/fyne/v2"

	"sotto/services/chats"
	"sotto/views/part"
	"sotto/views/task"
	"sotto/views/theme"
)

// Places is what "Where to?" can do.
type Places interface {
	JoinPublic(ctx context.Context, name string) (chats.Chat, error)
	AddPeer(ctx context.Context, enode string) error
}

// WhereTo asks a newcomer where to go. joined gets the channel; around is called by who only wants to look.
func WhereTo(stage Stage, r *task.Runner, places Places, joined func(chats.Chat), around func()) {
	node := part.NewField("enode://…")
	connected := part.Quiet("Connected to nobody yet. Somebody who runs a node gives you its address.")
	nodeSay := part.NewComplaint()
	var connect *part.Button
	connect = part.NewButton("Connect", func() {
		enode := node.Text
		part.PerformOnly(r, connect, "Connecting…", nodeSay,
			func(ctx context.Context) error { return places.AddPeer(ctx, enode) },
			func() {
				node.SetText("")
				connected.SetText("Remembered. Sotto keeps connecting to it.")
			})
	})
	node.OnSubmitted = func(string) { connect.OnTapped() }

	name, say := NewChannelField()
	var join *part.Button
	join = part.Main("Join", func() {
		if name.Text == "" {
			say.Say("Write the name of a channel.")
			return
		}
		wanted := name.Text
		part.Perform(r, join, "Joining…", say,
			func(ctx context.Context) (chats.Chat, error) { return places.JoinPublic(ctx, wanted) }, joined)
	})
	name.OnSubmitted = func(string) { join.OnTapped() }
	stage.SetPage("where-to", page(nil,
		part.Title("Where to?"),
		part.Heading("Connect to a node"), connected, node, nodeSay, connect,
		part.Gap(theme.Near),
		part.Heading("Join a channel"), part.Quiet(ChannelHint), name, say, join,
		part.Gap(theme.Near), part.Link("Only look around", around)), fyne.Focusable(node))
}
