package group

import "sotto/node/identity"

// Ignored is an event that Replay did not take, and why.
type Ignored struct {
	Event  Event
	Reason Reason
}

// Replay is the state that a set of events of a group amounts to, and those of them that do not count. The events may come
// in any order and more than once; all of them must have been read by DecodeEvent or FromStore for that group.
//
// Deployed clients refuse a list with one event that does not count. They also count a few that are ignored here: those that
// change nothing, such as the removal of somebody who is not there, and AdminsAdded where some of the named are no members,
// of which the specification says that all must be.
func Replay(chat string, events []Event) (State, []Ignored) {
	r := replay(chat, inOrder(events))
	return r.state, r.ignored
}

// Clean is the part of a set of events that counts, in the order of the replay. It amounts to the same state as all of them,
// and every client replays it without refusing any, in whatever order it puts equal clocks.
func Clean(chat string, events []Event) []Event {
	return replay(chat, inOrder(events)).clean()
}

// run is a replay under way.
type run struct {
	creator identity.PublicKey // as the group's id says
	state   State
	steps   []step // the events that count
	ignored []Ignored
	moment  moment

	by      map[claim]int              // which step made a claim true last
	joins   map[identity.PublicKey]int // by which step somebody joined last
	renamed int                        // which step gave the group its name, by its place; 0 is the creation
}

// step is an event that counts, and which of the steps before make it so, by their places.
type step struct {
	event Event
	leans []int // it needs what these did
	after []int // it needs these only to undo something, where that was done
}

// replay replays events that are in order. An id that is no group's has no creator, and then nothing counts.
func replay(chat string, events []Event) *run {
	creator, _ := Creator(chat)
	r := &run{creator: creator, moment: newMoment(), steps: make([]step, 0, len(events)),
		by: make(map[claim]int, len(events)), joins: map[identity.PublicKey]int{}}
	r.state.People, r.state.spans = map[identity.PublicKey]Person{}, map[identity.PublicKey][]span{}
	for _, e := range events {
		if r.moment.clock != e.Clock {
			r.moment.next(e.Clock)
		}
		if reason := r.take(e); reason != "" {
			r.ignored = append(r.ignored, Ignored{e, reason})
		}
	}
	return r
}

func (r *run) clean() []Event {
	events := make([]Event, 0, len(r.steps))
	for _, s := range r.steps {
		events = append(events, s.event)
	}
	return events
}

// take lets an event count, or says why it does not.
func (r *run) take(e Event) Reason {
	if reason := impossible(e, r.creator); reason != "" {
		return reason
	}
	rule := ruleOf(e)
	for _, c := range rule.needs {
		if !r.holds(c) {
			return r.missing(c)
		}
	}
	switch {
	case e.Type == Created && r.state.Created != 0:
		return ReasonCreated
	case r.moment.contradicts(rule):
		return ReasonAtOnce
	case !r.changes(e, rule):
		return ReasonNoEffect
	}
	r.record(e, rule)
	r.state.apply(e)
	return ""
}

func (r *run) holds(c claim) bool {
	person := r.state.People[c.who]
	switch c.what {
	case isMember:
		return person.Member
	case isNoMember:
		return !person.Member
	case isAdmin:
		return person.Admin
	}
	return !person.Admin
}

// missing is the reason to ignore an event that needs what is not so.
func (r *run) missing(c claim) Reason {
	switch {
	case r.moment.made[c.opposite()]:
		return ReasonAtOnce
	case c.what == isMember:
		return ReasonNotMember
	case c.what == isAdmin:
		return ReasonNotAdmin
	}
	return ReasonTargetAdmin
}

// changes tells whether an event changes anything. Of a name this is not asked.
func (r *run) changes(e Event, rule rule) bool {
	if e.Type == Joined {
		return !r.state.People[e.Author].Joined
	}
	for _, c := range rule.makes {
		if !r.holds(c) {
			return true
		}
	}
	return len(rule.makes) == 0
}

// record makes a step of an event that is about to be applied.
func (r *run) record(e Event, rule rule) {
	s := step{event: e}
	for _, c := range rule.needs {
		r.moment.needed[c] = true
		if c.what == isNoAdmin {
			s.after = r.makerOf(s.after, c)
		} else {
			s.leans = r.makerOf(s.leans, c)
		}
	}
	for _, c := range rule.makes {
		if r.holds(c) {
			continue
		}
		s.after = r.makerOf(s.after, c.opposite())
		r.moment.made[c] = true
		r.by[c] = len(r.steps)
	}
	switch e.Type {
	case Created, Joined:
		s.after = r.makerOf(s.after, claim{isNoMember, e.Author})
		r.joins[e.Author] = len(r.steps)
	case Renamed:
		r.renamed = len(r.steps)
	}
	r.steps = append(r.steps, s)
}

// makerOf adds the step that made a claim true to a list. What was true from the beginning no step made.
func (r *run) makerOf(list []int, c claim) []int {
	if maker, ok := r.by[c]; ok {
		return append(list, maker)
	}
	return list
}
