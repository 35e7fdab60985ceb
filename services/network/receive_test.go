package network

import (
	"testing"

	"sotto/node"
	"sotto/services/fault"
)

func TestHowMuchIsReceivedIsStoredAndApplied(t *testing.T) {
	f := newFixture(t)
	f.node.status.Receive = node.ReceiveAutomatic
	f.Attach(f.node, f.store)
	if got, err := f.Receive(t.Context()); err != nil || got != ReceiveAutomatic {
		t.Errorf("at first: %q %v", got, err)
	}
	for _, want := range []Receive{ReceiveConcerning, ReceiveEverything, ReceiveAutomatic} {
		if err := f.SetReceive(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		if got, err := f.Receive(t.Context()); err != nil || got != want || f.store.receive != want {
			t.Errorf("got %q %v, stored %q, want %q", got, err, f.store.receive, want)
		}
	}
}

// The layer below has the same names.
func TestSettingsAreTheNodes(t *testing.T) {
	for ours, nodes := range map[Receive]node.Policy{
		ReceiveAutomatic: node.ReceiveAutomatic, ReceiveEverything: node.ReceiveEverything, ReceiveConcerning: node.ReceiveConcerning,
	} {
		if node.Policy(ours) != nodes {
			t.Errorf("%q is %q", ours, nodes)
		}
	}
}

func TestASettingThatIsRefusedChangesNothing(t *testing.T) {
	f := newFixture(t)
	wantCode(t, f.SetReceive(t.Context(), ReceiveEverything), fault.Locked, "")
	_, err := f.Receive(t.Context())
	wantCode(t, err, fault.Locked, "")
	f.Attach(f.node, f.store)
	for _, r := range []Receive{"", "nothing", "Everything"} {
		wantCode(t, f.SetReceive(t.Context(), r), fault.NotAllowed, "Choose one")
	}
	f.store.fail = fault.New(fault.StorageProblem, "The disk is full.")
	wantCode(t, f.SetReceive(t.Context(), ReceiveConcerning), fault.StorageProblem, "")
	if f.node.status.Receive != "" || f.store.receive != "" {
		t.Errorf("node %q, store %q", f.node.status.Receive, f.store.receive)
	}
}
