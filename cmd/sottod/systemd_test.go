package main

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"testing"
	"time"
)

// manager is a service manager's socket; it tells what it heard.
func manager(t *testing.T) (socket string, heard func() string) {
	t.Helper()
	socket = filepath.Join(t.TempDir(), "notify")
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		unavailable(t, fmt.Sprintf("no datagram sockets here: %v", err))
	}
	t.Cleanup(func() { c.Close() })
	return socket, func() string {
		buf := make([]byte, 100)
		if err := c.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
			t.Fatal(err)
		}
		n, err := c.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		return string(buf[:n])
	}
}

func TestSystemd(t *testing.T) {
	socket, heard := manager(t)
	t.Setenv("NOTIFY_SOCKET", socket)
	t.Setenv("WATCHDOG_USEC", "20000")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		systemd(ctx, func() bool { return true }, testLog())
	}()
	for _, want := range []string{"READY=1", "WATCHDOG=1", "WATCHDOG=1"} {
		if got := heard(); got != want {
			t.Errorf("told %q, want %q", got, want)
		}
	}
	cancel()
	<-done
	for got := heard(); got != "STOPPING=1"; got = heard() {
		if got != "WATCHDOG=1" {
			t.Fatalf("told %q", got)
		}
	}
}

// TestSystemdWhenStuck: a relay that no longer answers is not said to be alive.
func TestSystemdWhenStuck(t *testing.T) {
	socket, heard := manager(t)
	t.Setenv("NOTIFY_SOCKET", socket)
	t.Setenv("WATCHDOG_USEC", "2000")
	ctx, cancel := context.WithCancel(t.Context())
	asked := make(chan struct{}, 100)
	done := make(chan struct{})
	go func() {
		defer close(done)
		systemd(ctx, func() bool { asked <- struct{}{}; return false }, testLog())
	}()
	for range 3 {
		<-asked
	}
	cancel()
	<-done
	if first, second := heard(), heard(); first != "READY=1" || second != "STOPPING=1" {
		t.Errorf("told %q, %q", first, second)
	}
}

func TestSystemdWithoutManager(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	systemd(ctx, nil, testLog())
}

func TestWatchdogInterval(t *testing.T) {
	for usec, want := range map[string]time.Duration{
		"": 0, "x": 0, "-1": 0, "0": 0, "60000000": 30 * time.Second, "9223372036854775807": 0,
	} {
		if got := watchdogInterval(usec); got != want {
			t.Errorf("%q: %v, want %v", usec, got, want)
		}
	}
}
