package chats

import (
	"crypto/ecdsa"
	"slices"
	"strings"
	"testing"
	"time"

	"sotto/node/datasync"
	"sotto/node/identity"
	"sotto/node/payload"
	"sotto/node/payload/group"
)

// legacy is somebody whose program is of 2020: it refuses an update as a whole because of one event, takes a group only if a
// list replays from nothing, and tells nothing of its log.
type legacy struct {
	*outsider
	party   *party
	logs    map[string][]group.Event
	texts   []string
	refused []string // why, of updates that it did not take
	seen    int
}

// hears takes in what somebody posted since, and acknowledges it.
func (l *legacy) hears(from *guest) {
	for _, post := range from.node.posts()[l.seen:] {
		l.seen++
		opened, err := l.device.Open(l.state, post.payload, keyOf(from), time.Now())
		if err != nil || len(opened.Plaintext) == 0 {
			continue
		}
		p, err := datasync.DecodePayload(opened.Plaintext)
		if err != nil {
			continue
		}
		var acks []datasync.ID
		for _, m := range p.Messages {
			acks = append(acks, m.ID())
			l.takes(m.Body, &post.signer.PublicKey)
		}
		if len(acks) > 0 {
			l.to(from.person, l.encrypt(keyOf(from), datasync.Payload{Acks: acks}))
		}
	}
}

func (l *legacy) takes(wrapped []byte, signer *ecdsa.PublicKey) {
	in, err := payload.OpenPrivate(wrapped, payload.PrivateArrival{Self: l.who(), Signer: identity.KeyOf(signer), Sent: time.Now()})
	if err != nil || in.Type != payload.TypeMembership {
		return
	}
	u := in.Membership
	var events []group.Event
	for _, raw := range u.Events {
		events = append(events, must(group.DecodeEvent(u.ChatID, raw))(l.t))
	}
	if why := deployedReplay(u.ChatID, events); why != "" {
		l.refused = append(l.refused, "the update: "+why)
		return
	}
	union := slices.Clone(l.logs[u.ChatID])
	for _, e := range events {
		if !slices.ContainsFunc(union, func(o group.Event) bool { return o.Signature == e.Signature }) {
			union = append(union, e)
		}
	}
	if why := deployedReplay(u.ChatID, union); why != "" {
		l.refused = append(l.refused, "with what is here: "+why)
		return
	}
	l.logs[u.ChatID] = union
	if u.Text != nil {
		l.texts = append(l.texts, u.Text.Text)
	}
}

// deployedReplay is why deployed clients refuse a list, or empty.
func deployedReplay(chat string, events []group.Event) string {
	list := slices.Clone(events)
	slices.SortStableFunc(list, func(a, b group.Event) int { return int(a.Clock) - int(b.Clock) })
	if len(list) == 0 || !strings.HasSuffix(chat, list[0].Author.String()) {
		return "not by the creator"
	}
	members, joined, admins := map[identity.PublicKey]bool{}, map[identity.PublicKey]bool{}, map[identity.PublicKey]bool{}
	for _, e := range list {
		alone := len(e.Members) == 1
		valid := admins[e.Author]
		switch e.Type {
		case group.Created:
			valid = len(members) == 0
			members[e.Author], joined[e.Author], admins[e.Author] = true, true, true
		case group.Joined:
			valid = members[e.Author]
			joined[e.Author] = true
		case group.Removed:
			valid = alone && (e.Members[0] == e.Author || admins[e.Author] && !admins[e.Members[0]])
		case group.AdminRemoved:
			valid = valid && alone && e.Members[0] == e.Author
		case group.AdminsAdded:
			valid = valid && slices.ContainsFunc(e.Members, func(who identity.PublicKey) bool { return members[who] })
		}
		if !valid {
			return e.Author.Pseudonym() + " may not"
		}
		for _, who := range e.Members {
			switch e.Type {
			case group.Added:
				members[who] = true
			case group.AdminsAdded:
				admins[who] = true
			case group.AdminRemoved:
				delete(admins, who)
			case group.Removed:
				delete(members, who)
				delete(joined, who)
				delete(admins, who)
			}
		}
	}
	return ""
}

// TestLegacyMember has a member whose program is of 2020: it takes everything that ours send, and ours take what it sends.
func TestLegacyMember(t *testing.T) {
	inParty(t, []string{"ann", "bo", "cy"}, func(t *testing.T, p *party) {
		ann, bo, cy := p.all[0], p.all[1], p.all[2]
		p.friends()
		old := &legacy{outsider: newOutsider(t, "old"), party: p, logs: map[string][]group.Event{}}
		heard := map[*guest]*legacy{}
		for _, g := range p.all {
			old.learns(g.person)
			must(g.contacts.Add(t.Context(), old.self()))(t)
			each := *old
			each.seen = len(g.node.posts())
			heard[g] = &each
		}
		p.settle()
		round := func() {
			for range 3 {
				p.settle()
				for _, g := range p.all {
					h := heard[g]
					h.refused, h.texts, h.clock = old.refused, old.texts, old.clock
					h.hears(g)
					old.refused, old.texts, old.clock = h.refused, h.texts, h.clock
				}
			}
		}
		id := must(ann.groups.Create(t.Context(), "team", append(keys(bo, cy), old.self())))(t).ID
		round()
		must(bo.groups.Accept(t.Context(), id))(t)
		round()
		pass(time.Second)
		join := must(group.Sign(old.key, id, group.Event{Clock: uint64(time.Now().UnixMilli()), Type: group.Joined}))(t)
		old.logs[id] = append(old.logs[id], join)
		wrapped, _, err := payload.Membership{ChatID: id, Events: payload.RawEvents(old.logs[id])}.Seal(old.key)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range p.all {
			old.to(g.person, old.encrypt(keyOf(g), old.synced(keyOf(g), wrapped)))
		}
		round()
		for _, g := range []*guest{ann, bo} {
			g.say(id, "from "+g.name)
			round()
		}
		must(cy.groups.Accept(t.Context(), id))(t)
		round()
		must(ann.groups.Promote(t.Context(), id, keys(bo)))(t)
		round()
		must(bo.groups.Rename(t.Context(), id, "crew"))(t)
		must(ann.groups.Rename(t.Context(), id, "hers"))(t)
		round()
		must(bo.groups.Remove(t.Context(), id, keys(cy)))(t)
		round()
		must(ann.groups.Add(t.Context(), id, keys(cy), 10))(t)
		round()
		must(cy.groups.Accept(t.Context(), id))(t)
		round()
		cy.say(id, "from cy again")
		must(ann.groups.Resign(t.Context(), id))(t)
		round()
		must(ann.groups.Leave(t.Context(), id))(t)
		round()
		bo.say(id, "the last word")
		round()
		if len(old.refused) != 0 {
			t.Errorf("the old program refuses %q", old.refused)
		}
		if want := []string{"from ann", "from bo", "from cy again", "the last word"}; !slices.Equal(old.texts, want) {
			t.Errorf("it has %q, want %q", old.texts, want)
		}
		state, _ := group.Replay(id, old.logs[id])
		if state.Name != bo.chat(id).Name || len(state.Joined()) != bo.chat(id).GroupOf {
			t.Errorf("it sees %+v, bo %+v", state, bo.chat(id))
		}
	})
}
