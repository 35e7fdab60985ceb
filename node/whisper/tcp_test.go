package whisper_test

import (
	"testing"
	"time"

	"sotto/node/whisper"
)

// Over devp2p on TCP the same holds as in memory: messages pass both ways, a node that is cut is gone, and stopping the
// node before its server does not hang.
func TestOverTCP(t *testing.T) {
	a, b := start(t, whisper.Config{Confirmations: true}), start(t, whisper.Config{Confirmations: true})
	defer chainServers(t, []*whisper.Whisper{a, b})()
	atA, atB := listen(t, a), listen(t, b)
	acked := make(chan whisper.PostEvent, 10)
	if err := a.Post(seal(t, time.Now(), "there"), func(ev whisper.PostEvent) { acked <- ev }); err != nil {
		t.Fatal(err)
	}
	expect(t, atB, "there")
	post(t, b, seal(t, time.Now(), "and back"))
	expect(t, atA, "and back")
	select {
	case ev := <-acked:
		if ev.Kind != whisper.PostAcked {
			t.Errorf("told %v", ev)
		}
	case <-time.After(10 * time.Second):
		t.Error("not confirmed")
	}
	began := time.Now()
	a.Stop()
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("stopping took %v", took)
	}
	until(t, "the other to notice", func() bool { return len(b.Peers()) == 0 })
}
