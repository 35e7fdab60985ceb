package app

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"fyne.io/fyne/v2"
)

// findDisplay tells whether a window can be shown. Fyne ends the process with a trace where it finds out itself. The
// result is to be closed when the windows are gone, not before: an X server that its last client leaves starts anew, and
// cuts off who connects meanwhile.
func findDisplay(env func(string) string) (io.Closer, error) {
	switch runtime.GOOS {
	case "windows", "darwin":
		return io.NopCloser(nil), nil
	}
	if waylandAnswers(env) {
		return io.NopCloser(nil), nil
	}
	if conn := dialX(env("DISPLAY")); conn != nil {
		return conn, nil
	}
	return nil, ErrNoDisplay
}

// show shows a window. A display that is there and refuses us, for want of a cookie say, is no display.
func show(w fyne.Window) (err error) {
	defer func() {
		if r := recover(); r != nil {
			if !strings.Contains(fmt.Sprint(r), "GLFW") {
				panic(r)
			}
			err = fmt.Errorf("%w: %v", ErrNoDisplay, r)
		}
	}()
	w.Show()
	return nil
}

// choosePlatform tells Fyne to go straight to X where no Wayland is; its attempt ends in a line on the terminal.
func choosePlatform(env func(string) string, set func(name, value string) error) {
	if runtime.GOOS == "linux" && env("FYNE_PLATFORM") == "" && !waylandAnswers(env) {
		_ = set("FYNE_PLATFORM", "x11")
	}
}

func waylandAnswers(env func(string) string) bool {
	name := env("WAYLAND_DISPLAY")
	if name == "" {
		return false
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(env("XDG_RUNTIME_DIR"), name)
	}
	_, err := os.Stat(name)
	return err == nil
}

// dialX connects to the X server of a display name, [host]:number[.screen]. It returns nil where nobody answers. A server
// elsewhere is not asked: the driver will find out.
func dialX(display string) io.Closer {
	host, number, found := strings.Cut(display, ":")
	if !found {
		return nil
	}
	number, _, _ = strings.Cut(number, ".")
	if host != "" && host != "unix" {
		return io.NopCloser(nil)
	}
	for _, path := range []string{"/tmp/.X11-unix/X" + number, "@/tmp/.X11-unix/X" + number} {
		conn, err := net.DialTimeout("unix", path, time.Second)
		if err == nil {
			return conn
		}
	}
	return nil
}
