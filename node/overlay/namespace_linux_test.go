package overlay

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

const namespaceEnv = "SOTTO_TEST_NETNS"

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
	switch {
	case err != nil:
	case name == "crowd":
		err = crowd(address)
	case name == "roam":
		err = roam(address, "198.51.100.8")
	case name == "flood":
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
	if os.Getuid() != 0 {
		t.Skip("a network namespace needs root")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("the ip command is not installed")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "/proc/self/exe")
	cmd.Env = append(os.Environ(), namespaceEnv+"="+name+" "+address)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	out, err := cmd.CombinedOutput()
	if err != nil && strings.Contains(err.Error(), "operation not permitted") {
		t.Skip("this system lets nobody make a network namespace")
	}
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	t.Logf("%s", out)
}

// TestManyPeersFromOnePublicAddress: p2p's own listener lets in one of them in 30 seconds.
func TestManyPeersFromOnePublicAddress(t *testing.T) {
	for _, address := range []string{"198.51.100.7", "5.5.5.5", "2001:db8::7"} {
		t.Run(address, func(t *testing.T) { inNamespace(t, "crowd", address) })
	}
}

// TestRoaming: with p2p's own dials and timeouts it would be half a minute or more.
func TestRoaming(t *testing.T) { inNamespace(t, "roam", "198.51.100.7") }

func TestFlood(t *testing.T) { inNamespace(t, "flood", "198.51.100.7") }
