package history

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"sotto/models"
)

// How many envelopes a server is asked for at once: fewer after it failed, more again after it served well (Status's clients
// do the same).
const (
	mostLimit   = 1000
	leastLimit  = 16 // of the largest envelopes as many fit into a page
	goodToWiden = 2
)

// A server that failed is left alone for a while, each time for longer. One whose answers had holes is not relied upon for
// suspected.
const (
	firstPause  = 3 * time.Second
	longestRest = 10 * time.Minute
	// replacedAfter is how often in a row one fails before another is to take its place.
	replacedAfter = 2
	suspected     = 7 * 24 * time.Hour
)

// standing is how a server serves while this account is open.
type standing struct {
	Mailserver
	stored models.Mailserver
	pace   pace
	fails  int // in a row
	tries  int // that failed in this round
	slow   bool
	busy   bool
	ready  time.Time // not asked before
	last   job       // asked last
}

// pace is how much a server is asked for at once.
type pace struct {
	limit int // envelopes of a page
	good  int // pages since it changed
}

// worked widens the limit when a server serves well.
func (p *pace) worked() {
	if p.good++; p.good >= goodToWiden {
		p.limit, p.good = min(2*p.limit, mostLimit), 0
	}
}

func (p *pace) failed() { p.limit, p.good = max(p.limit/2, leastLimit), 0 }

// failed lets the server rest and asks it for less the next time.
func (s *standing) failed(now time.Time, f Fault) {
	s.pace.failed()
	s.tries++
	if f == Gone { // it cannot be helped, and what follows is a new connection
		s.ready = now.Add(firstPause)
		return
	}
	s.fails++
	s.ready = now.Add(min(firstPause<<min(s.fails-1, 10), longestRest))
}

// suspect says whether the server's answers had holes lately.
func (s *standing) suspect(now time.Time) bool {
	return s.stored.Missed > 0 && now.Sub(time.UnixMilli(s.stored.Failed)) < suspected
}

// candidate is the server as planning sees it.
func (s *standing) candidate(now time.Time) candidate {
	c := candidate{node: s.Node, suspect: s.suspect(now)}
	if s.Retention > 0 {
		c.oldest = now.Add(-s.Retention).Unix()
	}
	return c
}

// standings is the servers of ours, by node.
type standings map[Node]*standing

// meet takes over what the network and the database know of them. Servers that are not ours any more go, unless they are
// being asked.
func (all standings) meet(ours []Mailserver, stored []models.Mailserver) {
	known := make(map[Node]bool)
	for _, m := range ours {
		known[m.Node] = true
		if all[m.Node] == nil {
			all[m.Node] = &standing{pace: pace{limit: mostLimit}}
		}
		all[m.Node].Mailserver = m
	}
	for node, s := range all {
		switch {
		case known[node]:
			s.stored = models.Mailserver{Node: node}
		case s.busy:
			s.Connected = false
		default:
			delete(all, node)
		}
	}
	for _, row := range stored {
		if s := all[row.Node]; s != nil {
			s.stored = row
		}
	}
}

// connected are the servers with a connection, the best first.
func (all standings) connected(now time.Time) (list []*standing) {
	for _, s := range all {
		if s.Connected {
			list = append(list, s)
		}
	}
	rank := func(s *standing) int {
		switch {
		case s.suspect(now):
			return 2
		case s.slow || s.fails > 0:
			return 1
		}
		return 0
	}
	slices.SortFunc(list, func(a, b *standing) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.fails, b.fails), slices.Compare(a.Node[:], b.Node[:]))
	})
	return list
}

// longest is for how long what is acknowledged is kept, by the promise that reaches furthest.
func (all standings) longest() (promise time.Duration) {
	for _, s := range all {
		promise = max(promise, s.Retention)
	}
	return promise
}

// rested are those of a list that may be asked now, or are being asked.
func rested(list []*standing, now time.Time) []*standing {
	return slices.DeleteFunc(slices.Clone(list), func(s *standing) bool { return !s.busy && now.Before(s.ready) })
}

// missedSentence says that a server's answers had holes.
func missedSentence(name string, missed int) string {
	if missed == 1 {
		return name + " did not have a message that another one had."
	}
	return fmt.Sprintf("%s did not have %d messages that another one had.", name, missed)
}
