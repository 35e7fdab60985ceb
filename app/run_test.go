package app

import (
	"bytes"
	"context"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"sotto/services/chats"
)

func TestFolders(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	p, err := folders("here")
	if err != nil {
		t.Fatal(err)
	}
	if filepath.Base(p.Data) != "here" || !filepath.IsAbs(p.Data) || p.Runtime != p.Data {
		t.Errorf("%+v", p)
	}
	if p, err = folders(""); err != nil || p.Data == p.Runtime {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestTracePrintsNoTexts(t *testing.T) {
	var out bytes.Buffer
	tr := &trace{out: &out}
	tr.displayed(chats.Message{ID: "0x01", Chat: "lobby", Text: "a secret", State: chats.Sent})
	tr.page("welcome")
	if strings.Contains(out.String(), "secret") {
		t.Errorf("it prints %s", out.String())
	}
	var l traceLine
	if err := json.NewDecoder(&out).Decode(&l); err != nil || l.ID != "0x01" || l.State != chats.Sent || l.At == 0 {
		t.Errorf("%+v, %v", l, err)
	}
}

func TestLogGoesToAFile(t *testing.T) {
	dir := t.TempDir()
	log, file := openLog(dir)
	log.Info("started")
	file.Close()
	data, err := os.ReadFile(filepath.Join(dir, "sotto.log"))
	if err != nil || !bytes.Contains(data, []byte(`"msg":"started"`)) {
		t.Errorf("%s, %v", data, err)
	}
}

// opener is an app that only remembers what it was asked to open.
type opener struct {
	fyne.App
	opened []string
}

func (o *opener) OpenURL(u *url.URL) error {
	o.opened = append(o.opened, u.String())
	return nil
}

func TestOnlyHarmlessLinksOpen(t *testing.T) {
	o := &opener{App: test.NewTempApp(t)}
	open := openURL(o)
	for _, link := range []string{"https://example.org/a", "mailto:kay@example.org", "file:///etc/passwd", "javascript:alert(1)", "smb://host/share"} {
		u, err := url.Parse(link)
		if err != nil {
			t.Fatal(err)
		}
		open(u)
	}
	if len(o.opened) != 2 {
		t.Errorf("opened %v", o.opened)
	}
}

// The demonstration without its windows: two accounts, a relay, real TCP.
func TestDemoPeopleTalk(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	relay, err := startRelay(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer relay.Stop()
	var people []*person
	for _, name := range []string{"Kay", "Bruno"} {
		p, err := newPerson(ctx, name, t.TempDir(), relay.Status().Enode)
		if err != nil {
			t.Fatal(err)
		}
		defer p.close()
		if err := p.online(ctx); err != nil {
			t.Fatal(err)
		}
		people = append(people, p)
	}
	events := people[1].session.Events.Subscribe(64)
	defer events.Close()
	sent, err := people[0].session.Chats.Send(ctx, demoChannel, "hello", "")
	if err != nil {
		t.Fatal(err)
	}
	for {
		select {
		case e := <-events.C:
			if e.Message != sent.ID {
				continue
			}
			if m, err := people[1].session.Chats.Message(ctx, e.Message); err != nil || m.Text != "hello" {
				t.Errorf("it arrived as %q, %v", m.Text, err)
			}
			return
		case <-ctx.Done():
			t.Fatal("it never arrived")
		}
	}
}

func TestDemoLinesDiffer(t *testing.T) {
	seen := map[string]bool{}
	for _, l := range demoLines {
		if seen[l.text] {
			t.Errorf("%q is said twice: its time cannot be told", l.text)
		}
		seen[l.text] = true
	}
}

func TestForegroundIsWatched(t *testing.T) {
	lifecycle := test.NewTempApp(t).Lifecycle()
	var told []bool
	watchForeground(lifecycle, func(on bool) { told = append(told, on) })
	driver, ok := lifecycle.(interface {
		OnEnteredForeground() func()
		OnExitedForeground() func()
	})
	if !ok {
		t.Fatalf("%T tells nobody", lifecycle)
	}
	driver.OnExitedForeground()()
	driver.OnEnteredForeground()()
	if len(told) != 2 || told[0] || !told[1] {
		t.Errorf("told %v", told)
	}
}

func TestMistypedAddresses(t *testing.T) {
	for _, cfg := range []Config{{Listen: "127.0.0.1:99999"}, {Public: "nowhere"}} {
		if err := Run(cfg); err == nil || !strings.Contains(err.Error(), "--") {
			t.Errorf("%+v: %v", cfg, err)
		}
	}
	if err := (Config{Listen: "127.0.0.1:0", Public: "relay.example.org:30303"}).check(); err != nil {
		t.Error(err)
	}
}
