package whisper

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"
)

const (
	// leastSources is how many peers must tell their time before it is believed.
	leastSources = 2
	// mostOffset bounds what peers can move our clock by.
	mostOffset = 10 * time.Minute
	// clockStep is how far wall clock and monotonic clock may part between two looks before the clock counts as set.
	clockStep = 2 * time.Second
)

// clock estimates how far our clock is behind the peers', from what those whom we dialled said in their status packets.
type clock struct {
	estimate atomic.Int64 // nanoseconds

	mu      sync.Mutex
	samples map[enode.ID]time.Duration
	wall    time.Time // at the last look, without its monotonic reading
	mono    time.Time // the same moment for time.Since
}

func (c *clock) offset() time.Duration { return time.Duration(c.estimate.Load()) }

// observe notes that a peer's clock showed theirs when ours showed ours.
func (c *clock) observe(id enode.ID, theirs, ours time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.samples == nil {
		c.samples = make(map[enode.ID]time.Duration)
	}
	c.samples[id] = theirs.Round(0).Sub(ours.Round(0))
	c.update()
}

func (c *clock) forget(id enode.ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.samples, id)
	c.update()
}

func (c *clock) update() {
	c.estimate.Store(int64(medianOffset(c.samples)))
}

// medianOffset is 0 with fewer than two samples. Of two in the middle it takes the one nearer to zero, so that one
// of two peers cannot move the clock alone.
func medianOffset(samples map[enode.ID]time.Duration) time.Duration {
	if len(samples) < leastSources {
		return 0
	}
	all := make([]time.Duration, 0, len(samples))
	for _, s := range samples {
		all = append(all, s)
	}
	slices.Sort(all)
	median := all[len(all)/2]
	if lower := all[(len(all)-1)/2]; lower.Abs() < median.Abs() {
		median = lower
	}
	return min(max(median, -mostOffset), mostOffset)
}

// watch is called every second. When somebody sets the computer's clock, or it slept, what it was compared with is void;
// then watch says true.
func (c *clock) watch(now time.Time) (void bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	wall := now.Round(0)
	void = !c.mono.IsZero() && (wall.Sub(c.wall)-time.Since(c.mono)).Abs() > clockStep
	if void {
		clear(c.samples)
		c.update()
	}
	c.wall, c.mono = wall, time.Now()
	return void
}

// ClockOffset is how far our clock is behind the peers': the median of those that we dialled and that told theirs, at
// least two, at most ten minutes either way. It is 0 while fewer did. sources counts them.
func (w *Whisper) ClockOffset() (offset time.Duration, sources int) {
	w.clock.mu.Lock()
	defer w.clock.mu.Unlock()
	return w.clock.offset(), len(w.clock.samples)
}
