package views

import (
	"context"

	"sotto/services/chats"
	"sotto/views/onboarding"
	"sotto/views/part"
)

// openJoin asks for a channel's name; name is what was already typed elsewhere.
func (c *conversations) openJoin(name string) {
	c.w.openChannelSheet(name, func(chat chats.Chat) {
		c.chats.Ask()
		c.openChat(chat.ID)
	})
}

// openChannelSheet asks for a channel's name and hands the channel over. A link to a network that was pasted leads there.
func (w *Window) openChannelSheet(name string, done func(chats.Chat)) {
	field, say := onboarding.NewChannelField()
	var join *part.Button
	var sheet *part.Sheet
	join = part.Main("Join", func() {
		if field.Text == "" {
			say.Say("Write the name of a channel.")
			return
		}
		wanted := field.Text
		part.Perform(w.runner, join, "Joining…", say,
			func(ctx context.Context) (chats.Chat, error) { return w.opt.Services.Chats.JoinPublic(ctx, wanted) },
			func(chat chats.Chat) {
				sheet.Close()
				done(chat)
			})
	})
	w.leadInvites(field, func() { sheet.Close() })
	field.OnSubmitted = func(string) { join.OnTapped() }
	sheet = w.sheets.Open("Join a channel", part.Column(part.Text(onboarding.ChannelHint), field, say), nil, join)
	field.SetText(name)
	w.window.Canvas().Focus(field)
}

// leadInvites lets a field that asks for something else lead to the network, or to the group, whose link is pasted into it.
func (w *Window) leadInvites(field *part.Field, leave func()) {
	changed := field.OnChanged
	field.OnChanged = func(text string) {
		if isInvite(text) && w.landed != nil {
			leave()
			w.openLinkSheet(text, w.landed)
			return
		}
		if to, group := groupIn(text); group && w.main != nil && w.main.groups.service() != nil {
			leave()
			w.main.openGroup(text, to)
			return
		}
		if changed != nil {
			changed(text)
		}
	}
}

// openLeave asks before a channel is left, by name.
func (c *conversations) openLeave(id string) {
	say := part.NewComplaint()
	var leave *part.Button
	var sheet *part.Sheet
	leave = part.Danger("Leave #"+id, func() {
		part.PerformOnly(c.w.runner, leave, "Leaving…", say,
			func(ctx context.Context) error { return c.w.opt.Services.Chats.Leave(ctx, id) },
			func() {
				sheet.Close()
				if c.open == id {
					c.closeChat()
				}
				c.chats.Ask()
			})
	})
	stay := part.NewButton("Stay", func() { sheet.Close() })
	sheet = c.w.sheets.Open("Leave #"+id+"?", part.Column(
		part.Text("Its messages are deleted from this computer. Nobody is told, and you can join again by the same name."), say),
		leave, stay)
}
