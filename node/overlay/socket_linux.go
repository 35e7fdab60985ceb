package overlay

import (
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// rtt is the smoothed round trip time that the kernel keeps for the connection; 0 if it does not tell.
func rtt(c net.Conn) time.Duration {
	sc, ok := c.(syscall.Conn)
	if !ok {
		return 0
	}
	var micros uint32
	control(sc, func(socket uintptr) {
		if info, err := unix.GetsockoptTCPInfo(int(socket), unix.IPPROTO_TCP, unix.TCP_INFO); err == nil {
			micros = info.Rtt
		}
	})
	return time.Duration(micros) * time.Microsecond
}

func setUserTimeout(socket uintptr, d time.Duration) {
	_ = unix.SetsockoptInt(int(socket), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(d.Milliseconds()))
}
