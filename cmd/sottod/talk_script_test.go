package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestClientScripts runs testdata/script/client*.txtar. Beside the commands of TestScripts they have
//
//	client NAME [flags]            starts a client on the data folder NAME
//	call NAME METHOD [PARAMS]      asks; the result or the error goes to stdout, and with ! it must be an error
//	until NAME METHOD PARAMS TEXT  asks until the result matches the regular expression TEXT
//	event NAME METHOD TEXT         waits for a notification whose parameters match TEXT
//	keep VARIABLE FIELD [N]        sets a variable to a text field of the last answer, to the Nth of that name
//	end NAME TERM|EOF|KILL         ends a client; but for KILL its exit code must be 0
func TestClientScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/script/client*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			c := &clients{running: map[string]*process{}}
			commands := relayCommands()
			for name, command := range c.commands() {
				commands[name] = command
			}
			testscript.Run(t, testscript.Params{Files: []string{file}, Cmds: commands, RequireExplicitExec: true})
		})
	}
}

// clients are those that one script started.
type clients struct {
	running map[string]*process
	last    string // what was answered last
}

type command = func(*testscript.TestScript, bool, []string)

func (c *clients) commands() map[string]command {
	return map[string]command{
		"client": c.start, "call": c.call, "until": c.until, "event": c.event, "keep": c.keep, "end": c.end,
	}
}

func (c *clients) named(ts *testscript.TestScript, args []string, least int, usage string) *process {
	if len(args) < least {
		ts.Fatalf("usage: %s", usage)
	}
	p := c.running[args[0]]
	if p == nil {
		ts.Fatalf("no client %s runs", args[0])
	}
	return p
}

func (c *clients) start(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: client NAME [flags]")
	}
	p, err := startClient(ts.MkAbs(args[0]), []string{"HOME=" + ts.Getenv("WORK")}, args[1:]...)
	ts.Check(err)
	ts.Defer(p.kill)
	_, _, err = p.wait("ready", 0, func(m message) bool { return m.Method == "event.ready" })
	ts.Check(err)
	c.running[args[0]] = p
}

func (c *clients) call(ts *testscript.TestScript, neg bool, args []string) {
	p := c.named(ts, args, 2, "call NAME METHOD [PARAMS]")
	m, err := p.ask(args[1], strings.Join(args[2:], " "))
	ts.Check(err)
	c.last = m.raw
	fmt.Fprintln(ts.Stdout(), m.raw)
	if neg != (m.Error != nil) {
		ts.Fatalf("answered %s", m.raw)
	}
}

func (c *clients) until(ts *testscript.TestScript, neg bool, args []string) {
	p := c.named(ts, args, 4, "until NAME METHOD PARAMS TEXT")
	want, err := regexp.Compile(args[3])
	ts.Check(err)
	tick, deadline := time.NewTicker(20*time.Millisecond), time.After(patience)
	defer tick.Stop()
	for {
		m, err := p.ask(args[1], args[2])
		ts.Check(err)
		c.last = m.raw
		if want.MatchString(string(m.Result)) {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			ts.Fatalf("never matched: %s", m.raw)
		}
	}
}

func (c *clients) event(ts *testscript.TestScript, neg bool, args []string) {
	p := c.named(ts, args, 3, "event NAME METHOD TEXT")
	want, err := regexp.Compile(args[2])
	ts.Check(err)
	m, _, err := p.wait(args[1], 0, func(m message) bool { return m.Method == args[1] && want.Match(m.Params) })
	ts.Check(err)
	fmt.Fprintln(ts.Stdout(), m.raw)
}

func (c *clients) keep(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: keep VARIABLE FIELD [N]")
	}
	n := 1
	if len(args) > 2 {
		var err error
		n, err = strconv.Atoi(args[2])
		ts.Check(err)
	}
	found := regexp.MustCompile(`"`+regexp.QuoteMeta(args[1])+`":"([^"]*)"`).FindAllStringSubmatch(c.last, n)
	if len(found) < n {
		ts.Fatalf("no field %s in %s", args[1], c.last)
	}
	ts.Setenv(args[0], found[n-1][1])
}

func (c *clients) end(ts *testscript.TestScript, neg bool, args []string) {
	p := c.named(ts, args, 2, "end NAME TERM|EOF|KILL")
	delete(c.running, args[0])
	switch args[1] {
	case "TERM":
		ts.Check(p.cmd.Process.Signal(syscall.SIGTERM))
	case "EOF":
		ts.Check(p.stdin.Close())
	case "KILL":
		p.kill()
		return
	default:
		ts.Fatalf("usage: end NAME TERM|EOF|KILL")
	}
	ts.Check(p.end())
}
