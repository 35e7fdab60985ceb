package datasync_test

import (
	"container/heap"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"sotto/node/datasync"
	"sotto/node/datasync/datasynctest"
	"sotto/node/identity"
)

// conditions is what a simulated network does to two people and their devices.
type conditions struct {
	seed      byte
	devices   [2]int        // of each person
	messages  int           // in the first hour, from any device to the other person or to one's own other devices
	loss      float64       // of every copy to every device
	duplicate float64       // as often a copy comes twice
	delay     time.Duration // at most; so what was sent later may come first
	crash     float64       // as often a device loses, with all that it did, the transaction in which it took a payload in
	strangers time.Duration // until then nobody knows a device of the other person
	outages   []outage
}

// outage is a time when a device is offline and knows it, or, without a device, when the two people are parted and do not.
type outage struct {
	device      string
	begin, long time.Duration
}

// device is one end of the simulated network.
type device struct {
	id    string
	key   identity.PublicKey
	other identity.PublicKey
	state *datasynctest.State
	got   map[datasync.ID]int // how often a message was handed up
}

// network carries payloads between devices on a clock of its own.
type network struct {
	testing.TB
	conditions
	now      time.Time
	queue    events
	serial   int
	rand     *rand.Rand
	source   *rand.ChaCha8
	devices  []*device
	expected map[datasync.ID][]*device // who must have a message in the end
	anyone   map[datasync.ID]bool      // of those sent when no device was known: one of them
	sends    map[datasync.ID]int
}

// run lets a network run until every message is acknowledged.
func run(t testing.TB, c conditions) *network {
	t.Helper()
	n := newNetwork(t, c)
	for range c.messages {
		n.after(time.Duration(n.rand.Int64N(int64(time.Hour))), n.write)
	}
	for _, d := range n.devices {
		n.tick(d)
	}
	for n.queue.Len() > 0 && n.now.Sub(start) < datasync.MaxAge {
		e := heap.Pop(&n.queue).(event)
		n.now = e.at
		e.do()
	}
	n.checkEnd()
	return n
}

func newNetwork(t testing.TB, c conditions) *network {
	source := rand.NewChaCha8([32]byte{c.seed})
	n := &network{
		TB: t, conditions: c, now: start, source: source, rand: rand.New(source),
		expected: map[datasync.ID][]*device{}, anyone: map[datasync.ID]bool{}, sends: map[datasync.ID]int{},
	}
	people := []identity.PublicKey{alice, bob}
	for who, count := range c.devices {
		for i := range count {
			id := fmt.Sprintf("%c%d", "ab"[who], i+1)
			n.devices = append(n.devices, &device{id, people[who], people[1-who], datasynctest.New(), map[datasync.ID]int{}})
		}
	}
	return n
}

// event is something that happens at a time.
type event struct {
	at     time.Time
	serial int
	do     func()
}

type events []event

func (e events) Len() int      { return len(e) }
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)   { *e = append(*e, x.(event)) }
func (e events) Less(i, j int) bool {
	return e[i].at.Before(e[j].at) || e[i].at.Equal(e[j].at) && e[i].serial < e[j].serial
}

func (e *events) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}

func (n *network) after(d time.Duration, do func()) {
	n.serial++
	heap.Push(&n.queue, event{n.now.Add(d), n.serial, do})
}

// out tells whether there is an outage of a device, or between the two people.
func (n *network) out(device string) bool {
	since := n.now.Sub(start)
	return slices.ContainsFunc(n.outages, func(o outage) bool {
		return o.device == device && since >= o.begin && since < o.begin+o.long
	})
}

// devicesOf are the devices that somebody has besides d.
func (n *network) devicesOf(key identity.PublicKey, d *device) []*device {
	var list []*device
	for _, other := range n.devices {
		if other.key == key && other != d {
			list = append(list, other)
		}
	}
	return list
}

// known are the ids of those that d knows of.
func (n *network) known(key identity.PublicKey, d *device) (ids []string) {
	if key != d.key && n.now.Sub(start) < n.strangers {
		return nil
	}
	for _, other := range n.devicesOf(key, d) {
		ids = append(ids, other.id)
	}
	return ids
}

// write lets a device send a new message.
func (n *network) write() {
	d := n.devices[n.rand.IntN(len(n.devices))]
	to := d.other
	if n.rand.IntN(4) == 0 && len(n.devicesOf(d.key, d)) > 0 {
		to = d.key
	}
	m := datasync.New(d.key, to, fmt.Append(nil, d.id, " ", len(n.sends)), n.now)
	installations := n.known(to, d)
	must(n, datasync.Begin(d.state, to, m, 1, installations, n.now, n.source))
	n.expected[m.ID()], n.anyone[m.ID()] = n.devicesOf(to, d), len(installations) == 0
	n.post(d, to, m, installations)
}

// post sends a message on its way.
func (n *network) post(d *device, to identity.PublicKey, m datasync.Message, installations []string) {
	n.sends[m.ID()]++
	n.carry(d, to, datasync.Payload{Messages: []datasync.Message{m}}, installations)
}

// carry brings a payload to devices of somebody, or to all of them where none is named; what the network leaves of it.
func (n *network) carry(d *device, to identity.PublicKey, p datasync.Payload, installations []string) {
	raw, err := p.Encode()
	must(n, err)
	if n.out(d.id) {
		return
	}
	for _, other := range n.devicesOf(to, d) {
		if len(installations) > 0 && !slices.Contains(installations, other.id) {
			continue
		}
		copies := 1
		if n.rand.Float64() < n.duplicate {
			copies = 2
		}
		for range copies {
			if n.rand.Float64() >= n.loss {
				n.after(time.Duration(n.rand.Int64N(int64(n.delay))), func() { n.arrive(other, d, raw) })
			}
		}
	}
}

// arrive takes a payload in at a device, commits, and acknowledges.
func (n *network) arrive(d, from *device, raw []byte) {
	if n.out(d.id) || from.key != d.key && n.out("") {
		return
	}
	p, err := datasync.DecodePayload(raw)
	must(n, err)
	state, crashes := d.state, n.rand.Float64() < n.crash
	if crashes {
		state = state.Clone()
	}
	got, err := datasync.Receive(state, d.key, p, from.key, from.id, n.now)
	must(n, err)
	if crashes {
		return
	}
	_, err = datasync.Heard(state, from.key, from.id, n.now)
	must(n, err)
	for _, m := range got.Fresh {
		d.got[m.ID()]++
	}
	for _, delivery := range got.Delivered {
		if from.got[delivery.ID] != 1 {
			n.Errorf("%s counts as delivered to %s what it does not have", d.id, from.id)
		}
	}
	if len(got.Refused)+len(got.Request)+len(got.Resend) > 0 {
		n.Errorf("unexpected: %+v", got)
	}
	if len(got.Ack) > 0 {
		n.carry(d, from.key, datasync.Payload{Acks: got.Ack}, nil)
	}
}

// tick sends again what is due at a device, and comes back three seconds later, until nothing can happen any more.
func (n *network) tick(d *device) {
	again, givenUp, err := datasync.Retransmit(d.state, n.now, 32)
	must(n, err)
	if len(givenUp) > 0 {
		n.Errorf("%s gave up %d messages", d.id, len(givenUp))
	}
	for _, u := range again {
		if n.out(d.id) {
			must(n, datasync.Postpone(d.state, u.ID, n.now))
			continue
		}
		installations := u.Installations
		if len(installations) == 0 {
			installations = n.known(u.To, d)
		}
		n.post(d, u.To, u.Message, installations)
		must(n, datasync.Again(d.state, u.ID, installations, n.now, n.source))
	}
	if sendings, _, _ := d.state.Counts(); sendings > 0 || n.now.Sub(start) <= time.Hour {
		n.after(3*time.Second, func() { n.tick(d) })
	}
}

// checkEnd checks that every message was handed up exactly once at every device that it was for, and nowhere else, and that
// its sender knows.
func (n *network) checkEnd() {
	n.Helper()
	handed := 0
	for _, d := range n.devices {
		if sendings, records, _ := d.state.Counts(); sendings+records > 0 {
			n.Errorf("%s still sends %d messages", d.id, sendings)
		}
		for id, times := range d.got {
			handed++
			if times != 1 || !slices.Contains(n.expected[id], d) {
				n.Errorf("%s got %x %d times", d.id, id, times)
			}
		}
	}
	for id, devices := range n.expected {
		missing := slices.DeleteFunc(slices.Clone(devices), func(d *device) bool { return d.got[id] > 0 })
		if len(missing) == len(devices) || len(missing) > 0 && !n.anyone[id] {
			n.Errorf("%x is missing at %d of %d devices", id, len(missing), len(devices))
		}
	}
	if handed == 0 || len(n.sends) != n.messages {
		n.Errorf("%d messages sent, %d handed up: nothing was tested", len(n.sends), handed)
	}
}

// retransmissions is how often a message was sent after the first time: the mean, and the most.
func (n *network) retransmissions() (mean float64, most int) {
	sum := 0
	for _, sends := range n.sends {
		sum += sends - 1
		most = max(most, sends-1)
	}
	return float64(sum) / float64(len(n.sends)), most
}
