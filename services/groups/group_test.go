package groups

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"sotto/models"
	"sotto/node/identity"
	"sotto/node/payload"
	"sotto/node/payload/group"
	"sotto/node/secure"
	"sotto/node/secure/securetest"
	"sotto/node/secure/wire"
	"sotto/services/ingest"
)

// worldOf is newWorld for a test.
func worldOf(t testing.TB, names ...string) *world {
	t.Helper()
	w := newWorld(t, names...)
	t.Cleanup(w.close)
	return w
}

// team is a group of the first person's that everybody else joined.
func (w *world) team(name string) string {
	g, err := w.people[0].Create(context.Background(), name, keysOf(w.people[1:]...))
	w.must(err)
	w.arrive()
	for _, p := range w.people[1:] {
		_, err := p.Accept(context.Background(), g.ID)
		w.must(err)
		w.arrive()
	}
	return g.ID
}

// TestLines reads what a chat shows of a group's life, on both sides.
func TestLines(t *testing.T) {
	w := worldOf(t, "Ann", "Bo", "Cy", "Di")
	ann, bo, cy, di := w.people[0], w.people[1], w.people[2], w.people[3]
	ctx := t.Context()
	step := func(_ Group, err error) {
		t.Helper()
		w.now = w.now.Add(time.Second)
		if err != nil {
			t.Fatal(err)
		}
		w.arrive()
	}
	made, err := ann.Create(ctx, "team", keysOf(bo, cy))
	step(made, err)
	id := made.ID
	step(bo.Accept(ctx, id))
	step(cy.Decline(ctx, id))
	step(ann.Promote(ctx, id, keysOf(bo)))
	step(bo.Rename(ctx, id, "crew"))
	step(bo.Add(ctx, id, keysOf(cy, di), 0))
	step(cy.Accept(ctx, id))
	step(ann.Remove(ctx, id, keysOf(cy)))
	step(bo.Resign(ctx, id))
	step(bo.Leave(ctx, id))
	for _, c := range []struct {
		who  *person
		want []string
	}{
		{ann, []string{"You made the group", "Bo joined", "Cy declined the invitation", "You made Bo an admin",
			"The group is now called crew", "Bo invited Cy", "Bo invited Di", "Cy joined", "You removed Cy", "Bo is no admin any more", "Bo left"}},
		{bo, []string{"You were added by Ann", "You joined", "Cy declined the invitation", "Ann made you an admin",
			"The group is now called crew", "You invited Cy", "You invited Di", "Cy joined", "Ann removed Cy", "You are no admin any more", "You left"}},
		{cy, []string{"You were added by Ann", "Bo joined", "You declined the invitation", "You were added by Bo", "Bo invited Di", "You joined", "Ann removed you"}},
		{di, []string{"You were added by Bo", "Cy joined", "Ann removed Cy", "Bo is no admin any more", "Bo left"}},
	} {
		got := c.who.lines(id)
		if c.who == cy { // the name of before comes with the log, at its own time
			got = slices.DeleteFunc(got, func(l string) bool { return l == "The group is now called crew" || l == "Ann made Bo an admin" })
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s reads\n%q, want\n%q", c.who.name, got, c.want)
		}
	}
}

// TestLinesOfOthersStay: an event that counts no more takes out its own line, and no other with the same signature.
func TestLinesOfOthersStay(t *testing.T) {
	w := worldOf(t, "ann", "bo")
	ann, bo := w.people[0], w.people[1]
	one, two := w.team("one"), w.team("two")
	_, events := ann.state(one)
	e := events[slices.IndexFunc(events, func(e group.Event) bool { return e.Type == group.Created })]
	ann.do(func(tx *models.Tx) error {
		chat, _, err := tx.ChatNamed(models.GroupChat, one)
		w.must(err)
		other, _, err := tx.ChatNamed(models.GroupChat, two)
		w.must(err)
		forged := e
		forged.Author = bo.self()
		for _, c := range []struct {
			chat  models.Chat
			event group.Event
			gone  bool
		}{{other, e, false}, {chat, forged, false}, {chat, e, true}} {
			told, err := unsaid(tx, c.chat, []group.Event{c.event})
			w.must(err)
			id := e.LineID()
			_, there, err := tx.Message(id[:])
			w.must(err)
			if there == c.gone || (len(told) > 0) != c.gone {
				t.Errorf("chat %q, author %v: there %v, told %v", c.chat.Title, c.event.Author == e.Author, there, told)
			}
		}
		return nil
	})
}

// TestNewcomersGetTheWholeLog shows a newcomer everybody at once, before anybody else says anything.
func TestNewcomersGetTheWholeLog(t *testing.T) {
	w := worldOf(t, "ann", "bo", "cy", "di")
	ann, di := w.people[0], w.people[3]
	made, err := ann.Create(t.Context(), "team", keysOf(w.people[1:3]...))
	w.must(err)
	w.arrive()
	for _, p := range w.people[1:3] {
		_, err := p.Accept(t.Context(), made.ID)
		w.must(err)
		w.arrive()
	}
	_, err = ann.Add(t.Context(), made.ID, keysOf(di), 0)
	w.must(err)
	w.arrive()
	want, _ := ann.state(made.ID)
	if got, _ := di.state(made.ID); len(got.Joined()) != 3 || !slices.Equal(got.Members(), want.Members()) {
		t.Errorf("di sees %d people of %d", len(got.Joined()), len(want.Joined()))
	}
}

// TestWordsOfManyPeople names a few and counts the rest, and leaves alone what it does not know.
func TestWordsOfManyPeople(t *testing.T) {
	w := worldOf(t, "Ann")
	ann := w.people[0]
	nameOf := func(key identity.PublicKey) (string, error) { return fmt.Sprintf("%x", key[1:2]), nil }
	var members []identity.PublicKey
	for i := range 9 {
		o := worldKey(i)
		members = append(members, o)
	}
	for n, want := range map[int]int{1: 0, 2: 0, 5: 0, 9: 4} {
		l := lineOf(group.Event{Type: group.Added, Members: members[:n]}, group.State{})
		if l.More != want || len(l.Whom) != n-want {
			t.Errorf("of %d people: %+v", n, l)
		}
	}
	for _, text := range []string{"", "A new device of theirs appeared.", "{", `{"did":"flew"}`, `{"did":1}`} {
		if got, err := Words(text, ann.self(), ann.self(), nameOf); got != text || err != nil {
			t.Errorf("%q becomes %q, %v", text, got, err)
		}
	}
}

func worldKey(i int) identity.PublicKey {
	key := newKeyOf(fmt.Sprint("somebody ", i))
	return identity.KeyOf(&key.PublicKey)
}

// TestSizeOfAText measures what a text to 20 members takes on the wire, counted as the bytes of ProtocolMessage to all of them:
// at most 60 kB, of an admin and of a member.
func TestSizeOfAText(t *testing.T) {
	w := worldOf(t, "ann", "bo")
	ann, bo := w.people[0], w.people[1]
	id := w.team("A group of twenty")
	w.crowd(id, 18, ann, bo)
	for _, who := range w.people {
		w.must(who.say(id, "See you at the station at ten, and bring the map."))
		total, copies := 0, 0
		who.do(func(tx *models.Tx) error {
			rows, err := tx.DueOutgoing(1<<62, 1<<62, 100)
			for _, row := range rows {
				if row.Message == 0 {
					continue
				}
				var m wire.ProtocolMessage
				if err := proto.Unmarshal(row.Payload, &m); err != nil {
					return err
				}
				total, copies = total+len(row.Payload), copies+1
			}
			return err
		})
		t.Logf("%s: %d bytes to %d members", who.name, total, copies)
		if copies != 19 || total > 60_000 {
			t.Errorf("%s sends %d bytes to %d members", who.name, total, copies)
		}
	}
}

// crowd adds people who have no program here and lets them join; each has a device that others know.
func (w *world) crowd(id string, n int, to ...*person) {
	var keys []string
	for i := range n {
		keys = append(keys, worldKey(i).String())
		device := secure.Device{Key: newKeyOf(fmt.Sprint("somebody ", i)), Installation: fmt.Sprint("device ", i), Rand: rand.Reader}
		bundle, err := device.Bundle(securetest.New(), w.now)
		w.must(err)
		for _, p := range to {
			p.do(func(tx *models.Tx) error {
				_, err := p.pair.Learn(tx, bundle, worldKey(i))
				return err
			})
		}
	}
	_, err := to[0].Add(context.Background(), id, keys, 0)
	w.must(err)
	w.arrive()
	for i := range n {
		w.join(id, i, to...)
	}
}

// join lets somebody join who has no program here: their event is told to people as if it had come.
func (w *world) join(id string, i int, to ...*person) {
	key := newKeyOf(fmt.Sprint("somebody ", i))
	w.now = w.now.Add(time.Second)
	e, err := group.Sign(key, id, group.Event{Clock: uint64(w.now.UnixMilli()), Type: group.Joined})
	w.must(err)
	for _, p := range to {
		p.do(func(tx *models.Tx) error {
			_, err := p.keeper.membership(tx, ingest.Letter{From: identity.KeyOf(&key.PublicKey), Known: true, Sent: w.now,
				Private: payload.Private{Membership: payload.Membership{ChatID: id, Events: [][]byte{e.Raw}}}})
			return err
		})
	}
}

// TestEventsAreJudged refuses and counts what is no event, or one from the future, and takes the rest beside it.
func TestEventsAreJudged(t *testing.T) {
	w := worldOf(t, "ann", "bo")
	ann, bo := w.people[0], w.people[1]
	id := w.team("team")
	sign := func(p *person, e group.Event) []byte {
		signed, err := group.Sign(p.key, id, e)
		w.must(err)
		return signed.Raw
	}
	now := uint64(w.now.UnixMilli())
	events := [][]byte{
		{1, 2, 3},
		sign(ann, group.Event{Clock: now + 600_000, Type: group.Renamed, Name: "tomorrow"}),
		sign(bo, group.Event{Clock: now + 1, Type: group.Renamed, Name: "bo's"}),
		sign(ann, group.Event{Clock: now + 2, Type: group.Renamed, Name: "ann's"}),
	}
	var effects ingest.Effects
	bo.do(func(tx *models.Tx) (err error) {
		effects, err = bo.keeper.membership(tx, ingest.Letter{From: ann.self(), Known: true, Sent: w.now,
			Private: payload.Private{Membership: payload.Membership{ChatID: id, Events: events}}})
		return err
	})
	want := []ingest.Reason{ingest.Reason(group.ReasonMalformed), ingest.Reason(group.ReasonFuture), ingest.Reason(group.ReasonNotAdmin)}
	if !slices.Equal(effects.Refused, want) {
		t.Errorf("refused %v, want %v", effects.Refused, want)
	}
	if state, _ := bo.state(id); state.Name != "ann's" {
		t.Errorf("the name is %q", state.Name)
	}
}

// TestStrangersSendLittle refuses an invitation by a stranger with more events than are looked at for one.
func TestStrangersSendLittle(t *testing.T) {
	w := worldOf(t, "ann")
	ann := w.people[0]
	id, err := group.NewID(zeros{}, worldKey(1))
	w.must(err)
	ann.do(func(tx *models.Tx) error {
		_, err := ann.keeper.membership(tx, ingest.Letter{From: worldKey(1), Sent: w.now,
			Private: payload.Private{Membership: payload.Membership{ChatID: id, Events: make([][]byte, strangerEvents+1)}}})
		if !errors.Is(err, ReasonTooMuch) {
			t.Errorf("got %v", err)
		}
		return nil
	})
}

// zeros is no randomness.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
