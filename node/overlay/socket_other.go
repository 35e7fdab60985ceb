//go:build !linux

package overlay

import (
	"net"
	"time"
)

// rtt is not known here: only Linux is asked for it.
func rtt(net.Conn) time.Duration { return 0 }

// setUserTimeout does nothing: elsewhere the system's own limit holds.
func setUserTimeout(uintptr, time.Duration) {}
