package overlay

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	namespaceEnv    = "SOTTO_TEST_NETNS"
	codeNoNamespace = 3 // exit code: the namespace is there, but may not be set up
)

// runInNamespace is the second life of the test binary: inside a network namespace of its own, where addresses that look
// public can be put on loopback without leaving this computer. It tells whether this process is one.
func runInNamespace() (code int, isChild bool) {
	play := os.Getenv(namespaceEnv)
	if play == "" {
		return 0, false
	}
	name, address, _ := strings.Cut(play, " ")
	bits, dad := "/32", ""
	if strings.Contains(address, ":") {
		bits, dad = "/128", " nodad" // or it cannot be listened on for the first second
	}
	err := ip("link set lo up", "address add "+address+bits+" dev lo"+dad)
	if err != nil {
		fmt.Println(err)
		return codeNoNamespace, true
	}
	switch name {
	case "crowd":
		err = crowd(address)
	case "roam":
		err = roam(address, "198.51.100.8")
	case "found":
		err = found(address)
	case "low":
		err = lowPort(address)
	case "flood":
		err = flood(address, "198.51.100.66")
	}
	if err != nil {
		fmt.Println(err)
		return 1, true
	}
	return 0, true
}

// inNamespace plays the named play with an address.
func inNamespace(t *testing.T, name, address string) {
	t.Helper()
	t.Parallel() // it waits
	if _, err := exec.LookPath("ip"); err != nil {
		unavailable(t, "the ip command is not installed")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	out, err := spawn(ctx, name+" "+address, os.Getuid() != 0)
	if errors.Is(err, os.ErrPermission) {
		out, err = spawn(ctx, name+" "+address, true) // root in a container is not root enough
	}
	var exit *exec.ExitError
	if errors.Is(err, os.ErrPermission) || errors.As(err, &exit) && exit.ExitCode() == codeNoNamespace {
		unavailable(t, fmt.Sprintf("this system gives no network namespace: %v: %s", err, out))
	}
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	t.Logf("%s", out)
}

// spawn runs this binary in a network namespace. Who is not root may make one inside of a user namespace of his own, in
// which he is root.
func spawn(ctx context.Context, play string, ownUser bool) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "/proc/self/exe")
	cmd.Env = append(os.Environ(), namespaceEnv+"="+play)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	if ownUser {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	return cmd.CombinedOutput()
}

// TestManyPeersFromOnePublicAddress: p2p's own listener lets in one of them in 30 seconds.
func TestManyPeersFromOnePublicAddress(t *testing.T) {
	t.Parallel() // it waits
	for _, address := range []string{"198.51.100.7", "5.5.5.5", "2001:db8::7"} {
		t.Run(address, func(t *testing.T) { inNamespace(t, "crowd", address) })
	}
}

// TestManyPeersFindOneRelay: the same people, who know a boot node only, and nobody's address is on loopback.
func TestManyPeersFindOneRelay(t *testing.T) {
	for _, address := range []string{"5.5.5.5", "2600:db8::7"} {
		t.Run(address, func(t *testing.T) { inNamespace(t, "found", address) })
	}
}

// TestPort443: a relay on a port that strict networks let through is found, though discovery takes no such UDP port.
func TestPort443(t *testing.T) { inNamespace(t, "low", "5.5.5.5") }

// TestRoaming: with p2p's own dials and timeouts it would be half a minute or more.
func TestRoaming(t *testing.T) { inNamespace(t, "roam", "198.51.100.7") }

func TestFlood(t *testing.T) { inNamespace(t, "flood", "198.51.100.7") }
