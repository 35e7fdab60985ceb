package overlay

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/p2p/netutil"
)

// Enode is the URL under which others reach this node, as far as that is known: the public address it was given, what the
// router mapped, the address it listens on, or the best one that this computer has. Without a listener it carries no address.
func (s *Server) Enode() string {
	id := fmt.Sprintf("enode://%x", crypto.FromECDSAPub(&s.cfg.Key.PublicKey)[1:])
	s.mu.Lock()
	defer s.mu.Unlock()
	host, port := s.whereabouts()
	if port == 0 {
		return id
	}
	url := id + "@" + net.JoinHostPort(host, strconv.Itoa(port))
	if udp := s.udpPort(); udp != 0 && udp != port {
		url += "?discport=" + strconv.Itoa(udp)
	}
	return url
}

// ListenAddr is what the server listens on, HOST:PORT with the real port; empty if it does not.
func (s *Server) ListenAddr() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.listening(); a.IsValid() && !s.deaf {
		return a.String()
	}
	return ""
}

// listening is called with the lock held.
func (s *Server) listening() netip.AddrPort {
	if s.listener == nil {
		return netip.AddrPort{}
	}
	a, ok := s.listener.Addr().(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(netutil.IPToAddr(a.IP), uint16(a.Port))
}

// whereabouts is called with the lock held.
func (s *Server) whereabouts() (host string, port int) {
	listen := s.listening()
	switch {
	case !listen.IsValid():
		return "", 0
	case s.cfg.Public != "":
		host, port, _ = splitHostPort(s.cfg.Public) // checked by New
		return host, port
	case s.mapped.IsValid():
		return s.mapped.Addr().String(), int(s.mapped.Port())
	case !listen.Addr().IsUnspecified() || s.watcher == nil:
		return listen.Addr().String(), int(listen.Port())
	default:
		return bestAddress(s.watcher.current()).String(), int(listen.Port())
	}
}

// bestAddress is the one that most others can reach: public before private, IPv4 before IPv6 among equals.
func bestAddress(addrs []netip.Addr) netip.Addr {
	best, rank := netip.AddrFrom4([4]byte{127, 0, 0, 1}), 0
	for _, a := range addrs {
		if r := reach(a); r > rank {
			best, rank = a, r
		}
	}
	return best
}

// reachPublic is the least that reach says of an address that others reach from anywhere.
const reachPublic = 4

func reach(a netip.Addr) int {
	r := 0
	switch {
	case a.IsLoopback() || !a.IsGlobalUnicast():
		return 0
	case !a.IsPrivate():
		r = reachPublic
	default:
		r = 2
	}
	if a.Is4() {
		r++
	}
	return r
}
