package app

import (
	"errors"
	"net"
	"path/filepath"
	"runtime"
	"testing"
)

func env(pairs map[string]string) func(string) string {
	return func(name string) string { return pairs[name] }
}

func TestCheckDisplay(t *testing.T) {
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
		if err := checkDisplay(env(c.env)); errors.Is(err, ErrNoDisplay) != c.none {
			t.Errorf("%s: %v", name, err)
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

// The X server's socket has a fixed place, so a number that nobody has is taken.
func TestXServerThatAnswers(t *testing.T) {
	socket, err := net.Listen("unix", "@/tmp/.X11-unix/X98764")
	if err != nil {
		t.Skip("no abstract sockets here")
	}
	defer socket.Close()
	if err := checkDisplay(env(map[string]string{"DISPLAY": ":98764.0"})); err != nil {
		t.Error(err)
	}
}
