package hostnet

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// mtu is that of the hosts' devices, as on an ethernet.
const mtu = 1500

// ErrUnavailable says that this system gives no hosts, and wraps why.
var ErrUnavailable = errors.New("hostnet: this system gives no network namespaces")

// Host is one computer of the net.
type Host struct {
	Name string
	Addr netip.Addr
	link *link
	ns   *os.File // its network namespace
	tun  *os.File
}

// newHost makes a namespace whose only way out is a device that the router holds the other end of.
func newHost(name string, addr netip.Addr) (*Host, error) {
	h := &Host{Name: name, Addr: addr}
	made := make(chan error)
	go func() {
		runtime.LockOSThread() // for ever: the thread ends with the goroutine, as it belongs to the host
		made <- h.make()
	}()
	if err := <-made; err != nil {
		h.close()
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return h, nil
}

func (h *Host) make() error {
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("a namespace of its own: %w", err)
	}
	var err error
	if h.ns, err = os.Open("/proc/thread-self/ns/net"); err != nil {
		return err
	}
	if h.tun, err = openTun("way0"); err != nil {
		return err
	}
	return ip(
		"link set lo up",
		fmt.Sprintf("link set way0 mtu %d up", mtu),
		fmt.Sprintf("address add %s/32 dev way0", h.Addr),
		"route add default dev way0",
	)
}

// openTun makes a point-to-point device for IP packets.
func openTun(name string) (*os.File, error) {
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("/dev/net/tun: %w", err)
	}
	request, err := unix.NewIfreq(name)
	if err == nil {
		request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
		err = unix.IoctlIfreq(fd, unix.TUNSETIFF, request)
	}
	if err == nil {
		err = unix.SetNonblock(fd, true) // so that Close ends a Read
	}
	if err != nil {
		_ = unix.Close(fd)
		return nil, fmt.Errorf("device %s: %w", name, err)
	}
	return os.NewFile(uintptr(fd), name), nil
}

// Start starts a command on the host.
func (h *Host) Start(cmd *exec.Cmd) error {
	return h.inside(cmd.Start)
}

// inside calls fn on a thread that belongs to the host: what it starts or opens is the host's.
func (h *Host) inside(fn func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		if err := unix.Setns(int(h.ns.Fd()), unix.CLONE_NEWNET); err != nil {
			done <- fmt.Errorf("enter %s: %w", h.Name, err)
			return
		}
		done <- fn()
	}()
	return <-done
}

// Do calls fn, which may open sockets, on the host. What fn opens stays the host's wherever it is used.
func (h *Host) Do(fn func() error) error { return h.inside(fn) }

func (h *Host) close() {
	if h.tun != nil {
		_ = h.tun.Close()
	}
	if h.ns != nil {
		_ = h.ns.Close()
	}
}

// ip runs the ip command with each line's words, on this thread's host.
func ip(lines ...string) error {
	for _, line := range lines {
		if out, err := exec.Command("ip", strings.Fields(line)...).CombinedOutput(); err != nil {
			return fmt.Errorf("ip %s: %w: %s", line, err, out)
		}
	}
	return nil
}
