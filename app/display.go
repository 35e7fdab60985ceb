package app

import (
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// checkDisplay tells whether a window can be shown. Fyne ends the process with a trace where it finds out itself.
func checkDisplay(env func(string) string) error {
	switch runtime.GOOS {
	case "windows", "darwin":
		return nil
	}
	if waylandAnswers(env) || xAnswers(env("DISPLAY")) {
		return nil
	}
	return ErrNoDisplay
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

// xAnswers asks the X server of a display name, [host]:number[.screen], for a connection.
func xAnswers(display string) bool {
	host, number, found := strings.Cut(display, ":")
	if !found {
		return false
	}
	number, _, _ = strings.Cut(number, ".")
	if host != "" && host != "unix" {
		return true // a server elsewhere: the driver will find out
	}
	for _, path := range []string{"/tmp/.X11-unix/X" + number, "@/tmp/.X11-unix/X" + number} {
		conn, err := net.DialTimeout("unix", path, time.Second)
		if err == nil {
			conn.Close()
			return true
		}
	}
	return false
}
