package groups

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sotto/models"
	"sotto/node/identity"
	"sotto/node/payload"
	"sotto/node/payload/group"
	"sotto/services/fault"
)

// checks is how many schedules are played by default.
var checks = 12

// play is a schedule under way: a group, and every event that anybody ever had.
type play struct {
	*world
	id    string
	ever  []group.Event
	said  int
	parts map[[2]string]bool // who does not reach whom now
}

// TestSchedules does what people do in a group, at random and at the same time, while letters get lost and people are parted.
// After every step each person's rows are what their log amounts to. In the end all who are in the group by all events that
// there ever were have the same group, and the texts of everybody who stayed.
func TestSchedules(t *testing.T) {
	flags := flag.Lookup("rapid.checks")
	defer func(before string) { _ = flag.Set(flags.Name, before) }(flags.Value.String())
	if err := flag.Set(flags.Name, strconv.Itoa(checks)); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(r *rapid.T) {
		w := newWorld(r, "ann", "bo", "cy", "di", "ed")
		defer w.close()
		p := &play{world: w, parts: map[[2]string]bool{}}
		w.lost = func(from, to *person) bool { return p.parts[[2]string{from.name, to.name}] }
		g, err := w.people[0].Create(context.Background(), "team", keysOf(w.people[1:4]...))
		w.must(err)
		p.id = g.ID
		w.arrive()
		r.Repeat(p.actions())
		p.end(r)
	})
}

func (p *play) actions() map[string]func(*rapid.T) {
	ctx := context.Background()
	ignore := func(r *rapid.T, _ Group, err error) {
		if err != nil && !slices.Contains([]fault.Code{fault.NotAllowed, fault.NoSuchChat}, fault.CodeOf(err)) {
			r.Fatal(err)
		}
	}
	about := func(call func(who *person, whom string) (Group, error)) func(*rapid.T) {
		return func(r *rapid.T) {
			g, err := call(p.any(r, "who"), p.any(r, "whom").self().String())
			ignore(r, g, err)
		}
	}
	alone := func(call func(who *person) (Group, error)) func(*rapid.T) {
		return func(r *rapid.T) {
			g, err := call(p.any(r, "who"))
			ignore(r, g, err)
		}
	}
	accept := alone(func(who *person) (Group, error) { return who.Accept(ctx, p.id) })
	return map[string]func(*rapid.T){
		"add":      about(func(who *person, whom string) (Group, error) { return who.Add(ctx, p.id, []string{whom}, 5) }),
		"remove":   about(func(who *person, whom string) (Group, error) { return who.Remove(ctx, p.id, []string{whom}) }),
		"promote":  about(func(who *person, whom string) (Group, error) { return who.Promote(ctx, p.id, []string{whom}) }),
		"accept 1": accept, "accept 2": accept, "accept 3": accept,
		"decline": alone(func(who *person) (Group, error) { return who.Decline(ctx, p.id) }),
		"leave":   alone(func(who *person) (Group, error) { return who.Leave(ctx, p.id) }),
		"resign":  alone(func(who *person) (Group, error) { return who.Resign(ctx, p.id) }),
		"rename": func(r *rapid.T) {
			g, err := p.any(r, "who").Rename(ctx, p.id, rapid.SampledFrom([]string{"red", "green", "blue"}).Draw(r, "name"))
			ignore(r, g, err)
		},
		"write 1": p.someoneWrites, "write 2": p.someoneWrites,
		"arrive": func(*rapid.T) { p.arrive() },
		"wait":   func(*rapid.T) { p.pass(40 * time.Second) },
		"part": func(r *rapid.T) {
			pair := [2]string{p.any(r, "who").name, p.any(r, "whom").name}
			p.parts[pair] = !p.parts[pair]
		},
		"": p.same,
	}
}

func (p *play) any(r *rapid.T, what string) *person {
	return p.people[rapid.IntRange(0, len(p.people)-1).Draw(r, what)]
}

// someoneWrites writes, if they may.
func (p *play) someoneWrites(r *rapid.T) {
	who := p.any(r, "who")
	if state, _ := who.state(p.id); state.People[who.self()].Joined {
		p.said++
		p.must(who.say(p.id, fmt.Sprintf("%s %d", who.name, p.said)))
	}
}

// same holds that rows and logs agree everywhere, and collects the events.
func (p *play) same(r *rapid.T) {
	p.now = p.now.Add(time.Second)
	for _, who := range p.people {
		_, events := who.state(p.id)
		who.linesCount(r, p.id, events)
		for _, e := range events {
			if !slices.ContainsFunc(p.ever, func(o group.Event) bool { return bytes.Equal(o.Raw, e.Raw) }) {
				p.ever = append(p.ever, e)
			}
		}
	}
}

// linesCount holds that every line in a group's chat stands for an event that counts.
func (p *person) linesCount(r *rapid.T, id string, events []group.Event) {
	_, ignored := group.Replay(id, events)
	counts := map[[32]byte]bool{}
	for _, e := range events {
		counts[e.LineID()] = true
	}
	for _, i := range ignored {
		counts[i.Event.LineID()] = false
	}
	p.do(func(tx *models.Tx) error {
		chat, _, err := tx.ChatNamed(models.GroupChat, id)
		if err != nil {
			return err
		}
		rows, err := tx.Older(chat.ID, nil, 10_000)
		for _, row := range rows {
			if row.ContentType == int(payload.ContentSystem) && !counts[[32]byte(row.ID)] {
				r.Errorf("%s reads %q of an event that counts for nothing", p.name, row.Text)
			}
		}
		return err
	})
}

// end lets everybody reach everybody until nobody has anything to say, and compares.
func (p *play) end(r *rapid.T) {
	clear(p.parts)
	for range 60 {
		p.pass(5 * time.Minute)
	}
	p.same(r)
	want, _ := group.Replay(p.id, p.ever)
	for _, who := range p.people {
		if !want.People[who.self()].Joined {
			continue
		}
		got, _ := who.state(p.id)
		if got.Name != want.Name || !slices.Equal(got.Members(), want.Members()) || !slices.Equal(got.Joined(), want.Joined()) ||
			!slices.Equal(got.Admins(), want.Admins()) {
			r.Fatalf("%s has %v of %q, want %v of %q", who.name, p.names(got), got.Name, p.names(want), want.Name)
		}
	}
	p.complete(r, want)
}

// complete holds that who stayed has what was written to them by who stayed.
func (p *play) complete(r *rapid.T, state group.State) {
	for _, author := range p.people {
		author.do(func(tx *models.Tx) error {
			chat, _, err := tx.ChatNamed(models.GroupChat, p.id)
			if err != nil {
				return err
			}
			rows, err := tx.Older(chat.ID, nil, 10_000)
			for _, row := range rows {
				if !row.Outgoing || !p.stayed(state, author.self(), row.Clock) {
					continue
				}
				to, err := tx.GroupRecipients(row.Row)
				if err != nil {
					return err
				}
				for _, recipient := range to {
					reader := p.of(recipient.Key)
					if p.stayed(state, recipient.Key, row.Clock) && !slices.Contains(reader.texts(p.id), row.Text) {
						r.Errorf("%s does not have %q", reader.name, row.Text)
					}
				}
			}
			return err
		})
	}
}

// stayed says whether somebody was in the group from a clock until now.
func (p *play) stayed(state group.State, who identity.PublicKey, clock uint64) bool {
	is := state.People[who]
	return is.Joined && is.JoinedAt <= clock
}

func (p *play) of(key identity.PublicKey) *person {
	return p.people[slices.IndexFunc(p.people, func(q *person) bool { return q.self() == key })]
}

func (p *play) names(s group.State) (list []string) {
	for key, is := range s.People {
		if is.Member {
			list = append(list, fmt.Sprintf("%s %+v", p.of(key).name, is))
		}
	}
	slices.Sort(list)
	return list
}
