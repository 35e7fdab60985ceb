package whisper_test

import (
	"testing"
	"testing/synctest"
	"time"

	"sotto/node/whisper"
)

// The announced filter follows the subscriptions, and shrinks, too.
func TestBloomGrowsAndShrinks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, whisper.Config{})
		one, two := whisper.TopicOf("one"), whisper.TopicOf("two")
		_, first := subscribe(t, w, whisper.Filter{Topics: []whisper.Topic{one}, Key: whisper.NewSymOpener(testKey)})
		c := join(t, w, 1)
		announced := func(want whisper.Bloom) {
			t.Helper()
			if b, err := whisper.DecodeBloom(c.expect(whisper.CodeBloom)); err != nil || b != want {
				t.Errorf("announced %x, want %x", b, want)
			}
		}
		both := one.WideBloom()
		both.Add(two)
		w.SetReceive(false)
		announced(one.WideBloom())
		_, second := subscribe(t, w, whisper.Filter{Topics: []whisper.Topic{two}, Key: whisper.NewSymOpener(testKey)})
		announced(both)
		first.Close()
		announced(two.WideBloom())
		_, all := subscribe(t, w, whisper.Filter{Key: whisper.NewSymOpener(testKey)})
		announced(whisper.FullBloom())
		all.Close()
		announced(two.WideBloom())
		second.Close()
		announced(whisper.Bloom{})
		w.SetReceive(true)
		announced(whisper.FullBloom())
		synctest.Wait()
		c.quiet()
	})
}

// Many changes at once are told in a few packets.
func TestBloomChangesAreCoalesced(t *testing.T) {
	w := start(t, whisper.Config{})
	w.SetReceive(false)
	c := join(t, w, 1)
	want := whisper.Bloom{}
	for i := range 200 {
		topic := whisper.TopicOf(string(rune('a' + i)))
		want.Add(topic)
		subscribe(t, w, whisper.Filter{Topics: []whisper.Topic{topic}, Key: whisper.NewSymOpener(testKey)})
	}
	for {
		if b, err := whisper.DecodeBloom(c.expect(whisper.CodeBloom)); err != nil {
			t.Fatal(err)
		} else if b == want {
			return
		}
	}
}

func TestNewPeerIsToldTheNarrowBloom(t *testing.T) {
	w := start(t, whisper.Config{})
	w.SetReceive(false)
	listen(t, w)
	s, err := whisper.DecodeStatus(dial(t, w, 1).expect(whisper.CodeStatus))
	if err != nil || *s.Bloom != testTopic.WideBloom() {
		t.Errorf("announced %v, %v", s.Bloom, err)
	}
}

func TestSealTarget(t *testing.T) {
	w := start(t, whisper.Config{})
	is := func(want float64) {
		t.Helper()
		if got := w.SealTarget(); got != want {
			t.Errorf("target %v, want %v", got, want)
		}
	}
	is(0.002)
	join(t, w, 1, whisper.Status{PoW: ptr(0.00001)})
	is(0.002)
	c := join(t, w, 2, whisper.Status{PoW: ptr(0.01)})
	is(0.01)
	c.send(whisper.CodePoW, whisper.EncodePoW(500))
	until(t, "the most that a peer can ask for", func() bool { return w.SealTarget() == 0.2 })
	c.pipe.Close()
	until(t, "its leaving", func() bool { return w.SealTarget() == 0.002 })
}

// Two nodes of ours settle on what each asked for, over a slow line.
func TestNarrowNodeGetsOnlyItsTopics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := network(t)
		a, b := start(t, whisper.Config{}), start(t, whisper.Config{})
		got := listen(t, b)
		b.SetReceive(false)
		n.Connect(a, b, slow)
		until(t, "handshake", func() bool { return len(a.Peers()) == 1 })
		post(t, a, seal(t, time.Now(), "on"), seal(t, time.Now(), "off", func(p *whisper.SealParams) {
			p.Topic = whisper.TopicOf("other")
		}))
		expect(t, got, "on")
		time.Sleep(5 * time.Second)
		if s := b.Stats(); s.Pool.Envelopes != 1 || len(s.Refused) != 0 {
			t.Errorf("b has %+v", s)
		}
	})
}
