//go:build unix

package whisper

import (
	"syscall"
	"testing"
	"time"
)

// ProcessTime is what this process has used of the processor. It is exported to the tests outside the package.
func ProcessTime(t testing.TB) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
