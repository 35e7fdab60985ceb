package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	fynelog "log"
	"os"
	"path/filepath"
	"time"

	"fyne.io/fyne/v2"

	"sotto/services/chats"
	"sotto/views/dispatch"
	"sotto/views/theme"
)

// The demonstration's bounds.
const (
	demoTimeout = 2 * time.Minute  // for everything
	lineTimeout = 30 * time.Second // for one message
	lineBreak   = 900 * time.Millisecond
	demoChannel = "lobby"
)

// demoLines are what the two say, by turns.
var demoLines = []struct {
	who  int
	text string
}{
	{0, "Good morning. Does this reach you?"},
	{1, "It does. And no server of anybody's was asked 🙂"},
	{0, "One relay on this machine, two accounts, real TCP."},
	{0, "The relay passes envelopes on. It never asked us who we are."},
	{1, "But whoever knows the name of this channel can read along."},
	{0, "Yes. For secrets choose a name that nobody guesses."},
	{1, "See you at the cabin, then. I bring the maps: https://example.org/maps"},
}

// demo is the demonstration while it runs.
type demo struct {
	out     io.Writer
	dir     string
	app     fyne.App
	people  [2]*person
	shown   chan shownLine
	verdict error
}

// shownLine says that a person's window shows a text.
type shownLine struct {
	who  int
	text string
	at   time.Time
}

// runDemo lets two accounts talk through a relay, in two windows, and ends by itself.
func runDemo(cfg Config) error {
	dir, err := filepath.Abs(cfg.Demo)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("the folder for pictures: %w", err)
	}
	log, err := os.Create(filepath.Join(dir, "demo.log"))
	if err != nil {
		return fmt.Errorf("the folder for pictures: %w", err)
	}
	defer log.Close()
	fynelog.SetOutput(log) // what Fyne has to say is not part of the conversation
	scratch, err := os.MkdirTemp("", "sotto-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	ctx, cancel := context.WithTimeout(context.Background(), demoTimeout)
	defer cancel()

	relay, err := startRelay(ctx)
	if err != nil {
		return fmt.Errorf("start the relay: %w", err)
	}
	defer relay.Stop()
	d := &demo{out: cfg.Out, dir: dir, app: newFyne(), shown: make(chan shownLine, 256)}
	d.app.Settings().SetTheme(theme.New(theme.Light))
	fmt.Fprintf(d.out, "A relay runs at %s.\n", relay.Status().Listen)
	for i, name := range []string{"Kay", "Bruno"} {
		p, err := newPerson(ctx, name, filepath.Join(scratch, name), relay.Status().Enode)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		defer p.close()
		d.people[i] = p
		if err := p.open(d.app, func(m chats.Message) { d.displayed(i, m) }); err != nil {
			return err
		}
	}
	return d.run(ctx)
}

// displayed is called on the UI goroutine for everything that a window shows.
func (d *demo) displayed(who int, m chats.Message) {
	select {
	case d.shown <- shownLine{who, m.Text, time.Now()}:
	default: // nobody waits for so many
	}
}

// run shows the windows until the conversation is over.
func (d *demo) run(ctx context.Context) error {
	talked := make(chan struct{})
	d.app.Lifecycle().SetOnStarted(func() {
		go func() {
			defer close(talked)
			if d.verdict = d.talk(ctx); d.verdict != nil {
				_ = screenshot(context.WithoutCancel(ctx), filepath.Join(d.dir, "failed.png"))
			}
			fyne.Do(func() { quit(d.app, d.uis()...) })
		}()
	})
	stop := quitOnSignal(d.app, func() {}, d.uis()...)
	d.app.Run()
	stop()
	<-talked
	return d.verdict
}

func (d *demo) uis() (all []*dispatch.UI) {
	for _, p := range d.people {
		all = append(all, p.ui)
	}
	return all
}

// talk is the conversation, off the UI goroutine.
func (d *demo) talk(ctx context.Context) error {
	placeSideBySide(ctx, d.people[0].window, d.people[1].window)
	for _, p := range d.people {
		if err := p.online(ctx); err != nil {
			return err
		}
	}
	fmt.Fprintf(d.out, "%s and %s are in #%s, each connected to it.\n\n", d.people[0].name, d.people[1].name, demoChannel)
	var slowest time.Duration
	for _, line := range demoLines {
		took, err := d.say(ctx, line.who, line.text)
		if err != nil {
			return err
		}
		slowest = max(slowest, took)
		pause(ctx, lineBreak)
	}
	fmt.Fprintf(d.out, "\n%d messages, each shown by the other within %d ms of being sent.\n", len(demoLines), slowest.Milliseconds())
	return d.pictures(ctx)
}

// say sends one line and waits until the other's window shows it.
func (d *demo) say(ctx context.Context, who int, text string) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, lineTimeout)
	defer cancel()
	from, to := d.people[who], d.people[1-who]
	sent := time.Now()
	fyne.Do(func() { from.view.Say(text) })
	for {
		select {
		case s := <-d.shown:
			if s.who == 1-who && s.text == text {
				took := s.at.Sub(sent)
				fmt.Fprintf(d.out, "%s  %-6s %-84s %s sees it after %4d ms\n", sent.Format("15:04:05"), from.name, text, to.name, took.Milliseconds())
				return took, nil
			}
		case <-ctx.Done():
			return 0, fmt.Errorf("%s never saw %q: %w", to.name, text, ctx.Err())
		}
	}
}

// pictures saves what the windows look like, light and dark.
func (d *demo) pictures(ctx context.Context) error {
	for _, mode := range []theme.Mode{theme.Light, theme.Dark} {
		fyne.DoAndWait(func() { d.app.Settings().SetTheme(theme.New(mode)) })
		pause(ctx, lineBreak)
		path := filepath.Join(d.dir, "conversation-"+string(mode)+".png")
		err := screenshot(ctx, path)
		if errors.Is(err, errNoScreenshot) {
			fmt.Fprintln(d.out, "No pictures:", err)
			return nil
		}
		if err != nil {
			return err
		}
		fmt.Fprintln(d.out, "Picture:", path)
	}
	return nil
}

// pause waits, so that a person can follow.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
