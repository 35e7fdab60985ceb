package main

import (
	"strings"
	"testing"
)

const output = `goos: linux
BenchmarkOpenSymSigned-2       	    9168	     38220 cpu-ns/op	    2224 B/op	      15 allocs/op
BenchmarkRelayABC-2   	       1	 296172045 cpu-ns/op	        25.50 cpu-us/envelope	     67534 envelopes/s
PASS
`

func read(t *testing.T, outputs ...string) results {
	t.Helper()
	r := results{}
	for _, o := range outputs {
		if err := r.add([]byte(o)); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

func TestOutputIsRead(t *testing.T) {
	r := read(t, output)
	for f, want := range map[figure]float64{
		{"OpenSymSigned", "cpu-ns/op"}: 38220, {"OpenSymSigned", "allocs/op"}: 15, {"RelayABC", "envelopes/s"}: 67534,
	} {
		if got, ok := r.median(f); !ok || got != want {
			t.Errorf("%v: %v, want %v", f, got, want)
		}
	}
	if _, ok := r.median(figure{"Idle", "cpu-percent"}); ok {
		t.Error("a median of nothing")
	}
	if err := (results{}).add([]byte("BenchmarkX-2 1 fast cpu-ns/op\n")); err == nil {
		t.Error("rubbish was read")
	}
}

func TestMedian(t *testing.T) {
	f := figure{"a", "b"}
	for want, values := range map[float64][]float64{2: {3, 1, 2}, 2.5: {4, 1, 2, 3}, 7: {7}} {
		if got, _ := (results{f: values}).median(f); got != want {
			t.Errorf("%v: %v, want %v", values, got, want)
		}
	}
}

func TestTable(t *testing.T) {
	theirs := read(t, strings.NewReplacer("38220", "76440", "67534", "6753.4").Replace(output),
		"BenchmarkRelayABC-2 1 1 cpu-ns/op 20000 lost\n")
	ours := read(t, output, "BenchmarkOpenSymFloor-2 1 80000 ns/op 38000 floor-cpu-ns 1.012 times-floor\n")
	var out strings.Builder
	if err := table(&out, "about", ours, theirs); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| open, symmetric, signed | 38.2 µs | 76.4 µs | 2 |  |", "lost | 0 | 20,000 |  | 0 |",
		"| the same: envelopes a second at C | 67,534 /s | 6,753 /s | 10 |  |", "takes 1.01 times its floor",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("lacks %q:\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "duplicate") {
		t.Error("a row without figures")
	}
}
