//go:build e2e

package catchup

import (
	"os"
	"syscall"
	"testing"
	"time"

	"sotto/services"
	"sotto/services/chats"
	"sotto/views/dispatch"
)

// strict holds the figures to their goals, for a quiet machine (make prove). Elsewhere other processes cost us time, too, and
// only what is far off fails.
var strict = os.Getenv("SOTTO_STRICT") == "1"

// Messages that wait, and how many a second are to become rows.
const (
	manyPublic  = 10_000
	goalPublic  = 2_500
	manyPrivate = 3_000
	goalPrivate = 700
)

// longestHeld is for how long the UI goroutine may be held while messages come: before a person notices.
const longestHeld = dispatch.Slow

// lastRows is how many of the newest messages have to be rows at the end: mailservers order what was sent in one second as they
// like, so that the newest is not always the last to come.
const lastRows = 50

// comeBack unlocks an account in a window and measures until all that waits, n messages, is here and the newest are rows.
func comeBack(t *testing.T, s *services.Session, chat string, n int, goal float64) *seen {
	t.Helper()
	w := show(t, s)
	t.Cleanup(w.close)
	w.measure("at rest")
	began, used := time.Now(), processTime(t)
	w.unlock()
	opened := time.Since(began)
	w.measure("while the chat opens")
	taken(t, s, n)
	stored := time.Since(began)
	newest, err := s.Chats.Messages(t.Context(), chat, chats.Page{Limit: lastRows})
	must(t, err)
	ids := make(map[string]bool)
	for _, m := range newest {
		ids[m.ID] = true
	}
	w.until(ids)
	displayed := time.Since(began)
	rate := float64(n) / displayed.Seconds()
	t.Logf("%d messages: chat open after %v, all stored after %v, all displayed after %v: %.0f messages a second", n,
		opened.Round(time.Millisecond), stored.Round(time.Millisecond), displayed.Round(time.Millisecond), rate)
	t.Logf("%v of CPU meanwhile, the mailserver's included; refused: %v", (processTime(t) - used).Round(time.Millisecond), s.Chats.Counts().Refused)
	held := w.ui.Stats()
	w.measure("while catching up")
	allRead(t, s)
	if rate < bound(goal, goal/10) {
		t.Errorf("%.0f messages a second become rows", rate)
	}
	if held.Max > bound(longestHeld, 100*longestHeld) {
		t.Errorf("the UI goroutine was held for %v", held.Max)
	}
	return w
}

// allRead waits until nothing counts as unread: somebody looks at the end of the chat.
func allRead(t *testing.T, s *services.Session) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for timeout := time.After(20 * time.Second); ; {
		list, err := s.Chats.List(t.Context())
		must(t, err)
		if len(list) == 1 && list[0].Unread == 0 {
			return
		}
		select {
		case <-tick.C:
		case <-timeout:
			t.Fatalf("what was displayed counts as unread: %+v", list)
		}
	}
}

// processTime is the CPU time that this process used so far.
func processTime(t *testing.T) time.Duration {
	var u syscall.Rusage
	must(t, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// bound is a goal, or what is far off it.
func bound[T float64 | time.Duration](goal, farOff T) T {
	if strict {
		return goal
	}
	return farOff
}

// taken waits until so many messages are stored.
func taken(t *testing.T, s *services.Session, n int) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for timeout := time.After(2 * time.Minute); s.Chats.Counts().Taken < uint64(n); {
		select {
		case <-tick.C:
		case <-timeout:
			servers, err := s.History.Servers(t.Context())
			t.Fatalf("%d of %d are here; the mailservers: %+v %v; refused: %v", s.Chats.Counts().Taken, n, servers, err, s.Chats.Counts().Refused)
		}
	}
}

func TestPublicMessagesCaughtUp(t *testing.T) {
	m := newMailbox(t)
	dir := t.TempDir()
	bo, _ := enter(t, dir, m)
	_, err := bo.Chats.JoinPublic(t.Context(), "lobby")
	must(t, err)
	_, err = bo.Chats.Send(t.Context(), "lobby", "I am away until Monday.", "")
	must(t, err)
	must(t, bo.Close(t.Context()))
	m.fill(t, "lobby", manyPublic)
	m.start(t)
	comeBack(t, open(t, dir), "lobby", manyPublic, goalPublic).picture("catch-up-public")
}

func TestPrivateMessagesCaughtUp(t *testing.T) {
	m := newMailbox(t)
	m.start(t)
	dir := t.TempDir()
	bo, bos := enter(t, dir, m)
	ann, anns := enter(t, t.TempDir(), m)
	for _, s := range []*services.Session{ann, bo} {
		_, err := s.History.Sync(t.Context(), "")
		must(t, err)
	}
	link, err := bo.Contacts.Link(t.Context())
	must(t, err)
	_, err = ann.Contacts.Add(t.Context(), link)
	must(t, err)
	_, err = bo.Contacts.Add(t.Context(), anns.Key)
	must(t, err)
	_, err = bo.Chats.Send(t.Context(), anns.Key, "I am away until Monday.", "")
	must(t, err)
	must(t, bo.Close(t.Context()))
	write(t, m, ann, bos.Key, manyPrivate)
	must(t, ann.Close(t.Context()))
	comeBack(t, open(t, dir), anns.Key, manyPrivate, goalPrivate).picture("catch-up-private")
}
