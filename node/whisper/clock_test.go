package whisper

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"
)

func TestMedianOffset(t *testing.T) {
	const s = time.Second
	tests := map[string]struct {
		samples []time.Duration
		want    time.Duration
	}{
		"none":                         {nil, 0},
		"one is not believed":          {[]time.Duration{7 * s}, 0},
		"two that agree":               {[]time.Duration{7 * s, 8 * s}, 7 * s},
		"one of two alone is harmless": {[]time.Duration{0, 500 * s}, 0},
		"behind":                       {[]time.Duration{-7 * s, -9 * s}, -7 * s},
		"liar among three":             {[]time.Duration{7 * s, -500 * s, 8 * s}, 7 * s},
		"four":                         {[]time.Duration{1 * s, 2 * s, 3 * s, 400 * s}, 2 * s},
		"at most ten minutes":          {[]time.Duration{time.Hour, time.Hour}, 10 * time.Minute},
		"at most ten minutes back":     {[]time.Duration{-time.Hour, -time.Hour}, -10 * time.Minute},
	}
	for name, tt := range tests {
		samples := make(map[enode.ID]time.Duration)
		for i, d := range tt.samples {
			samples[enode.ID{byte(i)}] = d
		}
		if got := medianOffset(samples); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

// When somebody sets the computer's clock, what it was compared with is void; when time just passes, it is not.
func TestClockSetVoidsSamples(t *testing.T) {
	var c clock
	ours := time.Now()
	for i := range 2 {
		c.observe(enode.ID{byte(i)}, ours.Add(time.Minute), ours)
	}
	if c.watch(ours) || c.watch(ours.Add(time.Second)) || c.offset() != time.Minute {
		t.Errorf("offset %v after a second", c.offset())
	}
	if !c.watch(ours.Add(time.Minute)) || c.offset() != 0 || len(c.samples) != 0 {
		t.Errorf("offset %v after the clock was set", c.offset())
	}
}

func TestClockForgetsPeers(t *testing.T) {
	var c clock
	ours := time.Now()
	for i := range 2 {
		c.observe(enode.ID{byte(i)}, ours.Add(time.Minute), ours)
	}
	c.forget(enode.ID{1})
	if c.offset() != 0 {
		t.Errorf("offset %v with one peer", c.offset())
	}
}

// The ten seconds in which old requirements hold are measured by our own clock for what we post, too, whatever the
// peers' clocks show.
func TestToleranceForOwnPostsDoesNotDependOnPeers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := New(Config{MinPoW: -1})
		for n := range byte(2) {
			w.clock.observe(enode.ID{n}, time.Now().Add(5*time.Minute), time.Now())
		}
		own := func() *Envelope {
			return &Envelope{Expiry: w.unixNow() + 15, TTL: 15, Topic: Topic{1}, Data: make([]byte, 100)}
		}
		w.SetMinPoW(1000)
		if err := w.Post(own(), nil); err != nil {
			t.Errorf("at once: %v", err)
		}
		time.Sleep(tolerance)
		if err := w.Post(own(), nil); !errors.Is(err, ReasonLowPoW) {
			t.Errorf("after ten seconds: %v", err)
		}
	})
}
