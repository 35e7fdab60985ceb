package hostnet

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// small makes a net of two public hosts and one behind a home router.
func small(t *testing.T) (n *Net, a, b, c *Host) {
	t.Helper()
	n = New()
	t.Cleanup(n.Close)
	nat, err := n.NAT("45.10.0.9")
	if err != nil {
		t.Fatal(err)
	}
	add := func(h *Host, err error) *Host {
		if errors.Is(err, ErrUnavailable) {
			if os.Getenv("CI") != "" {
				t.Fatal(err)
			}
			t.Skip(err)
		}
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	return n, add(n.Host("a", "45.10.0.1")), add(n.Host("b", "45.10.0.2")), add(n.HostBehind(nat, "c", "192.168.7.2"))
}

// listen answers each connection with the address that it comes from, and what it said.
func listen(t *testing.T, h *Host) {
	t.Helper()
	var l net.Listener
	err := h.Do(func() (err error) {
		l, err = net.Listen("tcp4", ":7")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var work sync.WaitGroup
	t.Cleanup(func() { l.Close(); work.Wait() })
	work.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			work.Go(func() { echo(t, c) })
		}
	})
}

func echo(t *testing.T, c net.Conn) {
	defer c.Close()
	stop := context.AfterFunc(t.Context(), func() { c.Close() }) // before the net ends
	defer stop()
	host, _, _ := net.SplitHostPort(c.RemoteAddr().String())
	_, _ = io.WriteString(c, host+"\n")
	_, _ = io.Copy(c, c)
}

func dial(t *testing.T, from *Host, to string) (c net.Conn) {
	t.Helper()
	err := from.Do(func() (err error) {
		c, err = net.DialTimeout("tcp4", to, 5*time.Second)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	return c
}

func seenAs(t *testing.T, c net.Conn) string {
	t.Helper()
	buffer := make([]byte, 64)
	n, err := c.Read(buffer)
	if err != nil {
		t.Fatal(err)
	}
	return string(buffer[:n-1])
}

func TestHostsTalk(t *testing.T) {
	_, a, b, c := small(t)
	listen(t, b)
	for want, h := range map[string]*Host{"45.10.0.1": a, "45.10.0.9": c} {
		conn := dial(t, h, "45.10.0.2:7")
		if got := seenAs(t, conn); got != want {
			t.Errorf("%s is seen as %s, not %s", h.Name, got, want)
		}
		big := make([]byte, 1<<20)
		var writing sync.WaitGroup
		writing.Go(func() { _, _ = conn.Write(big) })
		if _, err := io.ReadFull(conn, make([]byte, len(big))); err != nil {
			t.Errorf("%s: %v", h.Name, err)
		}
		writing.Wait()
	}
}

func TestNobodyGetsBehindTheRouterUnasked(t *testing.T) {
	_, a, _, c := small(t)
	listen(t, c)
	for _, to := range []string{"45.10.0.9:7", "192.168.7.2:7"} {
		err := a.Do(func() error {
			conn, err := net.DialTimeout("tcp4", to, 300*time.Millisecond)
			if err == nil {
				conn.Close()
			}
			return err
		})
		if err == nil {
			t.Errorf("%s was reached", to)
		}
	}
}

func TestDelayAndCut(t *testing.T) {
	_, a, b, _ := small(t)
	listen(t, b)
	b.Delay(30 * time.Millisecond)
	begun := time.Now()
	conn := dial(t, a, "45.10.0.2:7")
	if took := time.Since(begun); took < 60*time.Millisecond {
		t.Errorf("a round trip took %v", took)
	}
	seenAs(t, conn)
	b.Cut()
	if _, err := conn.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
	if n, err := conn.Read(make([]byte, 1)); err == nil {
		t.Errorf("%d bytes came through a line that was cut", n)
	}
	b.Mend()
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, err := conn.Read(make([]byte, 1)); err != nil {
		t.Errorf("after mending: %v", err)
	}
}
