package overlay

import (
	"testing"
	"time"
)

func TestBackoff(t *testing.T) {
	var b backoff
	if d := b.delay(); d != 0 {
		t.Errorf("the first try waits %v", d)
	}
	want := backoffFirst
	for n := range 50 {
		b.fail()
		if d := b.delay(); d < want/2 || d > want {
			t.Errorf("failure %d: %v, want %v to %v", n+1, d, want/2, want)
		}
		want = min(2*want, backoffMost)
	}
	b.lose()
	if d := b.delay(); d > backoffFirst {
		t.Errorf("after a lost connection: %v", d)
	}
	b.reset()
	if d := b.delay(); d != 0 {
		t.Errorf("after a change of the network: %v", d)
	}
}

func TestBackoffIsSpread(t *testing.T) {
	b := backoff{lost: true}
	seen := make(map[time.Duration]bool)
	for range 20 {
		seen[b.delay()] = true
	}
	if len(seen) < 10 {
		t.Errorf("20 peers of a restarted relay come back at %d different times", len(seen))
	}
}
