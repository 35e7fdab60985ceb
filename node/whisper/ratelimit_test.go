package whisper

import (
	"context"
	"errors"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

func tcp(ip string) net.Addr { return &net.TCPAddr{IP: net.ParseIP(ip), Port: 30303} }

func TestBucketSlowsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(10, 1<<20, 1)
		began := time.Now()
		for range 80 + 50 {
			if err := b.wait(t.Context(), 1, 100); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began).Round(time.Millisecond); took != 5*time.Second {
			t.Errorf("50 packets over the burst took %v at 10 a second", took)
		}
	})
}

// Bytes count as packets do; whoever would have to wait for too long is cut.
func TestBucketRunsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(1000, 1<<20, 1)
		if err := b.wait(t.Context(), 1, 10<<20); err != nil {
			t.Fatal(err)
		}
		if err := b.wait(t.Context(), 1, 6<<20); !errors.Is(err, ReasonFlood) {
			t.Errorf("6 s worth over the burst: %v", err)
		}
	})
}

func TestBucketWaitEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(1, 1<<20, 1)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := b.wait(ctx, 8, 0); err != nil {
			t.Fatal(err)
		}
		if err := b.wait(ctx, 3, 0); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
}

func TestNetworkOf(t *testing.T) {
	tests := map[string]string{
		"198.51.100.7":        "198.51.100.7/32",
		"::ffff:198.51.100.7": "198.51.100.7/32",
		"2001:db8:1:2:3::4":   "2001:db8:1:2::/64",
		"127.0.0.1":           "",
		"::1":                 "",
	}
	for ip, want := range tests {
		network, limited := networkOf(tcp(ip))
		if got := network.String(); limited != (want != "") || limited && got != want {
			t.Errorf("%s: %s, %v", ip, got, limited)
		}
	}
	if _, limited := networkOf(&net.UnixAddr{}); limited {
		t.Error("a pipe has no address to limit")
	}
}

// Peers of one address share its limits, and leaving does not refill them at once.
func TestAddressLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := ipLimits{bytes: 1 << 20, packets: 7}
		a, leaveA := l.enter(tcp("198.51.100.7"))
		b, leaveB := l.enter(tcp("198.51.100.7"))
		if other, leave := l.enter(tcp("198.51.100.8")); a != b || other == a {
			t.Error("shared wrongly")
		} else {
			leave()
		}
		if a.packets.Limit() != 7 {
			t.Errorf("limit %v", a.packets.Limit())
		}
		leaveA()
		leaveB()
		time.Sleep(ipMemory)
		again, leave := l.enter(tcp("198.51.100.7"))
		leave()
		if again != a {
			t.Error("forgotten at once")
		}
		time.Sleep(ipMemory + 1)
		if again, _ := l.enter(tcp("198.51.100.7")); again == a || len(l.byNet) != 1 {
			t.Error("never forgotten")
		}
	})
}

// Dialling again does not start anew: the address remembers.
func TestAddressRemembersRefusals(t *testing.T) {
	var l ipLimits
	for dialled := range 100 {
		b, leave := l.enter(tcp("198.51.100.7"))
		if err := b.spend(refusalBurst); errors.Is(err, ReasonFlood) {
			if dialled != peersPerIP {
				t.Errorf("cut at connection %d", dialled)
			}
			return
		}
		leave()
	}
	t.Error("never cut")
}

func TestPacing(t *testing.T) {
	tests := []struct {
		limits RateLimits
		want   float64
	}{
		{RateLimits{}, 0},
		{RateLimits{Peer: 5}, 5},
		{RateLimits{IP: 10}, 10},
		{RateLimits{IP: 3, Peer: 5}, 3},
		{RateLimits{Peer: 1 << 63}, 1 << 20},
	}
	for _, tt := range tests {
		var got float64
		if l := pacing(tt.limits); l != nil {
			got = float64(l.Limit())
		}
		if got != tt.want {
			t.Errorf("%v: %v packets a second", tt.limits, got)
		}
	}
}
