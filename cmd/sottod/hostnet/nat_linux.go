package hostnet

import (
	"net/netip"
	"sync"
)

// firstPort is the first that a NAT gives out.
const firstPort = 20000

// NAT is a home router: many hosts behind one public address. It lets in only answers: packets from an address that was
// written to from the same port.
type NAT struct {
	Addr netip.Addr

	mu      sync.Mutex
	byHost  map[flow]uint16
	byPort  map[door]netip.AddrPort
	written map[talk]bool
	next    uint16
}

// flow is a sender behind a NAT, door its place in front of it, talk whom it wrote to.
type flow struct {
	protocol byte
	from     netip.AddrPort
}

type door struct {
	protocol byte
	port     uint16
}

type talk struct {
	door
	with netip.Addr
}

func newNAT(addr netip.Addr) *NAT {
	return &NAT{Addr: addr, byHost: make(map[flow]uint16), byPort: make(map[door]netip.AddrPort),
		written: make(map[talk]bool), next: firstPort}
}

// out gives a packet from behind the NAT its public sender. It says false where that is not possible.
func (n *NAT) out(p packet) bool {
	from, _, ok := p.ports()
	if !ok {
		return false
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	inner := netip.AddrPortFrom(p.from(), from)
	f := flow{p.protocol(), inner}
	port, known := n.byHost[f]
	if !known {
		port = n.next
		n.next++
		n.byHost[f] = port
		n.byPort[door{f.protocol, port}] = inner
	}
	n.written[talk{door{f.protocol, port}, p.to()}] = true
	p.setFrom(netip.AddrPortFrom(n.Addr, port))
	return true
}

// in finds the host behind the NAT that a packet is for, and says false for what nobody asked for.
func (n *NAT) in(p packet) (netip.Addr, bool) {
	_, to, ok := p.ports()
	if !ok {
		return netip.Addr{}, false
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	d := door{p.protocol(), to}
	inner, known := n.byPort[d]
	if !known || !n.written[talk{d, p.from()}] {
		return netip.Addr{}, false
	}
	p.setTo(inner)
	return inner.Addr(), true
}
