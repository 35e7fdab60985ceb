package app

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// atOnce is a window that is shown at once.
func atOnce(shown func()) { shown() }

// start claims a folder and gives up after a minute.
func start(t *testing.T, data, runtime string) (*instance, error) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	return claim(ctx, data, runtime, "")
}

// claimed is how a claim ended.
type claimed struct {
	*instance
	err error
}

// startBeside is start on a goroutine of its own.
func startBeside(t *testing.T, data, runtime string) <-chan claimed {
	done := make(chan claimed, 1)
	go func() {
		i, err := start(t, data, runtime)
		done <- claimed{i, err}
	}()
	return done
}

// waits wants a second start neither to give up nor to have been told of a window.
func waits(t *testing.T, second <-chan claimed) {
	t.Helper()
	select {
	case c := <-second:
		t.Fatalf("the second start did not wait: %v", c.err)
	case <-time.After(6 * knockEvery):
	}
}

func TestOneInstanceAFolder(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	data, runtime := t.TempDir(), filepath.Join(t.TempDir(), "run")
	first, err := start(t, data, runtime)
	if err != nil {
		t.Fatal(err)
	}
	raised := 0
	if err := first.answer(func(shown func()) { raised++; shown() }); err != nil {
		t.Fatal(err)
	}
	if _, err := start(t, data, runtime); !errors.Is(err, errRunning) {
		t.Errorf("a second start: %v", err)
	}
	other, err := start(t, t.TempDir(), runtime)
	if err != nil {
		t.Fatalf("another folder: %v", err)
	}
	other.release()
	first.release()
	if raised != 1 {
		t.Errorf("the window was asked for %d times", raised)
	}
	again, err := start(t, data, runtime)
	if err != nil {
		t.Fatalf("after the first ended: %v", err)
	}
	again.release()
}

// The first has the lock, and no window yet: a double click. Nobody may be told of a window, and nobody gives up.
func TestASecondStartWaitsForTheWindow(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	data, runtime := t.TempDir(), t.TempDir()
	first, err := start(t, data, runtime)
	if err != nil {
		t.Fatal(err)
	}
	second := startBeside(t, data, runtime)
	waits(t, second)
	posted := make(chan func(), 1) // what fyne.Do holds until the loop runs
	if err := first.answer(func(shown func()) { posted <- shown }); err != nil {
		t.Fatal(err)
	}
	shown := <-posted
	waits(t, second)
	shown()
	if c := <-second; !errors.Is(c.err, errRunning) {
		t.Errorf("the second start: %v", c.err)
	}
	first.release()
}

// At its end the first has the folder for a while, but no window.
func TestASecondStartWaitsForTheEnd(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	data, runtime := t.TempDir(), t.TempDir()
	first, err := start(t, data, runtime)
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan struct{}, 1)
	if err := first.answer(func(func()) { asked <- struct{}{} }); err != nil { // the loop has ended, and drops it
		t.Fatal(err)
	}
	second := startBeside(t, data, runtime)
	<-asked
	first.hush()
	waits(t, second)
	first.release()
	c := <-second
	if c.err != nil {
		t.Fatalf("after the first ended: %v", c.err)
	}
	if err := c.answer(atOnce); err != nil {
		t.Error(err)
	}
	c.release()
}

// The first could not open its window after all.
func TestASecondStartTakesOver(t *testing.T) {
	data, runtime := t.TempDir(), t.TempDir()
	first, err := start(t, data, runtime)
	if err != nil {
		t.Fatal(err)
	}
	second := startBeside(t, data, runtime)
	waits(t, second)
	first.release()
	c := <-second
	if c.err != nil {
		t.Fatal(c.err)
	}
	c.release()
}

func TestACrashLeavesNoLock(t *testing.T) {
	data, runtime := t.TempDir(), t.TempDir()
	leftover, err := net.Listen("unix", socketPath(data, runtime))
	if err != nil {
		t.Fatal(err)
	}
	leftover.(*net.UnixListener).SetUnlinkOnClose(false)
	leftover.Close()
	i, err := start(t, data, runtime)
	if err != nil {
		t.Fatal(err)
	}
	defer i.release()
	if err := i.answer(atOnce); err != nil {
		t.Fatal(err)
	}
	if _, err := start(t, data, runtime); !errors.Is(err, errRunning) {
		t.Errorf("a second start: %v", err)
	}
}

func TestAnInstanceThatDoesNotAnswer(t *testing.T) {
	for name, answer := range map[string]func(*instance) error{
		"it opens no window": func(*instance) error { return nil },
		"its loop is stuck":  func(i *instance) error { return i.answer(func(func()) {}) },
	} {
		t.Run(name, func(t *testing.T) {
			data, runtime := t.TempDir(), t.TempDir()
			first, err := start(t, data, runtime)
			if err != nil {
				t.Fatal(err)
			}
			defer first.release()
			if err := answer(first); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 3*knockEvery)
			defer cancel()
			_, err = claim(ctx, data, runtime, "")
			if err == nil || errors.Is(err, errRunning) || !strings.Contains(err.Error(), "does not answer") {
				t.Errorf("a second start: %v", err)
			}
		})
	}
}

func TestAFolderThatCannotBe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := start(t, filepath.Join(file, "below"), t.TempDir()); err == nil {
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

// A link that was clicked while the program runs reaches the window that is open, whole, and no other line does.
func TestASecondStartHandsItsLinkOver(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	data, runtime := t.TempDir(), t.TempDir()
	first, err := start(t, data, runtime)
	if err != nil {
		t.Fatal(err)
	}
	heard := make(chan string, 10)
	first.heard = func(url string) { heard <- url }
	if err := first.answer(atOnce); err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{"sotto:join?name=Acme&sum=abc\n", "", strings.Repeat("x", longestLink+1)} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		if _, err := claim(ctx, data, runtime, url); !errors.Is(err, errRunning) {
			t.Errorf("%.20q: %v", url, err)
		}
		cancel()
	}
	first.release()
	close(heard)
	var all []string
	for url := range heard {
		all = append(all, url)
	}
	if len(all) != 1 || all[0] != "sotto:join?name=Acme&sum=abc" {
		t.Errorf("it heard %q", all)
	}
}
