package overlay

import (
	"context"
	"crypto/ecdsa"
	"net"
	"net/netip"
	"strconv"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"
	"github.com/ethereum/go-ethereum/p2p/enr"
	"github.com/ethereum/go-ethereum/p2p/netutil"
)

// DefaultDiscoveryPort is the UDP port of a node whose TCP port is one of the first 1024: go-ethereum's discovery takes no
// record with such a UDP port.
const DefaultDiscoveryPort = 30303

const lowPorts = 1024

// servingPings is how often a node that serves looks after one of those that it knows. It tells nobody of a node before its
// first look, so that this is how soon a new relay is found.
const servingPings = time.Second

func (s *Server) newDiscovery(boot []*enode.Node) *discovery {
	return &discovery{
		boot: boot, restrict: s.cfg.NetRestrict, resolver: s.cfg.Resolver, tries: s.tries, random: s.cfg.Rand,
		log: quietLogger(s.cfg.Log),
	}
}

// serves tells whether the node answers who else is there, for as long as it runs.
func (s *Server) serves() bool { return s.cfg.Roles != 0 && s.cfg.Discovery && !s.cfg.StaticOnly }

// listenForDiscovery opens the UDP socket of a node that serves, before anything else begins: on the port of the TCP listener,
// unless that is a low one. Where both ports are random, they may differ.
func (s *Server) listenForDiscovery(ctx context.Context) (err error) {
	if !s.serves() {
		return nil
	}
	at := s.listening()
	if at.Port() <= lowPorts {
		at = netip.AddrPortFrom(at.Addr(), DefaultDiscoveryPort)
	}
	var lc net.ListenConfig
	host, port, _ := splitHostPort(s.cfg.Listen) // checked by New
	s.packets, err = lc.ListenPacket(ctx, "udp", net.JoinHostPort(host, strconv.Itoa(int(at.Port()))))
	if err != nil && port == 0 {
		s.packets, err = lc.ListenPacket(ctx, "udp", net.JoinHostPort(host, "0"))
	}
	return err
}

// startServing is called with the lock held.
func (s *Server) startServing(boot []*enode.Node) {
	if !s.serves() {
		return
	}
	d := s.newDiscovery(boot)
	d.pings = servingPings
	d.self = func() (*enode.LocalNode, *ecdsa.PrivateKey, error) { return s.p2p.LocalNode(), s.cfg.Key, nil }
	d.socket = func(context.Context) (net.PacketConn, error) { return s.packets, nil }
	s.disc = d
	s.serving.Go(func() { s.serve(d) })
}

// serve answers until the server stops. From time to time it greets the boot nodes that it does not know, so that they tell
// others of it, and looks where its public name leads.
func (s *Server) serve(d *discovery) {
	defer d.rest()
	defer context.AfterFunc(s.ctx, d.rest)()
	udp, err := d.open(s.ctx)
	if err != nil {
		s.packets.Close()
		if s.ctx.Err() == nil {
			s.cfg.Log.Error("discovery does not run", "err", err)
		}
		return
	}
	for s.ctx.Err() == nil {
		epoch := s.epochs.now()
		s.resolvePublic()
		d.greet(s.ctx, udp)
		pause(s.ctx, epoch, SearchSlow)
	}
}

// resolvePublic finds out the addresses of the public name, which records need.
func (s *Server) resolvePublic() {
	host, _, err := splitHostPort(s.cfg.Public)
	if err != nil || net.ParseIP(host) != nil {
		return
	}
	addrs, err := lookup(s.ctx, s.cfg.Resolver, host)
	if err != nil {
		s.cfg.Log.Debug("public name not resolved", "host", host, "err", err)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outward = addrs
	s.announce()
}

// udpPort is where others ask this node, 0 where it does not serve: the public port, unless that is a low one, or the one
// that the router mapped, or that of the socket. It is called with the lock held.
func (s *Server) udpPort() int {
	if s.packets == nil {
		return 0
	}
	if _, port, err := splitHostPort(s.cfg.Public); err == nil && port > lowPorts {
		return port
	}
	if s.mappedUDP.IsValid() {
		return int(s.mappedUDP.Port())
	}
	if a, ok := s.packets.LocalAddr().(*net.UDPAddr); ok {
		return a.Port
	}
	return 0
}

// announce writes the whereabouts and the roles into the record of this node. It is called with the lock held.
func (s *Server) announce() {
	host, port := s.whereabouts()
	record := s.p2p.LocalNode()
	for _, e := range append(entries(s.cfg.Roles, s.cfg.Retention), s.cfg.Record...) {
		record.Set(e)
	}
	if port != 0 {
		record.Set(enr.TCP(port))
	}
	record.SetFallbackUDP(s.udpPort())
	four, six := net.IPv4zero, net.IPv6zero // nothing, as records say it
	for _, a := range s.facing(host) {
		if a.Is4() {
			four = a.AsSlice()
		} else {
			six = a.AsSlice()
		}
	}
	record.SetStaticIP(four)
	record.SetStaticIP(six)
}

// facing are the addresses for the record, at most one of a kind: those of the public name, or the one under which others reach
// this node, and beside it a public one of the other kind where it listens on all. It is called with the lock held.
func (s *Server) facing(host string) []netip.Addr {
	ip := netutil.IPToAddr(net.ParseIP(host))
	if !ip.IsValid() {
		return firstOfEachKind(s.outward)
	}
	all := []netip.Addr{ip}
	if s.cfg.Public == "" && s.watcher != nil && s.listening().Addr().IsUnspecified() {
		for _, a := range s.watcher.current() {
			if reach(a) >= reachPublic && a.Is4() != ip.Is4() {
				all = append(all, a)
			}
		}
	}
	return firstOfEachKind(all)
}

func firstOfEachKind(addrs []netip.Addr) (all []netip.Addr) {
	for _, a := range addrs {
		a = a.Unmap()
		if len(all) == 0 || len(all) == 1 && all[0].Is4() != a.Is4() {
			all = append(all, a)
		}
	}
	return all
}
