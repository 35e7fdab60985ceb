package overlay

import (
	"context"
	"errors"
	"net"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethereum/go-ethereum/p2p/netutil"
)

// moody is a listener that fails as told, and then for good.
type moody struct {
	net.Listener
	errs  []error
	calls int
}

func (m *moody) Accept() (net.Conn, error) {
	m.calls++
	if len(m.errs) == 0 {
		return nil, net.ErrClosed
	}
	err := m.errs[0]
	m.errs = m.errs[1:]
	return nil, err
}

// TestTemporaryErrors: too many open files pass; a listener that spun would take a whole core until then.
func TestTemporaryErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		full := &net.OpError{Op: "accept", Err: syscall.EMFILE}
		ln := &moody{errs: []error{full, full, full}}
		begun := time.Now()
		if _, err := acceptOne(t.Context(), ln); !errors.Is(err, net.ErrClosed) {
			t.Errorf("%v", err)
		}
		if ln.calls != 4 || time.Since(begun) != 3*temporaryPause {
			t.Errorf("%d calls in %v", ln.calls, time.Since(begun))
		}
	})
}

func TestTemporaryErrorAtTheEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	ln := &moody{errs: []error{&net.OpError{Op: "accept", Err: syscall.EMFILE}}}
	if _, err := acceptOne(ctx, ln); !errors.Is(err, net.ErrClosed) {
		t.Errorf("%v", err)
	}
}

// TestDeaf: a server whose listener failed does not say that it listens.
func TestDeaf(t *testing.T) {
	s := start(t, testConfig(t))
	if s.ListenAddr() == "" {
		t.Fatal("it does not listen")
	}
	s.mu.Lock()
	s.listener.Close()
	s.mu.Unlock()
	eventually(t, 5*time.Second, "it says so", func() bool { return s.ListenAddr() == "" })
}

func TestNetRestrict(t *testing.T) {
	cfg := testConfig(t)
	cfg.NetRestrict = new(netutil.Netlist)
	cfg.NetRestrict.Add("10.0.0.0/8")
	s := start(t, cfg)
	c, err := net.Dial("tcp", s.ListenAddr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	eventually(t, 5*time.Second, "refused", func() bool { return s.Stats().Refused[RefusedRestricted] == 1 })

	hub := start(t, testConfig(t))
	if _, err := s.cfg.Dial(t.Context(), "tcp", hub.ListenAddr()); err == nil {
		t.Error("dialled an address outside of the list")
	}
	if err := cfg.NetRestrict.UnmarshalTOML(func(v any) error { *v.(*[]string) = []string{"127.0.0.0/8"}; return nil }); err != nil {
		t.Fatal(err)
	}
	open := (&net.Dialer{ControlContext: restrictTo(cfg.NetRestrict)})
	if c, err := open.DialContext(t.Context(), "tcp", hub.ListenAddr()); err != nil {
		t.Errorf("an address on the list: %v", err)
	} else {
		c.Close()
	}
}

// TestSlots: with all slots taken by silent connections, the next one waits and is served when one is free.
func TestSlots(t *testing.T) {
	cfg := testConfig(t)
	cfg.MaxPending = 2
	hub := start(t, cfg)
	var silent []net.Conn
	for range 2 {
		c, err := net.Dial("tcp", hub.ListenAddr())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		silent = append(silent, c)
	}
	eventually(t, 5*time.Second, "both slots taken", func() bool {
		hub.conns.mu.Lock()
		defer hub.conns.mu.Unlock()
		return len(hub.conns.open) == 2
	})
	c := testConfig(t)
	c.Static = []string{hub.Enode()}
	s := start(t, c)
	eventually(t, 5*time.Second, "dialled", func() bool { return s.conns.count() == 1 })
	if hub.conns.count() != 2 {
		t.Error("a third connection took a slot")
	}
	silent[0].Close()
	eventually(t, 5*time.Second, "connected", connected(hub, 1))
	if hub.Stats().Refused[FailedHandshake] != 1 {
		t.Errorf("refused: %v", hub.Stats().Refused)
	}
}

func (cs *conns) count() int {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return len(cs.open)
}
