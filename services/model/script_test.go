package model_test

import (
	"fmt"
	"strings"
	"time"

	"pgregory.net/rapid"
)

// script is what happens, before it is known what of it can be done. Whatever is cut out of it, the rest is a script, too.
type script struct {
	seed  uint64
	loss  int // percent
	dawn  dawn
	steps []step
}

// step is one thing that somebody does.
type step struct {
	after time.Duration // the one before; at 0 they do not know of each other
	what  string
	seat  int // whose, counted among those who can do it
	group int // counted among those that there are
	whom  int // bits: people
	last  int // of messages that are handed over
}

// acts are what can happen, the usual more often. A script becomes simpler by steps at which nothing does.
var acts = []string{
	"nothing", "text", "text", "text", "text", "text", "private", "private",
	"accept", "accept", "accept", "accept", "add", "add", "remove", "promote",
	"create", "decline", "leave", "resign", "rename",
	"pair", "pair", "restart", "offline", "offline", "cut", "cut",
}

var pauses = []time.Duration{0, 50 * time.Millisecond, 50 * time.Millisecond, time.Second, 5 * time.Second, 5 * time.Second,
	45 * time.Second, 3 * time.Minute, 15 * time.Minute, time.Hour}

func drawScript(r *rapid.T, length int) script {
	one := rapid.Custom(func(r *rapid.T) step {
		return step{
			what:  rapid.SampledFrom(acts).Draw(r, "what"),
			after: rapid.SampledFrom(pauses).Draw(r, "after"),
			seat:  rapid.IntRange(0, 19).Draw(r, "seat"),
			group: rapid.IntRange(0, 3).Draw(r, "group"),
			whom:  rapid.IntRange(1, 31).Draw(r, "whom"),
			last:  rapid.SampledFrom([]int{0, 0, 2, 100}).Draw(r, "last"),
		}
	})
	return script{
		seed: uint64(rapid.IntRange(0, 1<<20).Draw(r, "seed")),
		loss: rapid.SampledFrom([]int{0, 10, 30}).Draw(r, "loss"),
		dawn: dawn{
			strangers: rapid.IntRange(0, 3).Draw(r, "strangers") == 3,
			paired:    rapid.Bool().Draw(r, "paired"),
		},
		steps: rapid.SliceOfN(one, length, length).Draw(r, "steps"),
	}
}

// diary is what was done, in words.
type diary struct {
	began time.Time
	lines []string
}

func (d *diary) write(format string, args ...any) {
	at := time.Since(d.began).Round(time.Millisecond)
	d.lines = append(d.lines, fmt.Sprintf("%12s  %s", at, fmt.Sprintf(format, args...)))
}

func (d *diary) String() string { return strings.Join(d.lines, "\n") }
