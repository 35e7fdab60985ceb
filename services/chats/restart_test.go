package chats

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sotto/models"
)

// after opens a desk on a copy of another's files, as if that one had been killed now.
func after(t testing.TB, killed *desk) *desk {
	t.Helper()
	d := &desk{t: t, dir: t.TempDir(), key: killed.key, node: newNode(1)}
	files, err := filepath.Glob(filepath.Join(killed.dir, "a.db*"))
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "-shm") {
			continue // lives in memory
		}
		data := must(os.ReadFile(file))(t)
		if err := os.WriteFile(filepath.Join(d.dir, filepath.Base(file)), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	d.start()
	return d
}

// TestKilledAtEachPoint kills a desk at each step of a message's way out and lets the next start go on.
func TestKilledAtEachPoint(t *testing.T) {
	for name, c := range map[string]struct {
		atSeal, atPost, acknowledged bool
		posts                        int // of the next start, within a minute, when a peer acknowledges at once
	}{
		"before sealing":            {atSeal: true, posts: 1},
		"before posting":            {atPost: true, posts: 1},
		"posted, nobody answered":   {posts: 1},
		"posted, and a peer has it": {acknowledged: true, posts: 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				first := newDesk(t, "kay", 1)
				defer first.close()
				first.join("lobby")
				var next *desk
				kill := func() error {
					if next == nil {
						next = after(t, first)
					}
					return nil
				}
				first.node.set(func(n *fakeNode) {
					if c.atSeal {
						n.sealer = kill
					}
					if c.atPost {
						n.poster = kill
					}
				})
				m := first.say("lobby", "hello")
				settle()
				if c.acknowledged {
					first.node.posts()[0].observe(Outcome{Kind: AcceptedBy, Peer: "enode://a"})
					settle()
				}
				_ = kill()
				defer next.close()
				goOn(t, first, next, m, c.posts)
			})
		})
	}
}

// goOn lets a minute go by on the next start, with a peer that acknowledges, and looks at the result.
func goOn(t *testing.T, first, next *desk, m Message, want int) {
	t.Helper()
	for range 60 {
		pass(time.Second)
		settle()
		for _, p := range next.node.posts() {
			p.observe(Outcome{Kind: AcceptedBy, Peer: "enode://b"})
		}
	}
	settle()
	posts := next.node.posts()
	if len(posts) != want {
		t.Errorf("%d posts, want %d", len(posts), want)
	}
	for _, p := range posts {
		if sent := first.node.posts(); len(sent) > 0 && !bytes.Equal(p.payload, sent[0].payload) {
			t.Error("other bytes than before")
		}
	}
	if got := next.message(m.ID); got.State != Sent || next.waiting() != 0 || len(next.messages("lobby")) != 1 {
		t.Errorf("in the end %+v", got)
	}
}

// TestEchoAfterARestart: the relay still has the envelope that the killed process posted. It is not sent again.
func TestEchoAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := newDesk(t, "kay", 1)
		defer first.close()
		first.join("lobby")
		m := first.say("lobby", "hello")
		settle()
		next := after(t, first)
		defer next.close()
		carry(first, next)
		pass(time.Hour)
		settle()
		if n := len(next.node.posts()); n != 0 || next.message(m.ID).State != Sent || len(next.messages("lobby")) != 1 {
			t.Errorf("%d posts, message %+v", n, next.message(m.ID))
		}
	})
}

// TestLockKeepsWhatPeersSaid locks at the moment when an acknowledgement comes.
func TestLockKeepsWhatPeersSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, "kay", 1)
		defer func() { d.close() }()
		d.join("lobby")
		m := d.say("lobby", "hello")
		settle()
		d.node.posts()[0].observe(Outcome{Kind: AcceptedBy, Peer: "enode://a"})
		d.restart(1)
		if got := d.message(m.ID); got.State != Sent || len(d.node.posts()) != 0 {
			t.Errorf("after unlocking %+v", got)
		}
	})
}

func TestFailedStaysFailedAndCanBeRetried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, "kay", 1)
		defer func() { d.close() }()
		d.join("lobby")
		m := d.say("lobby", "hello")
		pass(time.Hour)
		d.restart(1)
		pass(time.Hour)
		if got := d.message(m.ID); got.State != Failed || len(d.node.posts()) != 0 {
			t.Errorf("after a restart %+v, %d posts", got, len(d.node.posts()))
		}
		must(d.Retry(t.Context(), m.ID))(t)
		settle()
		if len(d.node.posts()) != 1 {
			t.Error("not posted")
		}
	})
}

func TestAttachTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, "kay", 0)
		defer d.close()
		if err := d.Attach(t.Context(), accountOf(t, d.store, d.node, d.key)); err == nil {
			t.Error("attached twice")
		}
	})
}

func TestInstallationStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, "kay", 0)
		defer func() { d.close() }()
		before := d.open.Pair.Installation()
		d.restart(0)
		if before == "" || d.open.Pair.Installation() != before {
			t.Errorf("installation %q, before %q", d.open.Pair.Installation(), before)
		}
	})
}

// sendForEver is what the killed process does: it says the id of each message after Send has returned, and its peer
// acknowledges every second one.
func sendForEver(dir string) {
	store, err := models.Open(filepath.Join(dir, "a.db"), [32]byte{1})
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	s := New(Config{Events: new(log)})
	node := &answering{fakeNode: newNode(1)}
	with, err := lend(store, node.fakeNode, newKey("kay"))
	with.Transport = node
	if err == nil {
		err = s.Attach(context.Background(), with)
	}
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	if _, err = s.JoinPublic(context.Background(), "lobby"); err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	for i := 0; ; i++ {
		m, err := s.Send(context.Background(), "lobby", fmt.Sprint(i), "")
		if err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		fmt.Println(m.ID)
	}
}

// answering is a node whose peer acknowledges every second envelope.
type answering struct {
	*fakeNode
	count int
}

func (a *answering) Post(s Sealed, observe func(Outcome)) error {
	if a.count++; a.count%2 == 0 {
		observe(Outcome{Kind: AcceptedBy, Peer: "enode://a"})
	}
	return nil
}

func TestKilledWhileSending(t *testing.T) {
	dir := t.TempDir()
	var said []string
	for range 3 {
		said = append(said, runAndKill(t, dir, 40)...)
	}
	synctest.Test(t, func(t *testing.T) {
		d := &desk{t: t, dir: dir, key: newKey("kay"), node: newNode(0)}
		d.start()
		defer d.close()
		list := d.messages("lobby")
		states := make(map[string]State)
		waiting := 0
		for _, m := range list {
			if _, twice := states[m.ID]; twice {
				t.Errorf("%s is there twice", m.ID)
			}
			if states[m.ID] = m.State; m.State == Queued {
				waiting++
			}
		}
		for _, id := range said {
			if states[id] != Queued && states[id] != Sent {
				t.Errorf("%s was stored and is now %q", id, states[id])
			}
		}
		if n := d.waiting(); n != waiting || waiting == 0 || waiting == len(list) {
			t.Errorf("%d of %d messages wait, %d in the outbox", waiting, len(list), n)
		}
		future := time.Until(time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)) // the bubble's clock stands in the past
		d.node.set(func(n *fakeNode) { n.offset = future })
		d.codePublished()
		d.online(1)
		settle()
		if n := len(d.node.posts()); n != waiting {
			t.Errorf("%d posts of %d that wait", n, waiting)
		}
		if clocks := clocksOf(list); !slices.IsSorted(clocks) {
			t.Error("clocks went back over a kill")
		}
	})
}

// clocksOf is in the order in which a person reads.
func clocksOf(newestFirst []Message) (clocks []uint64) {
	for _, m := range newestFirst {
		clocks = append(clocks, m.Clock)
	}
	slices.Reverse(clocks)
	return clocks
}

// runAndKill starts a process that sends, kills it after so many messages, and returns the ids that it said.
func runAndKill(t *testing.T, dir string, until int) (said []string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "SOTTO_TEST_SENDER="+dir)
	out := must(cmd.StdoutPipe())(t)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if !strings.HasPrefix(lines.Text(), "0x") {
			t.Error(lines.Text())
		}
		if said = append(said, lines.Text()); len(said) == until {
			_ = cmd.Process.Kill()
		}
	}
	_ = cmd.Wait()
	return said
}
