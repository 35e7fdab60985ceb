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
	raw, err := sc.SyscallConn()
	if err != nil {
		return 0
	}
	var micros uint32
	if err := raw.Control(func(fd uintptr) {
		if info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO); err == nil {
			micros = info.Rtt
		}
	}); err != nil {
		return 0
	}
	return time.Duration(micros) * time.Microsecond
}
