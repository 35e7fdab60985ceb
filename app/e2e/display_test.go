//go:build e2e

package e2e

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// display is an X server of a test's own, as large as one window.
type display struct {
	t    *testing.T
	name string // ":7"
	home string // of the person who sits there
}

func newDisplay(t *testing.T) *display {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1100x720x24", "-nolisten", "tcp")
	cmd.ExtraFiles = []*os.File{write}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start Xvfb: %v", err)
	}
	write.Close()
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	number, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		t.Fatalf("Xvfb told no display: %v", err)
	}
	return &display{t: t, name: ":" + strings.TrimSpace(number), home: t.TempDir()}
}

func (d *display) env() []string {
	return append(os.Environ(), "DISPLAY="+d.name, "WAYLAND_DISPLAY=", "LIBGL_ALWAYS_SOFTWARE=1",
		"HOME="+d.home, "XDG_CONFIG_HOME="+d.home, "XDG_CACHE_HOME="+d.home, "XDG_STATE_HOME="+d.home, "XDG_RUNTIME_DIR="+d.home,
		"FYNE_SCALE=1", "LANG=C.UTF-8")
}

func (d *display) xdotool(args ...string) {
	d.t.Helper()
	cmd := exec.Command("xdotool", args...)
	cmd.Env = append(os.Environ(), "DISPLAY="+d.name)
	if out, err := cmd.CombinedOutput(); err != nil {
		d.t.Fatalf("xdotool %v: %v %s", args[0], err, out)
	}
}

// focus gives the window the keyboard; there is no window manager here.
func (d *display) focus() {
	d.t.Helper()
	d.xdotool("search", "--sync", "--onlyvisible", "--name", "Sotto", "windowfocus", "--sync")
}

func (d *display) click(x, y int) {
	d.t.Helper()
	d.xdotool("mousemove", "--sync", strconv.Itoa(x), strconv.Itoa(y), "click", "1")
}

func (d *display) write(text string) { d.t.Helper(); d.xdotool("type", "--delay", "8", text) }
func (d *display) key(name string)   { d.t.Helper(); d.xdotool("key", name) }

// copied is the text in the clipboard.
func (d *display) copied() string {
	d.t.Helper()
	cmd := exec.Command("xclip", "-o", "-selection", "clipboard", "-display", d.name)
	out, err := cmd.Output()
	if err != nil {
		d.t.Fatalf("read the clipboard: %v", err)
	}
	return string(out)
}

// paste puts a text into the clipboard and presses Ctrl+V.
func (d *display) paste(text string) {
	d.t.Helper()
	cmd := exec.Command("xclip", "-i", "-selection", "clipboard", "-display", d.name)
	cmd.Stdin = strings.NewReader(text)
	if err := cmd.Run(); err != nil { // it goes on by itself until somebody else copies
		d.t.Fatalf("fill the clipboard: %v", err)
	}
	d.key("ctrl+v")
}

// picture saves what the display shows.
func (d *display) picture(name string) {
	d.t.Helper()
	path := filepath.Join(pictures, name+".png")
	var before []byte
	for range 10 { // until nothing is being drawn any more
		cmd := exec.Command("import", "-display", d.name, "-window", "root", path)
		if out, err := cmd.CombinedOutput(); err != nil {
			d.t.Fatalf("take a picture: %v %s", err, out)
		}
		now, err := os.ReadFile(path)
		if err != nil {
			d.t.Fatal(err)
		}
		if bytes.Equal(pixels(now), pixels(before)) {
			return
		}
		before = now
		<-time.After(250 * time.Millisecond)
	}
}

// pixels is the part of a PNG file that holds the picture; the rest has the time in it.
func pixels(file []byte) []byte {
	begin := bytes.Index(file, []byte("IDAT"))
	end := bytes.LastIndex(file, []byte("IDAT"))
	if begin < 0 {
		return file
	}
	if next := bytes.Index(file[end:], []byte("tEXt")); next >= 0 {
		return file[begin : end+next-4]
	}
	return file[begin:]
}
