package views

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"sotto/services/chats"
	"sotto/services/groups"
	"sotto/views/icon"
	"sotto/views/message/flow"
	"sotto/views/part"
	"sotto/views/sidebar"
	"sotto/views/theme"
)

// memberRow is one member in the list of a group's page. Pressing it opens what can be done.
type memberRow struct {
	part.Pad
	member     groups.Member
	face       *part.Picture
	name, line *part.Span
	role       *part.Span
	more       *canvas.Image
}

func newMemberRow(menu func(m groups.Member, at fyne.CanvasObject)) *memberRow {
	r := &memberRow{face: part.NewPicture(theme.AvatarList), name: part.NewSpan("", theme.ColorNameText, theme.TextSize).Bold(),
		line: part.NewSpan("", theme.ColorNameQuiet, theme.SmallSize), role: part.NewSpan("", theme.ColorNameQuiet, theme.SmallSize).Bold().Whole(),
		more: canvas.NewImageFromResource(icon.In(icon.More, theme.ColorNameQuiet))}
	r.more.SetMinSize(fyne.NewSquareSize(20))
	end := container.NewHBox(container.NewCenter(r.role), container.NewCenter(r.more))
	r.Fill(r, theme.ColorNameGround, personLine(r.face, r.name, r.line, end), func() { menu(r.member, r.more) })
	return r
}

func (r *memberRow) bind(m groups.Member) {
	if r.member.Key != m.Key {
		r.face.SetKey(m.Key)
	}
	r.member = m
	r.name.SetText(memberName(m))
	setLine(r.line, memberLine(m))
	role := ""
	if m.Role == groups.Admin {
		role = "Admin"
	}
	r.role.SetText(role)
	r.Refresh()
}

// memberName is what a member is called on the group's page.
func memberName(m groups.Member) string {
	if m.You {
		return "You"
	}
	if name := flow.Line(m.Name, calledLength); name != "" {
		return name
	}
	return somebody
}

// memberLine is the second line about a member: whether they answered, else the words of their key.
func memberLine(m groups.Member) string {
	line := ""
	if m.You || m.Name != m.Pseudonym {
		line = m.Pseudonym
	}
	state := ""
	switch {
	case !m.Joined:
		state = "Invited, has not answered"
	case m.Blocked:
		state = "Blocked"
	case line == "" && !m.Contact:
		state = "Not in your contacts"
	}
	if line != "" && state != "" {
		return line + " · " + state
	}
	return line + state
}

// openMenuOfMarked opens the menu of the row on which the keyboard is.
func (p *groupPage) openMenuOfMarked() {
	if i := p.list.marked; i < len(p.shown) {
		p.openMenu(p.shown[i], p.list.at)
	}
}

// openMenu shows what can be done about a member.
func (p *groupPage) openMenu(m groups.Member, at fyne.CanvasObject) {
	p.g.c.menu(at, p.memberItems(m)...)
}

// memberItems is what we may do about a member; what we may not is not there.
func (p *groupPage) memberItems(m groups.Member) (items []*fyne.MenuItem) {
	add := func(label string, f func()) { items = append(items, fyne.NewMenuItem(label, f)) }
	if m.You {
		return p.ownItems()
	}
	person := p.g.c.people.named(m.Key)
	if p.g.c.people.service() != nil {
		add("View profile", func() { p.g.c.people.openProfile(person) })
		if !m.Blocked {
			add(verbAbout("Write to", person), func() { p.g.c.openPrivate(m.Key) })
		}
	}
	if !p.admin() || m.Role == groups.Admin {
		return items
	}
	items = append(items, fyne.NewMenuItemSeparator())
	if m.Joined {
		add("Make admin", func() { p.g.openPromote(p.group, m) })
	}
	add("Remove from the group", func() { p.g.openRemoveMember(p.group, m) })
	return items
}

// ownItems is what we can do about ourselves.
func (p *groupPage) ownItems() (items []*fyne.MenuItem) {
	if !p.group.Joined {
		return nil
	}
	if p.admin() && len(p.adminNames()) > 0 {
		items = append(items, fyne.NewMenuItem("Give up being an admin", func() { p.g.openResign(p.group) }))
	}
	return append(items, fyne.NewMenuItem("Leave group", func() { p.g.openLeave(p.group) }))
}

// groupName is a group's name within a sentence and as a title.
func groupName(name string) string {
	return flow.Line(sidebar.Title(chats.Chat{Kind: chats.Group, Name: name}), calledLength)
}

// momentDay is on which day a group was made.
func momentDay(g groups.Group, now func() time.Time) string {
	switch day := dayWords(g.Created, now()); day {
	case "today", "yesterday":
		return day
	default:
		return "on " + day
	}
}

// items are what can be done with a group as a whole.
func (g *grouping) items(chat chats.Chat) []*fyne.MenuItem {
	if g.service() == nil {
		return nil
	}
	group := groups.Group{ID: chat.ID, Name: chat.Name}
	items := []*fyne.MenuItem{fyne.NewMenuItem("View group", func() { g.openPageOf(chat.ID) })}
	if chat.Member && !chat.Invited {
		if chat.AdminOf {
			group.Role = groups.Admin
			items = append(items, fyne.NewMenuItem("Invite with a link", func() { g.openGroupLink(group) }))
		}
		items = append(items, g.c.historyItems(chat.ID)...)
		return append(items, fyne.NewMenuItemSeparator(), fyne.NewMenuItem("Leave group", func() { g.openLeave(group) }))
	}
	return append(items, g.c.historyItems(chat.ID)...)
}
