package mailserver

import (
	"context"
	"errors"
	"sync"
	"time"

	"sotto/node/whisper"
)

const (
	// gatherTime is the least time between the beginnings of two commits, unless much waits.
	gatherTime = 50 * time.Millisecond
	// muchBytes is so much that it is committed at once.
	muchBytes = 256 << 10
	// mostBytes is how much goes into one commit, so that who waits for it does not wait long.
	mostBytes = 4 << 20
	// keptOverhead is what an envelope that waits costs in memory beside its RLP.
	keptOverhead = 256
	// commitTimeout is how long the archive may take.
	commitTimeout = 30 * time.Second
)

// What Keep tells instead of having kept something.
var (
	errBusy    = errors.New("mailserver: too much waits for the archive")
	errStopped = errors.New("mailserver: stopped")
)

// keeping is the envelopes of one packet, and who waits for them.
type keeping struct {
	batch []whisper.Kept
	bytes int64
	done  func(error)
}

// gatherer collects what comes from all peers and commits it together. What waits while a commit runs is the next one.
type gatherer struct {
	s    *Server
	wake chan struct{}

	mu      sync.Mutex
	waiting []keeping
	bytes   int64 // of what waits or is being committed
	ready   int64 // of what waits
	closed  bool
	failing bool // the last commit failed; of run
}

func (g *gatherer) init(s *Server) { g.s, g.wake = s, make(chan struct{}, 1) }

// Keep is for [whisper.Config.Keep]: it archives envelopes and calls done after the commit, at most 50 ms and the commit
// that runs later. When too much waits for the archive it calls done with an error at once.
func (s *Server) Keep(batch []whisper.Kept, done func(error)) {
	s.stats.envelopes.Add(uint64(len(batch)))
	if err := s.gatherer.put(batch, done); err != nil {
		s.stats.notKept.Add(uint64(len(batch)))
		done(err)
	}
}

func (g *gatherer) put(batch []whisper.Kept, done func(error)) error {
	k := keeping{batch: batch, done: done}
	for _, e := range batch {
		k.bytes += int64(len(e.Raw)) + keptOverhead
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.closed:
		return errStopped
	case g.bytes > 0 && g.bytes+k.bytes > g.s.cfg.QueueBytes:
		return errBusy
	}
	g.waiting = append(g.waiting, k)
	g.bytes += k.bytes
	g.ready += k.bytes
	select {
	case g.wake <- struct{}{}:
	default:
	}
	return nil
}

// run commits until ctx ends, and then what is left, unless the archive fails.
func (g *gatherer) run(ctx context.Context) {
	var began time.Time
	for {
		select {
		case <-g.wake:
		case <-ctx.Done():
		}
		for g.pace(ctx, began) {
			began = time.Now()
			if g.commit(ctx, g.take()); g.failing && ctx.Err() != nil {
				return
			}
		}
		if ctx.Err() != nil {
			return
		}
	}
}

// pace waits until it is time for a commit, and tells whether there is something for it.
func (g *gatherer) pace(ctx context.Context, last time.Time) bool {
	timer := time.NewTimer(time.Until(last.Add(gatherTime)))
	defer timer.Stop()
	for ctx.Err() == nil && g.waits() < muchBytes {
		select {
		case <-g.wake:
		case <-timer.C:
			return g.waits() > 0
		case <-ctx.Done():
		}
	}
	return g.waits() > 0
}

func (g *gatherer) waits() int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.ready
}

// take gives what goes into the next commit, in the order it came.
func (g *gatherer) take() (list []keeping) {
	g.mu.Lock()
	defer g.mu.Unlock()
	size, n := int64(0), 0
	for ; n < len(g.waiting) && (n == 0 || size+g.waiting[n].bytes <= mostBytes); n++ {
		size += g.waiting[n].bytes
	}
	list = g.waiting[:n:n]
	if g.waiting = g.waiting[n:]; len(g.waiting) == 0 {
		g.waiting = nil
	}
	g.ready -= size
	return list
}

// commit stores envelopes, each once, and tells everybody who waits for them. That the server stops does not end it.
func (g *gatherer) commit(ctx context.Context, list []keeping) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTimeout)
	defer cancel()
	var stored []Stored
	var bytes int64
	seen := make(map[whisper.Hash]struct{})
	for _, k := range list {
		bytes += k.bytes
		for _, e := range k.batch {
			if _, twice := seen[e.Hash]; !twice {
				seen[e.Hash] = struct{}{}
				stored = append(stored, Stored{Sent: e.Sent, Hash: e.Hash, Topic: e.Topic, Raw: e.Raw})
			}
		}
	}
	err := g.s.cfg.Archive.Put(ctx, stored)
	g.note(err, len(stored))
	g.mu.Lock()
	g.bytes -= bytes
	g.mu.Unlock()
	for _, k := range list {
		k.done(err)
	}
}

// note counts a commit, and logs when the archive begins to fail and when it works again.
func (g *gatherer) note(err error, envelopes int) {
	if err != nil {
		g.s.stats.notKept.Add(uint64(envelopes))
	} else {
		g.s.stats.kept.Add(uint64(envelopes))
	}
	switch failing := err != nil; {
	case failing && !g.failing:
		g.s.cfg.Log.Error("the archive does not take envelopes; they are refused until it does", "err", err)
	case !failing && g.failing:
		g.s.cfg.Log.Info("the archive takes envelopes again")
	}
	g.failing = err != nil
}

// close refuses what still waits, and what comes.
func (g *gatherer) close() {
	g.mu.Lock()
	g.closed = true
	left := g.waiting
	g.waiting, g.ready = nil, 0
	g.mu.Unlock()
	for _, k := range left {
		k.done(errStopped)
	}
}
