package mailserver

import (
	"maps"
	"sync"
	"sync/atomic"
	"time"
)

// DurationBounds are the upper bounds of the buckets that [ServerStats] counts durations in.
var DurationBounds = [...]time.Duration{
	5 * time.Millisecond, 10 * time.Millisecond, 25 * time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond,
	250 * time.Millisecond, 500 * time.Millisecond, time.Second, 5 * time.Second, 30 * time.Second,
}

// ServerStats is what a server did since it was made. Beside each stands the name under which Prometheus knows it.
type ServerStats struct {
	Envelopes uint64            // given to Keep (mailserver_envelopes_total)
	Kept      uint64            // committed to the archive, the same one perhaps more than once
	NotKept   uint64            // refused: too much waits, or the archive failed
	Attempts  uint64            // requests that came (mailserver_delivery_attempts_total)
	Failures  map[Reason]uint64 // requests that were not answered (mailserver_delivery_failures_total)
	Sent      uint64            // envelopes delivered
	Pruned    uint64            // envelopes that went from the archive
	Waiting   int               // requests that wait now
	Queued    int64             // bytes of envelopes that wait for the archive now
	Durations Durations         // of requests that were answered (mailserver_delivery_duration_seconds)
}

// Durations is a histogram: Buckets[i] counts what took at most DurationBounds[i] and longer than the bound before.
type Durations struct {
	Count   uint64
	Sum     time.Duration
	Buckets [len(DurationBounds)]uint64
}

type serverCounters struct {
	envelopes, kept, notKept, attempts, sent, pruned atomic.Uint64

	mu        sync.Mutex
	failures  map[Reason]uint64
	durations Durations
}

func (c *serverCounters) fail(r Reason) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failures == nil {
		c.failures = make(map[Reason]uint64)
	}
	c.failures[r]++
}

func (c *serverCounters) delivered(took time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.durations.Count++
	c.durations.Sum += took
	for i, bound := range DurationBounds {
		if took <= bound {
			c.durations.Buckets[i]++
			return
		}
	}
}

// Stats is a snapshot of the counters. How much the archive holds, [Archive.Size] tells (mailserver_archived_envelopes_total).
func (s *Server) Stats() ServerStats {
	c := &s.stats
	st := ServerStats{
		Envelopes: c.envelopes.Load(), Kept: c.kept.Load(), NotKept: c.notKept.Load(), Attempts: c.attempts.Load(),
		Sent: c.sent.Load(), Pruned: c.pruned.Load(), Failures: make(map[Reason]uint64),
	}
	c.mu.Lock()
	maps.Copy(st.Failures, c.failures)
	st.Durations = c.durations
	c.mu.Unlock()
	s.desk.mu.Lock()
	st.Waiting = s.desk.waiting
	s.desk.mu.Unlock()
	s.gatherer.mu.Lock()
	st.Queued = s.gatherer.bytes
	s.gatherer.mu.Unlock()
	return st
}
