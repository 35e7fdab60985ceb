package archive

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// A cluster is a PostgreSQL server of our own. It listens on a socket in its folder and nowhere else.
type cluster struct {
	folder string
	server *exec.Cmd
	drain  chan struct{} // closed when the server's log has ended
}

// guarded is a user of the cluster who has a password; everybody else comes in without.
const guarded = "guarded"

// startCluster makes a cluster and starts it, or says why that cannot be.
func startCluster() (*cluster, error) {
	programs, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if len(programs) == 0 {
		return nil, errMissing
	}
	bin := programs[len(programs)-1]
	as, err := owner()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "sotto-pg-")
	if err != nil {
		return nil, err
	}
	c := &cluster{folder: folder}
	if err := errors.Join(c.init(bin, as), c.start(bin, as)); err != nil {
		return nil, errors.Join(err, c.stop())
	}
	return c, nil
}

// owner is whose the cluster is. PostgreSQL refuses to run as root, so root hands it to the user of Debian's package.
func owner() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, err
}

func (c *cluster) init(bin string, as *syscall.Credential) error {
	if as != nil {
		if err := os.Chown(c.folder, int(as.Uid), int(as.Gid)); err != nil {
			return err
		}
	}
	cmd := exec.Command(filepath.Join(bin, "initdb"), "-D", filepath.Join(c.folder, "data"), "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C")
	cmd.Dir = c.folder
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: as}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	access := "local all " + guarded + " scram-sha-256\nlocal all all trust\n"
	return os.WriteFile(filepath.Join(c.folder, "data", "pg_hba.conf"), []byte(access), 0o600)
}

// start runs the server as a child that ends with us, and waits until it says that it is ready.
func (c *cluster) start(bin string, as *syscall.Credential) error {
	c.server = exec.Command(filepath.Join(bin, "postgres"), "-D", filepath.Join(c.folder, "data"), "-k", c.folder,
		"-c", "listen_addresses=", "-c", "log_destination=stderr", "-c", "logging_collector=off")
	c.server.Dir = c.folder
	c.server.SysProcAttr = &syscall.SysProcAttr{Credential: as, Pdeathsig: syscall.SIGQUIT}
	log, err := c.server.StderrPipe()
	if err != nil {
		return err
	}
	if err := c.server.Start(); err != nil {
		return err
	}
	var said strings.Builder
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		fmt.Fprintln(&said, lines.Text())
		if strings.Contains(lines.Text(), "ready to accept connections") {
			c.drain = make(chan struct{})
			go func() {
				defer close(c.drain)
				for lines.Scan() { // nobody reads it, but the server must not wait for that
				}
			}()
			return nil
		}
	}
	return fmt.Errorf("postgres: %s", said.String())
}

// stop ends the server, and with it the cluster.
func (c *cluster) stop() error {
	var err error
	if c.server != nil && c.server.Process != nil {
		err = c.server.Process.Signal(syscall.SIGINT) // "fast": it ends connections
		if c.drain != nil {
			<-c.drain
		}
		err = errors.Join(err, c.server.Wait())
	}
	return errors.Join(err, os.RemoveAll(c.folder))
}

// address of a database of the cluster.
func (c *cluster) address(database string) string {
	return "postgres://postgres@/" + database + "?host=" + c.folder
}

// database makes an empty database and returns its address.
func (c *cluster) database(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("t%d", databases.Add(1))
	c.exec(t, "CREATE DATABASE "+name)
	return c.address(name)
}

// exec runs a statement as the one who may everything.
func (c *cluster) exec(t testing.TB, statement string) {
	t.Helper()
	a, err := connectPostgres(c.address("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if err := a.writer.WithContext(context.Background()).Exec(statement).Error; err != nil {
		t.Fatal(err)
	}
}
