package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	programs := map[string]func(){"sottod": main}
	maps.Copy(programs, faulty)
	testscript.Main(homeless{m}, programs)
}

// faulty are programs that some tests run besides, which do what no honest one does.
var faulty = map[string]func(){}

// homeless are tests that leave nothing in the home of whoever runs them.
type homeless struct{ *testing.M }

// Run implements testscript.TestingM. It is not called where this program runs as sottod.
func (h homeless) Run() int {
	dir, err := os.MkdirTemp("", "sotto-state-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	if err := os.Setenv("XDG_STATE_HOME", dir); err != nil {
		panic(err)
	}
	return h.M.Run()
}

// TestScripts runs the program as a person would: testdata/script/relay*.txtar.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/script/relay*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	testscript.Run(t, testscript.Params{Files: files, Cmds: relayCommands(), RequireExplicitExec: true})
}

// relayCommands are what scripts say beside testscript's own commands.
func relayCommands() map[string]func(*testscript.TestScript, bool, []string) {
	r := &relays{running: make(map[string]*exec.Cmd)}
	return map[string]func(*testscript.TestScript, bool, []string){"relay": r.start, "signal": r.signal, "get": get}
}

// relays are the relays that a script started.
type relays struct {
	mu      sync.Mutex
	running map[string]*exec.Cmd
}

// start: relay NAME [flags] starts one on a random port of loopback, waits for its ready line, which goes to NAME.out,
// and sets $NAME_enode, $NAME_listen, $NAME_metrics, $NAME_invite. Its log goes to NAME.err.
func (r *relays) start(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: relay NAME [flags]")
	}
	name := args[0]
	log, err := os.Create(ts.MkAbs(name + ".err"))
	ts.Check(err)
	args = append([]string{"relay", "--listen", "127.0.0.1:0", "--data", ts.MkAbs(name)}, args[1:]...)
	cmd := exec.Command("sottod", args...)
	cmd.Path = programIn(ts)
	cmd.Dir, cmd.Stderr = ts.MkAbs("."), log
	cmd.Env = append(os.Environ(), archiveVariable+"="+ts.Getenv(archiveVariable))
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Defer(func() {
		cmd.Process.Kill()
		cmd.Wait()
		log.Close()
	})
	line, err := bufio.NewReader(out).ReadBytes('\n')
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(name+".out"), line, 0o600))
	var l ready
	ts.Check(json.Unmarshal(line, &l))
	ts.Setenv(name+"_enode", l.Enode)
	ts.Setenv(name+"_listen", l.Listen)
	ts.Setenv(name+"_metrics", l.Metrics)
	ts.Setenv(name+"_invite", l.Invite)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.running[ts.Name()+name] = cmd
}

func programIn(ts *testscript.TestScript) string {
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		if p := filepath.Join(dir, "sottod"); fileExists(p) {
			return p
		}
	}
	ts.Fatalf("sottod is not on the PATH")
	return ""
}

// signal: signal NAME SIGNAL (TERM or INT) sends it twice, as timeout(1) does, and wants the relay to end with 0 within
// ten seconds.
func (r *relays) signal(ts *testscript.TestScript, neg bool, args []string) {
	signals := map[string]os.Signal{"TERM": syscall.SIGTERM, "INT": os.Interrupt}
	if neg || len(args) != 2 || signals[args[1]] == nil {
		ts.Fatalf("usage: signal NAME TERM|INT")
	}
	r.mu.Lock()
	cmd := r.running[ts.Name()+args[0]]
	r.mu.Unlock()
	if cmd == nil {
		ts.Fatalf("%s does not run", args[0])
	}
	ts.Check(cmd.Process.Signal(signals[args[1]]))
	_ = cmd.Process.Signal(signals[args[1]]) // fails if it was quick
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		ts.Check(err)
	case <-time.After(10 * time.Second):
		ts.Fatalf("%s still runs", args[0])
	}
}

// get: get URL FILE [TEXT] fetches until the answer holds TEXT, ten seconds at most, and keeps it in FILE.
func get(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: get URL FILE [TEXT]")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	want := strings.Join(args[2:], " ")
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		body := fetch(ctx, ts, args[0])
		ts.Check(os.WriteFile(ts.MkAbs(args[1]), body, 0o600))
		if strings.Contains(string(body), want) {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			ts.Fatalf("never answered %q but\n%s", want, body)
		}
	}
}

func fetch(ctx context.Context, ts *testscript.TestScript, url string) []byte {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	ts.Check(err)
	resp, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	ts.Check(err)
	if resp.StatusCode != http.StatusOK {
		ts.Fatalf("%s: %s", url, resp.Status)
	}
	return body
}
