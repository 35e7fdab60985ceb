package overlay

import (
	"context"
	"log/slog"
	"net/netip"
	"time"

	"github.com/ethereum/go-ethereum/p2p/nat"
	"github.com/ethereum/go-ethereum/p2p/netutil"
)

// A mapping lives ten minutes on the router, so that one we could not delete does not stay.
const (
	mappingLifetime = 10 * time.Minute
	mappingRenew    = 8 * time.Minute
	mappingRetry    = 2 * time.Minute // routers that refuse once often grant the next
)

// mapper keeps a port of ours mapped on the router.
type mapper struct {
	protocol string               // TCP or UDP
	router   func() nat.Interface // looks for one: made anew in each network
	port     int
	mapped   func(netip.AddrPort) // told the outer address; invalid when there is none
	log      *slog.Logger

	outer int // the outer port; 0 while nothing is mapped
}

// run renews the mapping until ctx ends and deletes it then. epoch is the network's: a new one may have a new router.
func (m *mapper) run(ctx context.Context, epoch func() context.Context) {
	var router nat.Interface
	for ctx.Err() == nil {
		now := epoch()
		if router == nil {
			router = m.router()
		}
		if !pause(ctx, now, m.renew(router)) {
			router = m.leave(ctx, router)
		}
	}
}

// leave deletes the mapping at the end. In a changed network the old router may be gone: there the lifetime ends it,
// and nobody is told any more that it leads to us.
func (m *mapper) leave(ctx context.Context, router nat.Interface) nat.Interface {
	if ctx.Err() == nil {
		m.outer = 0
		m.mapped(netip.AddrPort{})
		return nil
	}
	if m.outer != 0 {
		if err := router.DeleteMapping(m.protocol, m.outer, m.port); err != nil {
			m.log.Debug("port mapping not deleted", "router", router, "err", err)
		}
	}
	return router
}

// renew maps the port once and says when to do so again.
func (m *mapper) renew(router nat.Interface) time.Duration {
	want := m.outer
	if want == 0 {
		want = m.port
	}
	port, err := router.AddMapping(m.protocol, want, m.port, "sotto", mappingLifetime)
	if err != nil {
		m.log.Debug("port not mapped", "router", router, "err", err)
		return mappingRetry // what was mapped before is the best we know
	}
	if m.outer != int(port) {
		m.log.Info("port mapped", "router", router, "port", port)
	}
	m.outer = int(port) // from here on it is to be deleted, known address or not
	ip, err := router.ExternalIP()
	if err != nil {
		m.log.Debug("external address not known", "router", router, "err", err)
		return mappingRetry
	}
	m.mapped(netip.AddrPortFrom(netutil.IPToAddr(ip), port))
	return mappingRenew
}

// startMapping is called with the lock held.
func (s *Server) startMapping() {
	listen := s.listening()
	if !s.mappable(listen.Addr()) {
		return
	}
	router := s.cfg.router
	if router == nil {
		router = nat.Any
	}
	m := &mapper{protocol: "TCP", router: router, port: int(listen.Port()), mapped: s.setMapped, log: s.cfg.Log}
	s.wg.Go(func() { m.run(s.ctx, s.epochs.now) })
	if udp := s.udpPort(); udp != 0 {
		m := &mapper{protocol: "UDP", router: router, port: udp, mapped: s.setMappedUDP, log: s.cfg.Log}
		s.wg.Go(func() { m.run(s.ctx, s.epochs.now) })
	}
}

// mappable tells whether to ask the router: not for an address that only this computer or its own network reaches, nor
// where a person told us the public address.
func (s *Server) mappable(listen netip.Addr) bool {
	return s.cfg.NAT == "auto" && s.cfg.Public == "" && listen.IsValid() && !listen.IsLoopback() && !listen.IsPrivate()
}

func (s *Server) setMapped(outer netip.AddrPort)    { s.setOuter(&s.mapped, outer) }
func (s *Server) setMappedUDP(outer netip.AddrPort) { s.setOuter(&s.mappedUDP, outer) }

func (s *Server) setOuter(known *netip.AddrPort, outer netip.AddrPort) {
	s.mu.Lock()
	changed := *known != outer
	*known = outer
	if changed {
		s.announce()
	}
	s.mu.Unlock()
	if changed {
		s.changed()
	}
}
