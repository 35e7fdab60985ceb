package account

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zalando/go-keyring"
	"go.uber.org/goleak"

	"sotto/services/event"
	"sotto/services/fault"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// The one connection to the session bus lives as long as the process.
		goleak.IgnoreAnyFunction("github.com/godbus/dbus/v5.(*Conn).inWorker"),
		goleak.IgnoreAnyFunction("github.com/godbus/dbus/v5.newConn.func1"))
}

// Phrases with right checksums, made for these tests.
const (
	phraseA = "legal winner thank year wave sausage worth useful legal winner thank yellow"
	phraseB = "letter advice cage absurd amount doctor acoustic avoid letter advice cage above"
)

var lightKDF = KDF{Time: 1, Memory: 64, Threads: 1}

// recorder is an Opener that notes what was asked of it.
type recorder struct {
	log     []string
	keys    Keys
	failing error
}

func (r *recorder) Open(_ context.Context, keys Keys) error {
	r.log = append(r.log, "open "+keys.ID)
	if r.failing != nil {
		return r.failing
	}
	r.keys = keys
	return nil
}

func (r *recorder) Close(context.Context) error {
	r.log = append(r.log, "close "+r.keys.ID)
	r.keys = Keys{}
	return nil
}

// fixture is a service on a folder, with the keychain of go-keyring's mock.
type fixture struct {
	*Service
	opener *recorder
	events *event.Subscription
}

func newFixture(t *testing.T, dir string) *fixture {
	t.Helper()
	keyring.MockInit()
	bus, opener := event.NewBus(), &recorder{}
	s := New(Config{Dir: dir, Opener: opener, Events: bus, KDF: lightKDF, KeychainTimeout: 5 * time.Second})
	f := &fixture{Service: s, opener: opener, events: bus.Subscribe(100)}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return f
}

// create makes an account that has a password.
func (f *fixture) create(t *testing.T, name string) Created {
	t.Helper()
	c, err := f.Create(t.Context(), Options{Name: name, Password: "swordfish"})
	if err != nil {
		t.Fatalf("create: %v", err)
	}
	return c
}

func wantCode(t *testing.T, err error, code fault.Code, sentence string) {
	t.Helper()
	if fault.CodeOf(err) != code {
		t.Fatalf("got %v, want code %s", err, code)
	}
	if !strings.Contains(fault.Sentence(err), sentence) {
		t.Errorf("sentence %q does not say %q", fault.Sentence(err), sentence)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// filesBelow reads every file of a folder, by its path.
func filesBelow(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		files[path] = string(data)
		return err
	})
	must(t, err)
	return files
}

// brokenDisk refuses every write after the first `after`.
type brokenDisk struct {
	after int
	err   error
}

func (d *brokenDisk) replace(folder, name string, data []byte) error {
	if d.after > 0 {
		d.after--
		return osDisk{}.replace(folder, name, data)
	}
	return &os.PathError{Op: "write", Path: filepath.Join(folder, name), Err: d.err}
}

var errLockedKeychain = errors.New("failed to unlock correct collection '/org/freedesktop/secrets/aliases/default'")
