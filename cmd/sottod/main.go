// Command sottod is Sotto without a window: a relay for a network of one's own, and a client for scripts.
//
// It links no window toolkit and builds without cgo.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"
)

// version is set by the build of a release: -ldflags "-X main.version=1.2.3".
var version = "dev"

// What the process returns.
const (
	exitOK    = 0
	exitError = 1
	exitUsage = 2
)

// secondSignalAfter is how long the end may take before another signal cuts it short.
const secondSignalAfter = 3 * time.Second

const usage = `Sotto without a window.

Usage:

  sottod relay [flags]     a network of your own: boot node, relay and mailserver
  sottod invite [flags]    the link that others join a relay's network with
  sottod doctor [flags]    what keeps a relay or a network from working
  sottod client [flags]    an account for scripts: JSON-RPC, one object a line
  sottod version           the version of this program
  sottod help [verb]       this text, or a verb's flags
`

// verb runs one of the program's verbs until it is done or ctx ends, and returns the process's exit code.
type verb func(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int

var verbs = map[string]verb{
	"relay":   runRelay,
	"invite":  runInvite,
	"doctor":  runDoctor,
	"client":  runClient,
	"version": runVersion,
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// Shells and timeout(1) send a signal twice, to the process and to its group: the second must not cut the clean end
	// short. One that comes later is a person's, and ends the process at once.
	context.AfterFunc(ctx, func() { time.AfterFunc(secondSignalAfter, stop) })
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		fmt.Fprint(stderr, usage)
		return exitUsage
	}
	name, rest := args[0], args[1:]
	if name == "help" && len(rest) > 0 {
		name, rest = rest[0], []string{"--help"}
	}
	if do := verbs[name]; do != nil {
		return do(ctx, rest, stdin, stdout, stderr)
	}
	switch name {
	case "help", "-h", "-help", "--help":
		fmt.Fprint(stdout, usage)
		return exitOK
	case "-version", "--version":
		return runVersion(ctx, nil, stdin, stdout, stderr)
	}
	fmt.Fprintf(stderr, "sottod: there is no verb %q\n\n%s", name, usage)
	return exitUsage
}

func runVersion(_ context.Context, _ []string, _ io.Reader, stdout, _ io.Writer) int {
	fmt.Fprintf(stdout, "sottod %s %s %s/%s\n", versionString(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return exitOK
}

// versionString adds the commit that this was built from, where the build knows it.
func versionString() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return version
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return version + "+" + s.Value[:12]
		}
	}
	return version
}

// nodeName is what peers see of this program.
func nodeName() string {
	return fmt.Sprintf("Sotto/v%s/%s-%s/%s", version, runtime.GOOS, runtime.GOARCH, runtime.Version())
}

// parseFlags reads a verb's flags. With done the process has nothing more to do, and code is what it returns.
func parseFlags(fs *flag.FlagSet, args []string, help string, stdout, stderr io.Writer) (code int, done bool) {
	rest, code, done := parseFlagsAndArguments(fs, args, help, stdout, stderr)
	if !done && len(rest) > 0 {
		return badUsage(stderr, fs.Name(), fmt.Errorf("%q is no flag", rest[0])), true
	}
	return code, done
}

// parseFlagsAndArguments reads the flags of a verb that takes arguments, too, before, between and behind them.
func parseFlagsAndArguments(fs *flag.FlagSet, args []string, help string, stdout, stderr io.Writer) (rest []string, code int, done bool) {
	fs.SetOutput(io.Discard)
	for {
		err := fs.Parse(args)
		switch {
		case errors.Is(err, flag.ErrHelp):
			fmt.Fprint(stdout, help)
			return nil, exitOK, true
		case err != nil:
			return nil, badUsage(stderr, fs.Name(), err), true
		case fs.NArg() == 0:
			return rest, exitOK, false
		}
		rest, args = append(rest, fs.Arg(0)), fs.Args()[1:]
	}
}

func badUsage(stderr io.Writer, verb string, err error) int {
	fmt.Fprintf(stderr, "sottod %s: %v\nTry: sottod %s --help\n", verb, err, verb)
	return exitUsage
}
