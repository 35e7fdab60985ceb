//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"maps"
	"testing"
	"time"
)

const (
	channel  = "e2e-lobby"
	password = "a long enough secret"
)

// user is one person: a display, a folder, and the app when it runs.
type user struct {
	t    *testing.T
	name string
	dir  string
	look string
	*display
	knows map[string]bool // messages that the history must have
	app   *process
}

func newUser(t *testing.T, name, look string) *user {
	return &user{t: t, name: name, dir: t.TempDir(), look: look, display: newDisplay(t), knows: map[string]bool{}}
}

func (u *user) open() {
	u.t.Helper()
	u.app = start(u.t, appPath, u.env(), "--data", u.dir, "--listen", "127.0.0.1:0", "--nat", "none", "--trace", "--theme", u.look)
	u.t.Cleanup(func() {
		if u.t.Failed() && !u.app.ended {
			u.picture(u.name + "-failed")
		}
	})
	u.app.wait(0, "started", func(l line) bool { return l.Event == "started" })
	u.focus()
}

// register makes an account by clicking and typing, and returns the line after which it is asked where to go.
func (u *user) register() int {
	u.t.Helper()
	n := u.app.page(0, "welcome")
	u.picture(u.name + "-1-welcome")
	u.click(550, 406) // Create account
	n = u.app.page(n, "create")
	u.write(u.name)
	u.click(453, 406)                 // A password
	u.picture(u.name + "-2-password") // takes until the fields are there
	u.write(password)
	u.key("Tab")
	u.write(password)
	u.picture(u.name + "-2-create")
	u.key("Return")
	n = u.app.page(n, "where-to")
	u.picture(u.name + "-3-where-to")
	return n
}

// enrol makes an account, connects it and joins the channel.
func (u *user) enrol(enode string) {
	u.t.Helper()
	n := u.register()
	u.key("Tab")
	u.key("Tab")
	u.key("Return") // Connect to a node
	u.picture(u.name + "-3-node")
	u.write(enode)
	u.key("Return")
	u.picture(u.name + "-3-connected")
	u.key("shift+Tab")
	u.key("Return") // Join a channel
	u.picture(u.name + "-3-channel")
	u.write(channel)
	u.key("Return")
	u.app.page(n, "chat "+channel)
}

// unlock opens the account that is there, and its topmost chat with it, and waits for the history.
func (u *user) unlock() {
	u.t.Helper()
	n := u.app.page(0, "unlock")
	u.write(password)
	u.picture(u.name + "-unlock")
	u.key("Return")
	u.app.page(n, "chat "+channel)
	for id := range u.knows {
		u.sees(id, "")
	}
}

// say writes a message into the composer, which has the focus, and returns its id.
func (u *user) say(text string) string {
	u.t.Helper()
	n := u.app.now()
	u.write(text)
	u.key("Return")
	l, _ := u.app.wait(n, "the message it sent", func(l line) bool { return l.Event == "displayed" && !u.knows[l.ID] })
	u.knows[l.ID] = true
	return l.ID
}

// sees waits until a message is shown, in the given state where that is not empty.
func (u *user) sees(id, state string) {
	u.t.Helper()
	u.knows[id] = true
	u.app.wait(0, "message "+id+" "+state, func(l line) bool {
		return l.Event == "displayed" && l.ID == id && (state == "" || l.State == state)
	})
}

// startRelay starts sottod relay and returns its address.
func startRelay(t *testing.T) string {
	t.Helper()
	relay := start(t, relayPath, nil, "relay", "--data", t.TempDir(), "--listen", "127.0.0.1:0", "--nat", "none")
	ready, _ := relay.wait(0, "ready", func(l line) bool { return l.Event == "ready" })
	return ready.Enode
}

func TestTwoPeopleTalk(t *testing.T) {
	enode := startRelay(t)
	kay, bruno := newUser(t, "Kay", "light"), newUser(t, "Bruno", "dark")
	for _, u := range []*user{kay, bruno} {
		u.open()
		u.enrol(enode)
	}
	talk := func(from, to *user, text string) {
		t.Helper()
		id := from.say(text)
		to.sees(id, "")
		from.sees(id, "sent")
	}
	talk(kay, bruno, "Hello Bruno, does this reach you?")
	talk(bruno, kay, "It does. See https://example.org/maps")
	talk(bruno, kay, "And a second line, to be grouped.")
	kay.picture("Kay-4-talk")
	bruno.picture("Bruno-4-talk")

	t.Run("history survives a restart", func(t *testing.T) {
		kay.app.quit()
		noOffThread(t, kay)
		kay.open()
		kay.unlock()
		kay.picture("Kay-5-restarted")
	})
	t.Run("a kill in the middle of sending loses and doubles nothing", func(t *testing.T) {
		for round := range 3 {
			bruno.killWhileSending(fmt.Sprintf("Killed in round %d", round), time.Duration(round)*15*time.Millisecond)
			bruno.unlock()
		}
		id := bruno.say("That was the last kill.")
		kay.sees(id, "")
		bruno.sees(id, "sent")
		sameMessages(t, kay, bruno)
		kay.picture("Kay-6-after-kills")
		bruno.picture("Bruno-6-after-kills")
	})
	for _, u := range []*user{kay, bruno} {
		u.app.quit()
		noOffThread(t, u)
	}
}

// killWhileSending writes a message, kills the process a moment after it was shown, and starts the next.
func (u *user) killWhileSending(text string, after time.Duration) {
	u.t.Helper()
	u.say(text)
	ctx, cancel := context.WithTimeout(u.t.Context(), after)
	<-ctx.Done()
	cancel()
	u.app.kill()
	noOffThread(u.t, u)
	u.open()
}

// sameMessages wants both windows to show the same messages in the end: none lost, none twice.
func sameMessages(t *testing.T, a, b *user) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	const want = 3 + 3 + 1 // talked, killed, the last
	for {
		left, right := a.app.ids(0), b.app.ids(0)
		same := maps.EqualFunc(left, right, func(string, string) bool { return true })
		if same && len(left) == want {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%s shows %d messages, %s %d, of %d", a.name, len(left), b.name, len(right), want)
		case <-ticker.C:
		}
	}
}

func noOffThread(t *testing.T, u *user) {
	t.Helper()
	for _, l := range u.app.offThread() {
		t.Errorf("%s: %s", u.name, l)
	}
}

// A mistake of this kind must be seen, or the check above proves nothing.
func TestOffThreadCallIsCaught(t *testing.T) {
	d := newDisplay(t)
	p := start(t, offthreadPath, d.env())
	p.read.Wait()
	if len(p.offThread()) == 0 {
		t.Errorf("a call off the UI goroutine was not reported; the program said:\n%s", p.said())
	}
}

func TestSecondStartShowsTheWindow(t *testing.T) {
	u := newUser(t, "Kay", "light")
	u.open()
	second := start(t, appPath, u.env(), "--data", u.dir)
	if err := second.end(0); err != nil {
		t.Errorf("a second start: %v\n%s", err, second.said())
	}
	u.app.quit()
}

func TestNoDisplay(t *testing.T) {
	p := start(t, appPath, []string{"HOME=" + t.TempDir()})
	p.read.Wait()
	_ = p.cmd.Wait()
	p.ended = true
	if code := p.cmd.ProcessState.ExitCode(); code != 3 {
		t.Errorf("exit code %d", code)
	}
	if said := p.said(); said != "There is no display here, and Sotto needs one for its window.\n" {
		t.Errorf("it says %q", said)
	}
}
