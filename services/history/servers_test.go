package history

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sotto/services/fault"
)

func TestWhatOneServerDropsComesFromAnother(t *testing.T) {
	bubble(t, func(t *testing.T) {
		good, bad, third := newArchive("mail-01"), newArchive("mail-02"), newArchive("mail-03")
		third.Connected = false
		bad.Node, good.Node, third.Node = Node{1}, Node{2}, Node{3}
		bad.lacks = func(e Envelope) bool { return e.Hash[0] < 26 } // a tenth
		w := newWorld(t, bad, good, third)
		defer w.close()
		sent := letters(lobbyTopic, time.Now().Add(-20*time.Hour), time.Now().Add(-time.Hour), 3000)
		for _, a := range w.servers {
			a.put(sent...)
		}
		w.attach()
		w.sync("")
		dropped := len(good.held) - len(bad.held)
		if n := w.has(sent); n != len(sent) || dropped < 200 {
			t.Errorf("%d of %d are here", n, len(sent))
		}
		if s := w.server(bad); s.Missed != dropped || !strings.HasPrefix(s.Trouble, "mail-02 did not have") {
			t.Errorf("%d dropped, the culprit %+v", dropped, s)
		}
		if s := w.server(good); s.Missed != 0 || s.Trouble != "" {
			t.Errorf("the other %+v", s)
		}
		third.set(func(a *archive) { a.Connected = true })
		w.Changed()
		w.sync("")
		if len(third.questions()) == 0 || w.server(third).Missed != 0 {
			t.Error("nobody replaces the server that drops")
		}
		before := len(bad.asked())
		w.sync("")
		if len(bad.asked()) != before {
			t.Error("the server that drops is still preferred")
		}
		for hash, n := range w.stored {
			if n != 1 {
				t.Fatalf("%x was opened %d times", hash[:4], n)
			}
		}
	})
}

// TestBadServersAreReplaced by those of the network that are not connected: one that is silent, and one whose answers have holes.
func TestBadServersAreReplaced(t *testing.T) {
	for name, spoil := range map[string]func(*archive){
		"silent": func(a *archive) { a.takes = time.Hour },
		"drops":  func(a *archive) { a.lacks = func(e Envelope) bool { return e.Hash[0] < 26 } },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				good, bad, spare := newArchive("mail-01"), newArchive("mail-02"), newArchive("mail-03")
				spare.Connected = false
				spoil(bad)
				w := newWorld(t, good, bad, spare)
				defer w.close()
				w.replaces = true
				sent := letters(lobbyTopic, time.Now().Add(-20*time.Hour), time.Now().Add(-time.Hour), 300)
				for _, a := range w.servers {
					a.put(sent...)
				}
				w.attach()
				pass(5 * time.Minute)
				w.sync("")
				if n := w.has(sent); n != len(sent) || len(spare.questions()) == 0 {
					t.Errorf("%d of %d are here, the spare one was asked %d times", n, len(sent), len(spare.questions()))
				}
				if !slices.Equal(w.left, []Node{bad.Node}) {
					t.Errorf("%d were left", len(w.left))
				}
			})
		})
	}
}

// TestNobodyIsLeftWhereThereIsNoOther: a bad mailserver is better than none.
func TestNobodyIsLeftWhereThereIsNoOther(t *testing.T) {
	bubble(t, func(t *testing.T) {
		good, bad := newArchive("mail-01"), newArchive("mail-02")
		bad.takes = time.Hour
		w := newWorld(t, good, bad)
		defer w.close()
		w.attach()
		pass(10 * time.Minute)
		if s := w.server(bad); s.Failures < replacedAfter || len(w.left) != 0 {
			t.Errorf("%d failures, %d were left", s.Failures, len(w.left))
		}
	})
}

// What somebody makes up does not make another server a bad one: only what was taken in counts.
func TestMadeUpEnvelopesProveNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		good, liar := newArchive("mail-01"), newArchive("mail-02")
		w := newWorld(t, good, liar)
		defer w.close()
		made := letters(lobbyTopic, time.Now().Add(-20*time.Hour), time.Now().Add(-time.Hour), 10)
		liar.put(made...)
		w.opens = func(Envelope) bool { return false }
		w.attach()
		w.sync("")
		if s := w.server(good); s.Missed != 0 || s.Trouble != "" {
			t.Errorf("got %+v", s)
		}
	})
}

func TestSilentServersAreNamedAndReplaced(t *testing.T) {
	bubble(t, func(t *testing.T) {
		silent, b, c := newArchive("mail-01"), newArchive("mail-02"), newArchive("mail-03")
		silent.takes = time.Hour
		for _, a := range []*archive{silent, b, c} {
			a.Node = Node{a.Enode[len(a.Enode)-7]} // in the order of their names
		}
		w := newWorld(t, silent, b, c)
		defer w.close()
		sent := letters(lobbyTopic, time.Now().Add(-20*time.Hour), time.Now().Add(-time.Hour), 100)
		b.put(sent...)
		c.put(sent...)
		w.attach()
		w.sync("")
		if n := w.has(sent); n != len(sent) || len(b.questions()) == 0 || len(c.questions()) == 0 {
			t.Errorf("%d of %d, %d and %d questions", n, len(sent), len(b.questions()), len(c.questions()))
		}
		if s := w.server(silent); s.Failures != 1 || s.Trouble != "mail-01 did not answer in time." {
			t.Errorf("the silent one: %+v", s)
		}
		pass(24 * time.Hour)
		if n := len(silent.asked()); n > 3 {
			t.Errorf("asked %d times although others are enough", n)
		}
	})
}

func TestTheOnlyServerIsAskedAgainMoreAndMoreSeldom(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := newArchive("mail-01")
		a.spoil = func(int, Ask, *Page) error { return Refused }
		w := newWorld(t, a)
		defer w.close()
		w.attach()
		_, err := w.Sync(t.Context(), "")
		if fault.CodeOf(err) != fault.NotAllowed || !strings.Contains(fault.Sentence(err), "mail-01 refused to answer.") {
			t.Errorf("got %v", err)
		}
		tries := len(a.asked())
		if tries != mostTries {
			t.Errorf("%d tries", tries)
		}
		pass(6 * time.Hour)
		if n := len(a.asked()); n < 36 || n > 50 {
			t.Errorf("asked %d times in six hours", n)
		}
		if limit := a.asked()[len(a.asked())-1].Limit; limit != leastLimit {
			t.Errorf("the limit is %d", limit)
		}
		gaps, err := w.Gaps(t.Context(), lobby)
		if err != nil || len(gaps) != 1 || gaps[0].Text != "mail-01 refused to answer. It is asked again soon." {
			t.Errorf("gaps %+v %v", gaps, err)
		}
		a.set(func(a *archive) { a.spoil = nil })
		pass(longestRest)
		if s := w.server(a); s.Failures != 0 || s.Trouble != "" {
			t.Errorf("when it works again: %+v", s)
		}
	})
}

func TestTheLimitFollowsTheServer(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := newArchive("mail-01")
		w := newWorld(t, a)
		defer w.close()
		a.put(letters(lobbyTopic, time.Now().Add(-20*time.Hour), time.Now().Add(-time.Hour), 9000)...)
		a.spoil = func(n int, _ Ask, _ *Page) error {
			if n == 2 || n == 3 {
				return Flood
			}
			return nil
		}
		w.attach()
		w.sync("")
		var limits []int
		for _, q := range a.asked() {
			limits = append(limits, q.Limit)
		}
		if want := []int{1000, 1000, 500, 250, 250, 500, 500, 1000}; len(limits) < len(want) || !slices.Equal(limits[:len(want)], want) {
			t.Errorf("limits %v", limits)
		}
		if n := w.has(a.held); n != 9000 {
			t.Errorf("%d are here", n)
		}
	})
}

func TestServersThatKeepLess(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := newArchive("mail-01")
		a.Retention = 12 * time.Hour
		w := newWorld(t, a)
		defer w.close()
		w.attach()
		w.sync("")
		if from := time.Since(time.Unix(int64(a.asked()[0].From), 0)); from > 12*time.Hour+time.Minute || len(a.asked()) != 1 {
			t.Errorf("asked from %v ago, %d times", from, len(a.asked()))
		}
		gaps, err := w.Gaps(t.Context(), lobby)
		if err != nil || len(gaps) != 1 || gaps[0].Text != "No mailserver keeps messages for so long." || gaps[0].To.Sub(gaps[0].From) < 11*time.Hour {
			t.Errorf("gaps %+v %v", gaps, err)
		}
		if s := w.server(a); !s.Promises || s.Retention != 12*time.Hour {
			t.Errorf("server %+v", s)
		}
	})
}

func TestServersThatLie(t *testing.T) {
	for name, spoil := range map[string]func(int, Ask, *Page) error{
		"a cursor and nothing": func(_ int, _ Ask, p *Page) error { *p = Page{Cursor: make([]byte, 36)}; return nil },
		"a short cursor":       func(_ int, _ Ask, p *Page) error { p.Cursor = []byte{1}; return nil },
		"the same cursor":      func(_ int, _ Ask, p *Page) error { p.Cursor = make([]byte, 36); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				liar, honest := newArchive("mail-01"), newArchive("mail-02")
				sent := letters(lobbyTopic, time.Now().Add(-20*time.Hour), time.Now().Add(-time.Hour), 100)
				liar.put(sent...)
				honest.put(sent...)
				liar.spoil = spoil
				w := newWorld(t, liar, honest)
				defer w.close()
				w.attach()
				w.sync("")
				if s := w.server(liar); s.Failures == 0 || s.Trouble != "mail-01 gave an answer that cannot be true." {
					t.Errorf("got %+v", s)
				}
				if n := w.has(sent); n != len(sent) {
					t.Errorf("%d are here", n)
				}
				list, _ := w.Coverage(t.Context(), lobby)
				if slices.ContainsFunc(list, func(c Coverage) bool { return c.Server == liar.Enode }) {
					t.Errorf("the liar covers %+v", list)
				}
			})
		})
	}
}

func TestSlowServersComeLast(t *testing.T) {
	bubble(t, func(t *testing.T) {
		slow, b, c := newArchive("mail-01"), newArchive("mail-02"), newArchive("mail-03")
		slow.Node, b.Node, c.Node = Node{1}, Node{2}, Node{3}
		slow.takes = 20 * time.Second
		w := newWorld(t, slow, b, c)
		defer w.close()
		w.attach()
		w.sync("")
		if s := w.server(slow); s.Trouble != "mail-01 is slow." || s.Failures != 0 {
			t.Errorf("got %+v", s)
		}
		before := len(slow.asked())
		w.sync("")
		if len(slow.asked()) != before || len(c.asked()) == 0 {
			t.Error("the slow one is preferred")
		}
	})
}

// Large envelopes are fetched a few at a time, and nobody is blamed for their size.
func TestLargeEnvelopes(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := newArchive("mail-01")
		w := newWorld(t, a)
		defer w.close()
		a.put(letters(lobbyTopic, time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour), 100)...)
		a.spoil = func(_ int, ask Ask, _ *Page) error {
			if ask.Limit > 30 {
				return Large
			}
			return nil
		}
		w.attach()
		w.sync("")
		if n := w.has(a.held); n != 100 {
			t.Errorf("%d are here", n)
		}
		if s := w.server(a); s.Failures != 0 || s.Trouble != "" {
			t.Errorf("blamed: %+v", s)
		}
	})
}
