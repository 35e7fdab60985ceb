package app

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"sotto/services/link"
)

// errRunning says that another process has the folder, and shows its window.
var errRunning = errors.New("the folder is open in another window")

// How a second start treats the first. The first may still be opening its window, or be at its end, which takes up to
// closeTimeout: the second tries until either must be over.
const (
	raiseTimeout = 2 * time.Second // for a window to be opened or shown
	knockEvery   = 50 * time.Millisecond
	patience     = closeTimeout + raiseTimeout
)

// instance holds a data folder for this process. From answer to hush, which is while there is a window, it hears when a
// second start wants that window.
type instance struct {
	lock     *flock.Flock
	socket   string
	listener net.Listener
	heard    func(url string) // hears the link with which a second start was made, before its window is shown; may be nil
	over     chan struct{}    // closed by hush
	once     sync.Once
	wait     sync.WaitGroup
}

// claim takes the folder. Where another process has it, that one is asked to show its window and to open the link, if there is
// one, and errRunning is returned once it does. A process that has the folder and shows nothing is waited for until ctx ends: it opens its window, gives
// the folder back, or is stuck, which is an error.
func claim(ctx context.Context, data, runtime, url string) (*instance, error) {
	for _, dir := range []string{data, runtime} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("make the folder %s: %w", dir, err)
		}
	}
	i := &instance{
		lock: flock.New(filepath.Join(data, "window.lock")), socket: socketPath(data, runtime), over: make(chan struct{}),
	}
	if err := i.take(ctx, url); err != nil {
		_ = i.lock.Close()
		return nil, err
	}
	return i, nil
}

// take tries the lock and the door by turns.
func (i *instance) take(ctx context.Context, url string) error {
	tick := time.NewTicker(knockEvery)
	defer tick.Stop()
	for {
		taken, err := i.lock.TryLock()
		if err != nil {
			return fmt.Errorf("lock the file %s: %w", i.lock.Path(), err)
		}
		if taken {
			return nil
		}
		if err = knock(ctx, i.socket, url); err == nil {
			return errRunning
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("another Sotto has the folder %s and does not answer: %w", filepath.Dir(i.lock.Path()), err)
		}
	}
}

// socketPath names a folder's socket. Socket paths are short by law, so the folder's name is hashed.
func socketPath(data, runtime string) string {
	sum := sha256.Sum256([]byte(data))
	return filepath.Join(runtime, "window-"+hex.EncodeToString(sum[:6])+".sock")
}

// knock asks the process behind the socket to show its window, with a line that says what link to open, and waits until it
// says that it did.
func knock(ctx context.Context, socket, url string) error {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", socket)
	if err != nil {
		return err
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline)
	}
	if _, err := conn.Write([]byte(lineOf(url) + "\n")); err != nil {
		return err
	}
	_, err = conn.Read(make([]byte, 1))
	return err
}

// answer lets second starts be heard, once there is a window to show. For each, raise is called on a goroutine of the
// instance; it must not wait, and calls shown once the window is.
func (i *instance) answer(raise func(shown func())) error {
	_ = os.Remove(i.socket) // what a crash left; the lock says that nobody listens
	listener, err := net.Listen("unix", i.socket)
	if err != nil {
		return fmt.Errorf("listen for a second start: %w", err)
	}
	i.listener = listener
	i.wait.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			i.greet(conn, raise)
		}
	})
	return nil
}

// greet has the window shown and says so. Where hush comes first nothing is said, and the second start tries again.
func (i *instance) greet(conn net.Conn, raise func(shown func())) {
	defer conn.Close()
	if text := i.listen(conn); text != "" && i.heard != nil {
		i.heard(text)
	}
	shown := make(chan struct{})
	raise(func() { close(shown) })
	select {
	case <-shown:
		_, _ = conn.Write([]byte{1})
	case <-i.over:
	}
}

// listen reads the line that a second start says. One that says nothing in time only wants the window.
func (i *instance) listen(conn net.Conn) string {
	_ = conn.SetReadDeadline(time.Now().Add(raiseTimeout))
	line, err := bufio.NewReader(io.LimitReader(conn, longestLink+1)).ReadString('\n')
	if err != nil {
		return ""
	}
	return strings.TrimSpace(line)
}

// longestLink is how many bytes a link may have that a second start hands over.
const longestLink = link.MaxText

// lineOf is a link as one line; empty where it is too long to be one.
func lineOf(text string) string {
	text = strings.Join(strings.Fields(text), "")
	if len(text) > longestLink {
		return ""
	}
	return text
}

// hush ends answer: the window is about to go. After it raise is called no more. It may be called more than once.
func (i *instance) hush() {
	i.once.Do(func() {
		close(i.over)
		if i.listener != nil {
			i.listener.Close()
		}
	})
	i.wait.Wait()
}

// release gives the folder back.
func (i *instance) release() {
	i.hush()
	_ = i.lock.Unlock()
}
