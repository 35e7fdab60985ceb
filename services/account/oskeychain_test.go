//go:build linux

package account

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"sotto/services/event"
	"sotto/services/fault"
)

// keyringCase tells the test binary, started again inside a session of its own, which keychain it is to find.
const keyringCase = "SOTTO_TEST_KEYRING"

// The real Secret Service: unlocked, locked, and no session bus at all.
func TestSecretService(t *testing.T) {
	for _, program := range []string{"dbus-run-session", "gnome-keyring-daemon"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed", program)
		}
	}
	cases := map[string]string{
		"unlocked": `printf pass | gnome-keyring-daemon --unlock --components=secrets >/dev/null && exec "$0" "$@"`,
		"locked":   `gnome-keyring-daemon --start --components=secrets >/dev/null && exec "$0" "$@"`,
		"no bus":   `unset DBUS_SESSION_BUS_ADDRESS && exec "$0" "$@"`,
	}
	for name, script := range cases {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, "dbus-run-session", "--", "sh", "-c", script,
				os.Args[0], "-test.run=^TestInsideASession$", "-test.count=1", "-test.v")
			cmd.Env = append(os.Environ(), keyringCase+"="+name, "HOME="+home, "XDG_DATA_HOME="+home, "XDG_RUNTIME_DIR="+home, "DISPLAY=")
			out, err := cmd.CombinedOutput()
			if err != nil || !strings.Contains(string(out), "--- PASS: TestInsideASession") {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

func TestInsideASession(t *testing.T) {
	which := os.Getenv(keyringCase)
	if which == "" {
		t.Skip("run by TestSecretService")
	}
	s := New(Config{Dir: t.TempDir(), Opener: &recorder{}, Events: event.NewBus(), KDF: lightKDF, KeychainTimeout: 5 * time.Second})
	defer func() { must(t, s.Close(context.WithoutCancel(t.Context()))) }()
	made, err := s.Create(t.Context(), Options{Name: "Kay", Keychain: true})
	if which != "unlocked" {
		wantCode(t, err, fault.NoKeychain, "Choose a password instead.")
		return
	}
	must(t, err)
	must(t, s.Lock(t.Context()))
	_, err = s.Unlock(t.Context(), made.ID, Credential{})
	must(t, err)
	must(t, s.Remove(t.Context(), made.ID, ""))
	if _, err := s.keychain.get(t.Context(), made.ID); err == nil {
		t.Error("the entry stays after the account is gone")
	}
}
