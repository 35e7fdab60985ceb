package whisper_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sotto/node/whisper"
	"sotto/node/whisper/whispertest"
)

// A node whose clock is wrong by minutes still talks with the others, since it takes their word.
func TestNodeWithWrongClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := network(t)
		wrong := start(t, whisper.Config{Now: func() time.Time { return time.Now().Add(-3 * time.Minute) }})
		a, b := start(t, whisper.Config{}), start(t, whisper.Config{})
		n.Connect(wrong, a, whispertest.Conditions{})
		synctest.Wait()
		if offset, sources := wrong.ClockOffset(); offset != 0 || sources != 1 {
			t.Errorf("offset %v from %d", offset, sources)
		}
		n.Connect(wrong, b, whispertest.Conditions{})
		synctest.Wait()
		if offset, sources := wrong.ClockOffset(); offset.Round(time.Second) != 3*time.Minute || sources != 2 {
			t.Errorf("offset %v from %d", offset, sources)
		}
		there, here := listen(t, a), listen(t, wrong)
		post(t, wrong, seal(t, wrong.Now(), "from the wrong one"))
		expect(t, there, "from the wrong one")
		post(t, a, seal(t, a.Now(), "to the wrong one"))
		expect(t, here, "to the wrong one")
	})
}

// When the computer's clock is set, peers are left and asked again, or the node would go on with the new clock's error.
func TestClockThatIsSetIsComparedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := network(t)
		var ahead atomic.Int64
		w := start(t, whisper.Config{Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }})
		others := []*whisper.Whisper{start(t, whisper.Config{}), start(t, whisper.Config{})}
		compare := func(want time.Duration) {
			t.Helper()
			for _, o := range others {
				n.Connect(w, o, whispertest.Conditions{})
			}
			time.Sleep(3 * time.Second) // the bubble's clock
			if offset, sources := w.ClockOffset(); offset.Round(time.Second) != want || sources != 2 {
				t.Errorf("offset %v from %d, want %v", offset, sources, want)
			}
		}
		compare(0)
		ahead.Store(int64(time.Minute))
		time.Sleep(2 * time.Second)
		if left := len(w.Peers()); left != 0 {
			t.Errorf("%d peers were not asked again", left)
		}
		compare(-time.Minute)
	})
}
