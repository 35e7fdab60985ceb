//go:build e2e

package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// pictures is where pictures go, below the repository's root.
const pictures = "../../build/e2e"

var (
	appPath, relayPath, offthreadPath string
)

// TestMain builds the programs once, as a developer does.
func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "sotto-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	appPath, relayPath, offthreadPath = filepath.Join(dir, "sotto"), filepath.Join(dir, "sottod"), filepath.Join(dir, "offthread")
	for _, b := range []struct {
		args []string
		env  string
	}{
		{[]string{"build", "-tags", "gles", "-o", appPath, "sotto"}, "CGO_ENABLED=1"},
		{[]string{"build", "-tags", "gles", "-o", offthreadPath, "sotto/app/e2e/offthread"}, "CGO_ENABLED=1"},
		{[]string{"build", "-o", relayPath, "sotto/cmd/sottod"}, "CGO_ENABLED=0"},
	} {
		cmd := exec.Command("go", b.args...)
		cmd.Env = append(os.Environ(), b.env)
		if out, err := cmd.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "go %v: %v\n%s", b.args, err, out)
			return 1
		}
	}
	if err := os.MkdirAll(pictures, 0o755); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// line is what a process prints, of whatever kind.
type line struct {
	Event, Enode, Invite, ID, State, Chat, Note string
}

// process is a running program and what it said.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	read   sync.WaitGroup
	silent chan struct{} // closed when it will say nothing more
	mu     sync.Mutex
	lines  []line
	stderr bytes.Buffer
	ended  bool
}

func start(t *testing.T, path string, env []string, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(path, args...), silent: make(chan struct{})}
	p.cmd.Env = env
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	errors, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.read.Go(func() { p.listen(out) })
	p.read.Go(func() { p.complain(errors) })
	go func() { p.read.Wait(); close(p.silent) }()
	t.Cleanup(p.kill)
	return p
}

func (p *process) listen(out io.Reader) {
	for scan := bufio.NewScanner(out); scan.Scan(); {
		var l line
		if json.Unmarshal(scan.Bytes(), &l) == nil {
			p.mu.Lock()
			p.lines = append(p.lines, l)
			p.mu.Unlock()
		}
	}
}

func (p *process) complain(from io.Reader) {
	for scan := bufio.NewScanner(from); scan.Scan(); {
		p.mu.Lock()
		p.stderr.Write(scan.Bytes())
		p.stderr.WriteByte('\n')
		p.mu.Unlock()
	}
}

// kill ends the process as a power cut would.
func (p *process) kill() { p.end(syscall.SIGKILL) }

// quit ends it as the desktop does at the end of a session, and wants it to end well.
func (p *process) quit() {
	p.t.Helper()
	if err := p.end(syscall.SIGTERM); err != nil {
		p.t.Errorf("%s ended badly: %v\n%s", filepath.Base(p.cmd.Path), err, p.said())
	}
}

func (p *process) end(signal syscall.Signal) error {
	if p.ended {
		return nil
	}
	p.ended = true
	_ = p.cmd.Process.Signal(signal)
	ask := time.AfterFunc(20*time.Second, func() { _ = p.cmd.Process.Signal(syscall.SIGQUIT) }) // then it says where it is
	defer ask.Stop()
	kill := time.AfterFunc(25*time.Second, func() { _ = p.cmd.Process.Kill() })
	defer kill.Stop()
	p.read.Wait()
	return p.cmd.Wait()
}

func (p *process) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stderr.String()
}

// wait returns the first line that fits, from the given one on, and the number of the line after it.
func (p *process) wait(from int, what string, fits func(line) bool) (line, int) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), 90*time.Second)
	defer cancel()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for last := false; ; {
		p.mu.Lock()
		lines := p.lines[min(from, len(p.lines)):]
		p.mu.Unlock()
		for i, l := range lines {
			if fits(l) {
				return l, from + i + 1
			}
		}
		if last {
			p.t.Fatalf("%s never said %s; it said %+v\n%s", filepath.Base(p.cmd.Path), what, lines, p.said())
		}
		select {
		case <-ctx.Done():
			last = true
		case <-p.silent:
			last = true
		case <-ticker.C:
		}
	}
}

// now is the number of the next line.
func (p *process) now() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.lines)
}

// page waits until another page is shown.
func (p *process) page(from int, name string) int {
	p.t.Helper()
	_, next := p.wait(from, "page "+name, func(l line) bool { return l.Event == "page" && l.Note == name })
	return next
}

// ids are the messages that were shown since the given line, with the last state of each.
func (p *process) ids(from int) map[string]string {
	p.mu.Lock()
	defer p.mu.Unlock()
	ids := map[string]string{}
	for _, l := range p.lines[from:] {
		if l.Event == "displayed" {
			ids[l.ID] = l.State
		}
	}
	return ids
}

// offThread are the lines in which Fyne reports calls off its goroutine.
func (p *process) offThread() []string {
	var found []string
	for l := range strings.Lines(p.said()) {
		if strings.Contains(l, "Error in Fyne call thread") {
			found = append(found, l)
		}
	}
	return found
}
