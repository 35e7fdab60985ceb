package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"fyne.io/fyne/v2"
	fyneapp "fyne.io/fyne/v2/app"

	"sotto/services"
	"sotto/services/account"
	"sotto/views"
	"sotto/views/dispatch"
	"sotto/views/icon"
	"sotto/views/still"
	"sotto/views/theme"
)

// closeTimeout is how long the program waits at its end for the network to be left and the store to be closed.
const closeTimeout = 10 * time.Second

// Run is the program, until its window is closed. It must be called on the main goroutine. Without a display it returns
// ErrNoDisplay; when the folder is already open in another window, that window is shown, and Run returns nil.
func Run(cfg Config) error {
	if err := cfg.check(); err != nil {
		return err
	}
	display, err := findDisplay(os.Getenv)
	if err != nil {
		return err
	}
	defer display.Close()
	choosePlatform(os.Getenv, os.Setenv)
	if cfg.Demo != "" {
		return runDemo(cfg)
	}
	paths, err := folders(cfg.Data)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	instance, err := claim(ctx, paths.Data, paths.Runtime, cfg.Link)
	if errors.Is(err, errRunning) {
		fmt.Fprintln(cfg.Out, "Sotto is already open with this folder. Its window is being shown.")
		return nil
	}
	if err != nil {
		return err
	}
	defer instance.release()
	return runWindow(cfg, paths, instance)
}

// folders are the system's, or all below one.
func folders(data string) (account.Paths, error) {
	if data == "" {
		return account.DefaultPaths()
	}
	data, err := filepath.Abs(data)
	if err != nil {
		return account.Paths{}, fmt.Errorf("the folder %s: %w", data, err)
	}
	return account.PathsUnder(data), nil
}

func runWindow(cfg Config, paths account.Paths, held *instance) error {
	log, logFile := openLog(paths.Logs())
	defer logFile.Close()
	a := newFyne()
	session, err := services.Open(services.Config{
		Data: paths.Data, Listen: cfg.Listen, NAT: cfg.NAT, Public: cfg.Public, Version: a.Metadata().Version, Log: log,
	})
	if err != nil {
		return err
	}
	window := a.NewWindow("Sotto")
	ui := dispatch.NewUI()
	window.SetOnClosed(func() { held.hush(); ui.Close() })
	opt := windowOptions(a, session, ui)
	opt.Look = loadLook(paths.Config, cfg.Theme, func(m theme.Mode) { a.Settings().SetTheme(theme.New(m)) })
	tracer := &trace{out: cfg.Out}
	if cfg.Trace {
		opt.Displayed, opt.Page = tracer.displayed, tracer.page
		a.Lifecycle().SetOnStarted(func() { tracer.print(traceLine{Event: "started"}) })
	}
	view := views.New(window, opt)
	watchForeground(a.Lifecycle(), view.SetForeground)
	held.heard = view.OpenLink
	if err := held.answer(raiser(window)); err != nil {
		return err
	}
	window.Resize(fyne.NewSize(1100, 720))
	window.SetMaster()
	view.Start()
	if cfg.Link != "" {
		view.OpenLink(cfg.Link)
	}
	shown := show(window)
	if shown == nil {
		stop := quitOnSignal(a, held.hush, ui)
		a.Run()
		stop()
	}
	held.hush() // a second start now waits for the folder: there is no window to show
	view.Close()
	ui.Close()
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	if cfg.Trace {
		tracer.print(traceLine{Event: "ended", Note: ui.Stats().String()})
	}
	return errors.Join(shown, session.Close(ctx))
}

// newFyne makes the Fyne app, without animations.
func newFyne() fyne.App {
	if cache, err := os.UserCacheDir(); err == nil {
		_ = os.MkdirAll(cache, 0o700) // or Fyne complains on the terminal of a new user
	}
	a := still.Wrap(fyneapp.NewWithID(ID))
	a.SetIcon(icon.Program())
	return a
}

func windowOptions(a fyne.App, s *services.Session, ui *dispatch.UI) views.Options {
	return views.Options{
		Services: views.Services{
			Account: s.Account, Chats: s.Chats, Contacts: s.Contacts, Groups: s.Groups, Devices: s.Devices,
			Network: s.Network, History: s.History, Events: s.Events,
		},
		Dispatch: ui,
		OpenURL:  openURL(a),
		Copy:     func(text string) { a.Clipboard().SetContent(text) },
		Paste:    func() string { return a.Clipboard().Content() },
		Time:     ui.Time,
	}
}

// watchForeground tells whether a window of the program has the keyboard. Until the system says otherwise, one has.
func watchForeground(l fyne.Lifecycle, tell func(on bool)) {
	l.SetOnEnteredForeground(func() { tell(true) })
	l.SetOnExitedForeground(func() { tell(false) })
}

// raiser shows a window for a second start. What it asks for before the event loop runs waits for the loop.
func raiser(w fyne.Window) func(shown func()) {
	return func(shown func()) {
		fyne.Do(func() {
			w.Show()
			w.RequestFocus()
			shown()
		})
	}
}

// quitOnSignal ends the program properly when the system asks it to, and calls before first; the result stops the
// listening and waits for it.
func quitOnSignal(a fyne.App, before func(), all ...*dispatch.UI) (stop func()) {
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-ctx.Done():
			before()
			fyne.Do(func() { quit(a, all...) })
		case <-done:
		}
	}()
	return func() { close(done); cancel(); <-ended }
}

// quit ends Fyne's loop. What is posted to windows from then on would run on other goroutines, so it is dropped. UI goroutine only.
func quit(a fyne.App, all ...*dispatch.UI) {
	for _, ui := range all {
		ui.Close()
	}
	a.Quit()
}
