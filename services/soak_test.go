//go:build prove

package services

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"

	"sotto/services/account"
	"sotto/services/chats"
)

// soakFor is how long the soak lasts. SOTTO_SOAK sets another time.
const soakFor = 10 * time.Minute

// soaked is what the process holds at one time.
type soaked struct {
	heap       uint64
	goroutines int
}

func soakedNow() soaked {
	runtime.GC()
	runtime.GC() // what the first one finalised
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return soaked{m.HeapAlloc, runtime.NumGoroutine()}
}

// TestProveSoak lets two people talk through a relay for minutes, one of whom restarts between the rounds. Everything
// arrives once, is sent, and neither memory nor goroutines grow with what was said.
func TestProveSoak(t *testing.T) {
	length := soakFor
	if set := os.Getenv("SOTTO_SOAK"); set != "" {
		var err error
		length, err = time.ParseDuration(set)
		must(t, err)
	}
	relay := startRelay(t)
	ann, _ := newAccount(t, t.TempDir(), "Ann")
	boDir := t.TempDir()
	bo, boAccount := newAccount(t, boDir, "Bo")
	for _, s := range []*Session{ann, bo} {
		connect(t, s, relay)
		_, err := s.Chats.JoinPublic(t.Context(), "lobby")
		must(t, err)
	}
	var said []string
	var warm soaked
	const rounds = 10
	for round := range rounds {
		said = append(said, talkFor(t, ann, bo, round, length/rounds)...)
		if round == 0 {
			warm = soakedNow()
		}
		must(t, bo.Close(t.Context()))
		bo = openSession(t, boDir)
		_, err := bo.Account.Unlock(t.Context(), boAccount.ID, account.Credential{Password: "swordfish"})
		must(t, err)
		waitOnline(t, bo)
	}
	for name, s := range map[string]*Session{"Ann": ann, "Bo": bo} {
		wantSaid(t, name, s, said)
	}
	end := soakedNow()
	t.Logf("%d messages in %v; heap %d kB after the first round, %d kB at the end; goroutines %d and %d",
		len(said), length, warm.heap>>10, end.heap>>10, warm.goroutines, end.goroutines)
	if end.heap > 2*warm.heap+16<<20 || end.goroutines > warm.goroutines+10 {
		t.Error("the process grows")
	}
}

// talkFor lets both write by turns, and waits until each has what the other wrote.
func talkFor(t *testing.T, ann, bo *Session, round int, d time.Duration) (said []string) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	var last [2]chats.Message
	for began := time.Now(); time.Since(began) < d; <-tick.C {
		for i, s := range []*Session{ann, bo} {
			text := fmt.Sprintf("round %d, %d, number %d", round, i, len(said))
			last[i] = send(t, s, "lobby", text)
			said = append(said, text)
		}
	}
	has := func(s *Session, id string) bool { _, err := s.Chats.Message(t.Context(), id); return err == nil }
	eventually(t, "the last words", func() bool { return has(bo, last[0].ID) && has(ann, last[1].ID) })
	eventually(t, "all sent", func() bool {
		return stateOf(t, ann, last[0].ID) == chats.Sent && stateOf(t, bo, last[1].ID) == chats.Sent
	})
	return said
}

// wantSaid wants all of the texts, each once, and every message that went out sent.
func wantSaid(t *testing.T, name string, s *Session, said []string) {
	t.Helper()
	var got []string
	for page := (chats.Page{Limit: 1000}); ; {
		list, err := s.Chats.Messages(t.Context(), "lobby", page)
		must(t, err)
		for _, m := range list {
			got = append(got, m.Text)
			if m.Outgoing && m.State != chats.Sent {
				t.Errorf("%s's %q is %s", name, m.Text, m.State)
			}
		}
		if len(list) < page.Limit {
			break
		}
		oldest := list[len(list)-1]
		page.Before = &chats.Cursor{Clock: oldest.Clock, ID: oldest.ID}
	}
	slices.Sort(got)
	want := slices.Sorted(slices.Values(said))
	if !slices.Equal(got, want) {
		t.Errorf("%s has %d messages of %d", name, len(got), len(want))
	}
}
