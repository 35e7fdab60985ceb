package group

import (
	"slices"

	"sotto/node/identity"
)

// Abridged is what of a set of events shows that the author takes part in the group, together with what the events in also
// need (each of which may be in the set or not), and with the group's name. It travels with every text. It is part of Clean
// of all of them, and replays cleanly from nothing; of what does not count, neither in the set nor in also, it has nothing.
func Abridged(chat string, events []Event, author identity.PublicKey, also ...Event) []Event {
	whole := replay(chat, inOrder(slices.Concat(events, also)))
	if len(whole.steps) == 0 {
		return nil
	}
	chosen := selection{whole.steps, map[int]bool{}}
	chosen.add(0)
	chosen.add(whole.renamed)
	if whole.state.People[author].Joined {
		chosen.add(whole.joins[author])
	}
	for _, e := range also {
		if place, ok := whole.placeOf(e); ok {
			chosen.add(place)
		}
	}
	for {
		part := replay(chat, chosen.events())
		if len(part.ignored) == 0 && part.state.People[author].Joined == whole.state.People[author].Joined {
			return part.clean()
		}
		if !chosen.extend(whole, part.ignored) {
			return whole.clean()
		}
	}
}

// placeOf is the place of an event among those that count, and whether it has one.
func (r *run) placeOf(e Event) (int, bool) {
	return slices.BinarySearchFunc(r.steps, e, func(s step, e Event) int { return compare(s.event, e) })
}

// selection is some of the steps of a replay, by their places, and all that they lean on.
type selection struct {
	steps  []step
	places map[int]bool
}

// add chooses a step, and what it leans on. Steps lean on earlier ones only.
func (s selection) add(place int) {
	if s.places[place] {
		return
	}
	s.places[place] = true
	for _, earlier := range s.steps[place].leans {
		s.add(earlier)
	}
}

// extend adds to the selection what undoes the reasons for which some of it was ignored, and says false where there is
// nothing to add.
func (s selection) extend(whole *run, ignored []Ignored) bool {
	before := len(s.places)
	for _, i := range ignored {
		place, _ := whole.placeOf(i.Event)
		for _, earlier := range s.steps[place].after {
			s.add(earlier)
		}
	}
	return len(s.places) > before
}

// events is what was chosen, in order.
func (s selection) events() []Event {
	var events []Event
	for place, step := range s.steps {
		if s.places[place] {
			events = append(events, step.event)
		}
	}
	return events
}
