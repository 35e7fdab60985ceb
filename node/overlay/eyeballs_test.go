package overlay

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// ways is how dials of addresses end: after a while, with or without a connection. An address that is not there hangs.
type ways struct {
	after map[string]time.Duration
	fails map[string]bool

	mu    sync.Mutex
	begun []string // "address at time since the beginning"
	open  int
	start time.Time
}

// countedConn is a connection that says when it is closed.
type countedConn struct {
	net.Conn
	closed func()
}

func (c countedConn) Close() error { c.closed(); return nil }

func (w *ways) dial(ctx context.Context, _, address string) (net.Conn, error) {
	w.mu.Lock()
	w.begun = append(w.begun, fmt.Sprintf("%s %v", address, time.Since(w.start)))
	w.mu.Unlock()
	after, ok := w.after[address]
	if !ok {
		after = time.Hour
	}
	if !pause(context.Background(), ctx, after) {
		return nil, ctx.Err()
	}
	if w.fails[address] {
		return nil, errors.New("refused")
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open++
	return countedConn{closed: func() { w.mu.Lock(); w.open--; w.mu.Unlock() }}, nil
}

// TestDialFirst: addresses are tried beside each other, and one that does not work costs a moment only.
func TestDialFirst(t *testing.T) {
	const ms = time.Millisecond
	for name, test := range map[string]struct {
		after  map[string]time.Duration
		fails  string
		want   string // empty: none stands
		took   time.Duration
		begun  string
		failed string
	}{
		"the first at once":    {after: map[string]time.Duration{"a": 100 * ms, "b": ms}, want: "a", took: 100 * ms, begun: "a 0s"},
		"the first hangs":      {after: map[string]time.Duration{"b": 100 * ms}, want: "b", took: 400 * ms, begun: "a 0s, b 300ms"},
		"the first is refused": {after: map[string]time.Duration{"a": 50 * ms, "b": 50 * ms}, fails: "a", want: "b", took: 100 * ms, begun: "a 0s, b 50ms", failed: "a"},
		"the first is slower":  {after: map[string]time.Duration{"a": 500 * ms, "b": 100 * ms}, want: "b", took: 400 * ms, begun: "a 0s, b 300ms"},
		"both refused":         {after: map[string]time.Duration{"a": 50 * ms, "b": 50 * ms}, fails: "ab", took: 100 * ms, begun: "a 0s, b 50ms", failed: "ab"},
		"both hang":            {took: 15 * time.Second, begun: "a 0s, b 300ms", failed: "ab"},
		"both at one time":     {after: map[string]time.Duration{"a": 400 * ms, "b": 100 * ms}, want: "ab", took: 400 * ms, begun: "a 0s, b 300ms"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &ways{after: test.after, fails: make(map[string]bool), start: time.Now()}
				for _, a := range test.fails {
					w.fails[string(a)] = true
				}
				ctx, cancel := context.WithTimeout(t.Context(), dialTimeout)
				defer cancel()
				var failed []string
				fd, address, err := dialFirst(ctx, w.dial, []string{"a", "b"}, func(a string, _ error) { failed = append(failed, a) })
				took := time.Since(w.start)
				slices.Sort(failed)
				if (err == nil) != (test.want != "") || !strings.Contains(test.want, address) || took != test.took {
					t.Errorf("reached %q after %v: %v", address, took, err)
				}
				if got := strings.Join(w.begun, ", "); got != test.begun || strings.Join(failed, "") != test.failed {
					t.Errorf("begun %s, failed %v", got, failed)
				}
				if fd != nil {
					fd.Close()
				}
				if w.open != 0 {
					t.Errorf("%d connections are left open", w.open)
				}
			})
		})
	}
	if _, _, err := dialFirst(t.Context(), nil, nil, nil); err == nil {
		t.Error("a node without address was dialled")
	}
}

// TestBothAddressesOfANode: a node whose record has an address that does not answer is reached at the other one.
func TestBothAddressesOfANode(t *testing.T) {
	hub := start(t, testConfig(t))
	w := &ways{after: map[string]time.Duration{}}
	cfg := testConfig(t)
	cfg.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		if strings.HasPrefix(address, "[") {
			return (&net.Dialer{}).DialContext(ctx, network, hub.ListenAddr())
		}
		return w.dial(ctx, network, address)
	}
	s := start(t, cfg)
	n := twoAddresses(t, hub)
	begun := time.Now()
	c, err := s.dial(t.Context(), s.epochs.now(), n, SourceStatic)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if took := time.Since(begun); took > 3*time.Second {
		t.Errorf("it took %v", took)
	}
}
