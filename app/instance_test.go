package app

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestOneInstanceAFolder(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	data, runtime := t.TempDir(), filepath.Join(t.TempDir(), "run")
	raised := make(chan struct{}, 1)
	first, err := claim(data, runtime, func() { raised <- struct{}{} })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := claim(data, runtime, nil); !errors.Is(err, errRunning) {
		t.Errorf("a second start: %v", err)
	}
	select {
	case <-raised:
	case <-time.After(5 * time.Second):
		t.Error("the window was not asked for")
	}
	other, err := claim(t.TempDir(), runtime, nil)
	if err != nil {
		t.Fatalf("another folder: %v", err)
	}
	other.release()
	first.release()
	again, err := claim(data, runtime, nil)
	if err != nil {
		t.Fatalf("after the first ended: %v", err)
	}
	again.release()
}

func TestACrashLeavesNoLock(t *testing.T) {
	data, runtime := t.TempDir(), t.TempDir()
	leftover, err := net.Listen("unix", socketPath(data, runtime))
	if err != nil {
		t.Fatal(err)
	}
	leftover.(*net.UnixListener).SetUnlinkOnClose(false)
	leftover.Close()
	i, err := claim(data, runtime, nil)
	if err != nil {
		t.Fatal(err)
	}
	i.release()
}

func TestAnInstanceThatDoesNotAnswer(t *testing.T) {
	data, runtime := t.TempDir(), t.TempDir()
	first, err := claim(data, runtime, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer first.release()
	first.listener.Close()
	_, err = claim(data, runtime, nil)
	if err == nil || errors.Is(err, errRunning) || !strings.Contains(err.Error(), "does not answer") {
		t.Errorf("a second start: %v", err)
	}
}

func TestAFolderThatCannotBe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := claim(filepath.Join(file, "below"), t.TempDir(), nil); err == nil {
		t.Error("no error")
	}
}

func TestSocketPathsAreShort(t *testing.T) {
	long := "/" + strings.Repeat("a-very-long-folder-name/", 20)
	if got := socketPath(long, "/run/user/1000/sotto"); len(got) > 100 {
		t.Errorf("%d bytes: %s", len(got), got)
	}
	if socketPath("/a", "/r") == socketPath("/b", "/r") {
		t.Error("two folders share a socket")
	}
}
