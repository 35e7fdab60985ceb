package group

import (
	"bytes"
	"slices"
	"time"

	"sotto/node/identity"
)

// State is what the events of a group amount to.
type State struct {
	Creator identity.PublicKey // zero where no event creates the group
	Created uint64             // the clock of its creation, 0 where there is none
	Name    string             // as it was signed, at most MaxName bytes; may be empty. See Title
	People  map[identity.PublicKey]Person

	spans map[identity.PublicKey][]span
}

// span is a time during which somebody took part, in clocks of events; until is 0 while they do.
type span struct{ from, until uint64 }

// Person is somebody who is or was in a group. Clocks are those of events; 0 is never.
type Person struct {
	Member   bool               // invited or joined
	Joined   bool               // takes part: writes, and gets what others write
	Admin    bool               // may rename, add, remove, and make others admins
	Added    uint64             // when they were added last
	AddedBy  identity.PublicKey // by whom; zero of the creator
	JoinedAt uint64             // when they joined last
	// Left is when they left or were removed last, from among those who had joined. Of somebody who never had, it is when
	// they declined or were removed.
	Left uint64
}

// Admits judges a message of a group that its author wrote at a clock, in a Whisper message sent at the given time. The
// errors are ReasonNotMember, ReasonNotJoined, which may be different once more events are here, and ReasonRemoved.
func (s State) Admits(author identity.PublicKey, clock uint64, sent time.Time) error {
	person, ok := s.People[author]
	if !ok {
		return ReasonNotMember
	}
	return person.Admits(clock, sent)
}

// Admits is State.Admits for one person. What somebody wrote before they were removed is taken, unless it was sent long
// after that: the clock is their own word, the time of sending less so.
func (p Person) Admits(clock uint64, sent time.Time) error {
	away := p.Left != 0 && clock > p.Left && (!p.Joined || clock < p.JoinedAt)
	late := p.Left != 0 && millis(sent) > p.Left+uint64(MaxAhead.Milliseconds())
	switch {
	case p.Joined && away:
		return ReasonRemoved
	case p.Joined:
		return nil
	case p.Member && (p.JoinedAt == 0 || away || late):
		return ReasonNotJoined
	case p.JoinedAt == 0 || away || late:
		return ReasonRemoved
	}
	return nil
}

// WasJoined tells whether somebody took part in the group at a clock, whatever happened since.
func (s State) WasJoined(who identity.PublicKey, clock uint64) bool {
	return slices.ContainsFunc(s.spans[who], func(at span) bool {
		return clock >= at.from && (at.until == 0 || clock <= at.until)
	})
}

// apply does what an event that counts says.
func (s *State) apply(e Event) {
	author := s.People[e.Author]
	switch e.Type {
	case Created:
		s.Creator, s.Created = e.Author, e.Clock
		if len(e.Name) <= MaxName {
			s.Name = e.Name
		}
		s.People[e.Author] = Person{Member: true, Joined: true, Admin: true, Added: e.Clock, JoinedAt: e.Clock}
		s.spans[e.Author] = []span{{from: e.Clock}}
	case Renamed:
		s.Name = e.Name
	case Added:
		for _, member := range e.Members {
			if person := s.People[member]; !person.Member {
				person.Member, person.Added, person.AddedBy = true, e.Clock, e.Author
				s.People[member] = person
			}
		}
	case Joined:
		author.Joined, author.JoinedAt = true, e.Clock
		s.People[e.Author] = author
		s.spans[e.Author] = append(s.spans[e.Author], span{from: e.Clock})
	case Removed:
		s.remove(e.Members[0], e.Clock)
	case AdminsAdded:
		for _, member := range e.Members {
			person := s.People[member]
			person.Admin = true
			s.People[member] = person
		}
	case AdminRemoved:
		author.Admin = false
		s.People[e.Author] = author
	}
}

func (s *State) remove(who identity.PublicKey, clock uint64) {
	person := s.People[who]
	if person.Joined {
		spans := s.spans[who]
		spans[len(spans)-1].until = clock
	}
	if person.Joined || person.JoinedAt == 0 {
		person.Left = clock
	}
	person.Member, person.Joined, person.Admin = false, false, false
	s.People[who] = person
}

// Members lists who is in the group, whether they joined or not, by their keys.
func (s State) Members() []identity.PublicKey {
	return s.those(func(p Person) bool { return p.Member })
}

// Joined lists who takes part, by their keys.
func (s State) Joined() []identity.PublicKey {
	return s.those(func(p Person) bool { return p.Joined })
}

// Admins lists the admins, by their keys.
func (s State) Admins() []identity.PublicKey {
	return s.those(func(p Person) bool { return p.Admin })
}

func (s State) those(match func(Person) bool) []identity.PublicKey {
	var keys []identity.PublicKey
	for key, person := range s.People {
		if match(person) {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b identity.PublicKey) int { return bytes.Compare(a[:], b[:]) })
	return keys
}
