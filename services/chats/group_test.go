package chats

import (
	"slices"
	"testing"
	"time"

	"sotto/services/fault"
	"sotto/services/groups"
)

// TestGroup goes the way of a group of contacts: invited, in, a text that all have, an admin more, another name, one taken out.
func TestGroup(t *testing.T) {
	inParty(t, []string{"ann", "bo", "cy"}, func(t *testing.T, p *party) {
		ann, bo, cy := p.all[0], p.all[1], p.all[2]
		p.friends()
		made := must(ann.groups.Create(t.Context(), "  team ", keys(bo, cy)))(t)
		if made.Name != "team" || made.Role != groups.Admin || !made.Joined || made.Members != 3 || made.Waiting != 2 || made.InvitedBy != "" {
			t.Errorf("made %+v", made)
		}
		id := made.ID
		_, err := ann.Send(t.Context(), id, "too early", "")
		wantCode(t, err, fault.NotAllowed)
		p.settle()
		for _, g := range []*guest{bo, cy} {
			if c := g.chat(id); !c.Invited || !c.Member || c.Name != "team" || c.Kind != Group || c.GroupOf != 3 || c.AdminOf {
				t.Errorf("%s sees %+v", g.name, c)
			}
			_, err := g.Send(t.Context(), id, "hello", "")
			wantCode(t, err, fault.NotAllowed)
			must(g.groups.Accept(t.Context(), id))(t)
		}
		p.settle()
		p.wantRoster(id, p.all, "ann*", "bo", "cy")
		m := ann.say(id, "hello both")
		if m.Addressed != 2 || m.State != Queued || !m.ForwardSecret {
			t.Errorf("queued as %+v", m)
		}
		p.settle()
		if m = ann.message(m.ID); m.State != Delivered || m.DeliveredTo != 2 {
			t.Errorf("delivered as %+v", m)
		}
		answer := must(bo.Send(t.Context(), id, "hello Ann", m.ID))(t)
		p.settle()
		if got := cy.message(answer.ID); got.Quote == nil || got.Quote.Text != "hello both" || got.Author.Key != bo.self() || got.Seen {
			t.Errorf("the answer is %+v", got)
		}
		for _, d := range must(bo.groups.Delivery(t.Context(), answer.ID))(t) {
			if d.Delivered.IsZero() || d.Waiting || d.Failed {
				t.Errorf("delivery %+v", d)
			}
		}
		_, err = bo.groups.Rename(t.Context(), id, "crew")
		wantCode(t, err, fault.NotAllowed)
		must(ann.groups.Promote(t.Context(), id, keys(bo)))(t)
		p.settle()
		must(bo.groups.Rename(t.Context(), id, "crew"))(t)
		must(bo.groups.Remove(t.Context(), id, keys(cy)))(t)
		p.settle()
		p.wantRoster(id, p.all, "ann*", "bo*")
		if c := cy.chat(id); c.Member || c.Invited || c.Name != "crew" {
			t.Errorf("who was removed sees %+v", c)
		}
		_, err = cy.Send(t.Context(), id, "still here?", "")
		wantCode(t, err, fault.NotAllowed)
		if got := cy.words(id); !slices.Contains(got, "hello both") || got[0] != "You were added by "+cy.called(ann) ||
			got[len(got)-1] != cy.called(bo)+" removed you" || !slices.Contains(got, "The group is now called crew") ||
			!slices.Contains(got, cy.called(ann)+" made "+cy.called(bo)+" an admin") {
			t.Errorf("cy reads %q", got)
		}
	})
}

// TestNicknamesShowInLines gives somebody a name after the line was written.
func TestNicknamesShowInLines(t *testing.T) {
	inParty(t, []string{"ann", "bo"}, func(t *testing.T, p *party) {
		ann, bo := p.all[0], p.all[1]
		p.friends()
		id := p.team("team")
		must(ann.contacts.SetNickname(t.Context(), bo.self(), "Bobby"))(t)
		if got := ann.words(id); !slices.Equal(got, []string{"You made the group", "Bobby joined"}) {
			t.Errorf("ann reads %q", got)
		}
		if got := bo.words(id); !slices.Equal(got, []string{"You were added by " + bo.called(ann), "You joined"}) {
			t.Errorf("bo reads %q", got)
		}
	})
}

// TestStrangersInvite keeps an invitation by a stranger off the list and tells them nothing before it is accepted.
func TestStrangersInvite(t *testing.T) {
	inParty(t, []string{"ann", "bo", "cy"}, func(t *testing.T, p *party) {
		ann, bo := p.all[0], p.all[1]
		id := must(ann.groups.Create(t.Context(), "team", keys(p.all[1:]...)))(t).ID
		p.settle()
		if list := must(bo.List(t.Context()))(t); len(list) != 0 {
			t.Errorf("on the list: %+v", list)
		}
		open := must(bo.groups.Invitations(t.Context()))(t)
		if len(open) != 1 || !open[0].Stranger || open[0].InvitedBy != ann.self() || open[0].ID != id || open[0].Joined {
			t.Fatalf("invitations %+v", open)
		}
		if n := len(bo.node.posts()); n != 0 {
			t.Errorf("%d posts to a stranger", n)
		}
		if list := must(bo.Requests(t.Context()))(t); len(list) != 0 {
			t.Errorf("a private request was made: %+v", list)
		}
		for _, g := range p.all[1:] {
			must(g.groups.Accept(t.Context(), id))(t)
		}
		p.pass(2 * time.Minute)
		p.wantRoster(id, p.all, "ann*", "bo", "cy")
		m := bo.say(id, "hello")
		p.settle()
		if m = bo.message(m.ID); m.DeliveredTo != 2 {
			t.Errorf("delivered as %+v", m)
		}
		for _, g := range p.all {
			if list := must(g.Requests(t.Context()))(t); len(list) != 0 {
				t.Errorf("%s has requests %+v", g.name, list)
			}
			if n := g.owes(); n != 0 {
				t.Errorf("%s waits for %d acknowledgements", g.name, n)
			}
		}
		must(bo.OpenPrivate(t.Context(), p.all[2].self()))(t)
		private := bo.say(p.all[2].self(), "psst")
		p.settle()
		if m := bo.message(private.ID); m.DeliveredTo != 0 {
			t.Errorf("a mate's request is acknowledged: %+v", m)
		}
		if list := must(p.all[2].Requests(t.Context()))(t); len(list) != 1 {
			t.Errorf("requests %+v", list)
		}
		must(p.all[2].contacts.Accept(t.Context(), bo.self()))(t)
		p.settle()
		if m := bo.message(private.ID); m.DeliveredTo != 1 {
			t.Errorf("after it was accepted: %+v", m)
		}
	})
}

// TestGroupAfterRestart ends a program between the words and their sending: everything is there again, and goes out.
func TestGroupAfterRestart(t *testing.T) {
	inParty(t, []string{"ann", "bo"}, func(t *testing.T, p *party) {
		ann, bo := p.all[0], p.all[1]
		p.friends()
		id := p.team("team")
		ann.online(0)
		m := ann.say(id, "said before")
		must(ann.groups.Rename(t.Context(), id, "crew"))(t)
		ann.again()
		p.pass(time.Minute)
		if got := bo.said(id); !slices.Equal(got, []string{"said before"}) || bo.chat(id).Name != "crew" {
			t.Errorf("bo has %q in %q", got, bo.chat(id).Name)
		}
		if got := ann.message(m.ID); got.State != Delivered || got.DeliveredTo != 1 {
			t.Errorf("ann sees %+v", got)
		}
	})
}
