package views

import (
	"context"

	"sotto/services/groups"
	"sotto/services/link"
	"sotto/views/message/flow"
	"sotto/views/part"
)

// groupIn is which group's link a text is.
func groupIn(text string) (link.Link, bool) {
	to, err := link.Parse(text)
	return to, err == nil && to.Kind == link.KindGroup
}

// openGroup follows a group's link: to the group where we are in it, else to asking its admin to be let in.
func (c *conversations) openGroup(text string, to link.Link) {
	switch {
	case c.find(to.Group) != nil || c.groups.stranger(to.Group):
		c.openChat(to.Group)
	case to.Key.String() == c.account.Key:
		c.w.refuseLink("This is a link of your own. Give it to those who want to be let in.")
	default:
		c.groups.openAsk(text, to)
	}
}

// openAsk asks an admin to be let in, or shows that we did.
func (g *grouping) openAsk(text string, to link.Link) {
	admin, name := called(g.c.people.named(to.Key.String())), flow.Line(to.Name, calledLength)
	if name == "" {
		name = "this group"
	}
	for _, r := range g.asking(to.Group, true) {
		if r.State == groups.Asked {
			g.openAsked(r, admin, name)
			return
		}
	}
	field, say := part.NewLines("Who you are, and where you have the link from", 3), part.NewComplaint()
	var sheet *part.Sheet
	ask := part.Main("Ask", nil)
	ask.OnTapped = func() {
		introduction := field.Text
		part.Perform(g.c.w.runner, ask, "Asking…", say,
			func(ctx context.Context) (groups.Request, error) { return g.service().Ask(ctx, text, introduction) },
			func(r groups.Request) {
				sheet.Close()
				g.requests = append([]groups.Request{r}, g.without(r)...)
				g.c.people.showCount()
				g.ask()
				g.openAsked(r, admin, name)
			})
	}
	sheet = g.c.w.sheets.Open("Ask to join "+name+"?", part.Column(
		part.Text(admin+" is an admin of this group and decides. They get your key and what you write here."), field, say), nil, ask)
	g.c.w.Focus(field)
}

// openAsked shows a request of ours that waits.
func (g *grouping) openAsked(r groups.Request, admin, name string) {
	say := part.NewComplaint()
	var sheet *part.Sheet
	back := part.Link("Take back", nil)
	back.OnTapped = func() {
		part.PerformOnly(g.c.w.runner, back, "Taking it back…", say,
			func(ctx context.Context) error { return g.service().Answer(ctx, r.Group, r.Key, false) },
			func() { sheet.Close(); g.answeredRequest(r) })
	}
	shut := part.Main("Close", func() { sheet.Close() })
	body := part.Column(part.Text("You asked " + admin + " " + momentWords(r.At, g.c.w.opt.Now()) +
		" and wait for an answer. The group appears in your list when you are let in."))
	if said := flow.Line(r.Text, introductionLength); said != "" {
		body.Add(part.Quiet("You wrote: “" + said + "”"))
	}
	body.Add(say)
	sheet = g.c.w.sheets.Open("You asked to join "+name, body, back, shut)
	g.c.w.Focus(shut)
}
