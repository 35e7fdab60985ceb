package group

import (
	"encoding/binary"
	"slices"
	"testing"

	"sotto/node/identity"
)

// many is n events of the same sort by one person, with clocks from 10 on.
func many(t testing.TB, author, n int, kind Type, members ...int) (events []Event) {
	t.Helper()
	one := event(t, author, 1, kind, members...)
	for i := range n {
		e := one
		e.Clock = uint64(10 + i)
		binary.BigEndian.PutUint32(e.Signature[60:], uint32(i))
		events = append(events, e)
	}
	return events
}

// Somebody who floods a group with what does not count keeps nobody else's events out, and their newest are kept.
func TestKeepIsBoundedPerAuthor(t *testing.T) {
	events := append(many(t, 1, 500, Renamed), event(t, 0, 1, Created), event(t, 0, 2, Added, 1), event(t, 2, 600, Joined),
		event(t, 1, 601, Added, 2))
	kept := Keep(team(t), events)
	newest := 0
	for _, e := range kept {
		if e.Author == person(t, 1) && e.Type == Renamed {
			newest++
			if e.Clock < 10+500-MaxSpare {
				t.Errorf("kept that of %d", e.Clock)
			}
		}
	}
	if newest != MaxSpare-1 || !contains(kept, events[502]) || !contains(kept, events[503]) { // one more is the invitation
		t.Errorf("kept %d of the flood, and %d in all", newest, len(kept))
	}
}

// What nobody in the group ever named is not stored.
func TestKeepDropsStrangers(t *testing.T) {
	events := []Event{event(t, 0, 1, Created), event(t, 5, 2, Joined), event(t, 5, 3, Added, 6), event(t, 6, 4, Joined), event(t, 0, 5, 9)}
	if kept := Keep(team(t), events); len(kept) != 1 {
		t.Errorf("kept %d", len(kept))
	}
}

// However much comes, what is stored is bounded, and what counts fits into one update.
func TestKeepIsBounded(t *testing.T) {
	events := append(many(t, 0, MaxUpdate+100, Renamed), event(t, 0, 1, Created))
	events = append(events, crowd(t, 200)...)
	kept := Keep(team(t), events)
	clean := Clean(team(t), kept)
	if len(kept) > MaxEvents || Size(kept) > MaxBytes || len(clean) > MaxUpdate || Size(clean) > MaxUpdateBytes {
		t.Errorf("kept %d of %d bytes, %d count", len(kept), Size(kept), len(clean))
	}
	if len(clean) < MaxUpdate/2 {
		t.Errorf("only %d count", len(clean))
	}
	heavy := many(t, 0, 20, Renamed)
	for n := range heavy {
		heavy[n].Raw = make([]byte, MaxEvent)
	}
	if kept := Keep(team(t), append(heavy, event(t, 0, 1, Created))); Size(kept) > MaxUpdateBytes || len(kept) < 5 {
		t.Errorf("kept %d of %d bytes", len(kept), Size(kept))
	}
}

// crowd is people whom nobody let in, of whom each wrote much: the second person invited them all.
func crowd(t testing.TB, n int) (events []Event) {
	t.Helper()
	for i := range n {
		var who identity.PublicKey
		binary.BigEndian.PutUint32(who[:], uint32(i+1))
		invite := event(t, 0, uint64(i+1), Added)
		invite.Author, invite.Clock, invite.Members = person(t, 0), uint64(i+1), []identity.PublicKey{who}
		binary.BigEndian.PutUint32(invite.Signature[50:], uint32(i))
		events = append(events, invite)
		for _, e := range many(t, 1, 50, Renamed) {
			e.Author = who
			events = append(events, e)
		}
	}
	return events
}

// large is a group of so many people, each added and joined on their own.
func large(t testing.TB, members int) []Event {
	t.Helper()
	events := []Event{event(t, 0, 1, Created)}
	for i := range members - 1 {
		var who identity.PublicKey
		binary.BigEndian.PutUint32(who[1:], uint32(i+1))
		added, joined := event(t, 0, uint64(10+2*i), Added), event(t, 0, uint64(11+2*i), Joined)
		added.Members, joined.Author = []identity.PublicKey{who}, who
		binary.BigEndian.PutUint32(added.Signature[50:], uint32(i))
		events = append(events, added, joined)
	}
	return append(events, named(t, 0, uint64(12+2*members), Renamed, "large"))
}

// In a group of any size a plain member's text carries four events: creation, name, invitation, joining. Who was away and came
// back, and whose inviting admin was made one by another, need a few more, and not all.
func TestAbridgedIsSmall(t *testing.T) {
	events := large(t, 200)
	if short := Abridged(team(t), events, events[2].Author); len(short) != 4 {
		t.Errorf("%d events", len(short))
	}
	if short := Abridged(team(t), events, person(t, 0)); len(short) != 2 {
		t.Errorf("%d events of the creator", len(short))
	}
	more := append(events, event(t, 0, 1000, Added, 1), event(t, 1, 1001, Joined), event(t, 0, 1002, AdminsAdded, 1),
		event(t, 1, 1003, Added, 2), event(t, 1, 1004, AdminRemoved, 1), event(t, 0, 1005, Removed, 1), event(t, 0, 1006, Added, 1),
		event(t, 1, 1007, Joined), event(t, 2, 1008, Joined))
	// Creation, name; added, made an admin, the invitation; resigned, removed; added again, joined.
	if short := Abridged(team(t), more, person(t, 1), event(t, 1, 1003, Added, 2)); len(short) != 9 {
		t.Errorf("%d events of who came back, who invited before", len(short))
	}
	if short := Abridged(team(t), more, person(t, 1)); len(short) != 4 {
		t.Errorf("%d events of who came back", len(short))
	}
	if short := Abridged(team(t), more, person(t, 2)); len(short) != 6 {
		t.Errorf("%d events of who was invited by one who came back", len(short))
	}
	if short := Abridged(team(t), nil, person(t, 1)); len(short) != 0 {
		t.Errorf("%d events of nothing", len(short))
	}
}

func TestSize(t *testing.T) {
	if got := Size([]Event{{Raw: make([]byte, 3)}, {Raw: make([]byte, 4)}}); got != 7 {
		t.Errorf("%d", got)
	}
}

func BenchmarkReplay400(b *testing.B) {
	events := large(b, 200)[:400]
	slices.Reverse(events)
	b.ReportAllocs()
	for b.Loop() {
		if s, _ := Replay(team(b), events); len(s.Members()) < 200 {
			b.Fatal("people are missing")
		}
	}
}

func BenchmarkAbridged400(b *testing.B) {
	events := large(b, 200)[:400]
	b.ReportAllocs()
	for b.Loop() {
		if len(Abridged(team(b), events, events[2].Author)) == 0 {
			b.Fatal("nothing")
		}
	}
}

func BenchmarkDecodeEvent(b *testing.B) {
	raw, chat := invitation(b).Raw, team(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := DecodeEvent(chat, raw); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFromStore(b *testing.B) {
	e := invitation(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := FromStore(e.Author, e.Raw); err != nil {
			b.Fatal(err)
		}
	}
}
