package network

import (
	"slices"
	"strings"
	"sync"
	"time"

	"sotto/services/event"
)

// The names of degraded states.
const (
	DegradedClock   = "clock"    // this computer's clock is wrong
	DegradedNoPeers = "no_peers" // none of the known nodes answers
	DegradedOffline = "offline"  // this computer has no way out
	DegradedStorage = "storage"  // the disk does not take what has to be stored

	DegradedNoMailserver = "no_mailserver" // there are mailservers, and none of them answers

	DegradedRolledBack = "rolled_back" // the account's folder was put back from a copy, or copied
)

// registry is the degraded states by name, each as it is now or as it ended.
type registry struct {
	now    func() time.Time
	events event.Publisher

	mu     sync.Mutex
	states map[string]Degraded
}

// begin makes a state last, or changes what it says, and tells readers when that is news.
func (r *registry) begin(name, text, remedy string) {
	r.mu.Lock()
	old, known := r.states[name]
	d := Degraded{Name: name, Since: r.now(), Text: text, Remedy: remedy}
	if known && old.Until.IsZero() {
		d.Since = old.Since
	}
	r.states[name] = d
	r.mu.Unlock()
	if d != old {
		r.events.Publish(event.Event{Kind: event.Degraded, Name: name})
	}
}

// end lets a state be over; one that does not last is left alone.
func (r *registry) end(name string) {
	r.mu.Lock()
	d, known := r.states[name]
	over := known && d.Until.IsZero()
	if over {
		d.Until = r.now()
		r.states[name] = d
	}
	r.mu.Unlock()
	if over {
		r.events.Publish(event.Event{Kind: event.Degraded, Name: name})
	}
}

func (r *registry) endAll() {
	for _, d := range r.lasting() {
		r.end(d.Name)
	}
}

func (r *registry) get(name string) (Degraded, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	d, known := r.states[name]
	return d, known
}

func (r *registry) lasting() []Degraded {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []Degraded
	for _, d := range r.states {
		if d.Until.IsZero() {
			list = append(list, d)
		}
	}
	slices.SortFunc(list, func(a, b Degraded) int { return strings.Compare(a.Name, b.Name) })
	return list
}
