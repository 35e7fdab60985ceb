package datasync_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// hostile is a network as bad as can be used: three of ten copies get lost, some come twice, and they overtake each other
// by up to twenty seconds.
func hostile(seed byte, devices ...int) conditions {
	return conditions{
		seed: seed, devices: [2]int(devices), messages: 1000, loss: 0.3, duplicate: 0.1, delay: 20 * time.Second, crash: 0.01,
	}
}

// Everything arrives at every device exactly once, and is not sent more often than the losses explain. A device has a
// message and its acknowledgement through with a probability of about one half a time; the slowest of three devices takes
// three times on average.
func TestSimulation(t *testing.T) {
	parted := hostile(4, 3, 3) // a device away for ten hours is tried ever more rarely
	parted.messages = 300
	parted.outages = []outage{
		{"", 10 * time.Minute, 20 * time.Minute}, {"a1", 30 * time.Minute, 2 * time.Hour},
		{"b2", 5 * time.Minute, 10 * time.Hour}, {"", 50 * time.Minute, time.Hour},
	}
	strangers := hostile(5, 3, 3)
	strangers.strangers = 30 * time.Minute
	perfect := conditions{seed: 6, devices: [2]int{3, 3}, messages: 1000, delay: time.Second}
	for name, c := range map[string]struct {
		conditions
		mean float64
		most int
	}{
		"one device each":         {hostile(1, 1, 1), 1.3, 20},
		"two and one":             {hostile(2, 2, 1), 1.8, 20},
		"three each":              {hostile(3, 3, 3), 2.5, 20},
		"three, often parted":     {parted, 10, 20},
		"three, at first unknown": {strangers, 2.5, 20},
		"nothing lost":            {perfect, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			if testing.Short() {
				c.messages = 100
			}
			mean, most := run(t, c.conditions).retransmissions()
			t.Logf("%.2f retransmissions a message, at most %d", mean, most)
			if mean > c.mean || most > c.most {
				t.Errorf("want at most %.2f, %d", c.mean, c.most)
			}
		})
	}
}

// The same for any network.
func TestAnyNetworkDelivers(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		minutes := func(most int, label string) time.Duration {
			return time.Duration(rapid.IntRange(0, most).Draw(r, label)) * time.Minute
		}
		c := conditions{
			seed:      rapid.Byte().Draw(r, "seed"),
			devices:   [2]int{rapid.IntRange(1, 3).Draw(r, "Alice's devices"), rapid.IntRange(1, 3).Draw(r, "Bob's devices")},
			messages:  rapid.IntRange(1, 10).Draw(r, "messages"),
			loss:      rapid.Float64Range(0, 0.6).Draw(r, "loss"),
			duplicate: rapid.Float64Range(0, 0.5).Draw(r, "duplicate"),
			delay:     time.Duration(rapid.IntRange(1, 100).Draw(r, "delay")) * time.Second,
			crash:     rapid.Float64Range(0, 0.2).Draw(r, "crash"),
			strangers: minutes(60, "strangers"),
		}
		for _, device := range []string{"", "a1", "b1"} {
			c.outages = append(c.outages, outage{device, minutes(60, "begin"), minutes(300, "long")})
		}
		run(reporter{t, r}, c)
	})
}

// reporter tells failures to rapid, which looks for the smallest network that has them.
type reporter struct {
	testing.TB
	r *rapid.T
}

func (r reporter) Helper()                           { r.r.Helper() }
func (r reporter) Errorf(format string, args ...any) { r.r.Errorf(format, args...) }
func (r reporter) Fatal(args ...any)                 { r.r.Fatal(args...) }
