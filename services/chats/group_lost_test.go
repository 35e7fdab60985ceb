package chats

import (
	"slices"
	"testing"
	"time"

	"sotto/models"
	"sotto/node/payload"
	"sotto/node/payload/group"
	"sotto/services/ingest"
)

// TestSilentMember lets somebody never answer: the others have everything at once.
func TestSilentMember(t *testing.T) {
	inParty(t, []string{"ann", "bo", "cy"}, func(t *testing.T, p *party) {
		ann, bo, cy := p.all[0], p.all[1], p.all[2]
		p.friends()
		id := p.team("team")
		cy.away = true
		m := ann.say(id, "hello")
		p.settle()
		if m = ann.message(m.ID); m.State != Delivered || m.Addressed != 2 || m.DeliveredTo != 1 {
			t.Errorf("ann sees %+v", m)
		}
		list := must(ann.groups.Delivery(t.Context(), m.ID))(t)
		for _, d := range list {
			if d.Delivered.IsZero() != (d.Key == cy.self()) || d.Waiting || d.Failed {
				t.Errorf("delivery %+v", d)
			}
		}
		for _, s := range must(ann.Steps(t.Context(), m.ID))(t) {
			if (s.State == Delivered) != (s.Person == bo.self()) {
				t.Errorf("step %+v", s)
			}
		}
		cy.away = false
		p.pass(2 * time.Hour)
		if m = ann.message(m.ID); m.DeliveredTo != 2 || !slices.Equal(cy.said(id), []string{"hello"}) {
			t.Errorf("in the end %+v, cy has %q", m, cy.said(id))
		}
	})
}

// TestSentWhenAllAreTaken stores that a message was sent when the last member's copy was taken, and gives each copy up alone.
func TestSentWhenAllAreTaken(t *testing.T) {
	inParty(t, []string{"ann", "bo", "cy"}, func(t *testing.T, p *party) {
		ann := p.all[0]
		p.friends()
		id := p.team("team")
		m := ann.say(id, "hello")
		settle()
		posts := ann.node.posts()[ann.carried:]
		if len(posts) != 2 {
			t.Fatalf("%d posts", len(posts))
		}
		accepted := Outcome{Kind: AcceptedBy, Peer: "enode://relay"}
		posts[0].observe(accepted)
		settle()
		if got := ann.message(m.ID); got.State != Queued {
			t.Errorf("with one copy taken it is %s", got.State)
		}
		waits := 0
		for _, d := range must(ann.groups.Delivery(t.Context(), m.ID))(t) {
			if d.Waiting {
				waits++
			}
		}
		if waits != 1 {
			t.Errorf("%d wait", waits)
		}
		posts[1].observe(accepted)
		settle()
		if got := ann.message(m.ID); got.State != Sent {
			t.Errorf("with both taken it is %s", got.State)
		}
		late := ann.say(id, "nobody takes this")
		settle()
		posts[0].observe(accepted)
		pass(mostAttempts * (lifetime + 10*time.Second))
		settle()
		if got := ann.message(late.ID); got.State != Failed || got.FailureReason == "" {
			t.Fatalf("what nobody takes is %+v", got)
		}
		for _, d := range must(ann.groups.Delivery(t.Context(), late.ID))(t) {
			if !d.Failed {
				t.Errorf("delivery %+v", d)
			}
		}
		must(ann.Retry(t.Context(), late.ID))(t)
		ann.carried = len(ann.node.posts())
		p.settle()
		if got := ann.message(late.ID); got.State != Delivered || got.DeliveredTo != 2 {
			t.Errorf("tried again it is %+v", got)
		}
	})
}

// TestLostUpdates loses what one member is told: the digests show it, and the log goes out again.
func TestLostUpdates(t *testing.T) {
	inParty(t, []string{"ann", "bo", "cy", "di"}, func(t *testing.T, p *party) {
		ann, bo, cy, di := p.all[0], p.all[1], p.all[2], p.all[3]
		p.friends()
		id := must(ann.groups.Create(t.Context(), "team", keys(bo, cy)))(t).ID
		p.settle()
		must(bo.groups.Accept(t.Context(), id))(t)
		must(cy.groups.Accept(t.Context(), id))(t)
		p.settle()
		p.lost = func(from, to *guest) bool { return to == cy && from == ann }
		must(ann.groups.Add(t.Context(), id, keys(di), 0))(t)
		p.settle()
		// Ann's program forgets what it has not been told of: only the digests can help.
		err := ann.store.Update(t.Context(), func(tx *models.Tx) error { return tx.ForgetSendings(keyOf(cy)) })
		if err != nil {
			t.Fatal(err)
		}
		p.lost = nil // Di does not answer, so that nobody's text shows that Di was added
		m := bo.say(id, "hello")
		p.settle()
		if got := cy.said(id); !slices.Equal(got, []string{"hello"}) {
			t.Errorf("cy has %q", got)
		}
		p.pass(15 * time.Minute)
		p.wantRoster(id, p.all, "ann*", "bo", "cy", "di?")
		if got := bo.message(m.ID); got.DeliveredTo != 2 {
			t.Errorf("bo sees %+v", got)
		}
	})
}

// TestTextBeforeTheJoin refuses a text whose author is not in yet without acknowledging it, and takes it when it comes again.
func TestTextBeforeTheJoin(t *testing.T) {
	inParty(t, []string{"ann", "bo", "cy"}, func(t *testing.T, p *party) {
		ann, bo, cy := p.all[0], p.all[1], p.all[2]
		p.friends()
		id := p.team("team")
		// A text without the events that show that its author may write, as nobody sends it.
		di := newOutsider(t, "di")
		di.learns(ann.person)
		must(ann.contacts.Add(t.Context(), di.self()))(t)
		said := must(payload.NewGroupText(id, "early", "", di.tick(), time.Now()))(t)
		wrapped, _, err := payload.Membership{ChatID: id, Text: &said}.Seal(di.key)
		if err != nil {
			t.Fatal(err)
		}
		raw := di.synced(key(ann.person), wrapped)
		di.to(ann.person, di.encrypt(key(ann.person), raw))
		if n := ann.refused(ingest.NotYet); n != 1 {
			t.Errorf("refused %v", ann.Counts().Refused)
		}
		must(ann.groups.Add(t.Context(), id, []string{di.self()}, 0))(t)
		p.settle()
		join := must(group.Sign(di.key, id, group.Event{Clock: uint64(time.Now().UnixMilli()), Type: group.Joined}))(t)
		joins, _, err := payload.Membership{ChatID: id, Events: [][]byte{join.Raw}}.Seal(di.key)
		if err != nil {
			t.Fatal(err)
		}
		di.to(ann.person, di.encrypt(key(ann.person), di.synced(key(ann.person), joins)))
		di.to(ann.person, di.encrypt(key(ann.person), raw))
		settle()
		if got := ann.said(id); !slices.Equal(got, []string{"early"}) {
			t.Errorf("ann has %q, refused %v", got, ann.Counts().Refused)
		}
		_, _ = bo, cy
	})
}
