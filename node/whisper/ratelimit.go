package whisper

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	// Packets a second that are taken where Config.Limits names none. Confirmations that we asked for do not count.
	defaultPeerPackets = 500
	defaultIPPackets   = 1000
	// burstSeconds is how many seconds' worth may come at once: a peer that offers its pool after connecting.
	burstSeconds = 8
	// mostWait is how long a peer is left unread before it counts as flooding.
	mostWait = 5 * time.Second
	// Refusals that a peer may cost us: at once, and a second. What is over ends the connection.
	refusalBurst = 2000
	refusalRate  = 50
	// peersPerIP is how many peers' refusals an address may cost us, so that dialling again does not start anew.
	peersPerIP = 8
	// bytesPerPoint weighs a refused envelope by its size.
	bytesPerPoint = 4096
	// settingsPoints is what a change of requirements costs, since it makes us look through the pool again.
	settingsPoints = 5
	// ipMemory is how long the limits of an address outlive its last connection.
	ipMemory = time.Minute
)

// bucket limits packets, bytes and refusals. Who outruns the first two is not read any further until it has filled
// again, so an honest peer's burst is slowed down and nothing is lost.
type bucket struct{ packets, bytes, refusals *rate.Limiter }

func newBucket(packets, bytes int64, peers int) *bucket {
	return &bucket{
		refusals: rate.NewLimiter(rate.Limit(refusalRate*peers), refusalBurst*peers),
		packets:  rate.NewLimiter(rate.Limit(packets), int(max(2, burstSeconds*packets))),
		bytes:    rate.NewLimiter(rate.Limit(bytes), int(max(maxPacket, burstSeconds*bytes))),
	}
}

// wait takes what a packet needs. It returns ReasonFlood when that would take too long.
func (b *bucket) wait(ctx context.Context, packets, bytes int) error {
	if b == nil {
		return nil
	}
	now := time.Now()
	var delay time.Duration
	for _, r := range [...]*rate.Reservation{b.packets.ReserveN(now, packets), b.bytes.ReserveN(now, bytes)} {
		if r.DelayFrom(now) > mostWait {
			r.CancelAt(now) // others may share it
			return ReasonFlood
		}
		delay = max(delay, r.DelayFrom(now))
	}
	return pause(ctx, delay)
}

// spend takes points for a refusal. It returns ReasonFlood when they are used up.
func (b *bucket) spend(points int) error {
	if b != nil && !b.refusals.AllowN(time.Now(), points) {
		return ReasonFlood
	}
	return nil
}

// pause waits, unless ctx ends first.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ipLimits shares one bucket among the peers of an address.
type ipLimits struct {
	packets uint64
	bytes   int64

	mu    sync.Mutex
	byNet map[netip.Prefix]*ipBucket
}

type ipBucket struct {
	*bucket
	peers int
	left  time.Time
}

// enter gives the bucket of an address, nil for one that has no limit. leave is to be called in the end.
func (l *ipLimits) enter(addr net.Addr) (b *bucket, leave func()) {
	network, limited := networkOf(addr)
	if !limited {
		return nil, func() {}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forget(time.Now())
	shared := l.byNet[network]
	if shared == nil {
		shared = &ipBucket{bucket: newBucket(clampLimit(l.packets), l.bytes, peersPerIP)}
		if l.byNet == nil {
			l.byNet = make(map[netip.Prefix]*ipBucket)
		}
		l.byNet[network] = shared
	}
	shared.peers++
	return shared.bucket, func() { l.leave(shared) }
}

func (l *ipLimits) leave(b *ipBucket) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b.peers--
	b.left = time.Now()
}

func (l *ipLimits) forget(now time.Time) {
	for network, b := range l.byNet {
		if b.peers == 0 && now.Sub(b.left) > ipMemory {
			delete(l.byNet, network)
		}
	}
}

// networkOf is what counts as one address: an IPv4 address, or the /64 that an IPv6 subscriber gets. Loopback is
// this computer, which needs no protection from itself.
func networkOf(addr net.Addr) (netip.Prefix, bool) {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok {
		return netip.Prefix{}, false
	}
	ip := tcp.AddrPort().Addr().Unmap().WithZone("")
	if !ip.IsValid() || ip.IsLoopback() {
		return netip.Prefix{}, false
	}
	bits := 32
	if ip.Is6() {
		bits = 64
	}
	network, err := ip.Prefix(bits)
	return network, err == nil
}

// clampLimit keeps a peer's or a file's number within what the arithmetic bears.
func clampLimit(n uint64) int64 { return int64(min(n, 1<<20)) }

// pacing is how many packets a second a peer told us to send at most; nil when it told nothing.
func pacing(l RateLimits) *rate.Limiter {
	least := l.Peer
	if least == 0 || l.IP > 0 && l.IP < least {
		least = l.IP
	}
	if least == 0 {
		return nil
	}
	n := clampLimit(least)
	return rate.NewLimiter(rate.Limit(n), int(n))
}
