package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// serviceManager does for one unit what systemd does: it reads the unit, what stands beside it, and the file with settings, makes
// the state folder, starts the command, and waits for it to say that it is ready. It is asked over HTTP by the systemctl of
// the test, with that program's arguments as the body.
type serviceManager struct {
	root     string
	listens  *strings.Replacer // addresses of the unit and of the settings to those of the test
	postgres []string          // environment by which psql finds the server
	started  int

	cmd   *exec.Cmd
	ready ready
}

// ServeHTTP implements http.Handler.
func (m *serviceManager) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	asked, err := io.ReadAll(io.LimitReader(r.Body, 1000))
	if err == nil {
		err = m.do(r.Context(), string(asked))
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

func (m *serviceManager) do(ctx context.Context, asked string) error {
	switch asked {
	case "daemon-reload":
		return m.verify(ctx)
	case "enable --now sottod-relay", "start sottod-relay", "restart sottod-relay":
		return errors.Join(m.stop(), m.start(ctx))
	case "stop sottod-relay":
		return m.stop()
	}
	return fmt.Errorf("systemctl %s: this manager knows nothing of it", asked)
}

func (m *serviceManager) unit() string {
	return filepath.Join(m.root, "etc/systemd/system/sottod-relay.service")
}

// verify lets the real systemd judge the unit with the files beside it.
func (m *serviceManager) verify(ctx context.Context) error {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		return nil
	}
	dir, err := os.MkdirTemp("", "sotto-unit-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.CopyFS(dir, os.DirFS(filepath.Dir(m.unit()))); err != nil {
		return err
	}
	text, err := os.ReadFile(m.unit())
	if err != nil {
		return err
	}
	here := strings.ReplaceAll(string(text), "/usr/local/", m.root+"/usr/local/")
	here = strings.Replace(here, "Documentation=man:sottod(1)\n", "", 1) // the page is not installed here
	file := filepath.Join(dir, "sottod-relay.service")
	if err := os.WriteFile(file, []byte(here), 0o600); err != nil {
		return err
	}
	if out, err := exec.CommandContext(ctx, "systemd-analyze", "verify", file).CombinedOutput(); err != nil {
		return fmt.Errorf("systemd-analyze verify: %w: %s", err, out)
	}
	return nil
}

var (
	assigned = regexp.MustCompile(`(?m)^Environment="?(\w+)=([^"\n]*)"?$`)
	setting  = regexp.MustCompile(`(?m)^(\w+)=(.*)$`)
)

// start reads everything anew.
func (m *serviceManager) start(ctx context.Context) error {
	text, err := os.ReadFile(m.unit())
	if err != nil {
		return err
	}
	settings, err := os.ReadFile(filepath.Join(m.root, "etc/default/sottod-relay"))
	if err != nil {
		return err
	}
	env := map[string]string{}
	for _, found := range assigned.FindAllStringSubmatch(string(text), -1) {
		env[found[1]] = found[2]
	}
	for _, found := range setting.FindAllStringSubmatch(string(settings), -1) {
		env[found[1]] = found[2]
	}
	_, command, _ := strings.Cut(string(text), "\nExecStart=")
	command, _, _ = strings.Cut(command, "\n")
	if err := m.stateFolder(); err != nil {
		return err
	}
	return m.run(ctx, m.expand(command, env), env)
}

// stateFolder makes what DynamicUser and StateDirectory make.
func (m *serviceManager) stateFolder() error {
	lib := filepath.Join(m.root, "var/lib")
	if err := os.MkdirAll(filepath.Join(lib, "private/sottod-relay"), 0o700); err != nil {
		return err
	}
	err := os.Symlink("private/sottod-relay", filepath.Join(lib, "sottod-relay"))
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	return err
}

// expand makes words of a command line: ${NAME} is a part of one, $NAME alone as many as it has (systemd.service(5)).
func (m *serviceManager) expand(command string, env map[string]string) (words []string) {
	for word := range strings.FieldsSeq(strings.ReplaceAll(command, "%S", filepath.Join(m.root, "var/lib"))) {
		if name, ok := strings.CutPrefix(word, "$"); ok && !strings.HasPrefix(name, "{") {
			for part := range strings.FieldsSeq(env[name]) {
				words = append(words, m.listens.Replace(part))
			}
			continue
		}
		word = regexp.MustCompile(`\$\{(\w+)\}`).ReplaceAllStringFunc(word, func(v string) string { return env[v[2:len(v)-1]] })
		words = append(words, m.listens.Replace(word))
	}
	words[0] = m.root + words[0]
	return words
}

func (m *serviceManager) run(ctx context.Context, words []string, env map[string]string) error {
	socket, err := os.MkdirTemp("", "sotto-notify-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(socket)
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(socket, "s"), Net: "unixgram"})
	if err != nil {
		return err
	}
	defer c.Close()
	log, err := os.OpenFile(filepath.Join(m.root, "log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.CommandContext(context.WithoutCancel(ctx), words[0], words[1:]...)
	cmd.Stderr = log
	cmd.Env = append(os.Environ(), "NOTIFY_SOCKET="+filepath.Join(socket, "s"))
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	m.cmd = cmd
	m.started++
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("%v printed no line; it ended with %w", words, errors.Join(err, m.stop()))
	}
	m.ready = ready{}
	return errors.Join(json.Unmarshal(line, &m.ready), saysReady(c))
}

// saysReady waits for READY=1.
func saysReady(c *net.UnixConn) error {
	buf := make([]byte, 100)
	if err := c.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	n, err := c.Read(buf)
	if err == nil && string(buf[:n]) != "READY=1" {
		err = fmt.Errorf("it said %q", buf[:n])
	}
	return err
}

// stop ends the service, which must end well.
func (m *serviceManager) stop() error {
	cmd := m.cmd
	m.cmd = nil
	if cmd == nil {
		return nil
	}
	_ = cmd.Process.Signal(syscall.SIGTERM) // fails where it has ended
	return cmd.Wait()
}

// asPostgres is who runs the database's server: it refuses to run as root, so root hands it to the user of Debian's package.
func asPostgres(t *testing.T, dir string) *syscall.Credential {
	t.Helper()
	if os.Getuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		unavailable(t, "there is no user postgres")
	}
	uid, uidErr := strconv.Atoi(u.Uid)
	gid, gidErr := strconv.Atoi(u.Gid)
	if err := errors.Join(uidErr, gidErr, os.Chown(dir, uid, gid)); err != nil {
		t.Fatal(err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}
