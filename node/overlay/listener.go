package overlay

import (
	"context"
	"net"
	"time"

	"github.com/ethereum/go-ethereum/p2p/netutil"
)

// temporaryPause is how long accepting rests after an error that passes, such as too many open files.
const temporaryPause = 200 * time.Millisecond

// accept takes connections until the listener is closed. A connection keeps its slot while it shakes hands; with all
// slots taken the next waits in the system's queue.
func (s *Server) accept(ctx context.Context, ln net.Listener) {
	slots := make(chan struct{}, s.cfg.MaxPending)
	for {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		fd, err := acceptOne(ctx, ln)
		if err != nil {
			if ctx.Err() == nil { // we did not close it
				s.cfg.Log.Error("no longer listening", "err", err)
				s.becomeDeaf()
			}
			return
		}
		if !s.admit(fd, func() { <-slots }) {
			<-slots
		}
	}
}

// becomeDeaf makes ListenAddr tell that nobody can connect any more.
func (s *Server) becomeDeaf() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deaf = true
}

func acceptOne(ctx context.Context, ln net.Listener) (net.Conn, error) {
	for {
		fd, err := ln.Accept()
		if err == nil || !netutil.IsTemporaryError(err) {
			return fd, err
		}
		t := time.NewTimer(temporaryPause)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return nil, net.ErrClosed
		}
	}
}

// admit starts the handshake and calls done after it, or refuses the connection. Whoever becomes a peer takes a place.
func (s *Server) admit(fd net.Conn, done func()) bool {
	addr := netutil.AddrAddr(fd.RemoteAddr())
	if list := s.cfg.NetRestrict; list != nil && !list.ContainsAddr(addr) {
		s.refuse(fd, RefusedRestricted)
		return false
	}
	if reason, ok := s.gate.enter(addr); !ok {
		s.refuse(fd, reason)
		return false
	}
	serves.Mark(1)
	keepWatch(fd, s.cfg.keepAlive)
	c := s.conns.track(fd)
	s.wg.Go(func() {
		ok := s.handshake(c)
		s.gate.leave(addr)
		done()
		if ok {
			s.seat(c, addr)
		}
	})
	return true
}

// handshake runs both of devp2p's and leaves a peer, or nothing. The server's end cuts it short: a silent connection
// would hold that up for 5 seconds.
func (s *Server) handshake(c *conn) bool {
	stop := context.AfterFunc(s.ctx, func() { _ = c.Close() })
	defer stop()
	if err := s.p2p.SetupConn(c, inboundConn, nil); err != nil {
		_ = c.Close()
		s.refused.add(FailedHandshake)
		s.cfg.Log.Debug("handshake failed", "address", c.RemoteAddr(), "err", err)
		return false
	}
	return true
}

func (s *Server) refuse(fd net.Conn, why Reason) {
	s.refused.add(why)
	s.cfg.Log.Debug("connection refused", "address", fd.RemoteAddr(), "reason", why)
	fd.Close()
}
