package interop

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// patience is the longest that any one step may take. Messages take a second at most on an idle machine.
const patience = 20 * time.Second

// Both sides' programs, built once.
var programs struct{ ours, theirs string }

func TestMain(m *testing.M) { os.Exit(withPrograms(m.Run)) }

func withPrograms(run func() int) int {
	dir, err := os.MkdirTemp("", "interop")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	programs.theirs, programs.ours = filepath.Join(dir, "shhpeer"), filepath.Join(dir, "shhnode")
	for _, args := range [][]string{
		{"build", "-o", programs.theirs, "./shhpeer"},
		{"build", "-C", "..", "-o", programs.ours, "./node/whisper/internal/shhnode"},
	} {
		if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "go %v: %v\n%s", args, err, out)
			return 1
		}
	}
	return run()
}

// object is a line of a process's output, or a command without its number.
type object map[string]any

func (o object) text(key string) string { s, _ := o[key].(string); return s }

// process is a running node of either side. Its lines are kept, so that whoever looks for one may come late.
type process struct {
	t     *testing.T
	in    io.WriteCloser
	enode string

	mu    sync.Mutex
	next  int
	lines []object
	more  chan struct{} // closed and replaced at each new line
	done  error
}

func ours(t *testing.T, args ...string) *process {
	t.Helper()
	return launch(t, programs.ours, args...)
}
func theirs(t *testing.T, args ...string) *process {
	t.Helper()
	return launch(t, programs.theirs, args...)
}

// launch starts a node and waits until it listens. It ends with the test.
func launch(t *testing.T, program string, args ...string) *process {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, in: in, more: make(chan struct{})}
	read := make(chan struct{})
	go func() { defer close(read); p.read(out) }()
	t.Cleanup(func() {
		in.Close()
		<-read
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s: %v", filepath.Base(program), err)
		}
	})
	p.enode = p.await("ready", func(o object) bool { return o["event"] == "ready" }).text("enode")
	return p
}

func (p *process) read(out io.Reader) {
	lines := bufio.NewReader(out)
	var err error
	for {
		var line []byte
		if line, err = lines.ReadBytes('\n'); err != nil {
			break
		}
		var o object
		if err = json.Unmarshal(line, &o); err != nil {
			break
		}
		p.add(func() { p.lines = append(p.lines, o) })
	}
	p.add(func() { p.done = err })
}

func (p *process) add(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
	close(p.more)
	p.more = make(chan struct{})
}

// await finds a line, one that came already or the first to come.
func (p *process) await(what string, is func(object) bool) object {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	for from := 0; ; {
		p.mu.Lock()
		lines, more, done := p.lines[from:], p.more, p.done
		p.mu.Unlock()
		for _, o := range lines {
			if is(o) {
				return o
			}
		}
		from += len(lines)
		if done != nil {
			p.t.Fatalf("%s: the process ended: %v", what, done)
		}
		select {
		case <-more:
		case <-ctx.Done():
			p.t.Fatalf("%s: nothing came in %v", what, patience)
		}
	}
}

// count tells how many lines so far are such.
func (p *process) count(is func(object) bool) (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, o := range p.lines {
		if is(o) {
			n++
		}
	}
	return n
}

// try sends a command and returns its answer, good or bad.
func (p *process) try(cmd string, fields object) object {
	p.t.Helper()
	p.mu.Lock()
	p.next++
	id := p.next
	p.mu.Unlock()
	line := object{"id": id, "cmd": cmd}
	for k, v := range fields {
		line[k] = v
	}
	b, err := json.Marshal(line)
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := p.in.Write(append(b, '\n')); err != nil {
		p.t.Fatal(err)
	}
	return p.await(cmd, func(o object) bool { return o["id"] == float64(id) })
}

// call sends a command that must succeed.
func (p *process) call(cmd string, fields object) object {
	p.t.Helper()
	answer := p.try(cmd, fields)
	if answer["ok"] != true {
		p.t.Fatalf("%s: %v", cmd, answer.text("error"))
	}
	return answer
}

// connect makes a dial b and waits until both have a peer more.
func connect(t *testing.T, a, b *process) {
	t.Helper()
	peersA, peersB := a.peerCount(), b.peerCount()
	a.call("addPeer", object{"enode": b.enode})
	until(t, "connected", func() bool { return a.peerCount() > peersA && b.peerCount() > peersB })
}

func (p *process) peerCount() float64 {
	p.t.Helper()
	n, _ := p.call("info", nil)["peerCount"].(float64)
	return n
}

// until asks again and again.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("%s: not in %v", what, patience)
		}
	}
}

// after fires when patience is over.
func after(t *testing.T) <-chan time.Time {
	timer := time.NewTimer(patience)
	t.Cleanup(func() { timer.Stop() })
	return timer.C
}
