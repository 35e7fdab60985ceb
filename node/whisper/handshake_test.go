package whisper_test

import (
	"encoding/hex"
	"errors"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethereum/go-ethereum/rlp"

	"sotto/node/whisper"
)

func TestOwnStatus(t *testing.T) {
	now := time.UnixMilli(1_590_000_005_678)
	limits := whisper.RateLimits{IP: 10, Peer: 5}
	w := start(t, whisper.Config{MinPoW: 0.001, Confirmations: true, Limits: limits, Now: func() time.Time { return now }})
	s, err := whisper.DecodeStatus(dial(t, w, 1).expect(whisper.CodeStatus))
	if err != nil {
		t.Fatal(err)
	}
	if *s.PoW != 0.001 || !s.Bloom.IsFull() || *s.Light || !*s.Confirmations || *s.Limits != limits {
		t.Errorf("announced %+v", s)
	}
	if *s.UnixMilli != uint64(now.UnixMilli()) {
		t.Errorf("clock %d, want %d", *s.UnixMilli, now.UnixMilli())
	}
}

// TestHandshakeForms: what a peer is known by after each legal form of EIP-627's status packet, from the version alone to
// items that are not known yet.
func TestHandshakeForms(t *testing.T) {
	full, some := whisper.FullBloom(), testTopic.WideBloom()
	pow := math.Float64bits(0.002)
	limits := []uint64{3, 2, 1}
	tests := []struct {
		name  string
		items []any
		want  whisper.PeerInfo
	}{
		{"version only", []any{6}, whisper.PeerInfo{Everything: true}},
		{"with proof of work", []any{6, pow}, whisper.PeerInfo{Everything: true, PoW: 0.002}},
		{"empty bloom", []any{6, pow, []byte{}}, whisper.PeerInfo{Everything: true, PoW: 0.002}},
		{"full bloom", []any{6, pow, full[:]}, whisper.PeerInfo{Everything: true, PoW: 0.002}},
		{"narrow bloom", []any{6, pow, some[:]}, whisper.PeerInfo{PoW: 0.002}},
		{"geth", []any{6, pow, []byte{}, false}, whisper.PeerInfo{Everything: true, PoW: 0.002}},
		{"light", []any{6, pow, []byte{}, true}, whisper.PeerInfo{Everything: true, PoW: 0.002, Light: true}},
		{"Status", []any{6, pow, []byte{}, false, true},
			whisper.PeerInfo{Everything: true, PoW: 0.002, Confirmations: true}},
		{"limits", []any{6, pow, []byte{}, false, true, limits}, whisper.PeerInfo{Everything: true, PoW: 0.002,
			Confirmations: true, Limits: whisper.RateLimits{IP: 3, Peer: 2, Topic: 1}}},
		{"more items", []any{6, pow, []byte{}, false, false, limits, "x", []uint64{1}}, whisper.PeerInfo{Everything: true,
			PoW: 0.002, Limits: whisper.RateLimits{IP: 3, Peer: 2, Topic: 1}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := start(t, whisper.Config{})
			c := dial(t, w, 1)
			c.send(whisper.CodeStatus, encode(t, tt.items))
			until(t, "handshake", func() bool { return c.joined(w) })
			got := w.Peers()[0]
			got.ID, got.Name, got.Addr, got.Since = tt.want.ID, "", "", tt.want.Since
			if got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

func encode(t testing.TB, v any) []byte {
	t.Helper()
	for i, item := range v.([]any) {
		if n, ok := item.(int); ok {
			v.([]any)[i] = uint64(n)
		}
	}
	b, err := rlp.EncodeToBytes(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestStatusRefused(t *testing.T) {
	tests := []struct {
		name string
		code uint64
		hex  string
	}{
		{"other version", 0, "c105"},
		{"no list", 0, "06"},
		{"empty list", 0, "c0"},
		{"version is a list", 0, "c1c0"},
		{"proof of work NaN", 0, "ca06887ff8000000000001"},
		{"proof of work infinite", 0, "ca06887ff0000000000000"},
		{"proof of work negative", 0, "ca0688bff0000000000000"},
		{"bloom of three bytes", 0, "c6068083aabbcc"},
		{"another packet first", 1, "c0"},
		{"cut short", 0, "cc06"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := start(t, whisper.Config{})
			c := dial(t, w, 1)
			payload, _ := hex.DecodeString(tt.hex)
			c.send(tt.code, payload)
			if err := c.ended(); !errors.Is(err, whisper.ReasonHandshake) {
				t.Errorf("ended with %v", err)
			}
			if cut := w.Stats().Cut[whisper.ReasonHandshake]; cut != 1 {
				t.Errorf("counted %d", cut)
			}
		})
	}
}

// What nobody set is announced as it is enforced, and not as no limit.
func TestDefaultLimitsAreAnnounced(t *testing.T) {
	for _, tt := range []struct{ set, want whisper.RateLimits }{
		{whisper.RateLimits{}, whisper.RateLimits{IP: 1000, Peer: 500}},
		{whisper.RateLimits{Peer: 7}, whisper.RateLimits{IP: 1000, Peer: 7}},
	} {
		w := start(t, whisper.Config{Limits: tt.set})
		s, err := whisper.DecodeStatus(dial(t, w, 1).expect(whisper.CodeStatus))
		if err != nil || *s.Limits != tt.want {
			t.Errorf("announced %+v, %v", s.Limits, err)
		}
	}
}

// We did not end the connection of a peer that hangs up before its status packet, so it is not counted as cut.
func TestHangingUpIsNotCut(t *testing.T) {
	w := start(t, whisper.Config{})
	c := dial(t, w, 1)
	c.pipe.Close()
	if err := c.ended(); err == nil || errors.Is(err, whisper.ReasonHandshake) {
		t.Errorf("ended with %v", err)
	}
	if n := w.Stats().Cut; len(n) != 0 {
		t.Errorf("counted %v", n)
	}
}

func TestTwoLightNodesPart(t *testing.T) {
	w := start(t, whisper.Config{Light: true})
	c := dial(t, w, 1)
	c.send(whisper.CodeStatus, whisper.EncodeStatus(whisper.Status{Version: 6, Light: ptr(true)}))
	if err := c.ended(); !errors.Is(err, whisper.ReasonLight) {
		t.Errorf("ended with %v", err)
	}
}

func TestHandshakeTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, whisper.Config{})
		c := dial(t, w, 1)
		began := time.Now()
		if err := c.ended(); !errors.Is(err, whisper.ReasonHandshake) {
			t.Errorf("ended with %v", err)
		}
		if took := time.Since(began); took != 5*time.Second {
			t.Errorf("waited %v", took)
		}
		if n := w.Stats().Cut[whisper.ReasonHandshake]; n != 1 {
			t.Errorf("counted %d", n)
		}
	})
}

// A peer that neither reads nor writes must not keep Stop waiting.
func TestStopDuringHandshake(t *testing.T) {
	w := whisper.New(whisper.Config{})
	w.Start()
	c := dial(t, w, 1)
	w.Stop()
	if err := c.ended(); err == nil {
		t.Error("no error")
	}
}

func TestNotRunning(t *testing.T) {
	if err := dial(t, whisper.New(whisper.Config{}), 1).ended(); !errors.Is(err, whisper.ErrStopped) {
		t.Errorf("ended with %v", err)
	}
}

func TestSecondStatusIgnored(t *testing.T) {
	w := start(t, whisper.Config{})
	c := join(t, w, 1)
	c.send(whisper.CodeStatus, whisper.EncodeStatus(whisper.Status{Version: 6, PoW: ptr(7.0)}))
	until(t, "count", func() bool { return w.Stats().Refused[whisper.ReasonRepeated].Envelopes == 1 })
	if pow := w.Peers()[0].PoW; pow != 0 {
		t.Errorf("proof of work now %v", pow)
	}
}
