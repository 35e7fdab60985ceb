package views

import (
	"context"
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"sotto/services/fault"
	"sotto/services/groups"
	"sotto/views/part"
	"sotto/views/task"
)

// searchFrom is from how many members on a group's page has a search.
const searchFrom = 8

// groupPage tells of a group: who is in it, who may do what, and who asks to be let in.
type groupPage struct {
	g       *grouping
	id      string
	sheet   *part.Sheet
	load    *task.Latest[groupFacts]
	loaded  bool
	group   groups.Group
	members []groups.Member
	shown   []groups.Member

	tabs   *part.Tabs
	line   *widget.Label
	ways   *fyne.Container // what can be done with the group
	rule   *widget.Label   // who may do what else
	asks   *fyne.Container // who asks to be let in
	rows   map[string]*askRow
	noAsks fyne.CanvasObject // nobody does
	search *part.Field
	list   *rowList
	nobody *widget.Label // nobody is called so
	say    *part.Complaint
	again  *part.Button
	leave  *part.Button
}

// groupFacts is what a group's page shows.
type groupFacts struct {
	group   groups.Group
	members []groups.Member
}

// openPage shows the page of the open group.
func (g *grouping) openPage() { g.openPageOf(g.c.open) }

// openPageOf shows the page of a group.
func (g *grouping) openPageOf(id string) {
	if g.service() == nil || g.page != nil {
		return
	}
	p := &groupPage{g: g, id: id, ways: container.NewHBox(), rule: part.Quiet(""), line: part.Quiet(""), asks: container.NewVBox(),
		rows: map[string]*askRow{}, search: part.NewField("Search"), nobody: part.Text("Nobody in this group is called so."), say: part.NewComplaint()}
	p.list = newRowList(func() int { return len(p.shown) }, func() fyne.CanvasObject { return newMemberRow(p.openMenu) },
		func(i int, o fyne.CanvasObject) { o.(*memberRow).bind(p.shown[i]) }, func(int) { p.openMenuOfMarked() })
	p.noAsks = part.Text("Nobody asks to be let in. Whoever has the group's link can.")
	p.search.OnChanged = func(string) { p.fillMembers() }
	p.again = part.NewButton("Try again", func() { p.load.Ask() })
	p.leave = part.Link("Leave group", func() { g.openLeave(p.group) })
	p.load = task.NewLatest(g.c.w.runner, p.query, p.show)
	chat := g.c.known(id)
	p.group = groups.Group{ID: id, Name: chat.Name, Members: chat.GroupOf}
	shut := part.Main("Close", func() { p.sheet.Close() })
	p.sheet = g.c.w.sheets.OpenFilled(groupName(chat.Name), p.body(), p.leave, shut)
	p.sheet.OnClose = func() { g.page = nil }
	g.page = p
	show(false, p.search, p.nobody, p.rule, p.ways, p.leave, p.again, p.tabs.Tile(1))
	p.fillHead()
	p.load.Ask()
	g.c.w.Focus(shut)
}

// body is what the page is made of: the members, and beside them who asks to be let in.
func (p *groupPage) body() fyne.CanvasObject {
	members := newFilling(p.search, container.NewStack(p.list, p.nobody))
	p.tabs = part.NewTabs([]string{"Members", "Asking to be let in"}, []fyne.CanvasObject{members, newUpTo(p.asks)})
	return newFilling(part.Column(p.line, p.ways, p.rule, p.say, container.NewHBox(p.again)), p.tabs.Object)
}

func (p *groupPage) query(ctx context.Context) (f groupFacts, err error) {
	if f.group, err = p.g.service().Get(ctx, p.id); err != nil {
		return f, err
	}
	f.members, err = p.g.service().Members(ctx, p.id)
	return f, err
}

func (p *groupPage) show(f groupFacts, err error) {
	switch {
	case p.g.page != p:
	case fault.CodeOf(err) == fault.NoSuchChat: // it was left, here or on another device
		p.sheet.Close()
	case err != nil:
		p.say.Say(fault.Sentence(err))
		p.again.Show()
		show(p.loaded, p.tabs.Object)
		p.g.c.w.sheets.Arrange()
	default:
		p.say.Say("")
		p.again.Hide()
		p.tabs.Object.Show()
		p.loaded, p.group, p.members = true, f.group, f.members
		p.fill()
	}
}

// fill shows what is known now.
func (p *groupPage) fill() {
	p.fillHead()
	p.fillWays()
	p.fillRequests()
	p.fillMembers()
}

func (p *groupPage) fillHead() {
	p.sheet.SetTitle(groupName(p.group.Name))
	line := membersWords(p.group.Members, p.group.Waiting)
	if !p.group.Created.IsZero() {
		line += " · made " + momentDay(p.group, p.g.c.w.opt.Now)
	}
	p.line.SetText(line)
}

// admin tells whether we may change the group.
func (p *groupPage) admin() bool { return p.group.Joined && p.group.Role == groups.Admin }

// fillWays offers what can be done with the group as a whole, and says who may do the rest.
func (p *groupPage) fillWays() {
	p.ways.RemoveAll()
	if p.admin() {
		p.ways.Add(part.NewButton("Add members", p.openAddMembers))
		p.ways.Add(part.NewButton("Rename", func() { p.g.openRename(p.group) }))
		p.ways.Add(part.NewButton("Invite with a link", func() { p.g.openGroupLink(p.group) }))
	}
	show(p.admin(), p.ways)
	rule := p.ruleSentence()
	p.rule.SetText(rule)
	show(rule != "", p.rule)
	show(p.group.Joined, p.leave)
}

const adminsOnly = "Only admins can add or remove people and rename the group."

// ruleSentence says who may do what we may not.
func (p *groupPage) ruleSentence() string {
	admins := p.adminNames()
	switch {
	case p.group.Role == groups.Former:
		return "You are no longer in this group."
	case p.admin() && len(admins) > 0:
		return "Admins cannot be removed. They can give that up themselves."
	case p.admin():
		return ""
	case len(admins) == 0:
		return adminsOnly + " It has none any more."
	case len(admins) == 1:
		return adminsOnly + " That is " + admins[0] + "."
	}
	return adminsOnly + " They are " + namesWords(admins) + "."
}

// mostAdmins is how many admins are named.
const mostAdmins = 3

// adminNames are the other admins.
func (p *groupPage) adminNames() (names []string) {
	more := 0
	for _, m := range p.members {
		switch {
		case m.Role != groups.Admin || m.You:
		case len(names) == mostAdmins:
			more++
		default:
			names = append(names, memberName(m))
		}
	}
	if more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	return names
}

// fillMembers shows the members who fit what is searched for.
func (p *groupPage) fillMembers() {
	wanted := strings.ToLower(strings.TrimSpace(p.search.Text))
	p.shown = nil
	for _, m := range p.members {
		if strings.Contains(strings.ToLower(m.Name+"\n"+m.Pseudonym), wanted) {
			p.shown = append(p.shown, m)
		}
	}
	show(len(p.members) > searchFrom || wanted != "", p.search)
	show(p.loaded && len(p.shown) == 0, p.nobody)
	p.list.show()
	p.g.c.w.sheets.Arrange()
}
