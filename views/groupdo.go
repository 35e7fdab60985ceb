package views

import (
	"context"
	"image"
	"strings"

	"fyne.io/fyne/v2/container"

	"sotto/services/fault"
	"sotto/services/groups"
	"sotto/services/qr"
	"sotto/views/message/flow"
	"sotto/views/part"
	"sotto/views/task"
	"sotto/views/theme"
)

// groupQuestion is asked before something about a group that others see at once.
type groupQuestion struct {
	title, text, verb, doing, no string
	harmless                     bool // nothing is destroyed
	call                         func(context.Context) (groups.Group, error)
	done                         func(groups.Group)
}

func (g *grouping) confirm(q groupQuestion) {
	say := part.NewComplaint()
	var sheet *part.Sheet
	yes := part.Danger(q.verb, nil)
	no := part.NewButton(q.no, func() { sheet.Close() })
	if q.harmless {
		yes = part.Main(q.verb, nil)
	}
	yes.OnTapped = func() {
		g.change(yes, q.doing, say, q.call, func(now groups.Group) {
			sheet.Close()
			if q.done != nil {
				q.done(now)
			}
		})
	}
	body := part.Column(part.Text(q.text), say)
	if q.harmless {
		sheet = g.c.w.sheets.Open(q.title, body, nil, no, yes)
		g.c.w.Focus(yes)
		return
	}
	sheet = g.c.w.sheets.Open(q.title, body, yes, no)
	g.c.w.Focus(no)
}

// openLeave asks before a group is left, once it is known whether somebody is its admin then.
func (g *grouping) openLeave(group groups.Group) {
	service := g.service()
	task.Go(g.c.w.runner, func(ctx context.Context) ([]groups.Member, error) { return service.Members(ctx, group.ID) },
		func(members []groups.Member, err error) {
			if err != nil {
				g.c.complain("The group cannot be left", err)
				return
			}
			g.confirmLeave(group, orphaned(members))
		})
}

// orphaned tells whether a group has members and no admin once we left it.
func orphaned(members []groups.Member) bool {
	own, others := false, 0
	for _, m := range members {
		switch admin := m.Role == groups.Admin; {
		case m.You:
			own = admin
		case admin:
			return false
		default:
			others++
		}
	}
	return own && others > 0
}

// confirmLeave asks before a group is left, by name, and says what becomes of it.
func (g *grouping) confirmLeave(group groups.Group, orphan bool) {
	name, service := groupName(group.Name), g.service()
	text := "What is written from then on does not come to you. What was said stays on this computer. The others see that you left, and an admin can invite you again."
	if orphan {
		text = "You are its only admin. When you leave, nobody can add or remove people any more. Make somebody else an admin first if that matters."
	}
	g.confirm(groupQuestion{
		title: "Leave " + name + "?", text: text, verb: "Leave " + flow.Line(name, verbLength), doing: "Leaving…", no: "Stay",
		call: func(ctx context.Context) (groups.Group, error) { return service.Leave(ctx, group.ID) },
		done: func(groups.Group) { g.c.w.sheets.CloseAll(); g.answered(group.ID, false) },
	})
}

// openResign asks before we give up being an admin.
func (g *grouping) openResign(group groups.Group) {
	g.confirm(groupQuestion{
		title: "Give up being an admin?", verb: "Give it up", doing: "Giving it up…", no: "Stay admin",
		text: "You stay in " + groupName(group.Name) + ", but can no longer add or remove people or rename it. Another admin can make you one again.",
		call: func(ctx context.Context) (groups.Group, error) { return g.service().Resign(ctx, group.ID) },
	})
}

// openPromote asks before somebody becomes an admin.
func (g *grouping) openPromote(group groups.Group, m groups.Member) {
	name := memberName(m)
	g.confirm(groupQuestion{
		title: "Make " + name + " an admin?", verb: "Make admin", doing: "Making an admin…", no: "Not now", harmless: true,
		text: name + " can then add and remove people, rename the group and make others admins. Only " + name + " can give that up again.",
		call: func(ctx context.Context) (groups.Group, error) {
			return g.service().Promote(ctx, group.ID, []string{m.Key})
		},
	})
}

// openRemoveMember asks before somebody is taken out, by name.
func (g *grouping) openRemoveMember(group groups.Group, m groups.Member) {
	name := memberName(m)
	g.confirm(groupQuestion{
		title: "Remove " + name + "?", verb: "Remove " + flow.Line(name, verbLength), doing: "Removing…", no: "Keep",
		text: name + " gets nothing that is written from then on, and keeps what came before. Everybody in the group sees that you did this.",
		call: func(ctx context.Context) (groups.Group, error) {
			return g.service().Remove(ctx, group.ID, []string{m.Key})
		},
	})
}

// openRename asks for another name.
func (g *grouping) openRename(group groups.Group) {
	field, say := part.NewField("Name of the group"), part.NewComplaint()
	var sheet *part.Sheet
	save := part.Main("Save", nil)
	save.OnTapped = func() {
		name := strings.TrimSpace(field.Text)
		if name == "" {
			say.Say("Give the group a name.")
			return
		}
		g.change(save, "Saving…", say,
			func(ctx context.Context) (groups.Group, error) { return g.service().Rename(ctx, group.ID, name) },
			func(groups.Group) { sheet.Close() })
	}
	field.OnChanged = func(string) { say.Say("") }
	field.OnSubmitted = func(string) { save.OnTapped() }
	sheet = g.c.w.sheets.Open("Rename the group", part.Column(part.Text("Everybody in the group sees the new name."), field, say), nil, save)
	field.SetText(group.Name)
	g.c.w.Focus(field)
}

// openGroupLink shows the link by which others ask to be let in, and its picture.
func (g *grouping) openGroupLink(group groups.Group) {
	var text string
	say, picture := part.NewComplaint(), part.NewQR(linkSide)
	line := part.NewSpan("Just a moment…", theme.ColorNameQuiet, theme.TextSize)
	known := part.Column(container.NewCenter(picture), labelled("Link", copyLine(line, func() { g.c.copy(text) })))
	body := part.Column(part.Text("Whoever has this link can ask you to be let in. You decide; until then they see nothing of the group."), known, say)
	var sheet *part.Sheet
	shut := part.Main("Close", func() { sheet.Close() })
	sheet = g.c.w.sheets.Open("Link to "+groupName(group.Name), body, nil, shut)
	g.c.w.Focus(shut)
	task.Go(g.c.w.runner, func(ctx context.Context) (m mine, err error) { return groupLink(ctx, g.service(), group.ID) },
		func(m mine, err error) {
			if err != nil {
				known.Hide()
				say.Say(fault.Sentence(err))
				return
			}
			text = m.link
			line.Set(m.link, theme.ColorNameText)
			picture.Set(m.qr)
		})
}

// linkPixels is how large the picture of a group's link is drawn.
const linkPixels = 512

func groupLink(ctx context.Context, service Groups, id string) (m mine, err error) {
	if m.link, err = service.Link(ctx, id); err != nil {
		return m, err
	}
	var picture image.Image
	picture, err = qr.Encode(m.link, linkPixels)
	m.qr = picture
	return m, err
}
