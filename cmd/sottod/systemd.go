package main

import (
	"context"
	"log/slog"
	"net"
	"os"
	"strconv"
	"time"
)

// systemd tells the service manager that the relay is ready, and then that it is alive for as long as it is, until ctx
// ends (sd_notify(3), sd_watchdog_enabled(3)). Without a service manager it only waits.
func systemd(ctx context.Context, alive func() bool, log *slog.Logger) {
	socket := os.Getenv("NOTIFY_SOCKET")
	if socket == "" {
		<-ctx.Done()
		return
	}
	tell := func(state string) {
		if err := notify(socket, state); err != nil {
			log.Warn("service manager not told", "state", state, "err", err)
		}
	}
	tell("READY=1")
	defer tell("STOPPING=1")
	every := watchdogInterval(os.Getenv("WATCHDOG_USEC"))
	if every == 0 {
		<-ctx.Done()
		return
	}
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			if alive() {
				tell("WATCHDOG=1")
			}
		case <-ctx.Done():
			return
		}
	}
}

// watchdogInterval is half of what the service manager allows; 0 if it does not watch.
func watchdogInterval(usec string) time.Duration {
	n, err := strconv.ParseInt(usec, 10, 64)
	if err != nil || n <= 0 || n > int64(time.Hour/time.Microsecond) {
		return 0
	}
	return time.Duration(n) * time.Microsecond / 2
}

func notify(socket, state string) error {
	c, err := net.Dial("unixgram", socket)
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = c.Write([]byte(state))
	return err
}
