package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A process that is killed while it sends loses nothing that it answered for, and nobody sees anything twice.
func TestKilledInTheMiddleOfSending(t *testing.T) {
	relay := startTestRelay(t)
	dir := t.TempDir()
	ann, bo := client4test(t, dir), client4test(t, t.TempDir())
	made := create(t, ann.talk, "Ann")
	create(t, bo.talk, "Bo")
	for _, p := range []*process{ann, bo} {
		joinThrough(t, p.talk, relay)
	}
	answered, rounds := 0, 3
	if testing.Short() {
		rounds = 1
	}
	for round := range rounds {
		sendMany(t, ann, 40)
		fits := func(m message) bool { return string(m.ID) == fmt.Sprintf(`"m%d"`, 8*(round+1)) }
		if _, _, err := ann.wait("an answer", 0, fits); err != nil {
			t.Fatal(err)
		}
		ann.kill()
		answered += ann.answers()
		ann = client4test(t, dir)
		ann.call(t, "account.unlock", fmt.Sprintf(`{"id":%q,"password":%s}`, made.ID, password), nil)
	}
	stored := texts(t, ann.talk, "lobby")
	if len(stored) < answered {
		t.Errorf("%d messages are stored, %d were answered for", len(stored), answered)
	}
	waitFor(t, "everything at Bo", func() bool { return len(texts(t, bo.talk, "lobby")) >= len(stored) })
	got := texts(t, bo.talk, "lobby")
	slices.Sort(stored)
	slices.Sort(got)
	if !slices.Equal(stored, got) {
		t.Errorf("Ann has %d messages, Bo %d", len(stored), len(got))
	}
}

// answers counts the requests to send that were answered with a message.
func (k *talk) answers() (n int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, m := range k.lines {
		if strings.HasPrefix(string(m.ID), `"m`) && m.Error == nil {
			n++
		}
	}
	return n
}

func joinThrough(t *testing.T, k *talk, relay string) {
	t.Helper()
	k.call(t, "network.addPeer", fmt.Sprintf(`{"enode":%q}`, relay), nil)
	k.event(t, "event.network", `"state":"online"`)
	k.call(t, "chats.joinPublic", `{"name":"lobby"}`, nil)
}

func waitFor(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick, deadline := time.NewTicker(50*time.Millisecond), time.After(patience)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("never came: %s", what)
		}
	}
}

// script(1) gives the process a terminal to ask on.
func TestPasswordByPrompt(t *testing.T) {
	dir, id := lockedAccount(t)
	for given, want := range map[string]string{
		"correct horse": `"method":"event.ready"`, "wrong": "That password does not open this account.",
	} {
		out := onTerminal(t, asks(t, dir, id), func(in io.Writer) { fmt.Fprintln(in, given) })
		if !strings.Contains(out, want) || strings.Contains(out, given) {
			t.Errorf("%q: got %q, want %q", given, out, want)
		}
	}
}

// The end does not wait for the password, and leaves the terminal as it was.
func TestSIGTERMAtThePrompt(t *testing.T) {
	dir, id := lockedAccount(t)
	pid := filepath.Join(t.TempDir(), "pid")
	inner := fmt.Sprintf("sh -c 'echo $$ > %s; exec %s'; echo code=$?; stty -a", pid, asks(t, dir, id))
	out := onTerminal(t, inner, func(io.Writer) { terminate(t, pid) })
	if !strings.Contains(out, "code=0") || !strings.Contains(out, " echo ") {
		t.Errorf("got %q", out)
	}
}

// asks is a command that asks for the account's password.
func asks(t *testing.T, dir, id string) string {
	const command = `%s client --data "%s" --listen 127.0.0.1:0 --account %s --ask < /dev/null`
	return fmt.Sprintf(command, mustFind(t, "sottod"), dir, id)
}

// terminate asks the process for its end whose id is in a file.
func terminate(t *testing.T, file string) {
	pid, err := strconv.Atoi(strings.TrimSpace(readFile(t, file)))
	if err != nil {
		t.Error(err)
		return
	}
	if p, err := os.FindProcess(pid); err != nil || p.Signal(syscall.SIGTERM) != nil {
		t.Errorf("process %d is not there: %v", pid, err)
	}
}

// onTerminal runs a shell command on a terminal of its own and returns what that shows. atPrompt is called when it asks
// for a password.
func onTerminal(t *testing.T, command string, atPrompt func(keyboard io.Writer)) string {
	t.Helper()
	if _, err := exec.LookPath("script"); err != nil {
		unavailable(t, "script(1) is not installed")
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "script", "-qec", command, "/dev/null")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	cmd.Stdout = &answering{out: &out, prompt: "Password: ", answer: func() { atPrompt(in) }}
	_ = cmd.Run() // what it shows tells how it went
	return out.String()
}

// answering answers a prompt once it is shown.
type answering struct {
	out    *strings.Builder
	prompt string
	answer func()
}

func (a *answering) Write(p []byte) (int, error) {
	before := strings.Contains(a.out.String(), a.prompt)
	a.out.Write(p)
	if !before && strings.Contains(a.out.String(), a.prompt) {
		a.answer()
	}
	return len(p), nil
}
