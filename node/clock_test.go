package node

import (
	"testing"
	"time"

	"sotto/node/whisper"
)

// Strangers come in any number, with keys that cost nothing: what they say of the time must not move a relay's clock.
func TestStrangersDoNotMoveTheClock(t *testing.T) {
	relay := start(t, testConfig(t))
	const strangers = 3
	for range strangers {
		cfg := testConfig(t)
		cfg.Static = []string{relay.Status().Enode}
		cfg.Whisper = whisper.Config{Now: func() time.Time { return time.Now().Add(9 * time.Minute) }}
		start(t, cfg)
	}
	eventually(t, "all are at the relay", ready(relay, strangers))
	if offset, sources := relay.Whisper().ClockOffset(); offset != 0 || sources != 0 {
		t.Errorf("offset %v from %d strangers", offset, sources)
	}
}
