package datasync_test

import (
	"testing"
	"time"

	"sotto/node/datasync"
	"sotto/node/identity"
)

// Alice and her negative have the same X; both ends still agree.
func TestGroupOfKeyAndItsNegative(t *testing.T) {
	c := alice.Compressed()
	c[0] ^= 1
	negative, err := identity.DecodePublicKey(c[:])
	must(t, err)
	if datasync.GroupOf(alice, negative) != datasync.GroupOf(negative, alice) {
		t.Error("the group depends on who asks")
	}
}

func TestGroupsDiffer(t *testing.T) {
	groups := map[[32]byte]bool{
		datasync.GroupOf(alice, alice): true, datasync.GroupOf(alice, bob): true,
		datasync.GroupOf(alice, carol): true, datasync.GroupOf(bob, carol): true,
	}
	if len(groups) != 4 {
		t.Errorf("%d groups of 4 conversations", len(groups))
	}
}

// A message's identity is its group, its second and its body, nothing else.
func TestIDOfNew(t *testing.T) {
	m := datasync.New(alice, bob, []byte("x"), start)
	if same := datasync.New(bob, alice, []byte("x"), start.Truncate(time.Second)); same.ID() != m.ID() {
		t.Error("the same message has another id")
	}
	for name, other := range map[string]datasync.Message{
		"body":   datasync.New(alice, bob, []byte("y"), start),
		"second": datasync.New(alice, bob, []byte("x"), start.Add(time.Second)),
		"group":  datasync.New(alice, carol, []byte("x"), start),
	} {
		if other.ID() == m.ID() {
			t.Errorf("another %s and the same id", name)
		}
	}
}
