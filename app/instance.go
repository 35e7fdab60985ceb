package app

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// errRunning says that another process has the folder; it was asked to show its window.
var errRunning = errors.New("the folder is open in another window")

// raiseTimeout is how long a second start waits for the first to answer.
const raiseTimeout = 2 * time.Second

// instance holds a data folder for this process and hears when a second start wants the window.
type instance struct {
	lock     *flock.Flock
	listener net.Listener
	wait     sync.WaitGroup
}

// claim takes the folder. Where another process has it, that one is asked to show its window, and errRunning is returned.
// raise runs on a goroutine of the instance.
func claim(data, runtime string, raise func()) (*instance, error) {
	for _, dir := range []string{data, runtime} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("make the folder %s: %w", dir, err)
		}
	}
	lock := flock.New(filepath.Join(data, "window.lock"))
	taken, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock the folder %s: %w", data, err)
	}
	socket := socketPath(data, runtime)
	if !taken {
		if err := knock(socket); err != nil {
			return nil, fmt.Errorf("another Sotto has the folder %s and does not answer: %w", data, err)
		}
		return nil, errRunning
	}
	i := &instance{lock: lock}
	if err := i.listen(socket, raise); err != nil {
		i.release()
		return nil, err
	}
	return i, nil
}

// socketPath names a folder's socket. Socket paths are short by law, so the folder's name is hashed.
func socketPath(data, runtime string) string {
	sum := sha256.Sum256([]byte(data))
	return filepath.Join(runtime, "window-"+hex.EncodeToString(sum[:6])+".sock")
}

func (i *instance) listen(socket string, raise func()) error {
	_ = os.Remove(socket) // what a crash left; the lock says that nobody listens
	listener, err := net.Listen("unix", socket)
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
			conn.Close()
			raise()
		}
	})
	return nil
}

// knock asks the process behind the socket to show its window.
func knock(socket string) error {
	conn, err := net.DialTimeout("unix", socket, raiseTimeout)
	if err != nil {
		return err
	}
	return conn.Close()
}

// release gives the folder back and waits until nobody listens.
func (i *instance) release() {
	if i.listener != nil {
		i.listener.Close()
	}
	i.wait.Wait()
	_ = i.lock.Unlock()
}
