//go:build network

package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"sotto/cmd/sottod/hostnet"
)

// internet is hosts with the program on them. Each host has a process of its own in a namespace of its own.
type internet struct {
	*hostnet.Net
	t      *testing.T
	folder string
}

// newNetwork makes a network without hosts, or skips the test where this system gives none.
func newNetwork(t *testing.T) *internet {
	t.Helper()
	n := hostnet.New()
	t.Cleanup(n.Close)
	return &internet{Net: n, t: t, folder: t.TempDir()}
}

func (n *internet) must(h *hostnet.Host, err error) *hostnet.Host {
	n.t.Helper()
	if errors.Is(err, hostnet.ErrUnavailable) {
		unavailable(n.t, "hosts need root and network namespaces: "+err.Error())
	}
	if err != nil {
		n.t.Fatal(err)
	}
	return h
}

// station is a host that runs a relay.
type station struct {
	net   *internet
	host  *hostnet.Host
	verb  string
	args  []string
	env   []string
	cmd   *exec.Cmd
	ready ready
}

// relay starts a relay on a host of its own. faults go to its environment.
func (n *internet) relay(name, addr, verb string, env []string, args ...string) *station {
	n.t.Helper()
	s := &station{net: n, host: n.must(n.Host(name, addr)), verb: verb, env: env}
	s.args = append([]string{verb, "--data", filepath.Join(n.folder, name), "--listen", addr + ":30303", "--nat", "none",
		"--public", addr + ":30303", "--log-level", "warn"}, args...)
	s.start()
	n.t.Cleanup(s.kill)
	return s
}

// start runs the relay and waits for its ready line.
func (s *station) start() {
	s.net.t.Helper()
	s.cmd = exec.Command(mustFind(s.net.t, s.verbProgram()), s.args[s.skip():]...)
	s.cmd.Env = append(os.Environ(), s.env...)
	s.cmd.Stderr = logOf(s.net, s.host.Name)
	out, err := s.cmd.StdoutPipe()
	if err == nil {
		err = s.host.Start(s.cmd)
	}
	if err != nil {
		s.net.t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &s.ready)
	}
	if err != nil {
		s.net.t.Fatalf("%s is not ready: %v: %s", s.host.Name, err, line)
	}
}

// verbProgram is the program that has the verb: sottod, or one of the faulty ones of these tests.
func (s *station) verbProgram() string {
	if s.verb == "relay" {
		return "sottod"
	}
	return s.verb
}

func (s *station) skip() int {
	if s.verb == "relay" {
		return 0
	}
	return 1
}

func (s *station) kill() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}

// logOf is the file to which a host's programs log. It is kept where a test failed.
func logOf(n *internet, name string) *os.File {
	n.t.Helper()
	f, err := os.OpenFile(filepath.Join(n.folder, name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(func() {
		f.Close()
		if raw, _ := os.ReadFile(f.Name()); n.t.Failed() && len(raw) > 0 {
			n.t.Logf("the end of %s's log:\n%s", name, raw[max(0, len(raw)-4000):])
		}
	})
	return f
}

// person is a host that runs a client with one account.
type person struct {
	*process
	net  *internet
	host *hostnet.Host
	dir  string
	env  []string
	made createdObject
	busy sync.Mutex // held while it writes, and while it is away
}

// person starts a client with a new account on a host.
func (n *internet) person(host *hostnet.Host, env ...string) *person {
	n.t.Helper()
	p := &person{net: n, host: host, dir: filepath.Join(n.folder, host.Name), env: env}
	p.run()
	p.made = create(n.t, p.talk, host.Name)
	n.t.Cleanup(func() { p.kill() })
	return p
}

// run starts the client's process.
func (p *person) run() {
	p.net.t.Helper()
	cmd := exec.Command(mustFind(p.net.t, "sottod"), "client", "--data", p.dir, "--listen", ":30303", "--nat", "none")
	cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+p.dir+"-state")
	cmd.Env = append(cmd.Env, p.env...)
	log := logOf(p.net, p.host.Name)
	started, err := startCommandBy(cmd, log, func() error { return p.host.Start(cmd) })
	if err != nil {
		p.net.t.Fatal(err)
	}
	p.process = started
}

// again starts the client after it ended, and unlocks its account.
func (p *person) again() {
	p.net.t.Helper()
	p.run()
	p.call(p.net.t, "account.unlock", fmt.Sprintf(`{"id":%q,"password":%s}`, p.made.ID, password), nil)
}

// leave ends the client as a person would.
func (p *person) leave() {
	p.net.t.Helper()
	p.stdin.Close()
	if err := p.end(); err != nil {
		p.net.t.Errorf("%s: %v", p.host.Name, err)
	}
}

func (p *person) signal(s syscall.Signal) {
	p.net.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.net.t.Fatal(err)
	}
}

func (p *person) join(link string) {
	p.net.t.Helper()
	p.call(p.net.t, "network.join", fmt.Sprintf(`{"link":%q}`, link), nil)
}

func (p *person) peers() int {
	var s statusObject
	p.call(p.net.t, "network.status", "", &s)
	return len(s.Peers)
}

func (p *person) befriend(others ...*person) {
	p.net.t.Helper()
	for _, o := range others {
		if o != p {
			p.call(p.net.t, "contacts.add", fmt.Sprintf(`{"key":%q}`, *o.made.Key), nil)
		}
	}
}

// send says whether the client took a message.
func (p *person) send(chat, text string) (sent messageObject, err error) {
	m, err := p.ask("chats.send", fmt.Sprintf(`{"chat":%q,"text":%q}`, chat, text))
	if err != nil {
		return sent, err
	}
	if m.Error != nil {
		return sent, fmt.Errorf("chats.send: %s", m.raw)
	}
	return sent, json.Unmarshal(m.Result, &sent)
}

// history is every text of a chat that begins with a word, and how often it is there.
func (p *person) history(chat string) map[string]int {
	p.net.t.Helper()
	seen := make(map[string]int)
	before := ""
	for {
		var page []messageObject
		p.call(p.net.t, "chats.messages", fmt.Sprintf(`{"chat":%q,"limit":1000%s}`, chat, before), &page)
		for _, m := range page {
			if strings.HasPrefix(m.Text, "message ") {
				seen[m.Text]++
			}
		}
		if len(page) < 1000 {
			return seen
		}
		last := page[len(page)-1]
		before = fmt.Sprintf(`,"before":{"clock":%d,"id":%q}`, last.Clock, last.ID)
	}
}

// eventually asks until something is so.
func eventually(t *testing.T, limit time.Duration, what string, ok func() bool) time.Duration {
	t.Helper()
	begun := time.Now()
	tick, deadline := time.NewTicker(200*time.Millisecond), time.After(limit)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("not within %v: %s", limit, what)
		}
	}
	return time.Since(begun)
}
