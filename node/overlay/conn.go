package overlay

import (
	"net"
	"sync"
	"sync/atomic"

	"github.com/ethereum/go-ethereum/metrics"
)

// conn is a TCP connection whose bytes are counted, and whose end can be waited for.
type conn struct {
	net.Conn
	in, out atomic.Uint64 // its own bytes, the handshake's among them
	all     *conns
	once    sync.Once
	closed  chan struct{}
}

func (c *conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.in.Add(uint64(n))
	c.all.in.Add(uint64(n))
	if metrics.Enabled() {
		ingress.Mark(int64(n))
	}
	return n, err
}

func (c *conn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.out.Add(uint64(n))
	c.all.out.Add(uint64(n))
	if metrics.Enabled() {
		egress.Mark(int64(n))
	}
	return n, err
}

// Close ends the connection and forgets it. p2p may close twice.
func (c *conn) Close() error {
	err := net.ErrClosed
	c.once.Do(func() {
		err = c.Conn.Close()
		c.all.forget(c)
		close(c.closed)
	})
	return err
}

// conns are all open connections: still shaking hands, or peers.
type conns struct {
	in, out atomic.Uint64

	mu   sync.Mutex
	open map[ends]*conn
}

// ends name a TCP connection: its local and remote address.
type ends struct{ local, remote string }

func endsOf(local, remote net.Addr) ends { return ends{local.String(), remote.String()} }

func newConns() *conns { return &conns{open: make(map[ends]*conn)} }

func (cs *conns) track(fd net.Conn) *conn {
	c := &conn{Conn: fd, all: cs, closed: make(chan struct{})}
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.open[endsOf(fd.LocalAddr(), fd.RemoteAddr())] = c
	return c
}

func (cs *conns) forget(c *conn) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if e := endsOf(c.LocalAddr(), c.RemoteAddr()); cs.open[e] == c {
		delete(cs.open, e)
	}
}

func (cs *conns) find(local, remote net.Addr) *conn {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return cs.open[endsOf(local, remote)]
}

// p2p's own names: GetOrRegisterMeter gives the very objects that it marks for the connections it makes itself.
var (
	ingress    = metrics.GetOrRegisterMeter("p2p/ingress", nil)
	egress     = metrics.GetOrRegisterMeter("p2p/egress", nil)
	serves     = metrics.GetOrRegisterMeter("p2p/serves", nil)
	dials      = metrics.GetOrRegisterMeter("p2p/dials", nil)
	dialErrors = metrics.GetOrRegisterMeter("p2p/dials/error/connection", nil)
)
