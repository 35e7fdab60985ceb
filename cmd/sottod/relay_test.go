package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
)

func TestRelayFlags(t *testing.T) {
	var out, errs bytes.Buffer
	f, code, done := parseRelayFlags([]string{"--data", "d", "--pow", "0", "--log-level", "warn"}, &out, &errs)
	if done || code != exitOK || errs.Len() != 0 {
		t.Fatalf("%d, %v: %s", code, done, &errs)
	}
	if f.listen != ":30303" || f.nat != "auto" || f.minPoW() >= 0 || f.level != slog.LevelWarn || f.data != "d" {
		t.Errorf("%+v", f)
	}
	f, _, _ = parseRelayFlags(nil, &out, &errs)
	if f.data == "" || f.minPoW() != 0.000002 || f.metrics != "" {
		t.Errorf("defaults: %+v", f)
	}
}

// TestMistypedAddresses: they are told as wrong usage, and not as something that failed.
func TestMistypedAddresses(t *testing.T) {
	for _, args := range [][]string{
		{"--public", "nowhere"}, {"--public", ":30303"}, {"--public", "127.0.0.1:0"}, {"--public", "127.0.0.1:70000"},
		{"--listen", "nowhere"}, {"--listen", "127.0.0.1:70000"}, {"--listen", "two words:0"},
	} {
		var out, errs bytes.Buffer
		code := run(t.Context(), append([]string{"relay", "--data", t.TempDir()}, args...), nil, &out, &errs)
		if code != exitUsage || !strings.Contains(errs.String(), args[0]+" is HOST:PORT") {
			t.Errorf("%v: %d, %s", args, code, &errs)
		}
	}
}

// TestHelpNamesEachFlag: what can be set is told, and nothing else.
func TestHelpNamesEachFlag(t *testing.T) {
	for line := range strings.SplitSeq(relayHelp, "\n") {
		name, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "--"), " ")
		if !strings.HasPrefix(strings.TrimSpace(line), "--") {
			continue
		}
		var out, errs bytes.Buffer
		parseRelayFlags([]string{"--" + name, "\x00"}, &out, &errs)
		if strings.Contains(errs.String(), "not defined") {
			t.Errorf("--%s is told but is no flag", name)
		}
	}
}

// brokenPipe is the output of a reader that is gone.
type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

// TestNobodyReads: a relay whose ready line cannot be printed ends, and says why.
func TestNobodyReads(t *testing.T) {
	var log bytes.Buffer
	code := runRelay(t.Context(), []string{"--listen", "127.0.0.1:0", "--data", t.TempDir()}, nil, brokenPipe{}, &log)
	if code != exitError || !strings.Contains(log.String(), "broken pipe") {
		t.Errorf("%d: %s", code, &log)
	}
}

func TestMetricsPortTaken(t *testing.T) {
	var out, log bytes.Buffer
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	m, err := serveMetrics(ctx, "127.0.0.1:0", nil, testLog())
	if err != nil {
		t.Fatal(err)
	}
	defer m.stop()
	code := runRelay(ctx, []string{"--listen", "127.0.0.1:0", "--data", t.TempDir(), "--metrics", m.address}, nil, &out, &log)
	if code != exitError || out.Len() != 0 || !strings.Contains(log.String(), "metrics") {
		t.Errorf("%d: %s %s", code, &out, &log)
	}
}

func testLog() *slog.Logger { return slog.New(slog.DiscardHandler) }
