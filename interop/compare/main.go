// Command compare alternates the benchmarks of both Whisper nodes, ours in package whisper of the application's module
// and go-ethereum 1.9.20's in package theirs, and prints medians and ratios as a Markdown table. It runs in the folder
// interop and builds with cgo, as both sides are at their best with it.
//
// Alternating matters: on a shared machine the load changes by the minute, and only figures taken side by side say
// anything as a ratio.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
)

// suite is what runs on one side before the other has its turn, and for how long or how often.
type suite struct{ pattern, time string }

var suites = []suite{
	{"Seal1KiB", "200ms"},
	{"PoWSearch1KiB", "200ms"},
	{"OpenSymSigned", "200ms"},
	{"OpenSymFloor", "500ms"},
	{"OpenSymWrongKey", "200ms"},
	{"OpenAsymSigned", "200ms"},
	{"DecodeEnvelope", "200ms"},
	{"DecodeEnvelopePoW", "200ms"},
	{"ThousandKeys", "200ms"},
	{"Duplicate", "200ms"},
	{"OneHop", "20x"},
	{"RelayABC", "3x"},
	{"Idle", "30x"}, // seconds
}

func main() {
	runs := flag.Int("runs", 5, "how often each side runs; medians are printed")
	only := flag.String("only", "", "regular expression: run only the benchmarks that it matches")
	flag.Parse()
	if err := compare(*runs, *only, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

func compare(runs int, only string, out io.Writer) error {
	wanted, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "compare")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	ours, theirs := filepath.Join(dir, "ours.test"), filepath.Join(dir, "theirs.test")
	if err := build(ours, "-C", "..", "-tags", "ci", "./node/whisper"); err != nil {
		return err
	}
	if err := build(theirs, "./theirs"); err != nil {
		return err
	}
	a, b := results{}, results{}
	for n := range runs {
		for _, s := range suites {
			if !wanted.MatchString(s.pattern) {
				continue
			}
			if err := s.run(theirs, b); err != nil {
				return err
			}
			if err := s.run(ours, a); err != nil {
				return err
			}
		}
		fmt.Fprintf(os.Stderr, "run %d of %d done\n", n+1, runs)
	}
	return table(out, machine(runs), a, b)
}

// build compiles a package's test program. Flags come before the package, -C first of all.
func build(to string, args ...string) error {
	command := []string{"test"}
	if args[0] == "-C" {
		command, args = append(command, args[:2]...), args[2:]
	}
	command = append(append(command, "-c", "-o", to), args...)
	cmd := exec.Command("go", command...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go %v: %w\n%s", command, err, out)
	}
	return nil
}

// run adds one run's figures to the results.
func (s suite) run(program string, to results) error {
	cmd := exec.Command(program, "-test.run", "^$", "-test.bench", "^Benchmark"+s.pattern+"$", "-test.benchtime", s.time, "-test.benchmem")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", filepath.Base(program), err, out)
	}
	return to.add(out)
}
