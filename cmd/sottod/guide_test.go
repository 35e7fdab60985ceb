package main

import (
	"bytes"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

const guide = "../../docs/running-a-network.md"

// TestGuideNamesFlags: what the guide and the service unit say is what the program takes, and the guide says all.
func TestGuideNamesFlags(t *testing.T) {
	flag := regexp.MustCompile(`--[a-z][a-z-]*`)
	told := make(map[string]bool)
	for _, name := range flag.FindAllString(relayHelp, -1) {
		told[name] = true
	}
	text := readFile(t, guide)
	for _, name := range flag.FindAllString(text, -1) {
		if !told[name] && name != "--now" { // systemctl's
			t.Errorf("the guide names %s, which is no flag", name)
		}
	}
	for name := range told {
		if !strings.Contains(text, "`"+name+" ") {
			t.Errorf("the guide's table lacks %s", name)
		}
	}
	var start string
	for line := range strings.SplitSeq(readFile(t, "../../docs/sottod-relay.service"), "\n") {
		if after, ok := strings.CutPrefix(line, "ExecStart="); ok {
			start = strings.ReplaceAll(after, "%S", "/var/lib")
		}
	}
	var out, errs bytes.Buffer
	if _, code, done := parseRelayFlags(strings.Fields(start)[2:], &out, &errs); done {
		t.Errorf("the unit's command line ends with %d: %s", code, &errs)
	}
}

// TestGuideNamesMetrics: each metric of ours is in the guide.
func TestGuideNamesMetrics(t *testing.T) {
	n, err := newRelay(relayFlags{data: t.TempDir(), listen: "127.0.0.1:0", nat: "none", maxPeers: 1, maxMessage: 1 << 20, poolMB: 1}, testLog())
	if err != nil {
		t.Fatal(err)
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(nodeCollector{n})
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	text := readFile(t, guide)
	for _, f := range families {
		if !strings.Contains(text, "`"+f.GetName()) {
			t.Errorf("the guide lacks %s", f.GetName())
		}
	}
	if len(families) < 15 {
		t.Errorf("%d metrics", len(families))
	}
	gathered := make(map[string]bool)
	for _, f := range families {
		gathered[f.GetName()] = true
	}
	for _, name := range regexp.MustCompile(`\b(whisper|p2p|sotto)_[a-z_]+`).FindAllString(text, -1) {
		if !gathered[name] && !strings.Contains("whisper_envelopes_rejected_total sotto_connections_cut_total sotto_connections_refused_total", name) {
			t.Errorf("the guide names %s, which nothing counts", name)
		}
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestMetricsAreReadOnly: nothing but GET /metrics is answered.
func TestMetricsAreReadOnly(t *testing.T) {
	n, err := newRelay(relayFlags{data: t.TempDir(), listen: "127.0.0.1:0", nat: "none", maxPeers: 1, maxMessage: 1 << 20, poolMB: 1}, testLog())
	if err != nil {
		t.Fatal(err)
	}
	m, err := serveMetrics(t.Context(), "127.0.0.1:0", n, testLog())
	if err != nil {
		t.Fatal(err)
	}
	defer m.stop()
	for _, test := range []struct {
		method, path string
		want         int
	}{
		{http.MethodGet, "/metrics", http.StatusOK},
		{http.MethodPost, "/metrics", http.StatusMethodNotAllowed},
		{http.MethodGet, "/", http.StatusNotFound},
	} {
		req, err := http.NewRequestWithContext(t.Context(), test.method, "http://"+m.address+test.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != test.want {
			t.Errorf("%s %s: %s", test.method, test.path, resp.Status)
		}
	}
}
