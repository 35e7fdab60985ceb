package whisper_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"sotto/node/whisper"
)

// confirming announces that the peer knows packets 11 and 12.
var confirming = whisper.Status{Confirmations: ptr(true)}

// Each way to be bad costs one counted refusal, is told in packet 12, and leaves the connection as it was.
func TestRefusals(t *testing.T) {
	now := time.Now()
	bare := func(change func(*whisper.Envelope)) func(testing.TB) *whisper.Envelope {
		return func(t testing.TB) *whisper.Envelope {
			e := seal(t, now, "bad")
			change(e)
			return e
		}
	}
	tests := []struct {
		name  string
		want  whisper.Reason
		quiet bool // not told to the sender
		make  func(testing.TB) *whisper.Envelope
	}{
		{"zero TTL", whisper.ReasonZeroTTL, false, bare(func(e *whisper.Envelope) { e.TTL = 0 })},
		{"future", whisper.ReasonFuture, false, bare(func(e *whisper.Envelope) { e.Expiry += 30 })},
		{"TTL over expiry", whisper.ReasonFuture, false, bare(func(e *whisper.Envelope) { e.TTL = e.Expiry + 5 })},
		{"just expired", whisper.ReasonExpired, true, bare(func(e *whisper.Envelope) { e.Expiry -= 25 })},
		{"long expired", whisper.ReasonExpired, false, bare(func(e *whisper.Envelope) { e.Expiry -= 60 })},
		{"oversized", whisper.ReasonOversized, false, bare(func(e *whisper.Envelope) { e.Data = make([]byte, 100_000) })},
		{"no work", whisper.ReasonLowPoW, false, bare(func(e *whisper.Envelope) { e.TTL, e.Expiry = 1e9, e.Expiry-e.TTL+1e9 })},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := start(t, whisper.Config{Confirmations: true, MaxMessageSize: 90_000})
			c := join(t, w, 1, confirming)
			bad, good := tt.make(t), seal(t, now, "good")
			batch := c.sendEnvelopes(bad, good)
			m, err := whisper.DecodeMessageResponse(c.expect(whisper.CodeMessageResponse))
			if err != nil || m.Batch != batch {
				t.Fatalf("response to %v: %v", m.Batch, err)
			}
			checkTold(t, m, bad.Hash(), tt.want, tt.quiet)
			if ack, err := whisper.DecodeBatchAck(c.expect(whisper.CodeBatchAck)); err != nil || ack != batch {
				t.Errorf("acknowledged %v, want %v", ack, batch)
			}
			s := w.Stats()
			if s.Refused[tt.want].Envelopes != 1 || len(s.Refused) != 1 {
				t.Errorf("counted %v", s.Refused)
			}
			if s.Pool.Envelopes != 1 {
				t.Errorf("%d envelopes pooled, want the good one", s.Pool.Envelopes)
			}
		})
	}
}

func checkTold(t *testing.T, m whisper.MessageResponse, bad whisper.Hash, want whisper.Reason, quiet bool) {
	t.Helper()
	if quiet {
		if len(m.Errors) != 0 {
			t.Errorf("told %v", m.Errors)
		}
		return
	}
	told := whisper.EnvelopeError{Hash: bad, Code: whisper.ErrorTimeNotSynced, Text: string(want)}
	if len(m.Errors) != 1 || m.Errors[0] != told {
		t.Errorf("told %v, want %v", m.Errors, told)
	}
}

func TestMalformedEnvelopeIsOneRefusal(t *testing.T) {
	w := start(t, whisper.Config{})
	c := join(t, w, 1)
	many, other := append([]byte{0xc0 + 20}, make([]byte, 20)...), append([]byte{0xc0 + 21, 0xc0 + 20}, make([]byte, 20)...)
	raws := [][]byte{many, other, seal(t, time.Now(), "good").Encode()}
	c.send(whisper.CodeMessages, whisper.EncodeMessages(raws))
	until(t, "the good one", func() bool { return w.Stats().Pool.Envelopes == 1 })
	if n := w.Stats().Refused[whisper.ReasonMalformed].Envelopes; n != 2 {
		t.Errorf("counted %d", n)
	}
}

// What is no list of envelopes, or no packet of its kind, ends the connection like at every other node.
func TestMalformedPacketEndsConnection(t *testing.T) {
	tests := map[string]struct {
		code    uint64
		payload []byte
	}{
		"messages":   {whisper.CodeMessages, []byte{0x80}},
		"truncated":  {whisper.CodeMessages, messages(seal(t, time.Now(), "x"))[:100]},
		"pow":        {whisper.CodePoW, []byte{0xc0}},
		"bloom":      {whisper.CodeBloom, []byte{0x83, 1, 2, 3}},
		"limits":     {whisper.CodeRateLimits, []byte{0xc1, 0x01}},
		"empty":      {whisper.CodeMessages, nil},
		"pow is NaN": {whisper.CodePoW, []byte{0x88, 0x7f, 0xf8, 0, 0, 0, 0, 0, 1}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := start(t, whisper.Config{})
			c := join(t, w, 1)
			c.send(tt.code, tt.payload)
			if err := c.ended(); !errors.Is(err, whisper.ReasonMalformed) {
				t.Errorf("ended with %v", err)
			}
			if w.Stats().Cut[whisper.ReasonMalformed] != 1 {
				t.Error("not counted")
			}
		})
	}
}

func TestOversizedPacketEndsConnection(t *testing.T) {
	w := start(t, whisper.Config{})
	c := join(t, w, 1)
	go c.send(whisper.CodeMessages, make([]byte, 11<<20))
	if err := c.ended(); !errors.Is(err, whisper.ReasonOversized) {
		t.Errorf("ended with %v", err)
	}
}

// A whole pool in one packet is what deployed nodes send after a reconnect, over their own limit of 1 MiB.
func TestPacketOverOneMebibyteIsTaken(t *testing.T) {
	w := start(t, whisper.Config{MinPoW: -1})
	c := join(t, w, 1)
	go c.sendEnvelopes(fillers(6000, 500, time.Now())...)
	until(t, "all", func() bool { return w.Stats().Pool.Envelopes == 6000 })
}

func TestDuplicates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, whisper.Config{})
		got := listen(t, w)
		a, b := join(t, w, 1), join(t, w, 2)
		e := seal(t, time.Now(), "once")
		a.sendEnvelopes(e)
		synctest.Wait()
		if relayed := hashes(t, b.expect(whisper.CodeMessages)); len(relayed) != 1 || relayed[0] != e.Hash() {
			t.Errorf("relayed %v", relayed)
		}
		a.quiet() // never back to where it came from
		b.sendEnvelopes(e)
		a.sendEnvelopes(e, e)
		synctest.Wait()
		expect(t, got, "once")
		if len(got) != 0 {
			t.Error("delivered twice")
		}
		s := w.Stats()
		if s.Duplicate.Envelopes != 3 || s.Useful.Envelopes != 1 || len(s.Refused) != 0 {
			t.Errorf("counted %+v", s)
		}
		a.quiet()
		b.quiet()
	})
}

// A peer that brings what another brought first has it: it is not sent there again.
func TestDuplicateMarksPeerAsKnowing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, whisper.Config{})
		a := join(t, w, 1)
		empty := whisper.Bloom{}
		b := join(t, w, 2, whisper.Status{Bloom: &empty})
		e := seal(t, time.Now(), "x")
		a.sendEnvelopes(e)
		b.sendEnvelopes(e)
		b.send(whisper.CodeBloom, whisper.EncodeBloom(whisper.FullBloom()))
		synctest.Wait()
		b.quiet()
	})
}

// After a change of our own requirements the old ones hold for ten seconds more.
func TestToleranceAfterPoWChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, whisper.Config{})
		c := join(t, w, 1)
		w.SetMinPoW(1000)
		if pow, err := whisper.DecodePoW(c.expect(whisper.CodePoW)); err != nil || pow != 1000 {
			t.Errorf("announced %v, %v", pow, err)
		}
		time.Sleep(9 * time.Second)
		c.sendEnvelopes(seal(t, time.Now(), "tolerated"))
		synctest.Wait()
		if w.Stats().Pool.Envelopes != 1 {
			t.Error("refused within ten seconds")
		}
		time.Sleep(2 * time.Second)
		c.sendEnvelopes(seal(t, time.Now(), "late"))
		synctest.Wait()
		if n := w.Stats().Refused[whisper.ReasonLowPoW].Envelopes; n != 1 {
			t.Errorf("refused %d after ten seconds", n)
		}
	})
}

func TestToleranceAfterBloomChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, whisper.Config{})
		listen(t, w)
		c := join(t, w, 1)
		other := func(p *whisper.SealParams) { p.Topic = whisper.TopicOf("other") }
		w.SetReceive(false)
		if b, err := whisper.DecodeBloom(c.expect(whisper.CodeBloom)); err != nil || b != testTopic.WideBloom() {
			t.Errorf("announced %x, %v", b, err)
		}
		c.sendEnvelopes(seal(t, time.Now(), "tolerated", other))
		synctest.Wait()
		if w.Stats().Pool.Envelopes != 1 {
			t.Error("refused within ten seconds")
		}
		time.Sleep(11 * time.Second)
		c.sendEnvelopes(seal(t, time.Now(), "off", other), seal(t, time.Now(), "on"))
		synctest.Wait()
		s := w.Stats()
		if s.Refused[whisper.ReasonBloom].Envelopes != 1 || s.Useful.Envelopes != 1 {
			t.Errorf("counted %+v", s)
		}
	})
}

func TestUnknownCodesAreCountedAndIgnored(t *testing.T) {
	w := start(t, whisper.Config{})
	c := join(t, w, 1)
	for _, code := range []uint64{4, 10, 13, 99, 123, 124} {
		c.send(code, []byte("garbage"))
	}
	c.sendEnvelopes(seal(t, time.Now(), "still here"))
	until(t, "envelope", func() bool { return w.Stats().Pool.Envelopes == 1 })
	if n := w.Stats().Refused[whisper.ReasonUnknown].Envelopes; n != 6 {
		t.Errorf("counted %d", n)
	}
}

func TestConfirmationsOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, whisper.Config{})
		c := join(t, w, 1, confirming)
		c.sendEnvelopes(seal(t, time.Now(), "x"))
		synctest.Wait()
		c.quiet()
	})
}

// Every packet 1 is answered, also one without envelopes.
func TestEmptyMessagesAreAnswered(t *testing.T) {
	w := start(t, whisper.Config{Confirmations: true})
	c := join(t, w, 1)
	batch := c.sendEnvelopes()
	c.expect(whisper.CodeMessageResponse)
	if ack, _ := whisper.DecodeBatchAck(c.expect(whisper.CodeBatchAck)); ack != batch {
		t.Errorf("acknowledged %v", ack)
	}
}

func TestUnaskedConfirmationsAreCounted(t *testing.T) {
	w := start(t, whisper.Config{})
	c := join(t, w, 1)
	c.send(whisper.CodeBatchAck, whisper.EncodeBatchAck(whisper.Hash{1}))
	c.send(whisper.CodeMessageResponse, []byte("not even looked at"))
	until(t, "count", func() bool { return w.Stats().Refused[whisper.ReasonUnasked].Envelopes == 2 })
}
