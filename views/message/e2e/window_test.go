//go:build e2e

package e2e

import (
	"os"
	"syscall"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/container"

	"sotto/services/chats"
	"sotto/views/dispatch"
	"sotto/views/message"
	"sotto/views/message/messagetest"
	"sotto/views/still"
	"sotto/views/theme"
)

// bench is the window that all tests share. Fyne wants the main goroutine, so the tests run beside it.
type bench struct {
	window   fyne.Window
	ui       *dispatch.UI
	source   *messagetest.Source
	list     *message.List
	composer *message.Composer
	failed   error
}

var shared *bench

func TestMain(m *testing.M) {
	if os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		println("no display: nothing was measured")
		return
	}
	a := still.Wrap(app.NewWithID("sotto.views.message.e2e"))
	a.Settings().SetTheme(theme.New(theme.Dark))
	shared = newBench(a)
	code := 0
	a.Lifecycle().SetOnStarted(func() {
		go func() {
			code = m.Run()
			shared.do(func() { shared.list.Close(); shared.ui.Close(); a.Quit() })
		}()
	})
	shared.window.Show()
	a.Run()
	os.Exit(code)
}

func newBench(a fyne.App) *bench {
	b := &bench{ui: dispatch.NewUI(), source: messagetest.NewSource(messagetest.History(100_000))}
	b.list = message.NewList(message.Options{
		Source: b.source, Dispatch: b.ui, Picture: messagetest.Picture, Time: b.ui.Time,
		Failed: func(err error) { b.failed = err },
	})
	b.composer = message.NewComposer(message.ComposerOptions{Dispatch: b.ui, Key: b.list.Key, Shortcut: b.list.Shortcut})
	b.window = a.NewWindow("sotto message e2e")
	b.window.SetPadded(false)
	b.window.SetContent(container.NewBorder(nil, b.composer, nil, nil, b.list))
	b.window.Resize(fyne.NewSize(800, 720))
	return b
}

// do runs f on the UI goroutine and waits for it.
func (b *bench) do(f func()) {
	done := make(chan struct{})
	b.ui.Do(func() { f(); close(done) })
	<-done
}

func (b *bench) open(t *testing.T) {
	t.Helper()
	b.do(func() {
		b.list.SetChat(chats.Chat{ID: "lobby", Name: "lobby", Kind: chats.Public})
		b.composer.SetChat(chats.Chat{ID: "lobby", Name: "lobby", Kind: chats.Public})
	})
	b.until(t, b.list.AtEnd)
}

// until waits for a condition that is looked at on the UI goroutine.
func (b *bench) until(t *testing.T, condition func() bool) {
	t.Helper()
	deadline := time.NewTimer(20 * time.Second)
	defer deadline.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		ok := false
		b.do(func() { ok = condition() })
		if ok {
			return
		}
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("what was waited for did not happen (%v)", b.failed)
		}
	}
}

// processTime is the CPU time this process used so far.
func processTime(t *testing.T) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
