package node_test

import (
	"bytes"
	"slices"
	"testing"

	"sotto/node/identity"
	"sotto/node/payload"
	"sotto/node/payload/group"
)

// checkTaken holds that what came in a recorded envelope is taken where it belongs, and says what its author said: by who
// wrote it, another person or another device of the same, and byte for byte when it is written again.
func checkTaken(t *testing.T, wrapped []byte, want capturedApp, at payload.PrivateArrival) {
	t.Helper()
	in, err := payload.OpenPrivate(wrapped, at)
	if err != nil {
		t.Fatalf("%s: %v", want.Type, err)
	}
	var written interface{ Encode() ([]byte, error) }
	switch in.Type {
	case payload.TypeChat:
		written = in.Chat
	case payload.TypeContact:
		written = in.Update
	case payload.TypeMembership:
		written = in.Membership
		checkGroup(t, in.Membership, in.Author, at)
	case payload.TypePair:
		written = in.Pair
	case payload.TypeSyncChat:
		written = in.SyncChat
	default:
		t.Fatalf("type %d", in.Type)
	}
	encoded, err := written.Encode()
	if err != nil || !bytes.Equal(encoded, unhex(t, want.Payload)) {
		t.Errorf("%s is written as %x, %v", want.Type, encoded, err)
	}
}

// checkGroup replays the events of a recorded update: all of them count, the receiver is a member, and so is the author, who
// may write what stands beside them.
func checkGroup(t *testing.T, update payload.Membership, author identity.PublicKey, at payload.PrivateArrival) {
	t.Helper()
	var events []group.Event
	for _, raw := range update.Events {
		e, err := group.DecodeEvent(update.ChatID, raw)
		if err != nil || e.CheckClock(at.Sent) != nil {
			t.Fatalf("%+v, %v", e, err)
		}
		events = append(events, e)
	}
	state, ignored := group.Replay(update.ChatID, events)
	if len(events) == 0 || len(ignored) > 0 {
		t.Errorf("%d events, ignoring %v", len(events), ignored)
	}
	for _, who := range []identity.PublicKey{at.Self, author} {
		if !slices.Contains(state.Members(), who) {
			t.Errorf("%v is no member", who)
		}
	}
	if update.Text == nil {
		return
	}
	if err := state.Admits(author, update.Text.Clock, at.Sent); err != nil {
		t.Error(err)
	}
}
