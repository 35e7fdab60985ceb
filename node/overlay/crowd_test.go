package overlay

import (
	"context"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/p2p"
)

// crowd starts a server on host, and ten nodes that dial it from the same address. All have to be in within 5 seconds.
func crowd(host string) error {
	const size = 10
	hub, err := crowdMember(Config{Listen: net.JoinHostPort(host, "0")})
	if err != nil {
		return err
	}
	defer hub.Stop()
	begun := time.Now()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(host)}}
	for range size {
		s, err := crowdMember(Config{Static: []string{hub.Enode()}, Dial: dialer.DialContext})
		if err != nil {
			return err
		}
		defer s.Stop()
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for len(hub.Peers()) < size {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("%d of %d peers after 5 s; refused: %v", len(hub.Peers()), size, hub.Stats().Refused)
		}
	}
	for _, p := range hub.Peers() {
		if !p.Inbound {
			return fmt.Errorf("peer %v is not inbound", p.ID)
		}
	}
	fmt.Printf("%d peers from %s in %v\n", size, host, time.Since(begun).Round(time.Millisecond))
	return nil
}

func crowdMember(cfg Config) (*Server, error) {
	key, err := crypto.GenerateKey()
	if err != nil {
		return nil, err
	}
	cfg.Key, cfg.Protocols = key, []p2p.Protocol{testProtocol(new(atomic.Int32))}
	s, err := New(cfg)
	if err != nil {
		return nil, err
	}
	return s, s.Start(context.Background())
}
