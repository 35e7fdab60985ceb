package dispatch

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// loop stands for Fyne's UI goroutine.
type loop struct{ posted chan func() }

// start runs a UI on a loop of its own inside a synctest bubble.
func start(t *testing.T) *UI {
	l := &loop{make(chan func(), 1000)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for f := range l.posted {
			f()
		}
	}()
	u := newUI(func(f func()) { l.posted <- f }, time.Now, time.AfterFunc)
	t.Cleanup(func() {
		u.Close()
		close(l.posted)
		<-done
	})
	return u
}

func TestFirstAtOnceRestInAFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, begin := start(t), time.Now()
		var mu sync.Mutex
		var at []time.Duration
		note := func() {
			mu.Lock()
			defer mu.Unlock()
			at = append(at, time.Since(begin))
		}
		u.Do(note)
		synctest.Wait()
		for range 100 {
			u.Do(note)
		}
		time.Sleep(time.Second) // the bubble's clock
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		if len(at) != 101 || at[0] != 0 || at[1] != Frame || at[100] != Frame {
			t.Fatalf("%d ran, at %v", len(at), at)
		}
		if s := u.Stats(); s.Turns != 2 {
			t.Errorf("%d turns", s.Turns)
		}
	})
}

func TestBudgetSplitsAFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := start(t)
		ran := 0
		for range 100 {
			u.Do(func() { time.Sleep(3 * time.Millisecond); ran++ })
		}
		time.Sleep(5 * time.Second)
		synctest.Wait()
		s := u.Stats()
		if ran != 100 || s.Max > Budget+3*time.Millisecond || s.Slow != 0 || s.Turns < 30 {
			t.Errorf("%d ran: %v", ran, s)
		}
	})
}

func TestOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := start(t)
		var got []int
		for i := range 1000 {
			u.Do(func() { got = append(got, i) })
		}
		time.Sleep(time.Second)
		synctest.Wait()
		for i, v := range got {
			if v != i {
				t.Fatalf("%d ran as number %d", v, i)
			}
		}
		if len(got) != 1000 {
			t.Errorf("%d of 1000 ran", len(got))
		}
	})
}

func TestWorkThatAddsWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := start(t)
		n := 0
		var again func()
		again = func() {
			if n++; n < 50 {
				u.Do(again)
			}
		}
		u.Do(again)
		time.Sleep(time.Second)
		synctest.Wait()
		if n != 50 {
			t.Errorf("%d ran", n)
		}
	})
}

func TestCloseDropsWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := start(t)
		ran := 0
		u.Do(func() { ran++ })
		synctest.Wait()
		u.Do(func() { ran++ })
		u.Close()
		u.Do(func() { ran++ })
		time.Sleep(time.Second)
		synctest.Wait()
		if ran != 1 {
			t.Errorf("%d ran", ran)
		}
	})
}

// TestNothingIsPostedAfterClose, also by a timer that fires just then: Fyne's loop may be over, and would run it on the spot.
func TestNothingIsPostedAfterClose(t *testing.T) {
	var posted []func()
	var fire func()
	u := newUI(func(turn func()) { posted = append(posted, turn) }, time.Now, func(_ time.Duration, f func()) *time.Timer {
		fire = f
		return time.NewTimer(time.Hour)
	})
	u.Do(func() {})
	posted[0]()
	u.Do(func() {}) // waits for its frame
	if fire == nil {
		t.Fatal("no timer was set")
	}
	u.Close()
	fire()
	u.Do(func() { t.Error("it ran") })
	if len(posted) != 1 {
		t.Errorf("%d turns were posted", len(posted))
	}
}

func TestHistogram(t *testing.T) {
	var h Histogram
	for _, d := range []time.Duration{0, time.Millisecond, 3 * time.Millisecond, Slow, Slow + 1, time.Second} {
		h.Add(d)
	}
	s := h.Stats()
	if s.Turns != 6 || s.Max != time.Second || s.Slow != 2 || s.Counts != [9]int{2, 0, 1, 0, 0, 0, 1, 1, 1} {
		t.Errorf("%+v", s)
	}
	if line := s.String(); !strings.Contains(line, "over 50ms: 2") || !strings.Contains(line, "more 1") {
		t.Error(line)
	}
	if (Stats{}).Mean() != 0 || s.Mean() <= 0 {
		t.Error("mean")
	}
}

func TestTimeCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := start(t)
		u.Time(func() { time.Sleep(60 * time.Millisecond) })
		if s := u.Stats(); s.Slow != 1 || s.Max != 60*time.Millisecond {
			t.Errorf("%v", s)
		}
		u.ResetStats()
		u.Time(func() {})
		if s := u.Stats(); s.Turns != 1 || s.Slow != 0 || s.Max != 0 {
			t.Errorf("after a new beginning: %v", s)
		}
	})
}

func TestQueue(t *testing.T) {
	q := NewQueue()
	n := 0
	q.Do(func() { n++; q.Do(func() { n++ }) })
	if n != 0 {
		t.Fatal("it ran before it was drained")
	}
	if q.Drain() != 2 || n != 2 {
		t.Errorf("%d ran", n)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 100 {
				q.Do(func() { n++ })
			}
		})
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := q.Until(ctx, func() bool { return n == 402 }); err != nil {
		t.Error(err)
	}
	wg.Wait()
	cancel()
	if q.Until(ctx, func() bool { return false }) == nil {
		t.Error("it waits for ever")
	}
}

func BenchmarkDo(b *testing.B) {
	u := newUI(func(f func()) { f() }, time.Now, func(time.Duration, func()) *time.Timer { return nil })
	for b.Loop() {
		u.Do(func() {})
	}
}
