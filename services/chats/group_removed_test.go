package chats

import (
	"slices"
	"testing"
	"time"

	"sotto/node/payload"
	"sotto/node/payload/group"
	"sotto/services/ingest"
)

// TestRemovedPersonWrites refuses what somebody writes who does not know that they were removed, by the clock, and what they
// claim to have written before, by the time at which it was sent.
func TestRemovedPersonWrites(t *testing.T) {
	inParty(t, []string{"ann", "bo", "cy"}, func(t *testing.T, p *party) {
		ann, bo, cy := p.all[0], p.all[1], p.all[2]
		p.friends()
		id := p.team("team")
		p.lost = func(_, to *guest) bool { return to == cy }
		before := uint64(time.Now().UnixMilli())
		pass(time.Second)
		must(ann.groups.Remove(t.Context(), id, keys(cy)))(t)
		p.settle()
		pass(time.Second)
		cy.say(id, "too late")
		p.settle()
		for _, g := range []*guest{ann, bo} {
			if n := g.refused(ingest.Reason(group.ReasonRemoved)); n == 0 || len(g.said(id)) != 0 {
				t.Errorf("%s has %q, refused %v", g.name, g.said(id), g.Counts().Refused)
			}
		}
		// The program of who was removed claims an earlier clock: at once it may be true, a while later not.
		chat := must(cy.chatRow(id))(t)
		backdate := func(text string) {
			said := must(payload.NewGroupText(id, text, "", before, time.UnixMilli(int64(before))))(t)
			if err := cy.sendRaw(chat, said); err != nil {
				t.Fatal(err)
			}
			p.settle()
		}
		backdate("in time")
		pass(3 * time.Minute)
		backdate("backdated")
		for _, g := range []*guest{ann, bo} {
			if got := g.said(id); !slices.Equal(got, []string{"in time"}) {
				t.Errorf("%s has %q", g.name, got)
			}
		}
		p.lost = nil
		p.pass(2 * time.Hour)
		if c := cy.chat(id); c.Member {
			t.Errorf("cy sees %+v", c)
		}
	})
}

// TestNewcomerGetsHistory hands over what was said, with who said it, to somebody who was not there.
func TestNewcomerGetsHistory(t *testing.T) {
	inParty(t, []string{"ann", "bo", "cy", "di"}, func(t *testing.T, p *party) {
		ann, bo, cy, di := p.all[0], p.all[1], p.all[2], p.all[3]
		p.friends()
		id := must(ann.groups.Create(t.Context(), "team", keys(bo)))(t).ID
		p.settle()
		must(bo.groups.Accept(t.Context(), id))(t)
		p.settle()
		for _, text := range []string{"one", "two", "three"} {
			bo.say(id, text)
			p.settle()
		}
		last := ann.say(id, "four")
		p.settle()
		must(ann.groups.Add(t.Context(), id, keys(cy), 3))(t)
		must(ann.groups.Add(t.Context(), id, keys(di), 0))(t)
		p.settle()
		must(cy.groups.Accept(t.Context(), id))(t)
		must(di.groups.Accept(t.Context(), id))(t)
		p.pass(2 * time.Minute)
		if got := cy.said(id); !slices.Equal(got, []string{"two", "three", "four"}) {
			t.Fatalf("cy has %q", got)
		}
		if len(di.said(id)) != 0 {
			t.Errorf("di has %q", di.said(id))
		}
		for _, m := range cy.messages(id) {
			if m.System {
				continue
			}
			byAnn := m.Text == "four"
			if !m.Seen || byAnn != (m.HandedBy == nil) || byAnn != (m.Author.Key == ann.self()) || m.HandedBy != nil && m.HandedBy.Key != ann.self() {
				t.Errorf("handed over: %+v", m)
			}
		}
		if cy.chat(id).Unread != 0 || !slices.ContainsFunc(cy.messages(id), func(m Message) bool { return m.ID == last.ID }) {
			t.Error("what was handed over is unread, or has other ids")
		}
		p.wantRoster(id, p.all, "ann*", "bo", "cy", "di")
	})
}

// TestHandedOverIsJudged refuses, of what is handed over, what its author did not write in the group.
func TestHandedOverIsJudged(t *testing.T) {
	inParty(t, []string{"ann", "bo", "cy"}, func(t *testing.T, p *party) {
		ann, bo, cy := p.all[0], p.all[1], p.all[2]
		p.friends()
		before := uint64(time.Now().UnixMilli())
		pass(time.Second)
		id := p.team("team")
		zoe := newOutsider(t, "zoe")
		text := func(who *outsider, clock uint64, chat string) []byte {
			said := must(payload.NewGroupText(chat, "forged", "", clock, time.Now()))(t)
			wrapped, _, err := payload.Membership{ChatID: chat, Text: &said}.Seal(who.key)
			if err != nil {
				t.Fatal(err)
			}
			return wrapped
		}
		boKey := &outsider{t: t, key: bo.key}
		other := must(group.NewID(zeros{}, keyOf(ann)))(t)
		wrapped, _, err := payload.HandedOver{ChatID: id, Messages: [][]byte{
			text(zoe, zoe.tick(), id), text(boKey, before, id), text(boKey, uint64(time.Now().UnixMilli()), other), {1},
		}}.Seal(ann.key)
		if err != nil {
			t.Fatal(err)
		}
		if err := ann.sendWrapped(keyOf(cy), wrapped); err != nil {
			t.Fatal(err)
		}
		p.settle()
		if got := cy.said(id); len(got) != 0 {
			t.Errorf("cy has %q", got)
		}
		if n := cy.refused(ingest.Reason(group.ReasonNotJoined)); n != 2 {
			t.Errorf("refused %v", cy.Counts().Refused)
		}
	})
}

// TestBlockedInGroups hides what somebody says in a group who is blocked, and writes nothing to them.
func TestBlockedInGroups(t *testing.T) {
	inParty(t, []string{"ann", "bo", "cy"}, func(t *testing.T, p *party) {
		ann, bo, cy := p.all[0], p.all[1], p.all[2]
		p.friends()
		id := p.team("team")
		bo.say(id, "before")
		p.settle()
		must(ann.contacts.Block(t.Context(), bo.self()))(t)
		if got := ann.said(id); len(got) != 0 || ann.chat(id).Unread != 0 {
			t.Errorf("ann has %q", got)
		}
		bo.say(id, "meanwhile")
		m := ann.say(id, "not for Bo")
		p.settle()
		if m = ann.message(m.ID); m.Addressed != 1 || m.DeliveredTo != 1 {
			t.Errorf("ann sees %+v", m)
		}
		if slices.Contains(bo.said(id), "not for Bo") || !slices.Contains(cy.said(id), "meanwhile") {
			t.Errorf("bo has %q, cy %q", bo.said(id), cy.said(id))
		}
		must(ann.contacts.Unblock(t.Context(), bo.self()))(t)
		p.pass(2 * time.Hour)
		if got := ann.said(id); !slices.Contains(got, "before") || !slices.Contains(got, "meanwhile") {
			t.Errorf("unblocked, ann has %q", got)
		}
	})
}
