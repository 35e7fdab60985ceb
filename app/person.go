package app

import (
	"context"
	"fmt"
	"time"

	"fyne.io/fyne/v2"

	"sotto/services"
	"sotto/services/account"
	"sotto/services/chats"
	"sotto/services/network"
	"sotto/views"
	"sotto/views/dispatch"
	"sotto/views/theme"
)

// demoKDF opens the demonstration's throw-away accounts at once.
var demoKDF = account.KDF{Time: 1, Memory: 8 << 10, Threads: 1}

// person is one of the two in the demonstration: an account of its own, a session, a window.
type person struct {
	name    string
	session *services.Session
	window  fyne.Window
	view    *views.Window
	ui      *dispatch.UI
}

// newPerson makes an account in an empty folder, connects it to the relay and joins the channel.
func newPerson(ctx context.Context, name, dir, relay string) (*person, error) {
	s, err := services.Open(services.Config{Data: dir, State: dir, Listen: "127.0.0.1:0", NAT: "none", KDF: demoKDF})
	if err != nil {
		return nil, err
	}
	p := &person{name: name, session: s}
	if err := p.enter(ctx, relay); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

func (p *person) enter(ctx context.Context, relay string) error {
	if _, err := p.session.Account.Create(ctx, account.Options{Name: p.name, Password: "demonstration"}); err != nil {
		return err
	}
	if err := p.session.Network.AddPeer(ctx, relay); err != nil {
		return err
	}
	_, err := p.session.Chats.JoinPublic(ctx, demoChannel)
	return err
}

// open shows the person's window.
func (p *person) open(a fyne.App, displayed func(chats.Message)) error {
	p.ui = dispatch.NewUI()
	p.window = a.NewWindow("Sotto – " + p.name)
	opt := windowOptions(a, p.session, p.ui)
	opt.Displayed = displayed
	opt.Look = fixedLook{a}
	p.view = views.New(p.window, opt)
	p.window.Resize(fyne.NewSize(780, 820))
	p.view.Start()
	p.view.OpenChat(demoChannel)
	return show(p.window)
}

// online waits for the first completed handshake.
func (p *person) online(ctx context.Context) error {
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for p.session.Network.Status(ctx).State != network.Online {
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s never reached the relay: %w", p.name, ctx.Err())
		case <-ticker.C:
		}
	}
	return nil
}

func (p *person) close() {
	if p.view != nil {
		p.view.Close()
		p.ui.Close()
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	_ = p.session.Close(ctx)
}

// fixedLook lets a person of the demonstration change the colours without remembering them.
type fixedLook struct{ app fyne.App }

// Mode implements views.Look.
func (l fixedLook) Mode() theme.Mode {
	if t, ok := l.app.Settings().Theme().(*theme.Theme); ok {
		return t.Mode()
	}
	return theme.System
}

// SetMode implements views.Look.
func (l fixedLook) SetMode(mode theme.Mode) error {
	l.app.Settings().SetTheme(theme.New(mode))
	return nil
}
