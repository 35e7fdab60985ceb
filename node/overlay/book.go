package overlay

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"
)

const (
	// MaxCandidates is how many nodes a client remembers that may become peers, beside those of its network.
	MaxCandidates = 64
	// maxOfSource is how many of them come from one source, so that none fills the book for all others.
	maxOfSource = MaxCandidates / 2
	// DismissedFor is how long a node that was found useless waits until it is tried again.
	DismissedFor = 10 * time.Minute
	// spareAfter is how long a node that failed waits where it is not needed, but would be one more.
	spareAfter = 10 * time.Minute
	// reportAgain is how long what was told of a node is fresh.
	reportAgain = time.Hour
)

// entry is a candidate and how it did so far.
type entry struct {
	Candidate
	node      *enode.Node
	tries     backoff
	notBefore time.Time // by the monotonic clock, as dismissed is
	dismissed time.Time // until when it is not to be dialled, whatever happens
	busy      bool      // dialled, or connected by the pool
	here      bool      // connected by the pool
	told      time.Time // when it was last reported, by the wall clock
}

func (e *entry) where() netip.Prefix { return neighbourhood(e.node.IPAddr()) }

// book are the candidates of a pool, bounded. It has no lock of its own.
type book struct {
	entries map[enode.ID]*entry
}

// add takes a candidate up, or brings what is known of it up to date. It says whether the candidate is new or changed; a full
// source replaces one of its own, or takes no more. What the network says of its own nodes stands, whoever else tells of them.
func (b *book) add(c Candidate, n *enode.Node) (e *entry, news bool) {
	e = b.entries[n.ID()]
	if e == nil {
		if !b.room(c.Source, neighbourhood(n.IPAddr())) {
			return nil, false
		}
		e = &entry{Candidate: c, node: n}
		b.entries[n.ID()] = e
		return e, true
	}
	if e.Source == SourceNetwork && c.Source != SourceNetwork {
		return e, false
	}
	news = e.Enode != c.Enode || e.Roles != c.Roles || e.Retention != c.Retention
	if e.Enode != c.Enode {
		e.tries.reset() // what failed was the old address
		e.notBefore = time.Time{}
	}
	if c.Source == SourceNetwork {
		e.Source = SourceNetwork
	}
	e.Enode, e.Roles, e.Retention, e.Seen, e.node = c.Enode, c.Roles, c.Retention, c.Seen, n
	return e, news
}

// room makes sure that one more from the source fits. Who makes room is one that failed, or else one of the neighbourhood that
// has most of the source's places, unless that is the newcomer's own.
func (b *book) room(source Source, newcomer netip.Prefix) bool {
	var idle []*entry
	count, strangers, crowd := 0, 0, make(map[netip.Prefix]int)
	for _, e := range b.entries {
		if e.Source != SourceNetwork {
			strangers++
		}
		if e.Source != source {
			continue
		}
		count++
		crowd[e.where()]++
		if !e.busy {
			idle = append(idle, e)
		}
	}
	if source == SourceNetwork {
		return count < maxNamed
	}
	if count < maxOfSource && strangers < MaxCandidates {
		return true
	}
	if len(idle) == 0 {
		return false
	}
	worst := slices.MaxFunc(idle, func(a, c *entry) int {
		if d := a.tries.failures - c.tries.failures; d != 0 {
			return d
		}
		return crowd[a.where()] - crowd[c.where()]
	})
	if worst.tries.failures == 0 && crowd[worst.where()] <= crowd[newcomer]+1 {
		return false
	}
	delete(b.entries, worst.node.ID())
	return true
}

// choose picks the candidate to dial next among those that may be dialled now and that skip does not rule out: one in a
// neighbourhood and from a source that no peer is from, if there is one; one of the network that the person joined before
// anybody else; one that did not fail before all of these; otherwise any.
func (b *book) choose(role Roles, now time.Time, peers []peered, skip func(enode.ID) bool) *entry {
	var able []*entry
	for id, e := range b.entries {
		if e.Roles.Has(role) && !e.busy && !e.notBefore.After(now) && !skip(id) {
			able = append(able, e)
		}
	}
	if len(able) == 0 {
		return nil
	}
	rand.Shuffle(len(able), func(i, j int) { able[i], able[j] = able[j], able[i] })
	return slices.MinFunc(able, func(a, c *entry) int { return b.demerits(a, peers) - b.demerits(c, peers) })
}

func (b *book) demerits(e *entry, peers []peered) int {
	d := 0
	if e.tries.failures > 0 {
		d += 8
	}
	if e.Source != SourceNetwork {
		d += 4
	}
	for _, p := range peers {
		if p.where == e.where() && p.where.IsValid() {
			d |= 2
		}
		if p.source == e.Source && e.Source != SourceNetwork {
			d |= 1
		}
	}
	return d
}

// due is when the next candidate that waits may be dialled; false where none waits.
func (b *book) due(now time.Time) (at time.Time, ok bool) {
	for _, e := range b.entries {
		if !e.busy && e.notBefore.After(now) && (!ok || e.notBefore.Before(at)) {
			at, ok = e.notBefore, true
		}
	}
	return at, ok
}

// peered is a node that counts as a peer: connected, or being dialled.
type peered struct {
	id     enode.ID
	roles  Roles
	where  netip.Prefix
	source Source
}
