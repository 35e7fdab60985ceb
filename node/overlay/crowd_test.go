package overlay

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/p2p"
)

// crowd starts a server on host, and ten nodes that dial it from the same address. All have to be in within 5 seconds,
// and again after the server's computer slept for a minute, which leaves their connections dead.
func crowd(host string) error {
	const size = 10
	hub, err := crowdMember(Config{
		Listen: net.JoinHostPort(host, "0"), Roles: RoleBoot | RoleRelay | RoleMail, Search: Search{Discovery: true},
	})
	if err != nil {
		return err
	}
	defer hub.Stop()
	begun := time.Now()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(host)}}
	search := Search{Discovery: true, Boot: []string{hub.Enode()}}
	for range size {
		s, err := crowdMember(Config{Static: []string{hub.Enode()}, Search: search, Dial: dialer.DialContext})
		if err != nil {
			return err
		}
		defer s.Stop()
	}
	if err := within(5*time.Second, func() bool { return len(hub.Peers()) == size }); err != nil {
		return fmt.Errorf("%d of %d peers; refused: %v", len(hub.Peers()), size, hub.Stats().Refused)
	}
	fmt.Printf("%d peers from %s in %v\n", size, host, time.Since(begun).Round(time.Millisecond))
	for _, p := range hub.Peers() {
		if !p.Inbound {
			return fmt.Errorf("peer %v is not inbound", p.ID)
		}
	}
	before := hub.conns.snapshot()
	hub.networkChanged(change{slept: time.Minute})
	if err := within(5*time.Second, func() bool { return len(hub.Peers()) == size && hub.conns.without(before) == size }); err != nil {
		return fmt.Errorf("after a sleep %d of %d peers", len(hub.Peers()), size)
	}
	return nil
}

// found starts a node that does everything for others, and ten clients at the same address that know it as a boot node only.
// All have to be in within 15 seconds.
func found(host string) error {
	const size = 10
	hub, err := crowdMember(Config{
		Listen: net.JoinHostPort(host, "0"), Roles: RoleBoot | RoleRelay | RoleMail, Search: Search{Discovery: true},
	})
	if err != nil {
		return err
	}
	defer hub.Stop()
	begun := time.Now()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(host)}}
	for range size {
		s, err := crowdMember(Config{Search: Search{Discovery: true, Boot: []string{hub.Enode()}}, Dial: dialer.DialContext})
		if err != nil {
			return err
		}
		defer s.Stop()
	}
	if err := within(15*time.Second, func() bool { return len(hub.Peers()) == size }); err != nil {
		return fmt.Errorf("%d of %d peers; refused: %v", len(hub.Peers()), size, hub.Stats().Refused)
	}
	fmt.Printf("%d clients found %s in %v\n", size, hub.Enode()[137:], time.Since(begun).Round(time.Millisecond))
	return nil
}

// lowPort has a relay on port 443 found by a client, through a boot node elsewhere and through itself.
func lowPort(host string) error {
	const elsewhere = "6.6.6.6"
	if err := ip("address add " + elsewhere + "/32 dev lo"); err != nil {
		return err
	}
	boot, err := crowdMember(Config{Listen: elsewhere + ":30303", Roles: RoleBoot, Search: Search{Discovery: true}})
	if err != nil {
		return err
	}
	defer boot.Stop()
	relay, err := crowdMember(Config{
		Listen: host + ":443", Roles: RoleBoot | RoleRelay | RoleMail,
		Search: Search{Discovery: true, Boot: []string{boot.Enode()}},
	})
	if err != nil {
		return err
	}
	defer relay.Stop()
	if want := "@" + host + ":443?discport=30303"; !strings.HasSuffix(relay.Enode(), want) {
		return fmt.Errorf("enode %s, want …%s", relay.Enode(), want)
	}
	for _, through := range []*Server{boot, relay} {
		s, err := crowdMember(Config{Search: Search{Discovery: true, Boot: []string{through.Enode()}}})
		if err != nil {
			return err
		}
		defer s.Stop()
		if err := within(15*time.Second, has(s, relay)); err != nil {
			return fmt.Errorf("not found: %v", s.Tried())
		}
	}
	return nil
}

// roam moves a node from one address to another, as a laptop that changes its network: the peer hears nothing of it.
func roam(home, away string) error {
	hub, err := crowdMember(Config{
		Listen:    "127.0.0.1:0",
		keepAlive: net.KeepAliveConfig{Enable: true, Idle: time.Second, Interval: time.Second, Count: 1},
	})
	if err != nil {
		return err
	}
	defer hub.Stop()
	var from atomic.Value
	from.Store(home)
	s, err := crowdMember(Config{
		Static: []string{hub.Enode()}, tick: 50 * time.Millisecond,
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from.Load().(string))}}
			return d.DialContext(ctx, network, address)
		},
	})
	if err != nil {
		return err
	}
	defer s.Stop()
	if err := within(5*time.Second, func() bool { return len(hub.Peers()) == 1 }); err != nil {
		return fmt.Errorf("not connected: %w", err)
	}
	old := hub.conns.snapshot()
	from.Store(away)
	moved := time.Now()
	if err := ip("address del "+home+"/32 dev lo", "address add "+away+"/32 dev lo"); err != nil {
		return err
	}
	if err := within(12*time.Second, func() bool { return len(hub.Peers()) == 1 && hub.conns.without(old) == 1 && len(s.Peers()) == 1 }); err != nil {
		return fmt.Errorf("not connected from the new address after %d dials: %w", s.Stats().Dials, err)
	}
	fmt.Printf("back %v after the move\n", time.Since(moved).Round(time.Millisecond))
	return nil
}

// flood has one address open connections as fast as it can and say nothing on them. Another one has to get in.
func flood(honest, hostile string) error {
	if err := ip("address add " + hostile + "/32 dev lo"); err != nil {
		return err
	}
	hub, err := crowdMember(Config{Listen: net.JoinHostPort(honest, "0")})
	if err != nil {
		return err
	}
	defer hub.Stop()
	ctx, cancel := context.WithCancel(context.Background())
	var hostiles sync.WaitGroup
	defer hostiles.Wait()
	defer cancel()
	hostiles.Go(func() { hold(ctx, hostile, hub.ListenAddr()) })
	if err := within(5*time.Second, func() bool { return hub.Stats().Refused[RefusedPending] > 200 }); err != nil {
		return fmt.Errorf("no flood: %v", hub.Stats().Refused)
	}
	begun := time.Now()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(honest)}}
	s, err := crowdMember(Config{Static: []string{hub.Enode()}, Dial: dialer.DialContext})
	if err != nil {
		return err
	}
	defer s.Stop()
	if err := within(5*time.Second, func() bool { return len(hub.Peers()) == 1 }); err != nil {
		return fmt.Errorf("an honest node does not get in; refused: %v", hub.Stats().Refused)
	}
	if n := len(hub.conns.snapshot()); n > DefaultPendingPerAddress+1 {
		return fmt.Errorf("%d connections open", n)
	}
	fmt.Printf("in after %v; refused: %v\n", time.Since(begun).Round(time.Millisecond), hub.Stats().Refused)
	return nil
}

// hold opens connections from an address and keeps them.
func hold(ctx context.Context, from, to string) {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	for ctx.Err() == nil {
		if c, err := dialer.DialContext(ctx, "tcp", to); err == nil {
			context.AfterFunc(ctx, func() { c.Close() })
		}
	}
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

func within(d time.Duration, ok func() bool) error {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// ip runs the ip command with each line's words.
func ip(lines ...string) error {
	for _, line := range lines {
		if out, err := exec.Command("ip", strings.Fields(line)...).CombinedOutput(); err != nil {
			return fmt.Errorf("ip %s: %w: %s", line, err, out)
		}
	}
	return nil
}

func (cs *conns) snapshot() map[*conn]bool {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	m := make(map[*conn]bool)
	for _, c := range cs.open {
		m[c] = true
	}
	return m
}

// without counts the connections that are not among those.
func (cs *conns) without(those map[*conn]bool) (n int) {
	for c := range cs.snapshot() {
		if !those[c] {
			n++
		}
	}
	return n
}
