package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestTheGuideIsRun runs every command of the guide, in its order, as it stands there, but for this: /etc, /var/lib and /usr/local
// are folders of the test; names and ports of the page are free ports of loopback; the package that apt installs and the
// program that make builds are this program (the package itself is built, looked at and run by the tests in debian/); sudo
// changes nobody; ufw looks at what it is asked; ssh leads to another folder; and systemctl is the unit's own file, read and
// carried out by serviceManager, and judged by systemd-analyze verify where that is there. PostgreSQL is a real server.
func TestTheGuideIsRun(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		unavailable(t, "curl is not installed")
	}
	s := newGuideServer(t)
	for _, b := range blocksOf(t, guide) {
		if b.language != "sh" {
			continue
		}
		if ok := t.Run(fmt.Sprintf("line %d", b.line), func(t *testing.T) { s.run(t, b.text) }); !ok {
			t.FailNow() // each builds upon the ones before
		}
	}
	if s.started < 4 {
		t.Errorf("the service was started %d times", s.started)
	}
}

// guideServer stands in for the server of the guide.
type guideServer struct {
	serviceManager
	page      *testing.T
	work, bin string
	says      *strings.Replacer // what the page says and what is said here
	enode     string            // the node's key and address when it was started first
}

func newGuideServer(t *testing.T) *guideServer {
	s := &guideServer{page: t, work: t.TempDir(), bin: t.TempDir()}
	s.root = t.TempDir()
	ports := freePorts(t, 4)
	at := func(i int) string { return fmt.Sprintf("127.0.0.1:%d", ports[i]) }
	s.says = strings.NewReplacer("/etc/", s.root+"/etc/", "/var/lib/", s.root+"/var/lib/", "/usr/local/", s.root+"/usr/local/",
		"relay.example.org:30303", at(0), "relay.example.org:443", at(1), "=:443", "="+at(1), "127.0.0.1:9091", at(2), "127.0.0.1:30303", at(3))
	s.listens = strings.NewReplacer(":30303", at(0), "127.0.0.1:9091", at(2))
	manager := httptest.NewServer(&s.serviceManager)
	t.Cleanup(func() { manager.Close(); s.stop() })
	for name, script := range map[string]string{
		"sudo":       `[ "$1" != -u ] || shift 2; exec "$@"`,
		"make":       `env -u MAKEFLAGS /usr/bin/make -n -C ` + repository(t) + ` "$1" >/dev/null; mkdir -p bin build/package; cp -L "$SOTTOD" bin/sottod; [ "$1" != deb ] || : >build/package/sottod_0_amd64.deb`,
		"apt":        `[ "$1" = install ]; [ -f "$2" ]; install -D -m 755 "$SOTTOD" "$ROOT/usr/bin/sottod"; install -D -m 644 cmd/sottod/debian/default "$ROOT/etc/default/sottod-relay"`,
		"ufw":        `case "$*" in "allow 30303/tcp" | "allow 30303/udp") ;; *) exit 1 ;; esac`,
		"systemctl":  `exec curl -sS --fail-with-body --data-binary "$*" ` + manager.URL,
		"journalctl": `[ "$1 $2" = "-u sottod-relay" ]; grep . "$ROOT/log"`,
		"ssh":        `shift; "$@" | sed "s|^sotto:.*|$(cat "$ROOT/second")|"`,
	} {
		if err := os.WriteFile(filepath.Join(s.bin, name), []byte("#!/bin/sh -e\n"+script+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"docs", "cmd"} {
		if err := os.Symlink(filepath.Join(repository(t), name), filepath.Join(s.work, name)); err != nil {
			t.Fatal(err)
		}
	}
	s.second(t)
	return s
}

func repository(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// second leaves the link of another relay.
func (s *guideServer) second(t *testing.T) {
	data := filepath.Join(s.root, "second-data")
	s.untilReady(t, exec.Command(mustFind(t, "sottod"), "relay", "--data", data, "--listen", "127.0.0.1:0"))
	link := readFile(t, filepath.Join(data, inviteFile))
	if err := os.WriteFile(filepath.Join(s.root, "second"), []byte(strings.TrimSpace(strings.ReplaceAll(link, "&", `\&`))), 0o600); err != nil {
		t.Fatal(err)
	}
}

// untilReady starts a relay, waits for its line, and ends it.
func (s *guideServer) untilReady(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var line ready
	if err := json.NewDecoder(out).Decode(&line); err != nil || line.Invite == "" {
		t.Errorf("%v: %+v, %v", cmd.Args, line, err)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v ended with %v", cmd.Args, err)
	}
}

func (s *guideServer) run(t *testing.T, text string) {
	switch {
	case strings.HasPrefix(text, "sottod relay "): // it stays until it is ended
		cmd := exec.Command("sh", "-e", "-c", "exec "+s.says.Replace(text))
		cmd.Dir, cmd.Env = s.work, s.environment(t)
		s.untilReady(t, cmd)
		return
	case strings.Contains(text, "-xzf"): // the new server has nothing yet
		old := filepath.Join(s.root, "var/lib")
		if err := os.Rename(old, old+".old"); err != nil {
			t.Fatal(err)
		}
	case strings.Contains(text, "postgres"):
		text = strings.ReplaceAll(text, "127.0.0.1:5432", s.startPostgres(t))
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-e", "-c", s.says.Replace(text))
	cmd.Dir, cmd.Env = s.work, s.environment(t)
	if out, err := cmd.CombinedOutput(); err != nil {
		log, _ := os.ReadFile(filepath.Join(s.root, "log"))
		t.Fatalf("%v\n%s\nthe log:\n%s", err, out, log)
	}
	s.after(t, text)
}

func (s *guideServer) environment(t *testing.T) []string {
	path := strings.Join([]string{s.bin, s.root + "/usr/local/bin", s.root + "/usr/bin", os.Getenv("PATH")}, ":")
	env := append(os.Environ(), "PATH="+path, "ROOT="+s.root, "SOTTOD="+mustFind(t, "sottod"))
	return append(env, s.postgres...)
}

// after looks whether a block did what the page says of it.
func (s *guideServer) after(t *testing.T, text string) {
	t.Helper()
	data := filepath.Join(s.root, "var/lib/sottod-relay")
	switch {
	case strings.Contains(text, "enable --now"):
		s.enode = s.ready.Enode
		if !strings.Contains(s.ready.Invite, "name=Acme&") {
			t.Errorf("the link is %s", s.ready.Invite)
		}
	case strings.Contains(text, "nodekey.backup"):
		if got, want := readFile(t, filepath.Join(s.work, "nodekey.backup")), readFile(t, filepath.Join(data, keyFile)); got != want {
			t.Error("the copy is another key")
		}
	case strings.Contains(text, "-xzf"):
		if s.ready.Enode != s.enode {
			t.Errorf("the node moved from %s to %s", s.enode, s.ready.Enode)
		}
	case strings.Contains(text, "port-443.conf"):
		if s.ready.Listen == "" || strings.HasSuffix(s.enode, s.ready.Listen) {
			t.Errorf("it listens on %s as before", s.ready.Listen)
		}
	case strings.Contains(text, "postgres"):
		s.keepsInPostgres(t)
	case strings.Contains(text, "both.png"):
		if !fileExists(filepath.Join(s.work, "both.png")) {
			t.Error("there is no picture")
		}
	}
}

// keepsInPostgres looks for the relay's tables where it was told to keep envelopes.
func (s *guideServer) keepsInPostgres(t *testing.T) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "psql", "--no-psqlrc", "--tuples-only", "--dbname", "sotto", "-c", "SELECT count(*) FROM envelopes")
	cmd.Env = s.environment(t)
	if out, err := cmd.CombinedOutput(); err != nil || strings.TrimSpace(string(out)) != "0" {
		t.Errorf("%v: %s", err, out)
	}
}

// freePorts are numbers that nothing uses, neither with TCP nor with UDP.
func freePorts(t *testing.T, n int) (ports []int) {
	t.Helper()
	for tries := 0; len(ports) < n; tries++ {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil || tries > 100 {
			t.Fatal("no free port", err)
		}
		defer ln.Close() // after the last, so that none comes twice
		c, err := net.ListenPacket("udp", ln.Addr().String())
		if err != nil {
			continue
		}
		defer c.Close()
		ports = append(ports, ln.Addr().(*net.TCPAddr).Port)
	}
	return ports
}

// startPostgres starts a server in a folder, and returns HOST:PORT. psql and createdb find it as its administrator.
func (s *guideServer) startPostgres(t *testing.T) string {
	t.Helper()
	programs, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if len(programs) == 0 {
		unavailable(t, "PostgreSQL is not installed")
	}
	bin := programs[len(programs)-1]
	dir := shortDir(s.page)
	as := asPostgres(t, dir)
	command := func(name string, args ...string) {
		cmd := exec.Command(filepath.Join(bin, name), args...)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: as}
		cmd.Dir = dir
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Run(); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, &out)
		}
	}
	port := freePorts(t, 1)[0]
	cluster := filepath.Join(dir, "data")
	command("initdb", "-D", cluster, "-U", "postgres", "--auth-local=trust", "--auth-host=scram-sha-256")
	options := fmt.Sprintf("-c listen_addresses=127.0.0.1 -c port=%d -c unix_socket_directories=%s -c fsync=off", port, dir)
	command("pg_ctl", "-D", cluster, "-w", "-o", options, "-l", filepath.Join(dir, "log"), "start")
	s.page.Cleanup(func() {
		s.stop() // first: it has connections
		cmd := exec.Command(filepath.Join(bin, "pg_ctl"), "-D", cluster, "-m", "immediate", "stop")
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: as}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Logf("%v: %s", err, out)
		}
	})
	s.postgres = []string{"PGHOST=" + dir, fmt.Sprintf("PGPORT=%d", port), "PGUSER=postgres"}
	return fmt.Sprintf("127.0.0.1:%d", port)
}
