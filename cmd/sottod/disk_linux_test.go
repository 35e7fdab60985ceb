package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// onDisk starts a client whose data folder is a file system of its own: prepare is run on it first, in $D. Some
// systems give nobody a mount of their own.
func onDisk(t *testing.T, size, prepare string) (p *process, folder string) {
	t.Helper()
	dir := t.TempDir()
	mount := fmt.Sprintf("D=%q; mount -t tmpfs -o size=%s,mode=700 tmpfs $D", dir, size)
	if err := exec.Command("unshare", "-rm", "sh", "-ec", mount).Run(); err != nil {
		unavailable(t, fmt.Sprintf("no file system of one's own can be mounted here: %v", err))
	}
	script := mount + "\n" + prepare + "\n" + `exec "$0" client --data $D --listen 127.0.0.1:0`
	p, err := startCommand(exec.Command("unshare", "-rm", "sh", "-ec", script, mustFind(t, "sottod")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	p.event(t, "event.ready", "version")
	return p, fmt.Sprintf("/proc/%d/root%s", p.cmd.Process.Pid, dir)
}

func (k *talk) sentence(t *testing.T, method, params, want string) {
	t.Helper()
	m, err := k.ask(method, params)
	if err != nil {
		t.Fatal(err)
	}
	if m.Error == nil || m.Error.Data == nil || m.Error.Data.Code != "storage" || !strings.Contains(m.Error.Message, want) {
		t.Errorf("%s: %s, want storage and %q", method, m.raw, want)
	}
}

func TestDiskThatFillsUpLosesNothing(t *testing.T) {
	p, folder := onDisk(t, "4m", "")
	made := create(t, p.talk, "Ann")
	p.call(t, "chats.joinPublic", `{"name":"lobby"}`, nil)
	p.call(t, "chats.send", `{"chat":"lobby","text":"before"}`, nil)
	filler := filepath.Join(folder, "filler")
	fill(t, filler)
	long := strings.Repeat("x", 4000)
	p.sentence(t, "chats.send", fmt.Sprintf(`{"chat":"lobby","text":%q}`, long), "The disk is full.")
	p.sentence(t, "account.create", `{"password":"x"}`, "The disk is full.")
	p.call(t, "account.unlock", fmt.Sprintf(`{"id":%q,"password":%s}`, made.ID, password), nil)
	if got := texts(t, p.talk, "lobby"); len(got) != 1 || got[0] != "before" {
		t.Errorf("while full: %.40v", got)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	p.call(t, "chats.send", `{"chat":"lobby","text":"after"}`, nil)
	if got := texts(t, p.talk, "lobby"); len(got) != 2 || got[1] != "after" {
		t.Errorf("with space again: %.40v", got)
	}
	var list []accountObject
	p.call(t, "account.list", "", &list)
	if len(list) != 1 {
		t.Errorf("accounts: %+v", list)
	}
}

// fill writes until the disk takes no more.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for block := bytes.Repeat([]byte{1}, 4096); err == nil; {
		_, err = f.Write(block)
	}
	for err = nil; err == nil; {
		_, err = f.Write([]byte{1})
	}
}

func TestReadOnlyFolderIsExplained(t *testing.T) {
	dir := t.TempDir()
	before := client4test(t, dir)
	made := create(t, before.talk, "Ann")
	before.stdin.Close()
	if err := before.end(); err != nil {
		t.Fatal(err)
	}
	p, _ := onDisk(t, "8m", fmt.Sprintf("cp -r %q/. $D; mount -o remount,ro $D", dir))
	p.sentence(t, "account.create", `{"password":"x"}`, "Sotto may not write to its folder")
	p.sentence(t, "account.unlock", fmt.Sprintf(`{"id":%q,"password":%s}`, made.ID, password), "Sotto may not write to its folder")
	p.sentence(t, "account.remove", fmt.Sprintf(`{"id":%q,"password":%s}`, made.ID, password), "Sotto may not write to its folder")
	var list []accountObject
	p.call(t, "account.list", "", &list)
	if len(list) != 1 || list[0].Name != "Ann" {
		t.Errorf("accounts: %+v", list)
	}
}
