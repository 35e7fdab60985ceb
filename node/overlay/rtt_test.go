package overlay

import (
	"runtime"
	"testing"
	"time"
)

func TestRTT(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux is asked")
	}
	hub := start(t, testConfig(t))
	cfg := testConfig(t)
	cfg.Static = []string{hub.Enode()}
	s := start(t, cfg)
	eventually(t, 5*time.Second, "a round trip time on both sides", func() bool {
		return len(s.Peers()) == 1 && s.Peers()[0].RTT > 0 && len(hub.Peers()) == 1 && hub.Peers()[0].RTT > 0
	})
	if rtt := s.Peers()[0].RTT; rtt > time.Second {
		t.Errorf("round trip on loopback: %v", rtt)
	}
	if rtt(hub.conns.find(s.p2p.Peers()[0].RemoteAddr(), s.p2p.Peers()[0].LocalAddr())) != 0 {
		t.Error("a connection that hides its socket has a round trip time")
	}
}
