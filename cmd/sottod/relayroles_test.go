package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"path/filepath"
	"testing"
	"time"

	"sotto/node/overlay"
	"sotto/node/probe"
	"sotto/services/invite"
)

// TestTheNodeHasItsRoles: what a relay is, others see from outside.
func TestTheNodeHasItsRoles(t *testing.T) {
	for name, test := range map[string]struct {
		flags []string
		light bool
		boot  bool
		mail  probe.Mail
	}{
		"all":   {nil, false, true, probe.Answered},
		"relay": {[]string{"--no-boot", "--no-mail"}, false, false, probe.Silent},
		"mail":  {[]string{"--no-boot", "--no-relay"}, true, false, probe.Answered},
		"boot":  {[]string{"--no-relay", "--no-mail"}, true, true, probe.Silent},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // who is silent is waited for
			n, err := overlay.ParseEnode(runningRelay(t, test.flags))
			if err != nil {
				t.Fatal(err)
			}
			r, err := probe.Node(t.Context(), n, probe.Config{Mail: true})
			if err != nil || r.Light != test.light || r.Mail != test.mail || (r.Keeps > 0) != (test.mail == probe.Answered) {
				t.Errorf("it is %+v, %v", r, err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			defer cancel()
			if _, err := probe.Boot(ctx, n, probe.Config{}); (err == nil) != test.boot {
				t.Errorf("as a boot node: %v", err)
			}
		})
	}
}

// runningRelay runs in this process until the end of the test.
func runningRelay(t *testing.T, args []string) (enode string) {
	t.Helper()
	var out, errs bytes.Buffer
	args = append([]string{"--data", t.TempDir(), "--listen", "127.0.0.1:0"}, args...)
	flags, code, done := parseRelayFlags(args, &out, &errs)
	if done {
		t.Fatal(code, errs.String())
	}
	key, err := overlay.LoadOrCreateKey(filepath.Join(flags.data, keyFile), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	box, err := openMailbox(t.Context(), flags, key, testLog())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := box.close(); err != nil {
			t.Error(err)
		}
	})
	n, err := newRelay(flags, key, box, newInviter(&flags, io.Discard, testLog()), testLog())
	if err != nil {
		t.Fatal(err)
	}
	box.serve(n.Whisper())
	if err := n.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Stop)
	return n.Status().Enode
}

func TestRolesOfTheRecord(t *testing.T) {
	for of, want := range map[invite.Role]overlay.Roles{
		invite.Boot: overlay.RoleBoot, invite.Relay: overlay.RoleRelay, invite.Mail: overlay.RoleMail,
		invite.Boot | invite.Mail: overlay.RoleBoot | overlay.RoleMail, 0: 0,
	} {
		if got := overlayRoles(of); got != want {
			t.Errorf("%b is %b", of, got)
		}
	}
}
