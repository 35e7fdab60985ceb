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
	addr := os.Getenv(namespaceEnv)
	if addr == "" {
		return 0, false
	}
	add := []string{"address", "add", addr, "dev", "lo"}
	if strings.Contains(addr, ":") {
		add = append(add, "nodad") // or it cannot be listened on for the first second
	}
	for _, args := range [][]string{{"link", "set", "lo", "up"}, add} {
		if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
			fmt.Printf("ip %s: %v: %s\n", strings.Join(args, " "), err, out)
			return 1, true
		}
	}
	host, _, _ := strings.Cut(addr, "/")
	if err := crowd(host); err != nil {
		fmt.Println(err)
		return 1, true
	}
	return 0, true
}

// TestManyPeersFromOnePublicAddress: p2p's own listener lets in one of them in 30 seconds.
func TestManyPeersFromOnePublicAddress(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("a network namespace needs root")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("the ip command is not installed")
	}
	for _, addr := range []string{"198.51.100.7/32", "5.5.5.5/32", "2001:db8::7/128"} {
		t.Run(strings.ReplaceAll(addr, "/", "_"), func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			cmd := exec.CommandContext(ctx, "/proc/self/exe")
			cmd.Env = append(os.Environ(), namespaceEnv+"="+addr)
			cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
			out, err := cmd.CombinedOutput()
			if err != nil && strings.Contains(err.Error(), "operation not permitted") {
				t.Skip("this system lets nobody make a network namespace")
			}
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			t.Logf("%s", out)
		})
	}
}
