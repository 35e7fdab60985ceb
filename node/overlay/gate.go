package overlay

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Reason names why an inbound connection was refused or failed.
type Reason string

// The reasons that Stats counts.
const (
	RefusedRestricted Reason = "restricted" // not in NetRestrict
	RefusedPending    Reason = "pending"    // too many handshakes of this address at a time
	RefusedRate       Reason = "rate"       // too many connections of this address in a short time
	RefusedPlaces     Reason = "places"     // this address has its share of the peers
	FailedHandshake   Reason = "handshake"  // not devp2p, too slow, no protocol in common, no slot free
)

// How often one address may connect. Wide at first contact: a whole office comes back at once after its relay was
// restarted, and a dialler that is refused may wait 35 seconds for its next try.
const (
	connectRate  = rate.Limit(10) // a second
	connectBurst = 100
	generation   = 2048 // addresses whose rate is remembered, before the older half is forgotten
)

// gate decides which addresses may take up a handshake.
type gate struct {
	perAddress int
	now        func() time.Time

	mu      sync.Mutex
	pending map[netip.Prefix]int
	rates   map[netip.Prefix]*rate.Limiter // the addresses seen last
	older   map[netip.Prefix]*rate.Limiter // those before them
}

func newGate(perAddress int, now func() time.Time) *gate {
	return &gate{
		perAddress: perAddress, now: now,
		pending: make(map[netip.Prefix]int), rates: make(map[netip.Prefix]*rate.Limiter),
	}
}

// enter takes one of the address's places, or says why not. Whoever got in must leave. Loopback is not limited: who is
// there is on this computer, or comes through a proxy that hides everybody behind one address.
func (g *gate) enter(addr netip.Addr) (Reason, bool) {
	if addr.IsLoopback() {
		return "", true
	}
	key := household(addr)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.pending[key] >= g.perAddress {
		return RefusedPending, false
	}
	if !g.limiter(key).AllowN(g.now(), 1) {
		return RefusedRate, false
	}
	g.pending[key]++
	return "", true
}

// leave gives the place back.
func (g *gate) leave(addr netip.Addr) {
	if addr.IsLoopback() {
		return
	}
	key := household(addr)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.pending[key]--; g.pending[key] <= 0 {
		delete(g.pending, key)
	}
}

// limiter finds the address's budget in a time that does not depend on how many addresses there are: who has many must
// not make us search. That is also why the older half is forgotten as one.
func (g *gate) limiter(key netip.Prefix) *rate.Limiter {
	l := g.rates[key]
	if l != nil {
		return l
	}
	if l = g.older[key]; l == nil {
		l = rate.NewLimiter(connectRate, connectBurst)
	}
	if len(g.rates) >= generation {
		g.older, g.rates = g.rates, make(map[netip.Prefix]*rate.Limiter)
	}
	g.rates[key] = l
	return l
}

// site is what one customer may have at most: an IPv4 address, or a /48 for IPv6.
func site(addr netip.Addr) netip.Prefix {
	addr = addr.Unmap().WithZone("")
	bits := 32
	if addr.Is6() {
		bits = 48
	}
	p, _ := addr.Prefix(bits)
	return p
}

// household is what counts as one address: an IPv4 address, or the /64 that one IPv6 customer gets at least.
func household(addr netip.Addr) netip.Prefix {
	addr = addr.Unmap().WithZone("")
	bits := 32
	if addr.Is6() {
		bits = 64
	}
	p, _ := addr.Prefix(bits)
	return p
}
