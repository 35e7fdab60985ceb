package services

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/ethereum/go-ethereum/crypto"

	"sotto/models"
	"sotto/node"
	"sotto/node/identity"
	"sotto/node/secure"
	"sotto/services/account"
	"sotto/services/network"
)

// home is a folder of an account, and the program that opens it: what a person can do to the folder meanwhile is the test's.
type home struct {
	t       *testing.T
	cfg     Config
	keys    account.Keys
	session *Session
	runner  *runner
}

func newHome(t *testing.T) *home {
	t.Helper()
	chat, err := crypto.GenerateKey()
	must(t, err)
	h := &home{t: t, keys: account.Keys{ID: "a", Folder: filepath.Join(t.TempDir(), "a"), Chat: chat}}
	h.cfg, err = Config{Data: t.TempDir(), State: filepath.Join(t.TempDir(), "state"), Listen: "127.0.0.1:0"}.withDefaults()
	must(t, err)
	t.Cleanup(h.close)
	h.open()
	return h
}

func (h *home) open() {
	h.t.Helper()
	h.session = openSession(h.t, h.cfg.Data)
	h.runner = &runner{cfg: h.cfg, session: h.session}
	must(h.t, h.runner.Open(h.t.Context(), h.keys))
}

func (h *home) close() {
	h.t.Helper()
	if h.runner != nil {
		must(h.t, h.runner.Close(context.WithoutCancel(h.t.Context())))
	}
	h.runner = nil
}

// kill ends the program before it can write anything about that.
func (h *home) kill() {
	h.runner.gen = nil
	h.close()
}

func (h *home) reopen() { h.close(); h.open() }

// copied is a copy of the folder as it is now.
func (h *home) copied() (dir string) {
	h.t.Helper()
	dir = filepath.Join(h.t.TempDir(), "copy")
	must(h.t, os.CopyFS(dir, os.DirFS(h.keys.Folder)))
	return dir
}

// putBack puts a copy in the folder's place.
func (h *home) putBack(copied string) {
	h.t.Helper()
	must(h.t, os.RemoveAll(h.keys.Folder))
	must(h.t, os.CopyFS(h.keys.Folder, os.DirFS(copied)))
}

// installed is what others know this installation by: its id and its prekey.
type installed struct {
	id     string
	prekey secure.Point
}

func (h *home) installed() (i installed) {
	h.t.Helper()
	must(h.t, h.runner.store.Update(h.t.Context(), func(tx *models.Tx) error {
		id, _, err := tx.Setting("installation")
		if err != nil {
			return err
		}
		own, _, err := tx.OwnPrekey()
		i = installed{string(id), own.Key}
		return err
	}))
	return i
}

// noticed says whether the person is told that the folder was put back.
func (h *home) noticed() bool {
	return slices.ContainsFunc(h.session.Network.Degraded(), func(d network.Degraded) bool {
		return d.Name == network.DegradedRolledBack && d.Text != "" && d.Remedy != ""
	})
}

// wantSame fails the test where the installation is another, or the person is told something.
func (h *home) wantSame(when string, before installed) {
	h.t.Helper()
	if now := h.installed(); now.id != before.id || h.noticed() {
		h.t.Errorf("%s: installation %s, before %s, noticed %v", when, now.id, before.id, h.noticed())
	}
}

// wantAnew fails the test where the installation is not another, or the person is not told.
func (h *home) wantAnew(when string, before installed) {
	h.t.Helper()
	now := h.installed()
	if now.id == before.id || now.prekey == before.prekey && before.prekey != (secure.Point{}) || !h.noticed() {
		h.t.Errorf("%s: installation %s, before %s, noticed %v", when, now.id, before.id, h.noticed())
	}
}

// TestFolderPutBack: a folder is copied, the account goes on, and the copy is put back. The account begins anew instead of
// using keys a second time, says so, and the conversation goes on.
func TestFolderPutBack(t *testing.T) {
	relay := startRelay(t)
	ann, bo := newHome(t), newHome(t)
	befriend(t, ann, bo, relay)
	ann.tells(bo, "before the copy")
	bo.tells(ann, "me too")
	ann.close()
	saved := ann.copied()
	ann.open()
	waitOnline(t, ann.session)
	before := ann.installed()
	ann.tells(bo, "after the copy")
	bo.tells(ann, "me too, later")
	ann.close()
	ann.putBack(saved)
	ann.open()
	ann.wantAnew("put back", before)
	waitOnline(t, ann.session)
	bo.tells(ann, "once more") // was encrypted for a device that is no more: Ann asks Bo to begin anew
	ann.tells(bo, "and on")
	bo.tells(ann, "and on, too")
	if got := texts(t, bo.session, ann.self()); !slices.Contains(got, "A new device of theirs appeared.") {
		t.Errorf("Bo is not told of the new installation: %q", got)
	}
	now := ann.installed()
	ann.reopen()
	ann.wantSame("the next start", now)
}

// befriend makes two people each other's contacts through a relay.
func befriend(t *testing.T, a, b *home, relay *node.Node) {
	t.Helper()
	for _, h := range []*home{a, b} {
		connect(t, h.session, relay)
	}
	link, err := b.session.Contacts.Link(t.Context())
	must(t, err)
	_, err = a.session.Contacts.Add(t.Context(), link)
	must(t, err)
	_, err = b.session.Contacts.Add(t.Context(), a.self())
	must(t, err)
}

func (h *home) self() string { return identity.KeyOf(&h.keys.Chat.PublicKey).String() }

// tells sends a text and waits until it has come.
func (h *home) tells(to *home, text string) {
	h.t.Helper()
	send(h.t, h.session, to.self(), text)
	eventually(h.t, text, func() bool { return slices.Contains(texts(h.t, to.session, h.self()), text) })
}

// TestFolderStaysWhereItIs: whatever ends the program, the next start is none that anybody is told of.
func TestFolderStaysWhereItIs(t *testing.T) {
	h := newHome(t)
	before := h.installed()
	h.reopen()
	h.wantSame("closed", before)
	h.kill()
	h.open()
	h.wantSame("killed", before)

	g := h.runner.gen
	last, err := g.outside()
	must(t, err)
	must(t, g.put(t.Context(), append(slices.Clone(last), make([]byte, generationSize)...)))
	h.kill()
	h.open()
	h.wantSame("killed between the two writes", before)
}

// TestFolderElsewhere: a copy that is opened on another computer begins anew, there; where it came from nothing changes.
func TestFolderElsewhere(t *testing.T) {
	here := newHome(t)
	before := here.installed()
	here.close()
	there := newHome(t)
	there.close()
	there.keys.Chat = here.keys.Chat
	there.keys.ID = "b" // or its own number would be there
	there.putBack(here.copied())
	there.open()
	there.wantAnew("elsewhere", before)
	here.open()
	here.wantSame("here", before)
}

// TestStateFolderGone: what cannot be known may have been copied. That costs the keys once and nothing else.
func TestStateFolderGone(t *testing.T) {
	for name, c := range map[string]func(*home){
		"missing":    func(h *home) { must(t, os.RemoveAll(h.cfg.State)) },
		"unreadable": func(h *home) { must(t, os.RemoveAll(h.cfg.State)); must(t, os.WriteFile(h.cfg.State, nil, 0o600)) },
		"garbage": func(h *home) {
			must(t, os.WriteFile(filepath.Join(h.cfg.State, "generations", h.keys.ID), []byte("x"), 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHome(t)
			before := h.installed()
			h.close()
			c(h)
			h.open()
			h.wantAnew("gone", before)
			now := h.installed()
			h.reopen()
			h.wantSame("the next start", now)
			h.kill()
			h.open()
			h.wantSame("killed", now)
		})
	}
}

// TestStateFolderNeverThere: where nothing can be written, nothing is claimed.
func TestStateFolderNeverThere(t *testing.T) {
	h := newHome(t)
	h.close()
	h.cfg.State = filepath.Join(h.cfg.State, "file")
	must(t, os.WriteFile(h.cfg.State, nil, 0o600))
	h.keys.Folder = filepath.Join(t.TempDir(), "b")
	h.open()
	before := h.installed()
	for range 2 {
		h.reopen()
		h.wantSame("nothing can be written", before)
	}
}

// TestStateFolderReadOnly: a number is there and cannot be replaced.
func TestStateFolderReadOnly(t *testing.T) {
	h := newHome(t)
	before := h.installed()
	must(t, h.runner.gen.put(t.Context(), notWritten)) // as after a write that failed
	h.kill()
	h.open()
	h.wantSame("read-only", before)
}

func TestGenerationNeedsWorkingRandomness(t *testing.T) {
	h := newHome(t)
	g := newGeneration(h.cfg.State, h.keys.ID, h.runner.store, brokenReader{})
	if err := g.move(t.Context()); err == nil {
		t.Error("a number came out of nothing")
	}
	h.wantSame("no number", h.installed())
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, os.ErrClosed }
