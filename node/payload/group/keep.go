package group

import (
	"cmp"
	"crypto/sha256"
	"slices"

	"sotto/node/identity"
)

// Bounds of what is stored of a group. The events that count must go into one message to somebody who is new.
const (
	MaxUpdate      = 4096      // events that count
	MaxUpdateBytes = 640 << 10 // of all of them, as they travel
	MaxEvents      = 8192      // events in all
	MaxBytes       = 2 << 20   // of all of them
	MaxSpare       = 64        // events of one author that do not count now
)

// Digest stands for what a set of events amounts to: two sets have the same digest where they have the same Clean.
func Digest(chat string, events []Event) [16]byte {
	var marks []mark
	for _, e := range Clean(chat, events) {
		marks = append(marks, e.mark())
	}
	slices.SortFunc(marks, compareMarks)
	sum := sha256.New()
	for _, m := range marks {
		sum.Write(m.signature[:])
		sum.Write(m.author[:])
	}
	return [16]byte(sum.Sum(nil))
}

// Keep is what of a set of events is worth storing: those that count, and those that may yet, once an event is here that
// they build on. Of somebody who is named in no event there is nothing worth it, and of everybody at most MaxSpare events
// that do not count, the newest; people who are or were in the group come before others. What it returns is within the
// bounds above, in the order of the replay, and depends on nothing but the set. A log at its bounds stays as it is: what
// comes later in it does not count.
func Keep(chat string, events []Event) []Event {
	ordered := inOrder(events)
	r := replay(chat, ordered)
	counting := first(r.clean(), MaxUpdate, MaxUpdateBytes)
	spare := first(r.spare(ordered), MaxEvents-len(counting), MaxBytes-Size(counting))
	kept := append(counting, spare...)
	slices.SortFunc(kept, compare)
	return kept
}

// first is the first events of a list, within a number and a number of bytes.
func first(events []Event, most, bytes int) []Event {
	for n, e := range events[:min(len(events), most)] {
		if bytes -= len(e.Raw); bytes < 0 {
			return events[:n:n]
		}
	}
	return events[:min(len(events), most):min(len(events), most)]
}

// Size is how many bytes events have, as they travel.
func Size(events []Event) (total int) {
	for _, e := range events {
		total += len(e.Raw)
	}
	return total
}

// spare is the events that do not count and may yet, the ones most worth keeping first.
func (r *run) spare(ordered []Event) []Event {
	type candidate struct {
		event   Event
		known   bool // of somebody who is or was in the group
		younger int  // how many of the same author come later
	}
	var candidates []candidate
	reachable, count := reachable(r.creator, ordered), map[identity.PublicKey]int{}
	for _, i := range slices.Backward(r.ignored) {
		author := i.Event.Author
		if !reachable[author] || count[author] == MaxSpare || impossible(i.Event, r.creator) != "" {
			continue
		}
		_, known := r.state.People[author]
		candidates = append(candidates, candidate{i.Event, known, count[author]})
		count[author]++
	}
	slices.SortFunc(candidates, func(a, b candidate) int {
		if a.known != b.known {
			if a.known {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(a.younger, b.younger), compare(a.event, b.event))
	})
	var events []Event
	for _, c := range candidates {
		events = append(events, c.event)
	}
	return events
}

// reachable is who may ever have a say in the group, as far as the events tell: the creator, and whoever is named by somebody
// of whom that is true.
func reachable(creator identity.PublicKey, events []Event) map[identity.PublicKey]bool {
	named := map[identity.PublicKey][]identity.PublicKey{}
	for _, e := range events {
		if e.Type == Added {
			named[e.Author] = append(named[e.Author], e.Members...)
		}
	}
	found, next := map[identity.PublicKey]bool{creator: true}, []identity.PublicKey{creator}
	for len(next) > 0 {
		who := next[len(next)-1]
		next = next[:len(next)-1]
		for _, member := range named[who] {
			if !found[member] {
				found[member], next = true, append(next, member)
			}
		}
	}
	return found
}
