package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const password = `"correct horse"`

// create makes an account with the password and returns its id.
func create(t testing.TB, k *talk, name string) (account createdObject) {
	t.Helper()
	k.call(t, "account.create", fmt.Sprintf(`{"name":%q,"password":%s}`, name, password), &account)
	return account
}

func texts(t testing.TB, k *talk, chat string) (list []string) {
	t.Helper()
	var messages []messageObject
	k.call(t, "chats.messages", fmt.Sprintf(`{"chat":%q,"limit":1000}`, chat), &messages)
	for _, m := range messages {
		list = append([]string{m.Text}, list...)
	}
	return list
}

func TestAccountsOverRPC(t *testing.T) {
	p := client4test(t, t.TempDir())
	made := create(t, p.talk, "Ann")
	if !made.Unlocked || made.Key == nil || len(*made.Key) != 132 || !strings.HasPrefix(*made.Short, "zQ3sh") ||
		len(strings.Fields(made.Phrase)) != 12 || !isTrue(made.BackupPending) || made.Name != "Ann" {
		t.Errorf("created %+v", made)
	}
	unlock := fmt.Sprintf(`{"id":%q,"password":%s}`, made.ID, password)
	p.call(t, "account.unlock", unlock, nil) // is open already
	p.call(t, "account.lock", "", nil)
	var list []accountObject
	p.call(t, "account.list", "", &list)
	if len(list) != 1 || list[0].Key != nil || list[0].Short != nil || list[0].Pseudonym != nil || list[0].Unlocked {
		t.Errorf("locked: %+v", list)
	}
	if list[0].BackupPending != nil {
		t.Error("whether the phrase is kept is not known of a locked account")
	}
	for _, method := range []string{"network.status", "chats.list"} {
		p.refused(t, method, "", codeRefusal, "locked")
	}
	p.refused(t, "account.unlock", fmt.Sprintf(`{"id":%q,"password":"x"}`, made.ID), codeRefusal, "wrong_password")
	p.refused(t, "account.unlock", fmt.Sprintf(`{"id":%q,"phrase":"legal winner"}`, made.ID), codeRefusal, "bad_phrase")
	p.refused(t, "account.unlock", fmt.Sprintf(`{"id":%q}`, made.ID), codeRefusal, "no_keychain")
	p.refused(t, "account.unlock", `{"id":"nobody"}`, codeRefusal, "no_such_account")
	p.refused(t, "account.recover", fmt.Sprintf(`{"phrase":%q}`, made.Phrase), codeRefusal, "account_exists")
	p.call(t, "account.unlock", fmt.Sprintf(`{"id":%q,"phrase":%q}`, made.ID, made.Phrase), nil)
	p.refused(t, "account.remove", fmt.Sprintf(`{"id":%q}`, made.ID), codeRefusal, "wrong_password")
	p.call(t, "account.remove", unlock, nil)
	var again accountObject
	p.call(t, "account.recover", fmt.Sprintf(`{"phrase":%q}`, strings.ToUpper(made.Phrase)), &again)
	if again.Key == nil || *again.Key != *made.Key || !isFalse(again.BackupPending) || again.Slots.Password {
		t.Errorf("recovered %+v", again)
	}
}

func isTrue(b *bool) bool  { return b != nil && *b }
func isFalse(b *bool) bool { return b != nil && !*b }

// An account that was made without a window can drop its phrase without one.
func TestBackupIsConfirmedOverRPC(t *testing.T) {
	p := client4test(t, t.TempDir())
	p.refused(t, "account.backupChallenge", "", codeRefusal, "locked")
	p.refused(t, "account.confirmBackup", `{"words":{}}`, codeRefusal, "locked")
	made := create(t, p.talk, "Ann")
	p.refused(t, "account.confirmBackup", "", codeParams, "")
	p.refused(t, "account.confirmBackup", `{"words":["a"]}`, codeParams, "")
	p.refused(t, "account.confirmBackup", `{"words":{"first":"a"}}`, codeParams, "")
	var asked challengeObject
	p.call(t, "account.backupChallenge", "", &asked)
	p.refused(t, "account.confirmBackup", `{"words":{}}`, codeRefusal, "bad_phrase")
	var confirmed accountObject
	p.call(t, "account.confirmBackup", `{"words":`+wordsAt(made.Phrase, asked.Words[:])+`}`, &confirmed)
	if confirmed.ID != made.ID || !isFalse(confirmed.BackupPending) || !confirmed.Slots.Phrase {
		t.Errorf("confirmed %+v", confirmed)
	}
	p.event(t, "event.account", `"backupPending":false`)
	p.refused(t, "account.backupChallenge", "", codeRefusal, "not_allowed")
}

// wordsAt is what account.confirmBackup takes: the words of a phrase at positions that are counted from 1.
func wordsAt(phrase string, positions []int) string {
	words := map[int]string{}
	for _, p := range positions {
		words[p] = strings.Fields(phrase)[p-1]
	}
	raw, err := json.Marshal(words)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

func TestTwoProcessesDoNotShareAnAccount(t *testing.T) {
	dir := t.TempDir()
	first, second := client4test(t, dir), client4test(t, dir)
	made := create(t, first.talk, "Ann")
	unlock := fmt.Sprintf(`{"id":%q,"password":%s}`, made.ID, password)
	second.refused(t, "account.unlock", unlock, codeRefusal, "account_in_use")
	first.call(t, "account.lock", "", nil)
	second.call(t, "account.unlock", unlock, nil)
}

func TestRefusalsOfChatsAndNetwork(t *testing.T) {
	p := client4test(t, t.TempDir())
	create(t, p.talk, "Ann")
	var chat chatObject
	p.call(t, "chats.joinPublic", `{"name":"Lobby"}`, &chat)
	if chat.ID != "lobby" || chat.Kind != "public" || chat.Last != nil {
		t.Errorf("joined %+v", chat)
	}
	cases := []struct{ method, params, code string }{
		{"chats.joinPublic", `{"name":"two words"}`, "bad_name"},
		{"chats.send", `{"chat":"lobby","text":"  "}`, "text_blank"},
		{"chats.send", `{"chat":"lobby","text":"` + strings.Repeat("x", 4097) + `"}`, "text_too_long"},
		{"chats.send", `{"chat":"elsewhere","text":"x"}`, "no_such_chat"},
		{"chats.send", `{"chat":"lobby","text":"x","replyTo":"0x00"}`, "no_such_message"},
		{"chats.messages", `{"chat":"elsewhere"}`, "no_such_chat"},
		{"chats.leave", `{"chat":"elsewhere"}`, "no_such_chat"},
		{"network.addPeer", `{"enode":"enode://x"}`, "bad_enode"},
		{"network.removePeer", `{"enode":"x"}`, "bad_enode"},
	}
	for _, c := range cases {
		p.refused(t, c.method, c.params, codeRefusal, c.code)
	}
	p.call(t, "chats.leave", `{"chat":"lobby"}`, nil)
	p.event(t, "event.chat", `"left":true`)
}

func TestPagesGoBackByCursor(t *testing.T) {
	p := client4test(t, t.TempDir())
	create(t, p.talk, "Ann")
	p.call(t, "chats.joinPublic", `{"name":"lobby"}`, nil)
	for i := range 7 {
		p.call(t, "chats.send", fmt.Sprintf(`{"chat":"lobby","text":"%d"}`, i), nil)
	}
	var got []string
	before := "null"
	for range 5 {
		var page []messageObject
		p.call(t, "chats.messages", fmt.Sprintf(`{"chat":"lobby","limit":3,"before":%s}`, before), &page)
		for _, m := range page {
			got = append(got, m.Text)
			before = fmt.Sprintf(`{"clock":%d,"id":%q}`, m.Clock, m.ID)
		}
	}
	if strings.Join(got, "") != "6543210" {
		t.Errorf("got %v", got)
	}
	p.call(t, "chats.messages", `{"chat":"lobby","limit":5000}`, nil)
	p.refused(t, "chats.messages", `{"chat":"lobby","limit":0}`, codeParams, "")
}

func TestEndOfInputStoresEverythingItWasTold(t *testing.T) {
	dir := t.TempDir()
	p := client4test(t, dir)
	made := create(t, p.talk, "Ann")
	p.call(t, "chats.joinPublic", `{"name":"lobby"}`, nil)
	sendMany(t, p, 20)
	p.stdin.Close()
	if err := p.end(); err != nil {
		t.Fatal(err)
	}
	wantMessages(t, dir, made.ID, 20)
}

func TestSIGTERMStoresEverythingItWasTold(t *testing.T) {
	dir := t.TempDir()
	p := client4test(t, dir)
	made := create(t, p.talk, "Ann")
	p.call(t, "chats.joinPublic", `{"name":"lobby"}`, nil)
	sendMany(t, p, 20)
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.end(); err != nil {
		t.Fatal(err)
	}
	wantMessages(t, dir, made.ID, 20)
}

// sendMany writes requests without waiting for an answer.
func sendMany(t *testing.T, p *process, n int) {
	t.Helper()
	var lines strings.Builder
	for i := range n {
		fmt.Fprintf(&lines, `{"jsonrpc":"2.0","id":"m%d","method":"chats.send","params":{"chat":"lobby","text":"%d"}}`+"\n", i, i)
	}
	if _, err := io.WriteString(p.stdin, lines.String()); err != nil {
		t.Fatal(err)
	}
}

func wantMessages(t *testing.T, dir, id string, n int) {
	t.Helper()
	p := client4test(t, dir)
	p.call(t, "account.unlock", fmt.Sprintf(`{"id":%q,"password":%s}`, id, password), nil)
	if got := texts(t, p.talk, "lobby"); len(got) != n {
		t.Errorf("%d of %d messages are there: %v", len(got), n, got)
	}
}

func TestOutputThatNobodyReadsDoesNotKeepItFromStopping(t *testing.T) {
	program, err := exec.LookPath("sottod")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "client", "--data", t.TempDir(), "--listen", "127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	out.Close()
	fmt.Fprintln(in, `{"jsonrpc":"2.0","id":1,"method":"account.list"}`)
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("it ended with %v", err)
		}
	case <-time.After(patience):
		cmd.Process.Kill()
		t.Error("it still runs")
	}
}

func TestSocketServesManyAndIsPrivate(t *testing.T) {
	dir := shortDir(t)
	path := filepath.Join(dir, "s")
	p := client4test(t, filepath.Join(dir, "data"), "--socket", path)
	if m, _, err := p.wait("ready", 0, func(message) bool { return true }); err != nil || !strings.Contains(m.raw, `"event":"ready"`) {
		t.Fatalf("%v: %s", err, m.raw)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	p.stdin.Close() // with a socket, standard input is not the input
	first, second := dial(t, path), dial(t, path)
	first.event(t, "event.ready", "version")
	second.event(t, "event.ready", "version")
	create(t, first, "Ann")
	second.event(t, "event.account", `"name":"Ann"`)
	second.call(t, "chats.joinPublic", `{"name":"lobby"}`, nil)
	first.event(t, "event.chat", `"id":"lobby"`)
	second.call(t, "chats.send", `{"chat":"lobby","text":"hello"}`, nil)
	first.event(t, "event.message", `"text":"hello"`)

	again := exec.Command(p.cmd.Path, "client", "--data", dir, "--socket", path)
	if out, err := again.CombinedOutput(); err == nil || !strings.Contains(string(out), "another process answers") {
		t.Errorf("a second process took the socket: %v %s", err, out)
	}
	p.cmd.Process.Signal(syscall.SIGTERM)
	if err := p.end(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("the socket stays: %v", err)
	}
}

func dial(t *testing.T, path string) *talk {
	t.Helper()
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return newTalk(conn, conn)
}

func TestSocketLeftByAKilledProcessIsReplaced(t *testing.T) {
	dir := shortDir(t)
	path := filepath.Join(dir, "s")
	p := client4test(t, filepath.Join(dir, "data"), "--socket", path)
	any := func(message) bool { return true }
	if _, _, err := p.wait("ready", 0, any); err != nil {
		t.Fatal(err)
	}
	p.kill()
	next := client4test(t, filepath.Join(dir, "data"), "--socket", path)
	if _, _, err := next.wait("ready", 0, any); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := listenPrivately(context.Background(), filepath.Join(dir, "file")); err == nil {
		t.Error("a file was replaced by a socket")
	}
}

func TestPasswordByDescriptor(t *testing.T) {
	dir, id := lockedAccount(t)
	for given, code := range map[string]int{"correct horse\r\nmore": 0, "wrong\n": exitError} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, given)
		w.Close()
		cmd := exec.Command(mustFind(t, "sottod"), "client", "--data", dir, "--listen", "127.0.0.1:0",
			"--account", id, "--password-fd", "3")
		cmd.ExtraFiles = []*os.File{r}
		cmd.Stdin = strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"chats.list"}` + "\n")
		out, _ := cmd.CombinedOutput()
		r.Close()
		if got := cmd.ProcessState.ExitCode(); got != code {
			t.Errorf("%q: exit code %d, %s", given, got, out)
		}
		if code == 0 && !strings.Contains(string(out), `"result":[]`) {
			t.Errorf("not unlocked: %s", out)
		}
		if code != 0 && string(out) != "sottod client: That password does not open this account.\n" {
			t.Errorf("it says %q", out)
		}
	}
}

// A script may keep the descriptor open, since the password ends with its line.
func TestPasswordEndsWithItsLine(t *testing.T) {
	dir, id := lockedAccount(t)
	r, w := pipe(t)
	p := asking(t, r, "--data", dir, "--account", id)
	io.WriteString(w, "correct horse\n")
	p.event(t, "event.ready", "version")
	p.call(t, "chats.list", "", nil)
}

// The password never comes: the end does not wait for it.
func TestSIGTERMWhileWaitingForAPassword(t *testing.T) {
	dir, id := lockedAccount(t)
	socket := filepath.Join(shortDir(t), "s")
	r, _ := pipe(t)
	p := asking(t, r, "--data", dir, "--account", id, "--socket", socket)
	waitFor(t, "the socket, which is there before the password is asked for", func() bool { return fileExists(socket) })
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.end(); err != nil {
		t.Fatal(err)
	}
	if fileExists(socket) {
		t.Error("the socket stays")
	}
}

// lockedAccount is a folder with an account that no process has open.
func lockedAccount(t *testing.T) (dir, id string) {
	t.Helper()
	dir = t.TempDir()
	p := client4test(t, dir)
	id = create(t, p.talk, "Ann").ID
	p.stdin.Close()
	if err := p.end(); err != nil {
		t.Fatal(err)
	}
	return dir, id
}

func pipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() })
	return r, w
}

// asking is a client that takes its password from a descriptor.
func asking(t *testing.T, password *os.File, args ...string) *process {
	t.Helper()
	args = append([]string{"client", "--listen", "127.0.0.1:0", "--password-fd", "3"}, args...)
	cmd := exec.Command(mustFind(t, "sottod"), args...)
	cmd.ExtraFiles = []*os.File{password}
	p, err := startCommand(cmd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	return p
}

func TestClientFlagsThatMakeNoSense(t *testing.T) {
	for _, args := range [][]string{
		{"--nat", "maybe"}, {"--password-fd", "3"}, {"--ask"}, {"--account", "x", "--password-fd", "0"},
		{"--account", "x", "--ask", "--password-fd", "3"}, {"--listen", "nowhere"}, {"--listen", "127.0.0.1:70000"},
		{"--public", "nowhere"}, {"--public", ":30303"}, {"--public", "127.0.0.1:0"}, {"--password", "x"}, {"x"},
	} {
		var out strings.Builder
		if code := run(t.Context(), append([]string{"client"}, args...), strings.NewReader(""), io.Discard, &out); code != exitUsage {
			t.Errorf("%v: exit code %d", args, code)
		}
	}
}

func TestClientLinksNoToolkit(t *testing.T) {
	cmd := exec.Command("go", "list", "-deps", ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range strings.Fields(string(out)) {
		if strings.HasPrefix(path, "fyne.io") || path == "runtime/cgo" {
			t.Errorf("it links %s", path)
		}
	}
}

// A notification carries the object whole, as chats.messages gives it.
func TestNotificationsCarryTheWholeObject(t *testing.T) {
	p := client4test(t, t.TempDir())
	create(t, p.talk, "Ann")
	p.call(t, "chats.joinPublic", `{"name":"lobby"}`, nil)
	p.call(t, "chats.send", `{"chat":"lobby","text":"hello"}`, nil)
	var told struct {
		Seq     uint64
		Message json.RawMessage
	}
	if err := json.Unmarshal(p.event(t, "event.message", "hello").Params, &told); err != nil {
		t.Fatal(err)
	}
	var list []json.RawMessage
	p.call(t, "chats.messages", `{"chat":"lobby"}`, &list)
	if told.Seq == 0 || len(list) != 1 || string(list[0]) != string(told.Message) {
		t.Errorf("told %s\nstored %s", told.Message, list)
	}
}
