package hostnet

import (
	"fmt"
	"net/netip"
	"sync"
	"time"
)

// Net is hosts and the router between them.
type Net struct {
	mu    sync.RWMutex
	hosts map[netip.Addr]*Host
	nats  map[netip.Addr]*NAT
	homes map[netip.Addr]*NAT // by the address of a host behind one
	end   chan struct{}
	work  sync.WaitGroup
}

// New makes a net without hosts. Close ends it.
func New() *Net {
	return &Net{
		hosts: make(map[netip.Addr]*Host), nats: make(map[netip.Addr]*NAT), homes: make(map[netip.Addr]*NAT),
		end: make(chan struct{}),
	}
}

// Host adds a host with an IPv4 address of its own. The error wraps ErrUnavailable where this system gives none.
func (n *Net) Host(name, addr string) (*Host, error) { return n.add(name, addr, nil) }

// NAT adds a home router with a public IPv4 address.
func (n *Net) NAT(addr string) (*NAT, error) {
	a, err := netip.ParseAddr(addr)
	if err != nil {
		return nil, fmt.Errorf("hostnet: %w", err)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.nats[a] = newNAT(a)
	return n.nats[a], nil
}

// HostBehind adds a host behind a home router. Its address is seen by nobody else, but is the only one of its kind here.
func (n *Net) HostBehind(nat *NAT, name, addr string) (*Host, error) { return n.add(name, addr, nat) }

func (n *Net) add(name, addr string, home *NAT) (*Host, error) {
	a, err := netip.ParseAddr(addr)
	if err != nil {
		return nil, fmt.Errorf("hostnet: %w", err)
	}
	h, err := newHost(name, a)
	if err != nil {
		return nil, err
	}
	h.link = newLink()
	n.mu.Lock()
	n.hosts[a] = h
	if home != nil {
		n.homes[a] = home
	}
	n.mu.Unlock()
	n.work.Go(func() { n.read(h) })
	n.work.Go(func() { n.deliver(h) })
	return h, nil
}

// Close ends the net. What still runs on its hosts hears nothing any more.
func (n *Net) Close() {
	close(n.end)
	n.mu.Lock()
	for _, h := range n.hosts {
		h.close()
	}
	n.mu.Unlock()
	n.work.Wait()
}

// read carries what a host sends.
func (n *Net) read(h *Host) {
	buffer := make([]byte, mtu)
	for {
		size, err := h.tun.Read(buffer)
		if err != nil {
			return
		}
		p := packet(append([]byte(nil), buffer[:size]...))
		if !p.valid() {
			continue
		}
		if wait, ok := h.link.passes(); ok {
			n.route(p, time.Now().Add(wait))
		}
	}
}

// route finds whom a packet is for, through the home routers at both ends, and lets it go there.
func (n *Net) route(p packet, at time.Time) {
	n.mu.RLock()
	home, nat := n.homes[p.from()], n.nats[p.to()]
	n.mu.RUnlock()
	if home != nil && !home.out(p) {
		return
	}
	to := p.to()
	if nat != nil {
		inner, asked := nat.in(p)
		if !asked {
			return
		}
		to = inner
	}
	n.mu.RLock()
	h := n.hosts[to]
	hidden := n.homes[to] != nil && nat == nil // a private address leads nowhere from outside
	n.mu.RUnlock()
	if h == nil || hidden {
		return
	}
	wait, ok := h.link.passes()
	if !ok {
		return
	}
	select {
	case h.link.out <- parcel{p, at.Add(wait)}:
	default: // the line is full
	}
}

// deliver gives a host its packets when they are due.
func (n *Net) deliver(h *Host) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-n.end:
			return
		case p := <-h.link.out:
			timer.Reset(time.Until(p.due))
			select {
			case <-n.end:
				return
			case <-timer.C:
			}
			if _, err := h.tun.Write(p.packet); err != nil {
				return
			}
		}
	}
}
