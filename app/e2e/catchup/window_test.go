//go:build e2e

package catchup

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/driver/desktop"

	"sotto/services"
	"sotto/services/chats"
	"sotto/views"
	"sotto/views/dispatch"
	"sotto/views/still"
	"sotto/views/theme"
)

// program is the one Fyne app of the process. Fyne wants the main goroutine, so the tests run beside it.
var program fyne.App

func TestMain(m *testing.M) {
	if os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		println("no display: nothing was measured")
		return
	}
	program = still.Wrap(app.NewWithID("sotto.app.e2e.catchup"))
	program.Settings().SetTheme(theme.New(theme.Light))
	code := 0
	program.Lifecycle().SetOnStarted(func() {
		go func() {
			code = m.Run()
			fyne.Do(program.Quit)
		}()
	})
	program.NewWindow("Sotto") // the program ends with its last window, and this one stays
	program.Run()
	os.Exit(code)
}

// seen is a window over a session, and what is measured of it.
type seen struct {
	t      *testing.T
	window fyne.Window
	view   *views.Window
	ui     *dispatch.UI
	probe  *probe
	page   chan string
	shown  chan chats.Message
}

// look is views.Look for a window whose colours nobody changes.
type look struct{}

func (look) Mode() theme.Mode         { return theme.Light }
func (look) SetMode(theme.Mode) error { return nil }

// show opens a window over a session in which an account waits to be unlocked, and waits until that can be seen.
func show(t *testing.T, s *services.Session) *seen {
	t.Helper()
	w := &seen{t: t, ui: dispatch.NewUI(), shown: make(chan chats.Message, 1<<16), page: make(chan string, 100)}
	fyne.DoAndWait(func() {
		w.window = program.NewWindow("Sotto")
		w.view = views.New(w.window, views.Options{
			Services: views.Services{
				Account: s.Account, Chats: s.Chats, Contacts: s.Contacts, Network: s.Network, History: s.History, Events: s.Events,
			},
			Dispatch: w.ui, Look: look{}, Time: w.ui.Time,
			Page:      func(name string) { w.page <- name },
			Displayed: func(m chats.Message) { w.shown <- m },
		})
		w.window.Resize(fyne.NewSize(1100, 720))
		w.window.Show()
		w.view.Start()
	})
	for name := range w.page {
		if name == "unlock" {
			break
		}
	}
	frame()
	<-time.After(time.Second) // what the driver compiles and loads with its first frames
	w.probe = newProbe()
	return w
}

// unlock types the password, which has the focus, waits for the chat that opens and goes to its end, as a person does with
// Ctrl+End: it opens at the first message that is not read.
func (w *seen) unlock() {
	w.t.Helper()
	fyne.DoAndWait(func() {
		field := w.window.Canvas().Focused()
		for _, r := range password {
			field.TypedRune(r)
		}
		field.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	})
	select {
	case <-w.shown:
	case <-time.After(time.Minute):
		w.t.Fatal("no message was ever displayed")
	}
	for pressed := false; !pressed; <-time.After(dispatch.Frame) { // the composer has the focus once it was drawn
		fyne.DoAndWait(func() {
			var composer fyne.Shortcutable
			if composer, pressed = w.window.Canvas().Focused().(fyne.Shortcutable); pressed {
				composer.TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyEnd, Modifier: fyne.KeyModifierControl})
			}
		})
	}
}

// measure reports how long the UI goroutine was held until now, and measures anew.
func (w *seen) measure(what string) {
	w.t.Helper()
	w.t.Logf("%s, work on the UI goroutine: %v", what, w.ui.Stats())
	w.t.Logf("%s, what a click waited, drawing included: %v", what, w.probe.held.Stats())
	w.ui.ResetStats()
	w.probe.held.Reset()
}

// close ends the window and everything that runs for it.
func (w *seen) close() {
	w.probe.stop()
	fyne.DoAndWait(func() { w.view.Close(); w.window.Close() })
	w.ui.Close()
}

// until waits until messages were displayed, and for the frame that shows the last of them.
func (w *seen) until(ids map[string]bool) {
	w.t.Helper()
	timeout := time.NewTimer(time.Minute)
	defer timeout.Stop()
	for len(ids) > 0 {
		select {
		case m := <-w.shown:
			delete(ids, m.ID)
		case <-timeout.C:
			w.t.Fatalf("%d messages were never displayed", len(ids))
		}
	}
	frame()
}

// frame waits for two turns of the driver's loop with a pause of a frame between them: what was drawn last is on the screen then.
func frame() {
	fyne.DoAndWait(func() {})
	<-time.After(dispatch.Frame)
	fyne.DoAndWait(func() {})
}

// picture saves what the display shows, to be looked at.
func (w *seen) picture(name string) {
	w.t.Helper()
	dir := filepath.Join("..", "..", "..", "build", "e2e")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		w.t.Fatal(err)
	}
	if out, err := exec.Command("import", "-window", "root", filepath.Join(dir, name+".png")).CombinedOutput(); err != nil {
		w.t.Logf("no picture: %v %s", err, out)
	}
}

// probe asks the UI goroutine again and again for a moment, as a person's click does, and counts how long it had to wait.
// Unlike what the dispatcher counts, that has arranging and painting in it.
type probe struct {
	held  dispatch.Histogram
	quit  chan struct{}
	ended chan struct{}
}

// probeRest is how long a probe rests between two questions.
const probeRest = 3 * time.Millisecond

func newProbe() *probe {
	p := &probe{quit: make(chan struct{}), ended: make(chan struct{})}
	go func() {
		defer close(p.ended)
		tick := time.NewTicker(probeRest)
		defer tick.Stop()
		for {
			select {
			case <-p.quit:
				return
			case <-tick.C:
				asked := time.Now()
				fyne.DoAndWait(func() {})
				p.held.Add(time.Since(asked))
			}
		}
	}()
	return p
}

func (p *probe) stop() {
	close(p.quit)
	<-p.ended
}
