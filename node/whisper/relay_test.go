package whisper_test

import (
	"testing"
	"testing/synctest"
	"time"

	"sotto/node/whisper"
)

func post(t testing.TB, w *whisper.Whisper, envelopes ...*whisper.Envelope) {
	t.Helper()
	for _, e := range envelopes {
		if err := w.Post(e, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// wants checks that the peer gets these envelopes in its next packets and nothing else.
func (c *wire) wants(envelopes ...*whisper.Envelope) {
	c.t.Helper()
	missing := make(map[whisper.Hash]bool)
	for _, e := range envelopes {
		missing[e.Hash()] = true
	}
	for len(missing) > 0 {
		for _, h := range hashes(c.t, c.expect(whisper.CodeMessages)) {
			if !missing[h] {
				c.t.Fatalf("got %v, which does not belong or came twice", h)
			}
			delete(missing, h)
		}
	}
}

func TestLoneEnvelopeIsPushedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, whisper.Config{})
		c := join(t, w, 1)
		e := seal(t, time.Now(), "x")
		began := time.Now()
		post(t, w, e)
		c.wants(e)
		if took := time.Since(began); took != 0 {
			t.Errorf("held back for %v", took)
		}
	})
}

// What comes while a packet is on its way goes into one more packet, within 20 ms.
func TestCoalesce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, whisper.Config{MinPoW: -1})
		c := join(t, w, 1)
		all := fillers(100, 500, time.Now())
		post(t, w, all[0])
		c.wants(all[0])
		began := time.Now()
		for _, e := range all[1:] {
			post(t, w, e)
		}
		if n := len(hashes(t, c.expect(whisper.CodeMessages))); n != 99 {
			t.Errorf("%d envelopes in the second packet, want 99", n)
		}
		if took := time.Since(began); took > 20*time.Millisecond {
			t.Errorf("held back for %v", took)
		}
	})
}

func TestPacketsAreSplit(t *testing.T) {
	const limit = 128<<10 + 16
	synctest.Test(t, func(t *testing.T) {
		w := start(t, whisper.Config{MinPoW: -1})
		all := fillers(3000, 1000, time.Now())
		big := fillers(1, 400_000, time.Now())
		post(t, w, all...)
		post(t, w, big...)
		c := join(t, w, 1)
		left := len(all)
		for left > 0 {
			payload := c.expect(whisper.CodeMessages)
			if len(payload) > limit {
				t.Fatalf("packet of %d bytes", len(payload))
			}
			left -= len(hashes(t, payload))
		}
		c.wants(big[0]) // alone, being over the limit itself
	})
}

func TestPeersProofOfWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, whisper.Config{})
		low := seal(t, time.Now(), "low", func(p *whisper.SealParams) { p.PoW = 0.00001 })
		high := seal(t, time.Now(), "high", func(p *whisper.SealParams) { p.PoW = 1 })
		c := join(t, w, 1, whisper.Status{PoW: ptr(0.5)})
		post(t, w, low, high)
		c.wants(high)
		synctest.Wait()
		c.quiet()
		c.send(whisper.CodePoW, whisper.EncodePoW(0)) // now it takes more
		c.wants(low)
		c.send(whisper.CodePoW, whisper.EncodePoW(0.5))
		synctest.Wait()
		post(t, w, seal(t, time.Now(), "low again", func(p *whisper.SealParams) { p.PoW = 0.00001 }))
		synctest.Wait()
		c.quiet()
	})
}

// A peer's filter is judged by the form that deployed nodes compute, which has fewer bits.
func TestPeersBloom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, whisper.Config{})
		on := seal(t, time.Now(), "on")
		off := seal(t, time.Now(), "off", func(p *whisper.SealParams) { p.Topic = whisper.Topic{1, 2, 3, 0} })
		bloom := testTopic.Bloom()
		c := join(t, w, 1, whisper.Status{Bloom: &bloom})
		post(t, w, on, off)
		c.wants(on)
		synctest.Wait()
		c.quiet()
		narrow := whisper.Topic{1, 2, 3, 0}.Bloom() // three bits in one byte, of which one is left
		c.send(whisper.CodeBloom, whisper.EncodeBloom(narrow))
		c.wants(off)
	})
}

func TestExpiredIsNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(900 * time.Millisecond) // so that it ends between two looks at what has expired
		w := start(t, whisper.Config{})
		empty := whisper.Bloom{}
		c := join(t, w, 1, whisper.Status{Bloom: &empty})
		post(t, w, seal(t, time.Now(), "short"))
		time.Sleep(15*time.Second + 200*time.Millisecond)
		if n := w.Stats().Pool.Envelopes; n != 1 {
			t.Errorf("%d envelopes in the pool, so this test shows nothing", n)
		}
		c.send(whisper.CodeBloom, whisper.EncodeBloom(whisper.FullBloom()))
		synctest.Wait()
		c.quiet()
		time.Sleep(2 * time.Second)
		if n := w.Stats().Pool; n.Envelopes != 0 || n.Bytes != 0 {
			t.Errorf("pool still holds %+v", n)
		}
	})
}

// What comes from the future is kept until a peer whose clock lags a little will not end the connection over it.
func TestFutureIsHeldBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, whisper.Config{})
		got := listen(t, w)
		a, b := join(t, w, 1), join(t, w, 2)
		e := seal(t, time.Now().Add(9*time.Second), "future")
		a.sendEnvelopes(e)
		expect(t, got, "future") // we need not wait ourselves
		time.Sleep(3 * time.Second)
		synctest.Wait()
		b.quiet()
		time.Sleep(2 * time.Second)
		b.wants(e)
	})
}

// A node of go-ethereum whose clock lags divides by more seconds where what is fresh seems to come from the future, and
// ends the connection when that leaves too little. What has no work to spare waits until it cannot seem so.
func TestScarceWorkIsHeldBack(t *testing.T) {
	const lag = 5 * time.Second
	synctest.Test(t, func(t *testing.T) {
		w := start(t, whisper.Config{})
		a := join(t, w, 1)
		scarce := seal(t, time.Now(), "scarce", func(p *whisper.SealParams) { p.PoW = 0.01 })
		least := scarce.PoW(time.Now()) / 1.1
		b := join(t, w, 2, whisper.Status{PoW: &least})
		plenty := seal(t, time.Now(), "plenty", func(p *whisper.SealParams) { p.PoW = least })
		began := time.Now()
		a.sendEnvelopes(scarce)
		synctest.Wait()
		b.quiet()
		a.sendEnvelopes(plenty)
		b.wants(plenty)
		if took := time.Since(began); took > 20*time.Millisecond {
			t.Errorf("what has work to spare was held back for %v", took)
		}
		for range 60 {
			time.Sleep(100 * time.Millisecond)
			synctest.Wait()
			if scarce.PoW(time.Now().Add(-lag)) < least {
				b.quiet()
			}
		}
		b.wants(scarce)
		time.Sleep(8 * time.Second)
		synctest.Wait()
		b.quiet() // neither comes again
	})
}

// What is left for later is not lost over a change of what the peer wants, nor does it come twice.
func TestScarceWorkAfterAChangeOfDemand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, whisper.Config{})
		scarce := seal(t, time.Now(), "scarce", func(p *whisper.SealParams) { p.PoW = 0.01 })
		least := scarce.PoW(time.Now()) / 1.1
		c := join(t, w, 1, whisper.Status{PoW: &least})
		post(t, w, scarce)
		synctest.Wait()
		c.send(whisper.CodeBloom, whisper.EncodeBloom(testTopic.WideBloom()))
		synctest.Wait()
		c.quiet()
		c.send(whisper.CodePoW, whisper.EncodePoW(least/2))
		c.wants(scarce)
		time.Sleep(8 * time.Second)
		synctest.Wait()
		c.quiet()
	})
}

func TestLightNodeSendsOnlyItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, whisper.Config{Light: true})
		got := listen(t, w)
		a, b := join(t, w, 1), join(t, w, 2)
		a.sendEnvelopes(seal(t, time.Now(), "others'"))
		expect(t, got, "others'")
		own := seal(t, time.Now(), "own")
		post(t, w, own)
		b.wants(own)
		a.wants(own)
		synctest.Wait()
		b.quiet()
	})
}

// A peer that asked for so many packets a second gets no more, and still everything.
func TestPeersRateLimitIsHonoured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, whisper.Config{MinPoW: -1})
		all := fillers(2500, 500, time.Now())
		post(t, w, all...)
		c := join(t, w, 1, whisper.Status{Limits: &whisper.RateLimits{IP: 10, Peer: 2}})
		began, packets, left := time.Now(), 0, len(all)
		for left > 0 {
			left -= len(hashes(t, c.expect(whisper.CodeMessages)))
			packets++
		}
		if least := time.Duration(packets-2) * time.Second / 2; time.Since(began) < least-time.Millisecond {
			t.Errorf("%d packets in %v", packets, time.Since(began))
		}
		c.send(whisper.CodeRateLimits, whisper.EncodeRateLimits(whisper.RateLimits{}))
		synctest.Wait()
		if l := w.Peers()[0].Limits; l != (whisper.RateLimits{}) {
			t.Errorf("limits now %v", l)
		}
	})
}

// A peer that stops reading costs neither memory for what it misses nor others their messages.
func TestStuckPeer(t *testing.T) {
	w := start(t, whisper.Config{MinPoW: -1, Confirmations: true})
	stuck := dial(t, w, 1)
	stuck.send(whisper.CodeStatus, whisper.EncodeStatus(whisper.Status{Version: 6}))
	stuck.expect(whisper.CodeStatus)
	for range cap(stuck.got) { // nobody takes these out, so the pump will hang
		stuck.got <- received{}
	}
	c := join(t, w, 2)
	all := fillers(3000, 500, time.Now())
	post(t, w, all...)
	c.wants(all...)
}
