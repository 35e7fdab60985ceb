package main

import (
	"bufio"
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// figure names one measured value: a benchmark and its unit.
type figure struct{ benchmark, unit string }

// results are all values of each figure, one a run.
type results map[figure][]float64

// add reads what a test program prints: "BenchmarkName-2  100  123 ns/op  45 B/op".
func (r results) add(output []byte) error {
	lines := bufio.NewScanner(bytes.NewReader(output))
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		name := strings.TrimPrefix(fields[0], "Benchmark")
		if at := strings.LastIndexByte(name, '-'); at > 0 {
			name = name[:at]
		}
		for i := 2; i+1 < len(fields); i += 2 {
			v, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				return fmt.Errorf("%q: %w", lines.Text(), err)
			}
			f := figure{name, fields[i+1]}
			r[f] = append(r[f], v)
		}
	}
	return lines.Err()
}

// median is the middle value; ok is false when there is none.
func (r results) median(f figure) (v float64, ok bool) {
	all := slices.Sorted(slices.Values(r[f]))
	switch n := len(all); {
	case n == 0:
		return 0, false
	case n%2 == 1:
		return all[n/2], true
	default:
		return (all[n/2-1] + all[n/2]) / 2, true
	}
}
