package main

import (
	"bytes"
	"crypto/rand"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"sotto/node"
	"sotto/node/overlay"
)

const guide = "../../docs/running-a-network.md"

// TestGuideNamesFlags: what the guide and the service unit say is what the program takes, and the guide says all.
func TestGuideNamesFlags(t *testing.T) {
	flag := regexp.MustCompile(`--[a-z][a-z-]*`)
	told := make(map[string]bool)
	for _, name := range flag.FindAllString(relayHelp+inviteHelp+doctorHelp, -1) {
		told[name] = true
	}
	text := readFile(t, guide)
	for _, name := range flag.FindAllString(text, -1) {
		if !told[name] && name != "--now" && name != "--owner" { // systemctl's, createdb's
			t.Errorf("the guide names %s, which is no flag", name)
		}
	}
	for _, name := range flag.FindAllString(relayHelp, -1) {
		if !strings.Contains(text, "| `"+name+" ") && !strings.Contains(text, "| `"+name+"`") {
			t.Errorf("the guide's table lacks %s", name)
		}
	}
	_, start, _ := strings.Cut(readFile(t, "../../docs/sottod-relay.service"), "\nExecStart=")
	start, _, _ = strings.Cut(start, "\n")
	start = strings.NewReplacer("%S", "/var/lib", "${SOTTOD_NAME}", "Acme", "${SOTTOD_LISTEN}", ":30303", " $SOTTOD_FLAGS", "").Replace(start)
	var out, errs bytes.Buffer
	if _, code, done := parseRelayFlags(strings.Fields(start)[2:], &out, &errs); done {
		t.Errorf("the unit's command line ends with %d: %s", code, &errs)
	}
}

// TestGuideNamesMetrics: each metric of ours is in the guide.
func TestGuideNamesMetrics(t *testing.T) {
	n, box := testRelay(t)
	registry := prometheus.NewRegistry()
	registry.MustRegister(nodeCollector{n}, box)
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
	for _, name := range regexp.MustCompile(`\b(whisper|p2p|sotto|mailserver)_[a-z_]+`).FindAllString(text, -1) {
		if !gathered[name] && !strings.Contains("mailserver_delivery_failures_total whisper_envelopes_rejected_total sotto_connections_cut_total sotto_connections_refused_total", name) {
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

// testRelay is a relay with a mailserver that is not started.
func testRelay(t *testing.T) (*node.Node, *mailbox) {
	t.Helper()
	var out, errs bytes.Buffer
	flags, code, done := parseRelayFlags([]string{"--data", t.TempDir(), "--listen", "127.0.0.1:0"}, &out, &errs)
	if done {
		t.Fatal(code, errs.String())
	}
	key, err := overlay.LoadOrCreateKey(filepath.Join(flags.data, keyFile), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	box, err := openMailbox(t.Context(), flags, key, testLog())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := box.close(); err != nil {
			t.Error(err)
		}
	})
	n, err := newRelay(flags, key, box, newInviter(&flags, io.Discard, testLog()), testLog())
	if err != nil {
		t.Fatal(err)
	}
	box.serve(n.Whisper())
	return n, box
}

// TestMetricsAreReadOnly: nothing but GET /metrics is answered.
func TestMetricsAreReadOnly(t *testing.T) {
	n, box := testRelay(t)
	h := healthOf(func() bool { return true }, box.check(), t.TempDir())
	m, err := serveMetrics(t.Context(), "127.0.0.1:0", h, testLog(), nodeCollector{n}, box)
	if err != nil {
		t.Fatal(err)
	}
	defer m.stop()
	for _, test := range []struct {
		method, path string
		want         int
	}{
		{http.MethodGet, "/metrics", http.StatusOK},
		{http.MethodGet, "/healthz", http.StatusOK},
		{http.MethodPost, "/healthz", http.StatusMethodNotAllowed},
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
