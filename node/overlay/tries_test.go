package overlay

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"
	"github.com/ethereum/go-ethereum/p2p/enr"
)

// twoAddresses is the record of a node with an address of each kind.
func twoAddresses(t testing.TB, s *Server) *enode.Node {
	t.Helper()
	var r enr.Record
	r.Set(enr.IPv4{44, 0, 0, 1})
	r.Set(enr.IPv6(net.ParseIP("2600::1")))
	r.Set(enr.TCP(30303))
	if err := enode.SignV4(&r, s.cfg.Key); err != nil {
		t.Fatal(err)
	}
	n, err := enode.New(enode.ValidSchemes, &r)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestTried: where everything is blocked, it can be told what was tried and how that ended; what answered since is not told.
func TestTried(t *testing.T) {
	hub := start(t, testConfig(t))
	way := &detour{broken: true}
	cfg := testConfig(t)
	cfg.Static, cfg.Dial = []string{hub.Enode()}, way.dial
	s := start(t, cfg)
	eventually(t, 20*time.Second, "one is told", func() bool { return len(s.Tried()) == 1 })
	if got := s.Tried()[0]; got.Enode != hub.Enode() || got.Address != hub.ListenAddr() || got.Error != "no route" || got.At.IsZero() {
		t.Errorf("told %+v", got)
	}
	way.mend()
	eventually(t, 20*time.Second, "connected", connected(s, 1))
	eventually(t, 20*time.Second, "a node that answered is not told", func() bool { return len(s.Tried()) == 0 })
}

// TestTriedOverUDP: a boot node that is not there is told, too.
func TestTriedOverUDP(t *testing.T) {
	t.Parallel() // it waits
	gone, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer gone.Close() // it never answers
	client := start(t, seeking(t, "enode://"+testID+"@"+gone.LocalAddr().String()))
	eventually(t, 20*time.Second, "told", func() bool { return len(client.Tried()) == 1 })
	if got := client.Tried()[0]; got.Address != "udp "+gone.LocalAddr().String() || got.Error != "no answer" {
		t.Errorf("told %+v", got)
	}
}

func TestTriesAreBounded(t *testing.T) {
	now := time.Unix(1, 0)
	all := &tries{now: func() time.Time { now = now.Add(time.Second); return now }}
	for i := range 3 * maxTries {
		all.fail("", fmt.Sprintf("44.0.0.1:%d", i/2+1), errors.New("refused")) // each of them twice
	}
	s := &Server{tries: all}
	told := s.Tried()
	if len(told) != maxTries {
		t.Fatalf("%d are told", len(told))
	}
	for i := 1; i < len(told); i++ {
		if !told[i].At.Before(told[i-1].At) || told[i].Address == told[i-1].Address {
			t.Errorf("%v after %v", told[i], told[i-1])
		}
	}
	all.fail("", "1", context.Canceled)
	if len(all.last) != maxTries || all.last[maxTries-1].Address == "1" {
		t.Error("what we ended ourselves is told")
	}
}

// TestWhy: the words are those of the cause.
func TestWhy(t *testing.T) {
	for want, err := range map[string]error{
		"connection refused": &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)},
		"no answer":          fmt.Errorf("x: %w", context.DeadlineExceeded),
		"no such host":       &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "x"}},
		"too many peers":     errors.New("too many peers"),
	} {
		if got := why(err); !strings.Contains(got, want) {
			t.Errorf("%v: %q, want %q", err, got, want)
		}
	}
}
