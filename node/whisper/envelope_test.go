package whisper

import (
	"errors"
	"math"
	"testing"
	"time"
)

func TestSentWraps(t *testing.T) {
	if got := (&Envelope{Expiry: 5, TTL: 10}).Sent(); got != math.MaxUint32-4 {
		t.Errorf("sent %d", got)
	}
}

// TestPoWFromTheFuture: who lags behind the sender divides by more seconds.
func TestPoWFromTheFuture(t *testing.T) {
	e := &Envelope{Expiry: 1590000010, TTL: 10, Data: pattern(100, 0)}
	onTime := e.PoW(time.Unix(1590000000, 0))
	if late := e.PoW(time.Unix(1590000009, 0)); late != onTime {
		t.Errorf("past its sending: %v, want %v", late, onTime)
	}
	if early := e.PoW(time.Unix(1589999995, 0)); math.Abs(early-onTime*10/16) > 1e-12 {
		t.Errorf("five seconds early: %v, want ten sixteenths of %v", early, onTime)
	}
}

func TestPoWOfZeroTTLIsInfinite(t *testing.T) {
	if got := (&Envelope{Expiry: 1590000000}).PoW(time.Unix(1590000000, 0)); !math.IsInf(got, 1) {
		t.Errorf("proof of work %v", got)
	}
}

func TestDecodeEnvelopeRefusals(t *testing.T) {
	for name, b := range map[string][]byte{
		"nothing":              {},
		"no list":              {0x80},
		"empty list":           {0xc0},
		"list longer than all": {0xf8, 0xff, 0x01},
		"huge list":            {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
		"list as an item":      {0xc5, 0xc0, 0x80, 0x80, 0x80, 0x80},
	} {
		if e, err := DecodeEnvelope(b); !errors.Is(err, ErrMalformed) || e != nil {
			t.Errorf("%s: %v, %v", name, e, err)
		}
	}
}

func TestDecodingSharesMemory(t *testing.T) {
	raw := (&Envelope{Expiry: 2, TTL: 1, Data: pattern(1<<20, 0)}).Encode()
	if got := bytesPerRun(t, func() { DecodeEnvelope(raw) }); got > 200 {
		t.Errorf("%d bytes allocated for an envelope of 1 MiB", got)
	}
}
