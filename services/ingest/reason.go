package ingest

import (
	"errors"
	"maps"
	"sync"

	"sotto/node/datasync"
	"sotto/node/payload"
	"sotto/node/secure"
)

// Reason names why an envelope was not taken in: one of these, of the layers that read it (secure.Reason,
// payload.Reason), or a handler's own.
type Reason string

// The reasons of this package.
const (
	Duplicate   Reason = "duplicate"    // the envelope or the message was taken in before
	Unsigned    Reason = "unsigned"     // without a Whisper signature
	UnknownType Reason = "unknown_type" // nothing handles messages of this type
	Internal    Reason = "internal"     // a handler failed for a reason of ours
	Closing     Reason = "closing"      // the database did not take it before the account was locked: lost, for nobody sends it again
)

// Error makes a Reason an error.
func (r Reason) Error() string { return "refused: " + string(r) }

// ReasonOf is the reason in err's chain, Internal if there is none.
func ReasonOf(err error) Reason {
	if r, ok := errors.AsType[Reason](err); ok {
		return r
	}
	if r := payload.ReasonOf(err); r != "" {
		return Reason(r)
	}
	if r := secure.ReasonOf(err); r != "" {
		return Reason(r)
	}
	if r := datasync.ReasonOf(err); r != "" {
		return Reason(r)
	}
	return Internal
}

// Counts is how many envelopes were taken in and how many were not, by reason.
type Counts struct {
	Taken   uint64
	Refused map[Reason]uint64
}

// counter is Counts under a lock.
type counter struct {
	mu     sync.Mutex
	counts Counts
}

func (c *counter) add(more Counts) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts.Taken += more.Taken
	for reason, n := range more.Refused {
		c.counts.refuse(reason, n)
	}
}

func (c *counter) read() Counts {
	c.mu.Lock()
	defer c.mu.Unlock()
	return Counts{Taken: c.counts.Taken, Refused: maps.Clone(c.counts.Refused)}
}

func (c *Counts) refuse(reason Reason, n uint64) {
	if c.Refused == nil {
		c.Refused = make(map[Reason]uint64)
	}
	c.Refused[reason] += n
}
