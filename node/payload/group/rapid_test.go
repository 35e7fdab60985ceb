package group

import (
	"reflect"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// drawEvents draws a set of events of the group of the tests: of six people, most of them plausible when they were made, with
// clocks of which many are equal, and some that nobody should have made.
func drawEvents(t *testing.T, r *rapid.T) []Event {
	events := []Event{}
	if rapid.IntRange(0, 9).Draw(r, "created") > 0 {
		events = append(events, event(t, 0, 5, Created))
	}
	clock := uint64(5)
	for n := range rapid.IntRange(0, 25).Draw(r, "events") {
		clock += uint64(rapid.IntRange(0, 2).Draw(r, "later"))
		s, _ := Replay(team(t), events)
		admins, members := orSomebody(people(t, s.Admins())), orSomebody(people(t, s.Members()))
		anybody := []int{0, 1, 2, 3, 4, 5}
		of := func(list []int) int { return rapid.SampledFrom(list).Draw(r, "who") }
		var e Event
		switch rapid.IntRange(0, 11).Draw(r, "event") {
		case 0, 1, 2:
			e = event(t, of(admins), clock, Added, rapid.SliceOfN(rapid.SampledFrom(anybody), 0, 3).Draw(r, "added")...)
		case 3, 4:
			e = event(t, of(members), clock, Joined)
		case 5:
			e = event(t, of(admins), clock, Removed, of(members))
		case 6:
			who := of(members)
			e = event(t, who, clock, Removed, who)
		case 7:
			e = event(t, of(admins), clock, AdminsAdded, rapid.SliceOfN(rapid.SampledFrom(members), 1, 2).Draw(r, "promoted")...)
		case 8:
			who := of(admins)
			e = event(t, who, clock, AdminRemoved, who)
		case 9:
			e = named(t, of(admins), clock, Renamed, strconv.Itoa(n))
		default: // whatever, whenever
			e = named(t, of(anybody), uint64(rapid.IntRange(1, int(clock)).Draw(r, "clock")), Type(rapid.IntRange(0, 8).Draw(r, "type")),
				rapid.SampledFrom([]string{"", "other"}).Draw(r, "name"), rapid.SliceOfN(rapid.SampledFrom(anybody), 0, 2).Draw(r, "whom")...)
		}
		events = append(events, e)
	}
	return events
}

func orSomebody(list []int) []int {
	if len(list) == 0 {
		return []int{0}
	}
	return list
}

// shuffled is the events in another order, some of them more than once.
func shuffled(r *rapid.T, events []Event) []Event {
	list := slices.Clone(events)
	for range min(len(events), 3) {
		list = append(list, events[rapid.IntRange(0, len(events)-1).Draw(r, "again")])
	}
	return mixed(r, list)
}

// mixed is the events in another order.
func mixed(r *rapid.T, events []Event) []Event {
	places := make([]int, len(events))
	for n := range places {
		places[n] = n
	}
	list := []Event{}
	for _, place := range rapid.Permutation(places).Draw(r, "order") {
		list = append(list, events[place])
	}
	return list
}

// A state follows from the set: not from order of arrival, duplicates, or in how many parts they came.
func TestStateIsAFunctionOfTheSet(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		events := drawEvents(t, r)
		want, ignored := Replay(team(t), events)
		again := shuffled(r, events)
		got, left := Replay(team(t), again)
		if !reflect.DeepEqual(got, want) || !reflect.DeepEqual(left, ignored) {
			r.Fatalf("state %+v and %v, in another order %+v and %v", want, reasons(ignored), got, reasons(left))
		}
		if Digest(team(t), again) != Digest(team(t), events) {
			r.Fatal("another digest")
		}
	})
}

// What is clean amounts to the same state, has nothing in it that is ignored, and deployed clients take all of it, in
// whatever order they have it, and arrive at the same people.
func TestCleanReplaysEverywhere(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		events := drawEvents(t, r)
		want, ignored := Replay(team(t), events)
		clean := Clean(team(t), events)
		got, left := Replay(team(t), clean)
		if len(left) != 0 || !reflect.DeepEqual(got, want) {
			r.Fatalf("replays to %+v, ignoring %v; want %+v", got, reasons(left), want)
		}
		if len(clean)+len(ignored) != len(inOrder(events)) {
			r.Fatal("events are neither clean nor ignored")
		}
		checkDeployed(r, team(t), clean, want)
	})
}

// checkDeployed lets deployed clients replay a list.
func checkDeployed(r *rapid.T, chat string, list []Event, want State) {
	if len(list) == 0 {
		return
	}
	g, ok := deployedReplay(chat, mixed(r, list))
	if !ok {
		r.Fatalf("deployed clients refuse %+v", list)
	}
	for name, pair := range map[string][2][]string{
		"members": {g.Members, texts(want.Members())}, "joined": {g.Joined, texts(want.Joined())}, "admins": {g.Admins, texts(want.Admins())},
	} {
		if !slices.Equal(pair[0], pair[1]) {
			r.Fatalf("%s there %v, here %v", name, pair[0], pair[1])
		}
	}
}

// The abridged list is part of the clean one, replays by itself, here and there, lets its author write where the whole does,
// and brings the name and the new events.
func TestAbridgedShowsWhatIsNeeded(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		events := drawEvents(t, r)
		whole, clean := first2(Replay(team(t), events)), Clean(team(t), events)
		author := person(t, rapid.IntRange(0, 5).Draw(r, "author"))
		var also []Event
		for range min(len(events), 2) {
			if place := rapid.IntRange(-1, len(events)-1).Draw(r, "also"); place >= 0 {
				also = append(also, events[place])
			}
		}
		short := Abridged(team(t), mixed(r, events), author, also...)
		part, ignored := Replay(team(t), short)
		if len(ignored) != 0 || !subset(short, clean) {
			r.Fatalf("%d events, ignoring %v", len(short), reasons(ignored))
		}
		if part.Name != whole.Name || part.People[author].Joined != whole.People[author].Joined || part.Created != whole.Created {
			r.Fatalf("amounts to %+v, want %+v", part, whole)
		}
		for _, e := range also {
			if contains(clean, e) != contains(short, e) {
				r.Fatalf("%+v is missing", e)
			}
		}
		checkDeployed(r, team(t), short, part)
	})
}

func first2(s State, _ []Ignored) State { return s }

func contains(list []Event, e Event) bool {
	return slices.ContainsFunc(list, func(other Event) bool { return other.mark() == e.mark() })
}

func subset(part, whole []Event) bool {
	return !slices.ContainsFunc(part, func(e Event) bool { return !contains(whole, e) })
}

// A digest is equal where the clean lists are, and nowhere else.
func TestDigestStandsForTheCleanList(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		events := drawEvents(t, r)
		some := slices.DeleteFunc(slices.Clone(events), func(Event) bool { return rapid.Bool().Draw(r, "left out") })
		a, b := Clean(team(t), events), Clean(team(t), some)
		equal := len(a) == len(b) && subset(a, b)
		if (Digest(team(t), events) == Digest(team(t), some)) != equal {
			r.Fatalf("lists equal: %v, digests otherwise", equal)
		}
	})
}

// What is kept amounts to what all of it does, now and with whatever comes later.
func TestKeepLosesNothingThatCounts(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		events := drawEvents(t, r)
		cut := rapid.IntRange(0, len(events)).Draw(r, "cut")
		arrived := mixed(r, events)
		kept := Keep(team(t), arrived[:cut])
		if !subset(kept, arrived[:cut]) || !reflect.DeepEqual(kept, Keep(team(t), shuffled(r, arrived[:cut]))) {
			r.Fatal("what is kept depends on the order")
		}
		if now, want := first2(Replay(team(t), kept)), first2(Replay(team(t), arrived[:cut])); !reflect.DeepEqual(now, want) {
			r.Fatalf("amounts to %+v, want %+v", now, want)
		}
	})
}

// A member whose events came in any order, in as many parts as there are events, and stored as Keep says after each, arrives
// where the others are, if nobody's event came long before what makes them somebody.
func TestKeepWaitsForWhatComesBefore(t *testing.T) {
	events := []Event{event(t, 0, 1, Created), event(t, 0, 2, Added, 1), event(t, 1, 3, Joined), event(t, 0, 4, AdminsAdded, 1),
		event(t, 1, 5, Added, 2), event(t, 2, 6, Joined)}
	rapid.Check(t, func(r *rapid.T) {
		rest := mixed(r, slices.Concat(events[:1], events[2:4], events[5:]))
		stored := []Event{events[1], events[4]} // who names others has been heard
		for _, e := range rest {
			stored = Keep(team(t), append(stored, e))
		}
		if got := first2(Replay(team(t), stored)); !slices.Equal(people(t, got.Joined()), []int{0, 1, 2}) {
			r.Fatalf("arrives at %+v", got)
		}
	})
}
