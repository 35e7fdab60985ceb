package chats

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sotto/models/modelstest"
)

// killEvery is at how many commits apart the process is killed; at each under make prove.
var killEvery = 35

const (
	envTalk = "SOTTO_TEST_TALK" // folder in which the killed process talks
	envKill = "SOTTO_TEST_KILL" // before or after, and the number of the commit
)

// TestTalkUntilKilled is the process that is killed. It plays the script and says each text after Send has returned.
func TestTalkUntilKilled(t *testing.T) {
	dir := os.Getenv(envTalk)
	if dir == "" {
		t.Skip("other tests start it")
	}
	synctest.Test(t, func(t *testing.T) {
		number := new(counter)
		k := startTalk(t, dir, number, killer(dir, number))
		defer k.ann.close()
		defer k.bo.close()
		k.said = func(who *person, text string) { fmt.Println("said", k.nameOf(who), text) }
		k.play()
		fmt.Println("commits", number.next()-1)
	})
}

// killer kills this process around the commit that the environment names, and leaves behind what time it was.
func killer(dir string, number *counter) func(*talk, bool, int) {
	when, at, _ := strings.Cut(os.Getenv(envKill), " ")
	target, _ := strconv.Atoi(at)
	return func(k *talk, before bool, n int) {
		if n != target || before != (when == "before") {
			return
		}
		now := time.Now().Add(k.offset).Format(time.RFC3339Nano)
		self, err := os.FindProcess(os.Getpid())
		if err = errors.Join(err, os.WriteFile(filepath.Join(dir, "clock"), []byte(now), 0o600)); err == nil {
			_ = self.Kill()
		}
		select {}
	}
}

// startTalk seats both people in a folder, as late as the last process left it.
func startTalk(t *testing.T, dir string, number *counter, commit func(*talk, bool, int)) *talk {
	t.Helper()
	k := &talk{t: t, said: func(*person, string) {}, over: func() bool { return false }}
	if was, err := os.ReadFile(filepath.Join(dir, "clock")); err == nil {
		k.offset = time.Until(must(time.Parse(time.RFC3339Nano, string(was)))(t)) + time.Second
	}
	file := must(os.OpenFile(filepath.Join(dir, "tap"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600))(t)
	t.Cleanup(func() { _ = file.Close() })
	at := desktop{offset: k.offset, open: openPlain, number: number, tap: &tap{copy: file}}
	if commit != nil {
		at.commit = func(before bool, n int) { commit(k, before, n) }
	}
	at.dir = filepath.Join(dir, "ann")
	k.ann = must(sit(t, "ann", at))(t)
	at.dir = filepath.Join(dir, "bo")
	k.bo = must(sit(t, "bo", at))(t)
	return k
}

func (k *talk) nameOf(who *person) string {
	if who == k.ann {
		return "ann"
	}
	return "bo"
}

// TestKilledAtEachCommit kills the process right before and right after commits of a conversation. The next process finds
// everything that was said, and whatever counts as delivered is there; it goes on to the end, where both have every text
// once; and no key has encrypted two texts.
func TestKilledAtEachCommit(t *testing.T) {
	if raceEnabled {
		t.Skip("the engine is twenty times slower here")
	}
	_, commits := talkUntilKilled(t, t.TempDir(), "")
	if commits < 50 {
		t.Fatalf("%d commits", commits)
	}
	every, kills := killEvery, 0
	if testing.Short() {
		every = commits / 2
	}
	for n := 1; n <= commits; n += every {
		for _, when := range []string{"before", "after"} {
			t.Run(fmt.Sprint(when, n), func(t *testing.T) {
				dir := t.TempDir()
				said, end := talkUntilKilled(t, dir, fmt.Sprint(when, " ", n))
				if end > 0 {
					t.Skipf("it had only %d commits", end)
				}
				kills++
				goOnTalking(t, dir, said)
			})
		}
	}
	t.Logf("%d commits, killed %d times", commits, kills)
}

// talkUntilKilled runs the process and returns what it said and, if it was not killed, its number of commits.
func talkUntilKilled(t *testing.T, dir, kill string) (said []string, commits int) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestTalkUntilKilled$", "-test.count=1")
	cmd.Env = append(os.Environ(), envTalk+"="+dir, envKill+"="+kill)
	cmd.Stderr = os.Stderr
	out := must(cmd.StdoutPipe())(t)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		what, rest, _ := strings.Cut(lines.Text(), " ")
		switch what {
		case "said":
			said = append(said, rest)
		case "commits":
			commits = must(strconv.Atoi(rest))(t)
		case "PASS":
		default:
			t.Log(lines.Text())
		}
	}
	killed := cmd.Wait()
	if commits == 0 && (kill == "" || cmd.ProcessState.Exited()) {
		t.Fatalf("the process ended by itself: %v", killed)
	}
	return said, commits
}

// goOnTalking is the next start after a kill.
func goOnTalking(t *testing.T, dir string, said []string) {
	for _, name := range []string{"ann", "bo"} {
		path := filepath.Join(dir, name, "a.db")
		if _, err := os.Stat(path + ".check"); err != nil {
			continue // killed before there was a database
		}
		if err := modelstest.Integrity(path, [32]byte{1}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		k := startTalk(t, dir, new(counter), nil)
		defer k.ann.close()
		defer k.bo.close()
		k.remembers(said)
		k.honest()
		k.play()
		k.complete()
	})
	lines := strings.Split(strings.TrimSpace(string(must(os.ReadFile(filepath.Join(dir, "tap")))(t))), "\n")
	checkKeys(t, lines)
}

// remembers holds that what somebody said is in their own history.
func (k *talk) remembers(said []string) {
	k.t.Helper()
	for _, line := range said {
		name, text, _ := strings.Cut(line, " ")
		who, with := k.ann, k.bo
		if name == "bo" {
			who, with = k.bo, k.ann
		}
		if !has(who, with, text) {
			k.t.Errorf("%s has lost %q", name, text)
		}
	}
}
