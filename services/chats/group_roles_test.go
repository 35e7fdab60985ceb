package chats

import (
	"slices"
	"testing"
	"time"

	"sotto/services/event"
	"sotto/services/fault"
	"sotto/services/groups"
)

// TestDeclineAndComeBack turns an invitation down, is invited again, joins, leaves, and joins once more.
func TestDeclineAndComeBack(t *testing.T) {
	inParty(t, []string{"ann", "bo", "cy"}, func(t *testing.T, p *party) {
		ann, bo, cy := p.all[0], p.all[1], p.all[2]
		p.friends()
		id := must(ann.groups.Create(t.Context(), "team", keys(bo, cy)))(t).ID
		p.settle()
		must(cy.groups.Accept(t.Context(), id))(t)
		p.settle()
		out := must(bo.groups.Decline(t.Context(), id))(t)
		if out.Role != groups.Former || out.Joined {
			t.Errorf("declined as %+v", out)
		}
		_, err := bo.Get(t.Context(), id)
		wantCode(t, err, fault.NoSuchChat)
		_, err = bo.groups.Get(t.Context(), id)
		wantCode(t, err, fault.NoSuchChat)
		p.settle()
		p.wantRoster(id, []*guest{ann, cy}, "ann*", "cy")
		if got := ann.words(id); !slices.Contains(got, ann.called(bo)+" declined the invitation") {
			t.Errorf("ann reads %q", got)
		}
		must(ann.groups.Add(t.Context(), id, keys(bo), 0))(t)
		p.settle()
		if c := bo.chat(id); !c.Invited {
			t.Errorf("invited again as %+v", c)
		}
		must(bo.groups.Accept(t.Context(), id))(t)
		p.settle()
		bo.say(id, "here I am")
		p.settle()
		must(bo.groups.Leave(t.Context(), id))(t)
		p.settle()
		p.wantRoster(id, []*guest{ann, cy}, "ann*", "cy")
		if list := must(bo.List(t.Context()))(t); slices.ContainsFunc(list, func(c Chat) bool { return c.ID == id }) {
			t.Error("a group that was left is on the list")
		}
		ann.say(id, "without Bo")
		p.settle()
		must(ann.groups.Add(t.Context(), id, keys(bo), 0))(t)
		p.settle()
		must(bo.groups.Accept(t.Context(), id))(t)
		p.settle()
		bo.say(id, "again")
		p.settle()
		p.wantRoster(id, p.all, "ann*", "bo", "cy")
		if got := bo.said(id); !slices.Equal(got, []string{"here I am", "again"}) {
			t.Errorf("bo has %q", got)
		}
		if got := cy.said(id); !slices.Equal(got, []string{"here I am", "without Bo", "again"}) {
			t.Errorf("cy has %q", got)
		}
	})
}

// TestRoles holds who may do what.
func TestRoles(t *testing.T) {
	inParty(t, []string{"ann", "bo", "cy"}, func(t *testing.T, p *party) {
		ann, bo, cy := p.all[0], p.all[1], p.all[2]
		p.friends()
		id := p.team("team")
		refused := func(what string, err error, code fault.Code) {
			t.Helper()
			if fault.CodeOf(err) != code || fault.Sentence(err) == "" {
				t.Errorf("%s: %v", what, err)
			}
		}
		_, err := bo.groups.Add(t.Context(), id, keys(cy), 0)
		refused("a member adds", err, fault.NotAllowed)
		_, err = bo.groups.Remove(t.Context(), id, keys(cy))
		refused("a member removes", err, fault.NotAllowed)
		_, err = bo.groups.Promote(t.Context(), id, keys(bo))
		refused("a member makes themselves an admin", err, fault.NotAllowed)
		_, err = bo.groups.Resign(t.Context(), id)
		refused("a member resigns", err, fault.NotAllowed)
		_, err = bo.groups.Link(t.Context(), id)
		refused("a member has a link", err, fault.NotAllowed)
		_, err = ann.groups.Resign(t.Context(), id)
		refused("the last admin resigns", err, fault.NotAllowed)
		_, err = ann.groups.Remove(t.Context(), id, keys(ann))
		refused("removes herself", err, fault.NotAllowed)
		_, err = ann.groups.Rename(t.Context(), id, " \u200b")
		refused("an empty name", err, fault.BadName)
		_, err = ann.groups.Create(t.Context(), "", nil)
		refused("no name", err, fault.BadName)
		_, err = ann.groups.Create(t.Context(), "x", []string{"0x04"})
		refused("no key", err, fault.BadKey)
		_, err = ann.groups.Get(t.Context(), "nowhere")
		refused("no group", err, fault.NoSuchChat)
		_, err = ann.groups.Accept(t.Context(), id)
		refused("accepts what she is in", err, fault.NotAllowed)
		must(ann.groups.Promote(t.Context(), id, keys(bo)))(t)
		p.settle()
		_, err = bo.groups.Remove(t.Context(), id, keys(ann))
		refused("an admin is removed", err, fault.NotAllowed)
		must(ann.groups.Resign(t.Context(), id))(t)
		p.settle()
		p.wantRoster(id, p.all, "ann", "bo*", "cy")
		bo.log.take()
		must(bo.groups.Remove(t.Context(), id, keys(ann)))(t)
		if kinds := bo.log.kinds(); !slices.Contains(kinds, event.Group) || !slices.Contains(kinds, event.Chat) {
			t.Errorf("events %v", kinds)
		}
		p.settle()
		p.wantRoster(id, p.all, "bo*", "cy")
		if err := ann.Leave(t.Context(), id); err != nil {
			t.Errorf("who was removed takes it off the list: %v", err)
		}
		refused("leaves as a chat", cy.Leave(t.Context(), id), fault.NotAllowed)
	})
}

// TestConcurrentAdmins lets two admins do things at the same time that do not go together: everybody has the same in the end.
func TestConcurrentAdmins(t *testing.T) {
	inParty(t, []string{"ann", "bo", "cy", "di"}, func(t *testing.T, p *party) {
		ann, bo, cy, di := p.all[0], p.all[1], p.all[2], p.all[3]
		p.friends()
		id := p.team("team")
		must(ann.groups.Promote(t.Context(), id, keys(bo)))(t)
		p.settle()
		must(ann.groups.Rename(t.Context(), id, "hers"))(t)
		must(bo.groups.Rename(t.Context(), id, "his"))(t)
		must(ann.groups.Remove(t.Context(), id, keys(cy)))(t)
		must(bo.groups.Promote(t.Context(), id, keys(cy)))(t)
		must(bo.groups.Remove(t.Context(), id, keys(di)))(t)
		p.pass(25 * time.Minute)
		want := ann.roster(p, id)
		p.wantRoster(id, p.all, want...)
		for _, g := range p.all {
			if got := g.chat(id).Name; got != ann.chat(id).Name {
				t.Errorf("%s calls it %q", g.name, got)
			}
		}
	})
}
