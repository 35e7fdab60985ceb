package app

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"fyne.io/fyne/v2"
)

func env(pairs map[string]string) func(string) string {
	return func(name string) string { return pairs[name] }
}

func TestFindDisplay(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("other systems always have one")
	}
	dir := t.TempDir()
	wayland, err := net.Listen("unix", filepath.Join(dir, "wayland-7"))
	if err != nil {
		t.Fatal(err)
	}
	defer wayland.Close()
	for name, c := range map[string]struct {
		env  map[string]string
		none bool
	}{
		"nothing":            {nil, true},
		"a dead X server":    {map[string]string{"DISPLAY": ":98765"}, true},
		"nonsense":           {map[string]string{"DISPLAY": "nonsense"}, true},
		"an X server far":    {map[string]string{"DISPLAY": "far.example.org:0.0"}, false},
		"Wayland":            {map[string]string{"WAYLAND_DISPLAY": "wayland-7", "XDG_RUNTIME_DIR": dir}, false},
		"Wayland, full path": {map[string]string{"WAYLAND_DISPLAY": filepath.Join(dir, "wayland-7")}, false},
		"Wayland, gone":      {map[string]string{"WAYLAND_DISPLAY": "wayland-8", "XDG_RUNTIME_DIR": dir}, true},
	} {
		found, err := findDisplay(env(c.env))
		if errors.Is(err, ErrNoDisplay) != c.none {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			found.Close()
		}
	}
}

func TestChoosePlatform(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has a choice")
	}
	for _, c := range []struct {
		env  map[string]string
		want string
	}{
		{map[string]string{"DISPLAY": ":0"}, "x11"},
		{map[string]string{"FYNE_PLATFORM": "wayland"}, "wayland"},
		{map[string]string{"WAYLAND_DISPLAY": t.TempDir()}, ""},
	} {
		choosePlatform(env(c.env), func(name, value string) error { c.env[name] = value; return nil })
		if got := c.env["FYNE_PLATFORM"]; got != c.want {
			t.Errorf("%v: %q, want %q", c.env, got, c.want)
		}
	}
}

// The X server's socket has a fixed place, so a number that nobody has is taken. A real server whose only client leaves
// starts anew and cuts off the window that is being opened, so nobody may leave before that.
func TestXServerThatAnswers(t *testing.T) {
	socket, err := net.Listen("unix", "@/tmp/.X11-unix/X98764")
	if err != nil {
		t.Skip("no abstract sockets here")
	}
	defer socket.Close()
	display, err := findDisplay(env(map[string]string{"DISPLAY": ":98764.0"}))
	if err != nil {
		t.Fatal(err)
	}
	client, err := socket.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	_ = client.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	if _, err := client.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("before the window is opened: %v", err)
	}
	display.Close()
	_ = client.SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, err := client.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("at the end: %v", err)
	}
}

// refusing is a window on a display that lets nobody in.
type refusing struct {
	fyne.Window
	panics any
}

func (r refusing) Show() { panic(r.panics) }

func TestDisplayThatRefuses(t *testing.T) {
	if err := show(refusing{panics: "NotInitialized: The GLFW library is not initialized"}); !errors.Is(err, ErrNoDisplay) {
		t.Errorf("a display that refuses: %v", err)
	}
	defer func() {
		if recover() == nil {
			t.Error("a mistake of ours was taken for a missing display")
		}
	}()
	_ = show(refusing{panics: "index out of range"})
}
