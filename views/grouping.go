package views

import (
	"context"
	"fmt"
	"slices"

	"sotto/node/identity"
	"sotto/services/chats"
	"sotto/services/contacts"
	"sotto/services/fault"
	"sotto/services/groups"
	"sotto/views/part"
	"sotto/views/task"
)

// grouping is what the window knows of private groups beyond what the list of chats says.
type grouping struct {
	c           *conversations
	load        *task.Latest[groupsNow]
	invitations []groups.Group   // of contacts and strangers
	requests    []groups.Request // of others to us, and ours
	open        groups.Group     // the open one; without an id while more than its chat is not known
	asked       int              // grows with each question about it: an older answer is no news
	page        *groupPage       // nil while closed
	picker      *picker          // the open one, nil while nobody is chosen
}

// groupsNow is what waits for an answer.
type groupsNow struct {
	invitations []groups.Group
	requests    []groups.Request
}

func newGrouping(c *conversations) *grouping {
	g := &grouping{c: c}
	if g.service() != nil {
		g.load = task.NewLatest(c.w.runner, g.query, g.show).Rest(listRest)
	}
	return g
}

// service may be nil: then nothing about groups is offered.
func (g *grouping) service() Groups { return g.c.w.opt.Services.Groups }

func (g *grouping) query(ctx context.Context) (now groupsNow, err error) {
	if now.invitations, err = g.service().Invitations(ctx); err != nil {
		return now, err
	}
	now.requests, err = g.service().Requests(ctx)
	return now, err
}

// ask loads anew what waits for an answer.
func (g *grouping) ask() {
	if g.service() != nil {
		g.load.Ask()
	}
}

// show takes what was loaded. What cannot be loaded stays as it was; the list of chats says what is wrong.
func (g *grouping) show(now groupsNow, err error) {
	if err != nil {
		return
	}
	g.invitations, g.requests = now.invitations, now.requests
	g.c.people.showCount()
	g.followInvitation()
	if g.c.listing {
		g.c.people.page.fill()
	}
	if g.page != nil {
		g.page.fillRequests()
	}
}

// changed is told that a group changed: what shows it is loaded anew.
func (g *grouping) changed(chat string) {
	if g.service() == nil {
		return
	}
	g.ask()
	g.c.chats.Ask()
	if chat == g.c.open {
		g.askOpen()
	}
	if g.page != nil && g.page.id == chat {
		g.page.load.Ask()
	}
}

// resync loads everything anew.
func (g *grouping) resync() {
	g.ask()
	g.askOpen()
	if g.page != nil {
		g.page.load.Ask()
	}
}

// opened is told that another chat is open, or none. The page of a group is over it no more.
func (g *grouping) opened() {
	g.open = groups.Group{}
	if g.page != nil && g.page.id != g.c.open {
		g.page.sheet.Close()
	}
	g.askOpen()
}

// askOpen asks about the open group.
func (g *grouping) askOpen() {
	g.asked++
	if g.service() == nil || g.c.open == "" || g.c.chat.Kind != chats.Group {
		return
	}
	id, asked := g.c.open, g.asked
	task.Go(g.c.w.runner, func(ctx context.Context) (groups.Group, error) { return g.service().Get(ctx, id) },
		func(now groups.Group, err error) {
			switch {
			case id != g.c.open || asked != g.asked:
			case fault.CodeOf(err) == fault.NoSuchChat: // it left the list, which is on its way
			case err != nil:
				g.c.say.Say(fault.Sentence(err))
			default:
				g.open = now
				g.c.update(g.c.chat)
			}
		})
}

// contactChanged is told that somebody is called otherwise, or stands otherwise to us.
func (g *grouping) contactChanged() {
	if g.service() == nil {
		return
	}
	g.ask()
	g.askOpen()
	if g.page != nil {
		g.page.load.Ask()
	}
}

// take follows a change that was made here just now.
func (g *grouping) take(now groups.Group) {
	g.asked++
	if now.ID == g.c.open {
		g.open = now
		g.c.update(withGroup(g.c.chat, now))
	}
	if g.page != nil && g.page.id == now.ID {
		g.page.group = now
		g.page.load.Ask()
	}
	g.ask()
	g.c.chats.Ask()
}

// withGroup is the chat of a group as it stands now.
func withGroup(chat chats.Chat, now groups.Group) chats.Chat {
	chat.Name, chat.GroupOf = now.Name, now.Members
	chat.Member, chat.AdminOf = now.Role != groups.Former, now.Role == groups.Admin
	chat.Invited = chat.Member && !now.Joined
	chat.Request = chat.Request && chat.Invited
	return chat
}

// change runs a call about a group for a button and follows what came of it.
func (g *grouping) change(b *part.Button, doing string, say *part.Complaint,
	call func(context.Context) (groups.Group, error), done func(groups.Group),
) {
	part.Perform(g.c.w.runner, b, doing, say, call, func(now groups.Group) {
		g.take(now)
		done(now)
	})
}

// strangers are the groups into which strangers invite, as chats: they are in no list but that of the requests.
func (g *grouping) strangers() (list []chats.Chat) {
	if !g.c.loaded {
		return nil // until it is known which invitations are among the chats
	}
	for _, i := range g.invitations {
		if g.c.find(i.ID) == nil {
			list = append(list, chats.Chat{ID: i.ID, Kind: chats.Group, Name: i.Name, Request: true, Invited: true, Member: true, GroupOf: i.Members})
		}
	}
	return list
}

// stranger tells whether a group is one of these.
func (g *grouping) stranger(id string) bool {
	return slices.ContainsFunc(g.strangers(), func(c chats.Chat) bool { return c.ID == id })
}

// asking are the requests of others, or our own. chat is the group's id, or empty for all of them.
func (g *grouping) asking(chat string, own bool) (list []groups.Request) {
	for _, r := range g.requests {
		if r.Mine == own && (chat == "" || r.Group == chat) {
			list = append(list, r)
		}
	}
	return list
}

// followInvitation follows the open invitation of a stranger that was answered elsewhere, or taken back.
func (g *grouping) followInvitation() {
	c := g.c
	if c.chat.Kind != chats.Group || !c.chat.Request {
		return
	}
	if g.stranger(c.open) {
		c.listed = true
		return
	}
	if !c.listed {
		return
	}
	id := c.open
	task.Go(c.w.runner, func(ctx context.Context) (chats.Chat, error) { return c.w.opt.Services.Chats.Get(ctx, id) },
		func(chat chats.Chat, err error) {
			switch {
			case id != c.open || err == nil && chat.Request:
			case err == nil:
				c.listed = false // it is in another list now, which is on its way
				c.update(chat)
				c.people.showCount()
			default:
				g.answered(id, true)
			}
		})
}

// answered goes on from a group that is in no list any more. From a stranger's invitation that is to the other requests, where
// there are any.
func (g *grouping) answered(id string, request bool) {
	g.invitations = slices.DeleteFunc(slices.Clone(g.invitations), func(i groups.Group) bool { return i.ID == id })
	if g.c.open != id {
		return
	}
	if request && g.c.people.count() > 0 {
		g.c.openRequests()
		return
	}
	g.c.closeChat()
}

// named is somebody as far as they are known, else by the words of their key.
func (p *people) named(key string) contacts.Contact {
	person := p.known(key)
	if public, err := identity.ParsePublicKey(key); err == nil && person.Pseudonym == "" {
		person.Pseudonym = public.Pseudonym()
	}
	return person
}

// membersWords counts the members of a group, and those who have not answered.
func membersWords(members, waiting int) string {
	words := "1 member"
	if members != 1 {
		words = fmt.Sprintf("%d members", members)
	}
	switch {
	case waiting == 1:
		words += ", 1 has not answered"
	case waiting > 1:
		words += fmt.Sprintf(", %d have not answered", waiting)
	}
	return words
}

// hint is what the header says beside a group's name.
func (g *grouping) hint() string {
	switch chat := g.c.chat; {
	case chat.Invited:
		return "Invitation"
	case !chat.Member:
		return "You are no longer in this group"
	case g.open.ID == chat.ID:
		return membersWords(g.open.Members, g.open.Waiting)
	default:
		return membersWords(chat.GroupOf, 0)
	}
}
