//go:build e2e

package e2e

import (
	"os"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"sotto/views/message/messagetest"
)

// strict holds the figures to their goals, for a quiet machine (make prove). Elsewhere other processes cost us time, too,
// and only what is far off fails.
var strict = os.Getenv("SOTTO_STRICT") == "1"

// bound is a goal, or what is far off it.
func bound[T int | float64 | time.Duration](goal, farOff T) T {
	if strict {
		return goal
	}
	return farOff
}

// wheel turns the wheel once and tells how long that held the UI goroutine.
func (b *bench) wheel(dy float32) (took time.Duration) {
	b.do(func() {
		start := time.Now()
		b.list.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, dy)})
		took = time.Since(start)
	})
	return took
}

// Goal: at most 1.5 ms of UI time per step on average.
func TestScrollStep(t *testing.T) {
	b := shared
	b.open(t)
	for name, dy := range map[string]float32{"wheel, 75 px": 25, "screenful, 600 px": 200} {
		var total, worst time.Duration
		const steps = 400
		for range steps {
			took := b.wheel(dy)
			total += took
			worst = max(worst, took)
		}
		t.Logf("%s: mean %v, worst %v", name, total/steps, worst)
		if dy == 25 && total/steps > bound(1500*time.Microsecond, 4*time.Millisecond) {
			t.Errorf("a step holds the UI goroutine for %v", total/steps)
		}
	}
}

// Goal: 1,000 messages arriving while scrolling never hold the UI goroutine over 50 ms.
func TestArrivalsWhileScrolling(t *testing.T) {
	b := shared
	all := messagetest.History(101_000)
	b.source.Set(all[:100_000])
	b.open(t)
	before := b.ui.Stats()
	stop := make(chan struct{})
	go func() {
		defer close(stop)
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for _, m := range all[100_000:] {
			b.source.Add(m)
			b.list.Invalidate("lobby", m.ID)
			<-tick.C
		}
	}()
	for i := 0; ; i++ {
		dy := float32(25)
		if i%20 >= 10 {
			dy = -40 // back to the end, where the list follows
		}
		b.wheel(dy)
		select {
		case <-stop:
			b.do(b.list.ScrollToEnd)
			b.until(t, func() bool { return b.list.AtEnd() && b.list.Newest() == all[len(all)-1].ID })
			after := b.ui.Stats()
			t.Logf("before: %v", before)
			t.Logf("after:  %v", after)
			if int(after.Slow-before.Slow) > bound(0, 3) {
				t.Errorf("the UI goroutine was held over 50 ms %d times", after.Slow-before.Slow)
			}
			return
		default:
		}
	}
}

// Goal: with the composer focused the idle process stays under 2 % of a core.
func TestIdleWithTheComposerFocused(t *testing.T) {
	b := shared
	b.open(t)
	b.do(b.composer.Focus)
	<-time.After(2 * time.Second) // what the opening left to do
	least := 100.0
	for range 3 { // another busy process costs this one time, too: the quietest span counts
		start, used := time.Now(), processTime(t)
		<-time.After(5 * time.Second)
		share := float64(processTime(t)-used) / float64(time.Since(start)) * 100
		t.Logf("%.2f %% of a core", share)
		least = min(least, share)
	}
	if least > bound(2.0, 5) { // the cursor's fading alone would cost 14
		t.Errorf("the idle process takes %.2f %% of a core", least)
	}
	if b.composer.Text() != "" {
		t.Error("somebody typed")
	}
}

// A composer that grows pushes the list up, and the list stays at its end.
func TestComposerGrows(t *testing.T) {
	b := shared
	b.open(t)
	var before, after fyne.Size
	b.do(func() { before = b.composer.Size(); b.composer.SetText("one\ntwo\nthree\nfour") })
	b.until(t, func() bool { after = b.composer.Size(); return after.Height > before.Height+30 })
	b.until(t, func() bool { return b.list.AtEnd() && b.list.Size().Height+after.Height <= 721 })
	b.do(func() { b.composer.SetText("") })
	b.until(t, func() bool { return b.composer.Size() == before })
}
