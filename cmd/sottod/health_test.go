package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestHealth(t *testing.T) {
	well := func() *health {
		return &health{
			listening: func() bool { return true }, archive: func() error { return nil }, folder: "/data",
			free: func() (uint64, error) { return lowDisk, nil },
		}
	}
	for name, test := range map[string]struct {
		change func(h *health)
		want   string // in the only line; empty: all is well
	}{
		"well":           {func(*health) {}, ""},
		"no mailserver":  {func(h *health) { h.archive = nil }, ""},
		"not listening":  {func(h *health) { h.listening = func() bool { return false } }, "not listening"},
		"archive":        {func(h *health) { h.archive = func() error { return errors.New("dsn with secret") } }, "archive"},
		"disk low":       {func(h *health) { h.free = func() (uint64, error) { return lowDisk - 1, nil } }, "disk low: 256.0 MiB free for /data"},
		"folder is gone": {func(h *health) { h.free = func() (uint64, error) { return 0, errors.New("gone") } }, "/data"},
	} {
		t.Run(name, func(t *testing.T) {
			h := well()
			test.change(h)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/healthz", nil))
			body := strings.TrimSpace(w.Body.String())
			switch {
			case test.want == "" && (w.Code != http.StatusOK || body != "ok"):
				t.Errorf("%d: %s", w.Code, body)
			case test.want != "" && (w.Code != http.StatusServiceUnavailable || !strings.Contains(body, test.want)):
				t.Errorf("%d: %s", w.Code, body)
			}
			if strings.Contains(body, "secret") || strings.Contains(body, "\n") {
				t.Errorf("it says %q", body)
			}
		})
	}
}

func TestFreeSpace(t *testing.T) {
	if free, err := freeSpace(t.TempDir()); err != nil || free == 0 {
		t.Errorf("%d, %v", free, err)
	}
	if _, err := freeSpace(t.TempDir() + "/nothing"); err == nil {
		t.Error("nothing has free space")
	}
}

func TestInBytes(t *testing.T) {
	for n, want := range map[uint64]string{0: "0 bytes", 1023: "1023 bytes", 1536: "1.5 KiB", 5 << 30: "5.0 GiB", 1 << 60: "1048576.0 TiB"} {
		if got := inBytes(n); got != want {
			t.Errorf("%d is %s, not %s", n, got, want)
		}
	}
}
