package datasync_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sotto/node/datasync"
	"sotto/node/datasync/datasynctest"
	"sotto/node/identity"
)

// model is what a sender's state has to come to: for each message the devices that owe an acknowledgement.
type model struct {
	*datasynctest.State
	now     time.Time
	ids     []datasync.ID
	to      map[datasync.ID]identity.PublicKey
	missing map[datasync.ID]map[string]bool // empty: settled
}

var (
	drawPerson  = rapid.SampledFrom([]identity.PublicKey{alice, bob, carol})
	drawDevice  = rapid.SampledFrom([]string{"one", "two", "three"})
	units       = []time.Duration{time.Second, time.Minute}
	drawDevices = rapid.SliceOfNDistinct(drawDevice, 0, 3, rapid.ID)
)

// Whatever comes in whatever order, a message waits exactly for the devices that it was last sent to and that have not
// acknowledged it.
func TestSendingModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &model{
			State: datasynctest.New(), now: start,
			to: map[datasync.ID]identity.PublicKey{}, missing: map[datasync.ID]map[string]bool{},
		}
		t.Repeat(map[string]func(*rapid.T){
			"begin": m.begin, "ack": m.ack, "retransmit": m.retransmit, "request": m.request, "hear": m.hear,
			"wait": func(t *rapid.T) {
				m.now = m.now.Add(time.Duration(rapid.IntRange(1, 100).Draw(t, "for")) * rapid.SampledFrom(units).Draw(t, "times"))
			},
			"": m.check,
		})
	})
}

func (m *model) begin(t *rapid.T) {
	to, devices := drawPerson.Draw(t, "to"), drawDevices.Draw(t, "devices")
	message := datasync.New(alice, to, fmt.Append(nil, len(m.ids)), m.now)
	if err := datasync.Begin(m.State, to, message, int64(len(m.ids)), devices, m.now, steady(0)); err != nil {
		t.Fatal(err)
	}
	id := message.ID()
	m.ids, m.to[id], m.missing[id] = append(m.ids, id), to, setOf(devices)
}

// setOf is the records that there must be after a message was encrypted for those devices.
func setOf(devices []string) map[string]bool {
	if len(devices) == 0 {
		return map[string]bool{datasync.Anyone: true}
	}
	set := map[string]bool{}
	for _, d := range devices {
		set[d] = true
	}
	return set
}

func (m *model) draw(t *rapid.T) datasync.ID {
	if len(m.ids) == 0 {
		t.Skip("no message yet")
	}
	return rapid.SampledFrom(m.ids).Draw(t, "message")
}

func (m *model) ack(t *rapid.T) {
	id, from, device := m.draw(t), drawPerson.Draw(t, "from"), drawDevice.Draw(t, "device")
	got, err := datasync.Receive(m.State, alice, datasync.Payload{Acks: []datasync.ID{id}}, from, device, m.now)
	if err != nil {
		t.Fatal(err)
	}
	counts := m.to[id] == from && (m.missing[id][device] || m.missing[id][datasync.Anyone])
	if counts != (len(got.Delivered) == 1) {
		t.Fatalf("counted: %+v, want %v", got.Delivered, counts)
	}
	if counts {
		delete(m.missing[id], device)
		delete(m.missing[id], datasync.Anyone)
	}
}

func (m *model) request(t *rapid.T) {
	id, from, device := m.draw(t), drawPerson.Draw(t, "from"), drawDevice.Draw(t, "device")
	got, err := datasync.Receive(m.State, alice, datasync.Payload{Requests: []datasync.ID{id}}, from, device, m.now)
	if err != nil {
		t.Fatal(err)
	}
	want := m.to[id] == from && (m.missing[id][device] || m.missing[id][datasync.Anyone])
	if want != (len(got.Resend) == 1) {
		t.Fatalf("resend %x, want %v", got.Resend, want)
	}
	if want {
		if err := datasync.Hasten(m.State, id, m.now); err != nil {
			t.Fatal(err)
		}
	}
}

// hear changes only when something is due.
func (m *model) hear(t *rapid.T) {
	if _, err := datasync.Heard(m.State, drawPerson.Draw(t, "from"), drawDevice.Draw(t, "device"), m.now); err != nil {
		t.Fatal(err)
	}
}

// retransmit sends again what is due, to devices that may have changed, or cannot send.
func (m *model) retransmit(t *rapid.T) {
	again, givenUp, err := datasync.Retransmit(m.State, m.now, 3)
	if err != nil || len(givenUp) > 0 {
		t.Fatal(err, givenUp)
	}
	for _, u := range again {
		if rapid.Bool().Draw(t, "offline") {
			err = datasync.Postpone(m.State, u.ID, m.now)
		} else {
			devices := drawDevices.Draw(t, "devices")
			err = datasync.Again(m.State, u.ID, devices, m.now, steady(0))
			m.missing[u.ID] = setOf(devices)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func (m *model) check(t *rapid.T) {
	for _, id := range m.ids {
		_, found, _ := m.Sending(id)
		if found != (len(m.missing[id]) > 0) {
			t.Fatalf("%x is there: %v, want it to wait for %v", id, found, m.missing[id])
		}
		records, _ := m.Records(id)
		var got []string
		for _, r := range records {
			got = append(got, r.Installation)
		}
		if !slices.Equal(got, slices.Sorted(maps.Keys(m.missing[id]))) {
			t.Fatalf("%x waits for %q, want %v", id, got, m.missing[id])
		}
	}
}
