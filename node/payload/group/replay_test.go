package group

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// Each rule ignores by its own name, and lets the rest stand.
func TestReplayIgnores(t *testing.T) {
	base := []Event{event(t, 0, 1, Created), event(t, 0, 2, Added, 1, 2), event(t, 1, 3, Joined), event(t, 0, 4, AdminsAdded, 1)}
	long := strings.Repeat("x", MaxName+1)
	for name, c := range map[string]struct {
		event Event
		want  Reason
	}{
		"created again":             {named(t, 0, 9, Created, "again"), ReasonCreated},
		"created by another":        {event(t, 1, 9, Created), ReasonNotCreator},
		"renamed by a member":       {event(t, 2, 9, Renamed), ReasonNotAdmin},
		"renamed to nothing":        {named(t, 0, 9, Renamed, ""), ReasonName},
		"renamed to too much":       {named(t, 0, 9, Renamed, long), ReasonName},
		"added by a member":         {event(t, 2, 9, Added, 3), ReasonNotAdmin},
		"added nobody":              {event(t, 0, 9, Added), ReasonTargets},
		"added who is there":        {event(t, 0, 9, Added, 1), ReasonNoEffect},
		"joined uninvited":          {event(t, 5, 9, Joined), ReasonNotMember},
		"joined again":              {event(t, 1, 9, Joined), ReasonNoEffect},
		"removed by a member":       {event(t, 2, 9, Removed, 1), ReasonNotAdmin},
		"removed an admin":          {event(t, 0, 9, Removed, 1), ReasonTargetAdmin},
		"removed who is not there":  {event(t, 0, 9, Removed, 5), ReasonNotMember},
		"left without being there":  {event(t, 5, 9, Removed, 5), ReasonNotMember},
		"removed two":               {event(t, 0, 9, Removed, 1, 2), ReasonTargets},
		"removed nobody":            {event(t, 0, 9, Removed), ReasonTargets},
		"made an admin by a member": {event(t, 2, 9, AdminsAdded, 2), ReasonNotAdmin},
		"made a stranger an admin":  {event(t, 0, 9, AdminsAdded, 2, 5), ReasonNotMember},
		"made an admin again":       {event(t, 0, 9, AdminsAdded, 1), ReasonNoEffect},
		"took another's right":      {event(t, 0, 9, AdminRemoved, 1), ReasonTargets},
		"resigned who is none":      {event(t, 2, 9, AdminRemoved, 2), ReasonNotAdmin},
		"type unheard":              {event(t, 0, 9, 8), ReasonType},
		"no type":                   {event(t, 0, 9, 0), ReasonType},
	} {
		t.Run(name, func(t *testing.T) {
			s, ignored := Replay(team(t), append(slices.Clone(base), c.event))
			if got := reasons(ignored); !slices.Equal(got, []Reason{c.want}) {
				t.Errorf("ignored %v, want %v", got, c.want)
			}
			if !slices.Equal(people(t, s.Members()), []int{0, 1, 2}) || !slices.Equal(people(t, s.Admins()), []int{0, 1}) || s.Name != "team" {
				t.Errorf("state %+v", s)
			}
		})
	}
	if s, ignored := Replay("status", base); len(ignored) != len(base) || len(s.People) != 0 {
		t.Errorf("of no group: %+v", s)
	}
}

// A name of any length creates a group; only it is not taken.
func TestEndlessNameOfANewGroup(t *testing.T) {
	s, ignored := Replay(team(t), []Event{named(t, 0, 1, Created, strings.Repeat("x", MaxName+1)), event(t, 0, 2, Added, 1)})
	if len(ignored) != 0 || s.Name != "" || len(s.Members()) != 2 {
		t.Errorf("%+v, ignoring %v", s, reasons(ignored))
	}
}

// Who is removed cannot undo it by an event of theirs with the clock of the removal, whatever its signature is.
func TestRemovalWinsATie(t *testing.T) {
	for attempt := range 20 {
		name := strings.Repeat("n", attempt) // another signature each time
		base := []Event{event(t, 0, 1, Created), event(t, 0, 2, Added, 1, 2), event(t, 0, 3, AdminsAdded, 2)}
		removal := event(t, 0, 4, Removed, 1)
		answer := named(t, 1, 4, Joined, name)
		answer.Signature[0] = byte(attempt * 12)
		promoted := event(t, 2, 4, AdminsAdded, 1)
		promoted.Signature[0] = byte(attempt * 12)
		s, ignored := Replay(team(t), append(base, answer, promoted, removal))
		if s.People[person(t, 1)].Member || !slices.Equal(reasons(ignored), []Reason{ReasonAtOnce, ReasonAtOnce}) {
			t.Errorf("still there: %+v, %v", s.People[person(t, 1)], reasons(ignored))
		}
	}
}

// The same signature before two bodies is of two people: one must not hide the other's event.
func TestOneSignatureTwice(t *testing.T) {
	genuine := event(t, 0, 2, Added, 1)
	shadow := event(t, 3, 1, Joined)
	shadow.Signature = genuine.Signature
	s, _ := Replay(team(t), []Event{shadow, event(t, 0, 1, Created), genuine})
	if !s.People[person(t, 1)].Member {
		t.Error("the genuine event is gone")
	}
}

// What somebody was, and when, over a life of being invited, joining, leaving, and coming back.
func TestPersonOverTime(t *testing.T) {
	events := []Event{event(t, 0, 1, Created), event(t, 0, 2, Added, 1), event(t, 1, 4, Joined), event(t, 0, 6, Removed, 1),
		event(t, 0, 8, Added, 1), event(t, 1, 9, Removed, 1), event(t, 0, 10, Added, 1), event(t, 1, 12, Joined)}
	for n, want := range map[int]Person{
		2: {Member: true, Added: 2, AddedBy: person(t, 0)},
		3: {Member: true, Joined: true, Added: 2, AddedBy: person(t, 0), JoinedAt: 4},
		4: {Added: 2, AddedBy: person(t, 0), JoinedAt: 4, Left: 6},
		6: {Added: 8, AddedBy: person(t, 0), JoinedAt: 4, Left: 6},
		8: {Member: true, Joined: true, Added: 10, AddedBy: person(t, 0), JoinedAt: 12, Left: 6},
	} {
		if got := first2(Replay(team(t), events[:n])).People[person(t, 1)]; got != want {
			t.Errorf("after %d events %+v, want %+v", n, got, want)
		}
	}
	s := first2(Replay(team(t), events))
	for clock, want := range map[uint64]bool{3: false, 4: true, 6: true, 7: false, 9: false, 11: false, 12: true, 99: true} {
		if got := s.WasJoined(person(t, 1), clock); got != want {
			t.Errorf("joined at %d: %v", clock, got)
		}
	}
	if s.WasJoined(person(t, 5), 7) || s.Creator != person(t, 0) || s.Created != 1 {
		t.Errorf("state %+v", s)
	}
}

// Who may write what, when. Clocks are in milliseconds: an hour has 3,600,000.
func TestAdmits(t *testing.T) {
	const hour = 3_600_000
	at := func(clock uint64) time.Time { return time.UnixMilli(int64(clock)) }
	base := []Event{event(t, 0, 1, Created), event(t, 0, 2, Added, 1), event(t, 1, 3, Joined)}
	removed := append(slices.Clone(base), event(t, 0, hour, Removed, 1))
	again := append(slices.Clone(removed), event(t, 0, 2*hour, Added, 1))
	back := append(slices.Clone(again), event(t, 1, 3*hour, Joined))
	declined := []Event{base[0], base[1], event(t, 1, 3, Removed, 1)}
	for name, c := range map[string]struct {
		events []Event
		who    int
		clock  uint64
		sent   time.Time
		want   Reason
	}{
		"a member":                       {base, 1, hour, at(hour), ""},
		"a member, with an old clock":    {base, 1, 1, at(hour), ""},
		"the creator":                    {base, 0, hour, at(hour), ""},
		"a stranger":                     {base, 5, hour, at(hour), ReasonNotMember},
		"invited":                        {base[:2], 1, hour, at(hour), ReasonNotJoined},
		"declined":                       {declined, 1, 2, at(2), ReasonRemoved},
		"before the removal":             {removed, 1, hour - 1, at(hour - 1), ""},
		"at the removal":                 {removed, 1, hour, at(hour + 120_000), ""},
		"before, by its clock":           {removed, 1, hour - 1, at(hour + 120_001), ReasonRemoved},
		"after the removal":              {removed, 1, hour + 1, at(hour + 1), ReasonRemoved},
		"invited again":                  {again, 1, 2*hour + 1, at(2*hour + 1), ReasonNotJoined},
		"invited again, of before":       {again, 1, hour - 1, at(hour), ""},
		"invited again, of before, late": {again, 1, hour - 1, at(3 * hour), ReasonNotJoined},
		"back":                           {back, 1, 3 * hour, at(3 * hour), ""},
		"back, while away":               {back, 1, 2 * hour, at(3 * hour), ReasonRemoved},
		"back, of before":                {back, 1, hour - 1, at(3 * hour), ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := first2(Replay(team(t), c.events))
			if err := s.Admits(person(t, c.who), c.clock, c.sent); ReasonOf(err) != c.want {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
