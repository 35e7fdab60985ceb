package overlay

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"syscall"

	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/p2p/enode"
	"github.com/ethereum/go-ethereum/p2p/netutil"
)

// The flags of p2p.Server.SetupConn. Their type is private there but takes untyped constants; what they do is held fast
// by tests on Peer.Inbound, Peer.StaticDialed and Peer.Trusted. There, trusted means no more than that a connection is
// not refused for want of slots.
const (
	staticDialedConn = 1 << 1
	inboundConn      = 1 << 2
	trustedConn      = 1 << 3
)

// dial connects to the node and hands the connection to p2p. It returns when the node is a peer, or why it is not. The
// end of ctx or epoch cuts it short.
func (s *Server) dial(ctx, epoch context.Context, n *enode.Node, source Source) (*conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	defer context.AfterFunc(epoch, cancel)()
	dials.Mark(1)
	s.dials.Add(1)
	s.dialsBy.add(source)
	fd, address, err := dialFirst(ctx, s.cfg.Dial, dialAddresses(n), func(address string, err error) {
		s.tries.fail(n.URLv4(), address, err)
	})
	if err != nil {
		dialErrors.Mark(1)
		return nil, err
	}
	keepWatch(fd, s.cfg.keepAlive)
	c := s.conns.track(fd)
	defer context.AfterFunc(ctx, func() { _ = c.Close() })()
	if err := s.p2p.SetupConn(c, staticDialedConn|trustedConn, n); err != nil {
		_ = c.Close()
		if ctx.Err() == nil && !errors.Is(err, p2p.DiscAlreadyConnected) {
			s.tries.fail(n.URLv4(), address, err)
		}
		return nil, fmt.Errorf("handshake: %w", err)
	}
	s.tries.reached(address)
	return c, nil
}

// restrictTo refuses to connect to addresses outside of the list, as they come out of the resolver.
func restrictTo(list *netutil.Netlist) func(context.Context, string, string, syscall.RawConn) error {
	if list == nil {
		return nil
	}
	return func(_ context.Context, _, address string, _ syscall.RawConn) error {
		ap, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		if !list.ContainsAddr(ap.Addr().Unmap()) {
			return fmt.Errorf("overlay: %s is not in the networks that may be dialled", ap.Addr())
		}
		return nil
	}
}
