package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zalando/go-keyring"

	"sotto/services/account"
)

// The scripts run this test binary as sottod, so what is set here holds for them, too.
func init() {
	clientKDF = account.KDF{Time: 1, Memory: 64, Threads: 1}
	keyring.MockInit()
}

// patience is how long a test waits for what must come.
const patience = time.Minute

// unavailable skips the test on somebody's computer. Where CI runs it, nobody would see that.
func unavailable(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// message is any line that a client writes: an answer has an ID, a notification a Method.
type message struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Result json.RawMessage `json:"result"`
	Error  *rpcError       `json:"error"`
	Params json.RawMessage `json:"params"`
	raw    string
}

// talk is one connection to a client: it sends requests and keeps every line that comes back.
type talk struct {
	in io.Writer

	mu     sync.Mutex
	nextID int
	lines  []message
	came   chan struct{} // closed and replaced with every line
	ended  bool
}

func newTalk(in io.Writer, out io.Reader) *talk {
	k := &talk{in: in, came: make(chan struct{})}
	go k.listen(out)
	return k
}

func (k *talk) listen(out io.Reader) {
	scanner := bufio.NewScanner(out)
	scanner.Buffer(nil, 8<<20)
	for scanner.Scan() {
		m := message{raw: scanner.Text()}
		if json.Unmarshal(scanner.Bytes(), &m) != nil {
			m.Method = "not JSON"
		}
		k.add(func() { k.lines = append(k.lines, m) })
	}
	k.add(func() { k.ended = true })
}

func (k *talk) add(change func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	change()
	close(k.came)
	k.came = make(chan struct{})
}

// wait returns the first line from index from on that fits, and the index after it.
func (k *talk) wait(what string, from int, fits func(message) bool) (message, int, error) {
	deadline := time.After(patience)
	for {
		k.mu.Lock()
		lines, came, ended := k.lines, k.came, k.ended
		k.mu.Unlock()
		for ; from < len(lines); from++ {
			if fits(lines[from]) {
				return lines[from], from + 1, nil
			}
		}
		if ended {
			return message{}, 0, fmt.Errorf("%s: the output ended", what)
		}
		select {
		case <-came:
		case <-deadline:
			return message{}, 0, fmt.Errorf("%s: it never came", what)
		}
	}
}

// ask sends a request and waits for its answer.
func (k *talk) ask(method, params string) (message, error) {
	k.mu.Lock()
	k.nextID++
	id := fmt.Sprint(k.nextID)
	from := len(k.lines)
	k.mu.Unlock()
	if params == "" {
		params = "{}"
	}
	line := fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"method":%q,"params":%s}`+"\n", id, method, params)
	if _, err := io.WriteString(k.in, line); err != nil {
		return message{}, err
	}
	m, _, err := k.wait("answer to "+method, from, func(m message) bool { return string(m.ID) == id })
	return m, err
}

// call asks and decodes the result, which must not be an error.
func (k *talk) call(t testing.TB, method, params string, result any) {
	t.Helper()
	m, err := k.ask(method, params)
	if err != nil {
		t.Fatal(err)
	}
	if m.Error != nil {
		t.Fatalf("%s: %+v %+v", method, *m.Error, m.Error.Data)
	}
	if result == nil {
		return
	}
	if err := json.Unmarshal(m.Result, result); err != nil {
		t.Fatalf("%s: %v in %s", method, err, m.raw)
	}
}

// refused asks and wants an error: a JSON-RPC number, or codeRefusal and a fault's code.
func (k *talk) refused(t testing.TB, method, params string, number int, code string) {
	t.Helper()
	m, err := k.ask(method, params)
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case m.Error == nil || m.Error.Code != number || m.Error.Message == "":
		t.Errorf("%s %s: got %s, want error %d", method, params, m.raw, number)
	case code != "" && (m.Error.Data == nil || string(m.Error.Data.Code) != code):
		t.Errorf("%s %s: got %s, want code %s", method, params, m.raw, code)
	}
}

// event waits for a notification whose parameters hold text.
func (k *talk) event(t testing.TB, method, text string) message {
	t.Helper()
	m, _, err := k.wait(method+" with "+text, 0, func(m message) bool {
		return m.Method == method && strings.Contains(string(m.Params), text)
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// process is a running sottod client on its standard input and output.
type process struct {
	*talk
	cmd   *exec.Cmd
	stdin io.WriteCloser
	done  chan error
}

// startClient runs this test binary as sottod client. Its log goes to standard error of the test.
func startClient(dir string, env []string, args ...string) (*process, error) {
	program, err := exec.LookPath("sottod")
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(program, append([]string{"client", "--data", dir, "--listen", "127.0.0.1:0"}, args...)...)
	cmd.Env = append(os.Environ(), env...)
	return startCommand(cmd)
}

// startCommand runs a command that speaks like a client.
func startCommand(cmd *exec.Cmd) (*process, error) { return startCommandBy(cmd, os.Stderr, cmd.Start) }

// startCommandBy does it in another way than to start the command here, and with a log of its own.
func startCommandBy(cmd *exec.Cmd, log *os.File, start func() error) (p *process, err error) {
	p = &process{cmd: cmd, done: make(chan error, 1)}
	p.cmd.Stderr = log
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	p.cmd.Stdout = w
	if err := start(); err != nil {
		return nil, err
	}
	w.Close()
	p.talk = newTalk(p.stdin, out)
	go func() { p.done <- p.cmd.Wait(); out.Close() }()
	return p, nil
}

// end waits for the process to end with exit code 0.
func (p *process) end() error {
	select {
	case err := <-p.done:
		p.done <- err
		return err
	case <-time.After(patience):
		return fmt.Errorf("it still runs")
	}
}

func (p *process) kill() {
	p.cmd.Process.Kill()
	p.done <- <-p.done
}

func client4test(t testing.TB, dir string, args ...string) *process {
	t.Helper()
	p, err := startClient(dir, nil, args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	return p
}

// shortDir is a folder whose path is short enough for a Unix socket in it.
func shortDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "sotto")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return filepath.Clean(dir)
}
