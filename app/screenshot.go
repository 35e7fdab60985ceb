package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver"
)

// errNoScreenshot says that pictures cannot be taken here.
var errNoScreenshot = errors.New("ImageMagick's import and an X display are needed for them")

// screenshot saves a picture of the whole display. Fyne's own picture of a window is black under Xvfb.
func screenshot(ctx context.Context, path string) error {
	program, err := exec.LookPath("import")
	if err != nil || os.Getenv("DISPLAY") == "" {
		return errNoScreenshot
	}
	if out, err := exec.CommandContext(ctx, program, "-window", "root", path).CombinedOutput(); err != nil {
		return fmt.Errorf("take a picture: %w: %s", err, out)
	}
	return nil
}

// placeSideBySide moves two windows beside each other where xdotool is here; elsewhere the desktop places them.
func placeSideBySide(ctx context.Context, left, right fyne.Window) {
	program, err := exec.LookPath("xdotool")
	if err != nil {
		return
	}
	for i, w := range []fyne.Window{left, right} {
		if id := windowID(w); id != 0 {
			_ = exec.CommandContext(ctx, program, "windowmove", strconv.FormatUint(uint64(id), 10), strconv.Itoa(10+i*790), "40").Run()
		}
	}
}

// windowID is a window's X11 number, 0 elsewhere.
func windowID(w fyne.Window) (id uintptr) {
	native, ok := w.(driver.NativeWindow)
	if !ok {
		return 0
	}
	fyne.DoAndWait(func() {
		native.RunNative(func(context any) {
			if x, ok := context.(driver.X11WindowContext); ok {
				id = x.WindowHandle
			}
		})
	})
	return id
}
