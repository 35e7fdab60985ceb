package chats

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sotto/models"
	"sotto/services/fault"
	"sotto/services/groups"
	"sotto/services/ingest"
)

// TestGroupLink lets somebody in who has the link, and turns somebody down. Nobody else can.
func TestGroupLink(t *testing.T) {
	inParty(t, []string{"ann", "bo", "cy", "di"}, func(t *testing.T, p *party) {
		ann, bo, cy, di := p.all[0], p.all[1], p.all[2], p.all[3]
		id := must(ann.groups.Create(t.Context(), "Reading circle", nil))(t).ID
		link := must(ann.groups.Link(t.Context(), id))(t)
		for _, text := range []string{"", "sotto:group?x", link[:len(link)-3], bo.self()} {
			_, err := bo.groups.Ask(t.Context(), text, "")
			wantCode(t, err, fault.BadLink)
		}
		_, err := ann.groups.Ask(t.Context(), link, "")
		wantCode(t, err, fault.BadLink)
		_, err = bo.groups.Ask(t.Context(), link, strings.Repeat("x", 4097))
		wantCode(t, err, fault.TextTooLong)
		asked := must(bo.groups.Ask(t.Context(), link, "it is me"))(t)
		if asked.Group != id || asked.GroupName != "Reading circle" || asked.State != groups.Asked || !asked.Mine || asked.Key != bo.self() {
			t.Errorf("asked %+v", asked)
		}
		must(cy.groups.Ask(t.Context(), link, ""))(t)
		status := "status-im://g/args?a=" + ann.self() + "&a1=Reading%20circle&a2=" + id
		must(di.groups.Ask(t.Context(), status, "from elsewhere"))(t)
		p.settle()
		if n := len(ann.node.posts()); n != 0 {
			t.Errorf("%d posts to strangers who ask", n)
		}
		list := must(ann.groups.Requests(t.Context()))(t)
		if len(list) != 3 {
			t.Fatalf("requests %+v", list)
		}
		for _, r := range list {
			if r.Group != id || r.GroupName != "Reading circle" || r.Mine || (r.Key == bo.self()) != (r.Text == "it is me") {
				t.Errorf("request %+v", r)
			}
		}
		wantCode(t, ann.groups.Answer(t.Context(), id, "0x04", true), fault.BadKey)
		wantCode(t, ann.groups.Answer(t.Context(), id, ann.self(), true), fault.NotAllowed)
		if err := ann.groups.Answer(t.Context(), id, bo.self(), true); err != nil {
			t.Fatal(err)
		}
		if err := ann.groups.Answer(t.Context(), id, cy.self(), false); err != nil {
			t.Fatal(err)
		}
		if err := di.groups.Answer(t.Context(), id, di.self(), false); err != nil {
			t.Fatal(err)
		}
		p.settle()
		if list := must(di.groups.Requests(t.Context()))(t); len(list) != 0 {
			t.Errorf("what was taken back: %+v", list)
		}
		if list := must(bo.groups.Requests(t.Context()))(t); len(list) != 0 {
			t.Errorf("bo still waits: %+v", list)
		}
		if list := must(cy.groups.Requests(t.Context()))(t); len(list) != 1 || list[0].State != groups.Rejected || list[0].GroupName != "Reading circle" {
			t.Errorf("who was turned down sees %+v", list)
		}
		must(0, cy.groups.Answer(t.Context(), id, cy.self(), false))(t)
		if list := must(cy.groups.Requests(t.Context()))(t); len(list) != 0 {
			t.Errorf("what was forgotten: %+v", list)
		}
		if c := bo.chat(id); !c.Invited || c.Name != "Reading circle" {
			t.Errorf("who asked sees %+v", c)
		}
		must(bo.groups.Accept(t.Context(), id))(t)
		p.pass(2 * time.Minute)
		p.wantRoster(id, []*guest{ann, bo}, "ann*", "bo")
		if _, err := cy.groups.Get(t.Context(), id); fault.CodeOf(err) != fault.NoSuchChat {
			t.Errorf("who was turned down: %v", err)
		}
		_, err = bo.groups.Ask(t.Context(), link, "")
		wantCode(t, err, fault.NotAllowed)
	})
}

// TestRequestsForGroupsAreBounded keeps what people with a link can make us store within bounds, each once.
func TestRequestsForGroupsAreBounded(t *testing.T) {
	inParty(t, []string{"ann"}, func(t *testing.T, p *party) {
		ann := p.all[0]
		id := must(ann.groups.Create(t.Context(), "team", nil))(t).ID
		ask := func(name, text string) {
			o := newOutsider(t, name)
			o.learns(ann.person)
			o.to(ann.person, o.encrypt(key(ann.person), o.synced(key(ann.person), o.asks(id, text))))
		}
		ask("long", strings.Repeat("ä", 4000))
		twice := newOutsider(t, "twice")
		twice.learns(ann.person)
		for _, clock := range []uint64{9, 5, 20} { // the second is older than what is here
			twice.clock = clock
			raw := twice.synced(key(ann.person), twice.asks(id, "hello"))
			twice.to(ann.person, twice.encrypt(key(ann.person), raw))
		}
		for i := range 70 {
			ask("asker "+string(rune('A'+i)), "let me in")
		}
		list := must(ann.groups.Requests(t.Context()))(t)
		if len(list) != 64 || len(ann.node.posts()) != 0 {
			t.Errorf("%d requests, %d posts", len(list), len(ann.node.posts()))
		}
		if n := ann.refused("group_full"); n != 8 || ann.refused(ingest.Duplicate) != 1 {
			t.Errorf("refused %v", ann.Counts().Refused)
		}
	})
}

// TestInvitationsOfStrangersAreBounded keeps the newest fifty.
func TestInvitationsOfStrangersAreBounded(t *testing.T) {
	inParty(t, []string{"bo"}, func(t *testing.T, p *party) {
		bo := p.all[0]
		for i := range 55 {
			o := newOutsider(t, "inviter "+string(rune('A'+i)))
			o.learns(bo.person)
			o.to(bo.person, o.encrypt(key(bo.person), o.synced(key(bo.person), o.invites(key(bo.person)))))
			pass(time.Second)
		}
		if list := must(bo.groups.Invitations(t.Context()))(t); len(list) != 50 || len(bo.node.posts()) != 0 {
			t.Errorf("%d invitations, %d posts, refused %v", len(list), len(bo.node.posts()), bo.Counts().Refused)
		}
	})
}

// TestRecoveredAccount gets its groups back: by asking with a link, and by itself from a contact who hears of the new device.
func TestRecoveredAccount(t *testing.T) {
	inParty(t, []string{"ann", "bo", "cy"}, func(t *testing.T, p *party) {
		ann, bo, cy := p.all[0], p.all[1], p.all[2]
		p.friends()
		id := p.team("team")
		link := must(ann.groups.Link(t.Context(), id))(t)
		for _, g := range []*guest{bo, cy} {
			g.away = true
		}
		anew, other := p.join("bo"), p.join("cy")
		pass(11 * time.Minute) // the log went to them when they were invited
		must(anew.groups.Ask(t.Context(), link, ""))(t)
		must(other.contacts.Add(t.Context(), ann.self()))(t)
		p.pass(5 * time.Minute)
		for _, g := range []*guest{anew, other} {
			if c := g.chat(id); !c.Member || c.Invited || c.Name != "team" {
				t.Errorf("%s sees %+v", g.name, c)
			}
		}
		ann.say(id, "hello again")
		p.pass(2 * time.Minute)
		for _, g := range []*guest{anew, other} {
			if got := g.said(id); !slices.Equal(got, []string{"hello again"}) {
				t.Errorf("%s has %q", g.name, got)
			}
		}
		anew.say(id, "I am back")
		p.pass(2 * time.Minute)
		if got := ann.said(id); !slices.Equal(got, []string{"hello again", "I am back"}) {
			t.Errorf("ann has %q", got)
		}
	})
}

// TestARecoveredAccountAsksForItsGroups: whoever writes in a group that a recovered account does not know is asked for the
// group, once, and then what they wrote is read. Others do not answer.
func TestARecoveredAccountAsksForItsGroups(t *testing.T) {
	inParty(t, []string{"ann", "bo", "cy"}, func(t *testing.T, p *party) {
		ann, bo, cy := p.all[0], p.all[1], p.all[2]
		p.friends()
		id := p.team("team")
		bo.away, cy.away = true, true
		anew, silent := p.join("bo"), p.join("cy")
		must(0, anew.store.Update(t.Context(), (*models.Tx).NoteRecovery))(t)
		pass(11 * time.Minute) // the log went to them when they were invited
		ann.say(id, "hello again")
		ann.say(id, "are you there?")
		p.pass(time.Hour)
		if got := anew.said(id); !slices.Equal(got, []string{"hello again", "are you there?"}) {
			t.Errorf("got %q, refused %v", got, anew.Counts().Refused)
		}
		if c := anew.chat(id); !c.Member || c.Invited || c.Name != "team" {
			t.Errorf("sees %+v", c)
		}
		if asked := ann.Counts().Refused; asked["not_asked"] > 0 {
			t.Errorf("ann refused %v", asked)
		}
		if _, err := silent.Get(t.Context(), id); err == nil {
			t.Error("who was nowhere before got the group, too")
		}
	})
}
