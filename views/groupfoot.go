package views

import (
	"context"
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"sotto/services/groups"
	"sotto/views/part"
	"sotto/views/theme"
)

// inGroup is the foot of the open group: the composer for its members, else what comes before or after being one.
func (f *foot) inGroup() footing {
	g, chat := f.c.groups, f.c.chat
	now := footing{key: chat.ID, count: chat.GroupOf}
	switch {
	case g.service() == nil || chat.Member && !chat.Invited:
		return footing{}
	case !chat.Invited:
		now.kind = footOut
		return now
	}
	now.kind = footInvited
	if by := g.open.InvitedBy; by != "" {
		now.by, now.name = by, called(f.c.people.named(by))
	}
	if chat.Request || g.open.Stranger {
		now.kind = footStrangerInvites
	}
	return now
}

// groupContent is that foot.
func (f *foot) groupContent() fyne.CanvasObject {
	switch f.now.kind {
	case footOut:
		return f.panel("You are no longer in this group. What was said stays here.", nil, f.takeOff())
	case footStrangerInvites:
		return f.invitation(
			attention("You do not know "+f.whoInvites()+", who invites you. If you accept, everybody in this group learns your key and can write to you here."),
			f.blockInviter())
	}
	return f.invitation(part.Text(f.invites()), nil)
}

func (f *foot) whoInvites() string {
	if f.now.name == "" {
		return "the person"
	}
	return f.now.name
}

func (f *foot) invites() string {
	who := f.now.name
	if who == "" {
		who = "Somebody"
	}
	if f.now.count > 2 {
		return fmt.Sprintf("%s invites you to this group of %d. If you accept, all of them can write to you here.", who, f.now.count)
	}
	return who + " invites you to this group. Nobody else is in it yet."
}

// invitation is a sentence and the two answers.
func (f *foot) invitation(sentence fyne.CanvasObject, apart *part.Button) fyne.CanvasObject {
	line := container.New(layout.NewCustomPaddedLayout(0, 0, theme.Near, theme.Near), buttonRow(apart, f.decline(), f.join()))
	column := part.Column(sentence, part.Quiet("Until you answer, nothing that is written there comes here. If you decline, the others see that."), line)
	return container.NewVBox(part.NewLine(theme.ColorNameLine), part.Inset(theme.Near, column))
}

// answer is a button that answers the invitation, or ends what was.
func (f *foot) answer(b *part.Button, doing string, call func(context.Context, string) (groups.Group, error), done func(groups.Group)) *part.Button {
	id := f.now.key
	b.OnTapped = func() {
		f.c.groups.change(b, doing, f.c.say,
			func(ctx context.Context) (groups.Group, error) { return call(ctx, id) }, done)
	}
	return b
}

func (f *foot) join() *part.Button {
	return f.answer(part.Main("Accept", nil), "Accepting…", f.c.groups.service().Accept, f.c.groups.joined)
}

// joined goes on with an ordinary chat.
func (g *grouping) joined(now groups.Group) {
	if g.c.open != now.ID {
		return
	}
	g.c.listed = false // it is in another list now, which is on its way
	g.c.sidebar.SetOpen(now.ID)
	g.c.people.showCount()
	g.c.focusComposer(focusTries)
}

func (f *foot) decline() *part.Button {
	request := f.c.chat.Request
	return f.answer(part.NewButton("Decline", nil), "Declining…", f.c.groups.service().Decline, func(now groups.Group) {
		f.c.groups.answered(now.ID, request)
	})
}

func (f *foot) takeOff() *part.Button {
	return f.answer(part.NewButton("Take off the list", nil), "Taking it off…", f.c.groups.service().Leave,
		func(now groups.Group) { f.c.groups.answered(now.ID, false) })
}

// blockInviter offers to block the stranger who invites, once it is known who that is.
func (f *foot) blockInviter() *part.Button {
	if f.now.by == "" || f.c.people.service() == nil {
		return nil
	}
	by := f.now.by
	return part.Link("Block", func() { f.c.people.openBlock(f.c.people.named(by)) })
}
