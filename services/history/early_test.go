package history

import (
	"slices"
	"testing"
	"time"

	"sotto/services/chats"
)

const day = 24 * time.Hour

// recovered makes the lobby's topic that of an account that was recovered now: wanted since two days ago, and from 30 days ago on
// where somebody keeps it for so long.
func (w *world) recovered() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.needs = []chats.Need{{Topic: lobbyTopic, Chat: lobby, From: time.Now().Add(-2 * day), Reach: time.Now().Add(-30 * day)}}
}

// TestEarlyHistory: of a recovered account as much is asked for as is promised to be kept, at most 30 days; first the last two
// days, then windows of three days, the newest first; and in each of them the oldest message first.
func TestEarlyHistory(t *testing.T) {
	for _, c := range []struct {
		promise   time.Duration
		reach     time.Duration
		questions int
	}{
		{0, 2 * day, 1}, // nothing is promised
		{day, day, 1},
		{10 * day, 10 * day, 1 + 3},
		{60 * day, 30 * day, 1 + 10},
	} {
		bubble(t, func(t *testing.T) {
			a := newArchive("mail-01")
			a.Retention = c.promise
			w := newWorld(t, a)
			defer w.close()
			w.recovered()
			began := time.Now()
			sent := letters(lobbyTopic, began.Add(-40*day), began.Add(-time.Hour), 4000)
			a.put(sent...)
			w.attach()
			w.sync("")
			asks := a.questions()
			if len(asks) != c.questions {
				t.Fatalf("%v: %d questions", c.promise, len(asks))
			}
			ago := func(second uint32) time.Duration {
				return began.Sub(time.Unix(int64(second), 0)).Round(time.Minute)
			}
			if got, want := ago(asks[0].From), min(2*day, c.reach); got != want {
				t.Errorf("%v: at first from %v ago on", c.promise, got)
			}
			for i, ask := range asks[1:] {
				from := min(2*day+time.Duration(i+1)*3*day, c.reach)
				if ago(ask.From) != from || ago(ask.To) != 2*day+time.Duration(i)*3*day {
					t.Errorf("%v: then from %v to %v", c.promise, ago(ask.From), ago(ask.To))
				}
			}
			wanted := slices.DeleteFunc(slices.Clone(sent), func(e Envelope) bool {
				return began.Sub(time.Unix(int64(e.Sent()), 0)) > c.reach-time.Minute
			})
			if n := w.has(wanted); n != len(wanted) || len(w.order) > len(wanted)+1 {
				t.Errorf("%v: %d of %d are here, and %d in all", c.promise, n, len(wanted), len(w.order))
			}
			turns := 0 // back in time
			for i := 1; i < len(w.order); i++ {
				if order(w.order[i-1], w.order[i]) > 0 {
					turns++
				}
			}
			if turns != c.questions-1 {
				t.Errorf("%v: it goes back in time %d times", c.promise, turns)
			}
		})
	}
}

// TestEarlyHistoryGoesOnWhereItWas: a window that was answered for is not asked for again, although time goes by.
func TestEarlyHistoryGoesOnWhereItWas(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := newArchive("mail-01")
		a.Retention, a.takes = 10*day, 5*time.Second
		w := newWorld(t, a)
		defer func() { w.close() }()
		w.recovered()
		w.attach()
		pass(12 * time.Second) // the first two questions
		w.kill()
		w.sync("")
		early := 0
		for _, ask := range a.questions() {
			if time.Unix(int64(ask.To), 0).Before(w.needs[0].From) {
				early++
			}
		}
		if early != 1+1+2 { // one was answered, one was cut short, and then that one and the last
			t.Errorf("%d questions about early times", early)
		}
	})
}
