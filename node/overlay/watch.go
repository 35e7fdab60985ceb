package overlay

import (
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/p2p/enode"
	"github.com/ethereum/go-ethereum/p2p/netutil"
)

const (
	watchInterval = 2 * time.Second
	// A wall clock this much ahead of the ticks means that the computer slept (or that somebody set the clock: then one
	// look too many does no harm).
	sleptAfter = 5 * time.Second
	// A peer gives a silent connection up after 30 seconds; asleep for nearly as long, ours are dead or will be.
	deadAfter = 20 * time.Second
)

// change is what a look at the computer found.
type change struct {
	slept time.Duration // 0 if it did not
	come  []netip.Addr
	gone  []netip.Addr
}

func (c change) any() bool { return c.slept > 0 || len(c.come) > 0 || len(c.gone) > 0 }

// watcher compares the computer with how it was at the last look.
type watcher struct {
	now       func() time.Time
	addresses func() ([]netip.Addr, error)
	interval  time.Duration

	looked time.Time
	mu     sync.Mutex
	seen   []netip.Addr
	blind  bool // the system does not tell
}

// look is called every interval by the monotonic clock, which stands still while a computer sleeps.
func (w *watcher) look() change {
	var c change
	now := w.now().Round(0) // the wall clock alone
	if past := now.Sub(w.looked) - w.interval; !w.looked.IsZero() && past >= sleptAfter {
		c.slept = past
	}
	w.looked = now
	addrs, err := w.addresses()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.blind = err != nil; w.blind {
		return c // we know no more than before
	}
	for _, a := range addrs {
		if !slices.Contains(w.seen, a) {
			c.come = append(c.come, a)
		}
	}
	for _, a := range w.seen {
		if !slices.Contains(addrs, a) {
			c.gone = append(c.gone, a)
		}
	}
	w.seen = addrs
	return c
}

func (w *watcher) current() []netip.Addr {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.seen
}

// wayOut tells whether any address but loopback was there at the last look.
func (w *watcher) wayOut() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.blind || slices.ContainsFunc(w.seen, func(a netip.Addr) bool { return !a.IsLoopback() })
}

// WayOut tells whether peers can be reached at all: this computer has an address besides loopback, or a known node is
// on loopback itself.
func (s *Server) WayOut() bool {
	return s.isRunning() && (s.watcher.wayOut() || s.knowsLoopback() || s.pool.Load().namesLoopback())
}

func (s *Server) knowsLoopback() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.keepers {
		if onLoopback(k.node) {
			return true
		}
	}
	return false
}

// namesLoopback tells whether a node of the network is on loopback. Without a pool there is none.
func (p *pool) namesLoopback() bool {
	if p == nil {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range p.book.entries {
		if e.Source == SourceNetwork && onLoopback(e.node) {
			return true
		}
	}
	return false
}

func onLoopback(n *enode.Node) bool { return n.IPAddr().IsLoopback() || n.Hostname() == "localhost" }

// watchNetwork looks at the computer until the server stops.
func (s *Server) watchNetwork() {
	t := time.NewTicker(s.cfg.tick)
	defer t.Stop()
	for {
		select {
		case <-t.C:
		case <-s.ctx.Done():
			return
		}
		if c := s.watcher.look(); c.any() {
			s.networkChanged(c)
		}
	}
}

// NetworkChanged tells the server that the way to its peers may be another one now. Known peers that are not connected
// are dialled at once, those in a dial again. The server finds most changes itself, within seconds.
func (s *Server) NetworkChanged() {
	if s.isRunning() {
		s.networkChanged(change{})
	}
}

func (s *Server) networkChanged(c change) {
	s.cfg.Log.Info("network changed", "slept", c.slept, "come", len(c.come), "gone", len(c.gone))
	s.epochs.next()
	s.mu.Lock()
	s.announce()
	s.mu.Unlock()
	if n := s.disconnect(p2p.DiscNetworkError, c.kills); n > 0 {
		s.cfg.Log.Info("connections dropped", "connections", n)
	}
	s.changed()
}

// kills tells whether the change leaves a peer's connection dead. p2p would find out by a timeout of 30 seconds, and
// would refuse the peer's new connection until then.
func (c change) kills(p *p2p.Peer) bool {
	local := netutil.AddrAddr(p.LocalAddr())
	if slices.Contains(c.gone, local) {
		return true
	}
	return c.slept >= deadAfter && !local.IsLoopback()
}

// interfaceAddresses are the addresses of this computer that a route may start from.
func interfaceAddresses() ([]netip.Addr, error) {
	all, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	return addressesOf(all, (*net.Interface).Addrs)
}

// addressesOf leaves out interfaces that carry nothing: an unplugged one, or a bridge for containers that do not run,
// keeps its addresses. It leaves out link-local addresses, too.
func addressesOf(all []net.Interface, addrsOf func(*net.Interface) ([]net.Addr, error)) ([]netip.Addr, error) {
	const carries = net.FlagUp | net.FlagRunning
	var addrs []netip.Addr
	for i := range all {
		if all[i].Flags&carries != carries {
			continue
		}
		nets, err := addrsOf(&all[i])
		if err != nil {
			return nil, err
		}
		addrs = append(addrs, routable(nets)...)
	}
	return addrs, nil
}

func routable(nets []net.Addr) (addrs []netip.Addr) {
	for _, n := range nets {
		ipn, ok := n.(*net.IPNet)
		if !ok {
			continue
		}
		if a := netutil.IPToAddr(ipn.IP); a.IsValid() && !a.IsLinkLocalUnicast() {
			addrs = append(addrs, a)
		}
	}
	return addrs
}
