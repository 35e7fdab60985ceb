package overlay

import (
	"net"
	"syscall"
	"time"
)

// How TCP finds out that the other end is gone without having said so, as with a laptop that changed its network. devp2p
// would notice after 30 seconds, and refuse the node's next connection until then because it is "already connected".
var keepAlive = net.KeepAliveConfig{Enable: true, Idle: 5 * time.Second, Interval: 2 * time.Second, Count: 3}

// patience is how long the other end may stay silent.
func patience(k net.KeepAliveConfig) time.Duration {
	return k.Idle + time.Duration(k.Count)*k.Interval
}

// keepWatch makes the system look after the connection. What it cannot set, devp2p's own timeouts make up for, later.
func keepWatch(fd net.Conn, k net.KeepAliveConfig) {
	tcp, ok := fd.(*net.TCPConn)
	if !ok || tcp.SetKeepAliveConfig(k) != nil {
		return
	}
	// Keep-alives rest while data waits to be acknowledged: this is the limit then.
	control(tcp, func(s uintptr) { setUserTimeout(s, patience(k)) })
}

// control calls f with the socket.
func control(c syscall.Conn, f func(socket uintptr)) {
	raw, err := c.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(f) // fails when the connection is closed: then there is nothing to set or to ask
}
