//go:build !windows

package main

import (
	"os/signal"
	"syscall"
)

const terminal = "/dev/tty"

// withPrivateUmask runs fn while new files get no rights for others. The mask is the process's: call it before anything
// else runs.
func withPrivateUmask(fn func() error) error {
	defer syscall.Umask(syscall.Umask(0o177))
	return fn()
}

// surviveBrokenPipes makes writing to an output that nobody reads an error, where it would end the process unclosed.
func surviveBrokenPipes() { signal.Ignore(syscall.SIGPIPE) }
