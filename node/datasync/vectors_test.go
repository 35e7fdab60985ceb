package datasync_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
	"testing"
	"time"

	"sotto/node/datasync"
	"sotto/node/datasync/datasynctest"
	"sotto/node/identity"
	"sotto/node/vectortest"
)

// recordedMessage is a message of the vectors.
type recordedMessage struct {
	Body      string
	Group     string `json:"group_id"`
	ID        string `json:"message_id"`
	Protobuf  string `json:"message_protobuf"`
	Timestamp int64
}

// recordedPayload is a payload of the vectors.
type recordedPayload struct {
	Name     string
	Protobuf string
}

func TestVectorGroupIDs(t *testing.T) {
	var cases []struct {
		Group string `json:"group_id"`
		Pub1  string
		Pub2  string
	}
	vectortest.Load(t, "mvds.json", "group_ids", &cases)
	for i, c := range cases {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			a, err := identity.DecodePublicKey(unhex(t, c.Pub1))
			must(t, err)
			b, err := identity.DecodePublicKey(unhex(t, c.Pub2))
			must(t, err)
			for _, group := range [][32]byte{datasync.GroupOf(a, b), datasync.GroupOf(b, a)} {
				if hex.EncodeToString(group[:]) != c.Group {
					t.Errorf("got %x, want %s", group, c.Group)
				}
			}
		})
	}
}

// Every message, alone in a payload: its id, its fields, and its bytes.
func TestVectorMessages(t *testing.T) {
	var cases []recordedMessage
	vectortest.Load(t, "mvds.json", "messages", &cases)
	for i, c := range cases {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			want := datasync.Message{Group: [32]byte(unhex(t, c.Group)), Timestamp: c.Timestamp, Body: unhex(t, c.Body)}
			raw := field(nil, 5004, unhex(t, c.Protobuf))
			p, err := datasync.DecodePayload(raw)
			must(t, err)
			if len(p.Messages) != 1 || len(p.Acks)+len(p.Offers)+len(p.Requests) != 0 {
				t.Fatalf("read %+v", p)
			}
			m := p.Messages[0]
			if m.Group != want.Group || m.Timestamp != want.Timestamp || !bytes.Equal(m.Body, want.Body) {
				t.Errorf("read %+v", m)
			}
			for _, id := range []datasync.ID{m.ID(), want.ID()} {
				if hex.EncodeToString(id[:]) != c.ID {
					t.Errorf("id %x, want %s", id, c.ID)
				}
			}
			encoded, err := datasync.Payload{Messages: []datasync.Message{want}}.Encode()
			if err != nil || !bytes.Equal(encoded, raw) {
				t.Errorf("wrote %x, %v", encoded, err)
			}
		})
	}
}

// Every payload byte for byte; how many fields of a kind are in it is counted in the recorded bytes.
func TestVectorPayloads(t *testing.T) {
	var cases []recordedPayload
	vectortest.Load(t, "mvds.json", "payloads", &cases)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			raw := unhex(t, c.Protobuf)
			p, err := datasync.DecodePayload(raw)
			must(t, err)
			got := [4]int{len(p.Acks), len(p.Offers), len(p.Requests), len(p.Messages)}
			if want := map[string][4]int{"one message": {0, 0, 0, 1}, "two acks": {2}, "offer": {0, 1}, "all": {1, 1, 1, 2}}[c.Name]; got != want {
				t.Errorf("read %v, want %v", got, want)
			}
			if encoded, err := p.Encode(); err != nil || !bytes.Equal(encoded, raw) {
				t.Errorf("wrote %x, %v", encoded, err)
			}
		})
	}
}

// A peer goes by its uncompressed key, which is what identity.PublicKey holds.
func TestVectorPeerID(t *testing.T) {
	var c struct {
		Peer string `json:"peer_id"`
		Key  string `json:"public_key"`
	}
	vectortest.Load(t, "mvds.json", "peer_id", &c)
	key, err := identity.DecodePublicKey(unhex(t, c.Key))
	must(t, err)
	if got := hex.EncodeToString(key[:]); got != c.Peer {
		t.Errorf("got %s", got)
	}
}

// The recorded node waits longer the longer it has been running, since its next epoch is the sum of the last and the
// current one; started at epoch 1000 (five minutes) it waits five minutes for its first retransmission. Ours waits 27 s,
// then twice as long each time up to an hour, whenever it was started.
func TestVectorRetransmissionDiffers(t *testing.T) {
	type schedules struct {
		Epoch int64 `json:"epoch_ms"`
		Runs  []struct {
			Sent  []int64 `json:"epochs_at_which_message_was_sent"`
			Start int64   `json:"node_start_epoch"`
		}
	}
	var recorded struct {
		Shipped schedules `json:"retransmission_epochs_v0.0.23"`
	}
	vectortest.Load(t, "mvds.json", "reference_behaviour_only", &recorded)
	waits := []time.Duration{27, 54, 108, 216, 432, 864, 1728, 3456, 3600, 3600}
	for _, run := range recorded.Shipped.Runs {
		t.Run(fmt.Sprint(run.Start), func(t *testing.T) {
			var theirs []time.Duration
			for i, epoch := range run.Sent[1:] {
				if last := run.Sent[i]; epoch != 2*last+2*int64(i+1) {
					t.Errorf("the recorded node sent at %d after %d: not the fault that this is about", epoch, last)
				}
				theirs = append(theirs, time.Duration((epoch-run.Sent[i])*recorded.Shipped.Epoch)*time.Millisecond)
			}
			ours := ourWaits(t, start.Add(time.Duration(run.Start*recorded.Shipped.Epoch)*time.Millisecond), len(waits))
			for i, got := range ours {
				if want := waits[i] * time.Second; got != want {
					t.Errorf("wait %d is %v, want %v", i+1, got, want)
				}
			}
			if slices.Equal(ours[:len(theirs)], theirs) {
				t.Error("the same as the recorded fault")
			}
		})
	}
}

// ourWaits sends a message that nobody acknowledges and measures the time between its sendings, without the random part.
func ourWaits(t *testing.T, now time.Time, n int) (waits []time.Duration) {
	t.Helper()
	s := datasynctest.New()
	must(t, datasync.Begin(s, bob, datasync.New(alice, bob, nil, now), 1, nil, now, steady(0)))
	for len(waits) < n {
		last := now
		for len(due(t, s, now)) == 0 {
			now = now.Add(time.Second)
		}
		waits = append(waits, now.Sub(last))
		must(t, datasync.Again(s, due(t, s, now)[0].ID, nil, now, steady(0)))
	}
	return waits
}
