package dispatch

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// Slow is how long the UI goroutine may be held before a person notices.
const Slow = 50 * time.Millisecond

var bounds = [...]time.Duration{
	time.Millisecond, 2 * time.Millisecond, 4 * time.Millisecond, 8 * time.Millisecond,
	16 * time.Millisecond, 32 * time.Millisecond, Slow, 100 * time.Millisecond,
}

// Histogram counts durations. The zero value is ready; it is safe for concurrent use.
type Histogram struct {
	mu    sync.Mutex
	stats Stats
}

// Stats is what a Histogram holds. Counts[i] is how many lasted at most the i-th bound (1, 2, 4, 8, 16, 32, 50, 100 ms)
// and more than the one before; the last count is of everything longer.
type Stats struct {
	Turns  int
	Total  time.Duration
	Max    time.Duration
	Slow   int // turns over 50 ms
	Counts [len(bounds) + 1]int
}

// Add counts one duration.
func (h *Histogram) Add(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stats.Turns++
	h.stats.Total += d
	h.stats.Max = max(h.stats.Max, d)
	if d > Slow {
		h.stats.Slow++
	}
	h.stats.Counts[bucket(d)]++
}

func bucket(d time.Duration) int {
	for i, bound := range bounds {
		if d <= bound {
			return i
		}
	}
	return len(bounds)
}

// Stats returns a copy of the counts.
func (h *Histogram) Stats() Stats {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.stats
}

// Reset forgets what was counted.
func (h *Histogram) Reset() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stats = Stats{}
}

// Mean is the average duration, 0 without any.
func (s Stats) Mean() time.Duration {
	if s.Turns == 0 {
		return 0
	}
	return s.Total / time.Duration(s.Turns)
}

// String is one line for a log or a terminal.
func (s Stats) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "turns %d, mean %v, max %v, over %v: %d;", s.Turns, s.Mean(), s.Max, Slow, s.Slow)
	for i, n := range s.Counts {
		if i < len(bounds) {
			fmt.Fprintf(&b, " ≤%v %d", bounds[i], n)
		} else {
			fmt.Fprintf(&b, " more %d", n)
		}
	}
	return b.String()
}
