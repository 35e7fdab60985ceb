package hostnet

import (
	"encoding/binary"
	"net/netip"
)

// Protocols that a router looks into.
const (
	tcp = 6
	udp = 17
)

// packet is an IPv4 packet, as it is on the wire.
type packet []byte

// valid says whether the packet is IPv4, whole, and not a fragment.
func (p packet) valid() bool {
	if len(p) < 20 || p[0]>>4 != 4 || p.header() < 20 || p.header() > len(p) || int(binary.BigEndian.Uint16(p[2:])) != len(p) {
		return false
	}
	return binary.BigEndian.Uint16(p[6:])&0x3fff == 0
}

func (p packet) header() int      { return int(p[0]&15) * 4 }
func (p packet) protocol() byte   { return p[9] }
func (p packet) from() netip.Addr { return netip.AddrFrom4([4]byte(p[12:16])) }
func (p packet) to() netip.Addr   { return netip.AddrFrom4([4]byte(p[16:20])) }

// ports are those of TCP and UDP; other packets have none.
func (p packet) ports() (from, to uint16, ok bool) {
	if proto := p.protocol(); proto != tcp && proto != udp || len(p) < p.header()+8 {
		return 0, 0, false
	}
	body := p[p.header():]
	return binary.BigEndian.Uint16(body), binary.BigEndian.Uint16(body[2:]), true
}

// setFrom changes address and port of the sender, and the sums over them.
func (p packet) setFrom(a netip.AddrPort) {
	addr := a.Addr().As4()
	copy(p[12:16], addr[:])
	binary.BigEndian.PutUint16(p[p.header():], a.Port())
	p.resum()
}

// setTo changes address and port of the receiver, and the sums over them.
func (p packet) setTo(a netip.AddrPort) {
	addr := a.Addr().As4()
	copy(p[16:20], addr[:])
	binary.BigEndian.PutUint16(p[p.header()+2:], a.Port())
	p.resum()
}

// resum writes both checksums anew (RFC 791, RFC 9293, RFC 768).
func (p packet) resum() {
	n := p.header()
	binary.BigEndian.PutUint16(p[10:], 0)
	binary.BigEndian.PutUint16(p[10:], ^fold(sum(0, p[:n])))
	body, at := p[n:], 16
	if p.protocol() == udp {
		at = 6
		if binary.BigEndian.Uint16(body[at:]) == 0 {
			return // its sender wanted none
		}
	}
	if len(body) < at+2 {
		return
	}
	binary.BigEndian.PutUint16(body[at:], 0)
	s := sum(uint32(p.protocol())+uint32(len(body)), p[12:20])
	s = sum(s, body)
	binary.BigEndian.PutUint16(body[at:], ^fold(s))
}

func sum(s uint32, b []byte) uint32 {
	for ; len(b) > 1; b = b[2:] {
		s += uint32(b[0])<<8 | uint32(b[1])
	}
	if len(b) == 1 {
		s += uint32(b[0]) << 8
	}
	return s
}

func fold(s uint32) uint16 {
	for s > 0xffff {
		s = s>>16 + s&0xffff
	}
	return uint16(s)
}
