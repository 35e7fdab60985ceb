package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// row is one line of the table.
type row struct {
	what   string
	figure figure
	shown  string  // the unit as printed
	scale  float64 // printed value = measured value * scale
	more   bool    // more is better
	goal   string
}

const perThousand = 1e-3

var rows = []row{
	{"relay A-B-C, 20,000 envelopes of 500 bytes at once, default 1 MiB limit: lost", figure{"RelayABC", "lost"}, "", 1, false, "0"},
	{"the same: CPU of all three nodes an envelope", figure{"RelayABC", "cpu-us/envelope"}, "µs", 1, false, "≥ 2 (aim 3)"},
	{"the same: envelopes a second at C", figure{"RelayABC", "envelopes/s"}, "/s", 1, true, ""},
	{"one hop, post to handler, median", figure{"OneHop", "median-ms"}, "ms", 1, false, "≤ 10 ms"},
	{"proof of work for 1 KiB at 0.002", figure{"PoWSearch1KiB", "cpu-ns/op"}, "µs", perThousand, false, "≥ 5"},
	{"an envelope against 1,000 keys on one topic", figure{"ThousandKeys", "cpu-ns/op"}, "µs", perThousand, false, "≥ 5"},
	{"the same: allocated", figure{"ThousandKeys", "B/op"}, "kB", perThousand, false, "≤ 20 kB"},
	{"a duplicate dropped", figure{"Duplicate", "cpu-ns/op"}, "µs", perThousand, false, "≥ 2"},
	{"seal 1 KiB, signed, at 0.002", figure{"Seal1KiB", "cpu-ns/op"}, "µs", perThousand, false, ""},
	{"open, symmetric, signed", figure{"OpenSymSigned", "cpu-ns/op"}, "µs", perThousand, false, ""},
	{"open, symmetric, wrong key", figure{"OpenSymWrongKey", "cpu-ns/op"}, "µs", perThousand, false, ""},
	{"open, asymmetric, signed", figure{"OpenAsymSigned", "cpu-ns/op"}, "µs", perThousand, false, ""},
	{"decode and hash", figure{"DecodeEnvelope", "cpu-ns/op"}, "µs", perThousand, false, ""},
	{"decode, hash and measure the work", figure{"DecodeEnvelopePoW", "cpu-ns/op"}, "µs", perThousand, false, ""},
	{"idle for 30 s with 20,000 pooled envelopes and 10 peers, of one core", figure{"Idle", "cpu-percent"}, "%", 1, false, "≤ 0.5 %"},
}

// table prints what was measured. Rows that neither side has figures for are left out.
func table(out io.Writer, about string, ours, theirs results) error {
	w := bufio.NewWriter(out)
	fmt.Fprintf(w, "%s\n\n| | Sotto | go-ethereum 1.9.20 | ratio | goal |\n|---|--:|--:|--:|---|\n", about)
	for _, r := range rows {
		a, haveA := ours.median(r.figure)
		b, haveB := theirs.median(r.figure)
		if r.figure.unit == "lost" && haveB {
			a, haveA = 0, true // our benchmark fails when one is missing
		}
		if !haveA && !haveB {
			continue
		}
		fmt.Fprintf(w, "| %s | %s | %s | %s | %s |\n", r.what, r.value(a, haveA), r.value(b, haveB), r.ratio(a, b), r.goal)
	}
	ratio, measured := ours.median(figure{"OpenSymFloor", "times-floor"})
	floor, _ := ours.median(figure{"OpenSymFloor", "floor-cpu-ns"})
	if measured {
		fmt.Fprintf(w, "\nOpening a signed symmetric message takes %.2f times its floor of decryption, one hash and one recovery "+
			"(%s µs; goal: at most 1.15 times), measured in turns.\n", ratio, digits(floor*perThousand))
	}
	return w.Flush()
}

func (r row) value(v float64, have bool) string {
	if !have {
		return "-"
	}
	return strings.TrimSpace(digits(v*r.scale) + " " + r.shown)
}

// ratio is how many times better ours is.
func (r row) ratio(ours, theirs float64) string {
	if r.more {
		ours, theirs = theirs, ours
	}
	if ours == 0 || theirs == 0 {
		return ""
	}
	return digits(theirs / ours)
}

// digits prints three digits, with commas from a thousand on.
func digits(v float64) string {
	if v >= 100 {
		return thousands(strconv.FormatFloat(v, 'f', 0, 64))
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

func thousands(s string) string {
	for at := len(s) - 3; at > 0; at -= 3 {
		s = s[:at] + "," + s[at:]
	}
	return s
}

// machine says what the figures were taken on.
func machine(runs int) string {
	return fmt.Sprintf("Medians of %d alternating runs; %s, %d cores, %s, %s/%s, cgo; load average at the end %s. "+
		"µs are of the processor, not of the clock; kB are allocated.",
		runs, processor(), runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH, load())
}

func processor() string {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown processor"
	}
	for line := range strings.Lines(string(info)) {
		if name, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown processor"
}

func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if fields := strings.Fields(string(text)); err == nil && len(fields) > 0 {
		return fields[0]
	}
	return "unknown"
}
