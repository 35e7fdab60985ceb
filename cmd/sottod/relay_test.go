package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sotto/services/invite"
)

func TestRelayFlags(t *testing.T) {
	var out, errs bytes.Buffer
	f, code, done := parseRelayFlags([]string{"--data", "d", "--pow", "0", "--log-level", "warn"}, &out, &errs)
	if done || code != exitOK || errs.Len() != 0 {
		t.Fatalf("%d, %v: %s", code, done, &errs)
	}
	if f.name != "Sotto network" || f.channel != "lobby" || f.mail.retention != retention(defaultRetention) || f.roles() != invite.Boot|invite.Relay|invite.Mail {
		t.Errorf("%+v", f)
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

func TestRetentionAndSize(t *testing.T) {
	for text, want := range map[string]time.Duration{"30d": 720 * time.Hour, "1h": time.Hour, "90m": 90 * time.Minute, "3650d": 87600 * time.Hour} {
		var r retention
		if err := r.Set(text); err != nil || time.Duration(r) != want {
			t.Errorf("%s: %v, %v", text, &r, err)
		}
	}
	for _, text := range []string{"", "d", "0d", "-1d", "30", "59m", "3651d", "99999999999d", "1.5d", "NaNd"} {
		var r retention
		if err := r.Set(text); err == nil {
			t.Errorf("%q is %v", text, &r)
		}
	}
	for text, want := range map[string]int64{"0": 0, "1": 1, "2k": 2048, "20G": 20 << 30, "1T": 1 << 40} {
		var s size
		if err := s.Set(text); err != nil || int64(s) != want {
			t.Errorf("%s: %v, %v", text, &s, err)
		}
	}
	for _, text := range []string{"", "G", "-1", "1GB", "1.5G", "9999999T", "99999999999999999999", "1 G"} {
		var s size
		if err := s.Set(text); err == nil {
			t.Errorf("%q is %v", text, &s)
		}
	}
}

// TestWhereTheArchiveIs: a flag comes before a file, a file before the environment, and that before the data folder.
func TestWhereTheArchiveIs(t *testing.T) {
	file := filepath.Join(t.TempDir(), "dsn")
	if err := os.WriteFile(file, []byte(" postgres://a:b@c/file \n# more\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ask := func(m mailFlags, want string) {
		t.Helper()
		if got, err := m.where("data"); err != nil || got != want {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
	ask(mailFlags{}, filepath.Join("data", "archive.db"))
	t.Setenv(archiveVariable, "postgres://environment")
	ask(mailFlags{}, "postgres://environment")
	ask(mailFlags{archiveFile: file}, "postgres://a:b@c/file")
	ask(mailFlags{archive: "here"}, "here")
	for name, content := range map[string]string{"empty": "\nsecond line", "long": strings.Repeat("x", maxSecretFile+1)} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		m := mailFlags{archiveFile: file, passwordFile: file}
		if where, err := m.where("data"); err == nil {
			t.Errorf("%s: the archive is at %q", name, where)
		}
		if password, err := m.password(); err == nil {
			t.Errorf("%s: the password is %q", name, password)
		}
	}
	for where, want := range map[string]bool{
		"archive.db": false, "postgres://me@host/db": false, "postgres://me:secret@host/db": true, "postgres://host/db?password=secret": true,
		"postgres://me:se%cret@host/db": true,
	} {
		if got := openPassword(where); got != want {
			t.Errorf("%s: %v", where, got)
		}
	}
}
