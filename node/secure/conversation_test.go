package secure_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sotto/node/secure"
)

// TestConversations plays random schedules between two people with three devices each: messages are lost, doubled, late,
// prekeys change, devices are set up again. Whatever happened, what is read is what was written, by whom it was written,
// and once; and when the network is quiet everybody understands everybody again.
func TestConversations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		t.Repeat(map[string]func(*rapid.T){
			"send":       w.send,
			"deliver":    w.deliver,
			"deliver ":   w.deliver, // thrice as often as what is out of the ordinary
			"deliver  ":  w.deliver,
			"send ":      w.send,
			"lose":       w.lose,
			"duplicate":  w.duplicate,
			"new prekey": w.nextDay,
			"restart":    w.restart,
			"reinstall":  w.reinstall,
		})
		w.settle(t)
	})
}

// world is two people, their devices, and what is on its way between them.
type world struct {
	now     time.Time
	devices []*member
	way     []packet
	arrived []packet
	texts   int
	slots   map[secure.Point]map[uint32]string
}

// member is a device, and what it has read.
type member struct {
	*peer
	seat, generation int
	read             map[string]bool
}

// packet is a message on its way to one device.
type packet struct {
	sealed   secure.Sealed
	text     string // empty: an advertisement
	from, to *peer
	seat     int // whose device it goes to: what is set up again in its place gets what was meant for it
}

const seats = 6 // three devices each

func newWorld(t *rapid.T) *world {
	w := &world{now: dawn, slots: map[secure.Point]map[uint32]string{}}
	for seat := range seats {
		w.devices = append(w.devices, w.device(t, seat, 0))
	}
	w.pair(t, 0)
	w.pair(t, 3)
	return w
}

func (w *world) device(t rapid.TB, seat, generation int) *member {
	person := newPeer(t, []string{"alice", "bob"}[seat/3])
	id := fmt.Sprintf("%s-%d-%d", person.Installation, seat, generation)
	return &member{person.another(id), seat, generation, map[string]bool{}}
}

func (w *world) pair(t rapid.TB, first int) {
	meet(t, w.now, w.devices[first].peer, w.devices[first+1].peer, w.devices[first+2].peer)
}

func (w *world) tick() { w.now = w.now.Add(time.Second) }

func (w *world) send(t *rapid.T) {
	from := w.anyDevice(t)
	to := rapid.SampledFrom([]int{0, 3}).Draw(t, "to") // the first device of whom it is for
	w.write(t, from, w.devices[to].peer)
}

// write seals a text for a person. Everybody who listens to the topic gets it: their devices and those of the sender.
func (w *world) write(t rapid.TB, from *member, to *peer) string {
	w.tick()
	w.texts++
	text := fmt.Sprint("text ", w.texts)
	sealed := from.peer.write(t, to, text, w.now)
	w.post(t, from, to, sealed, text)
	return text
}

func (w *world) post(t rapid.TB, from *member, to *peer, sealed secure.Sealed, text string) {
	w.checkSlots(t, sealed)
	for _, d := range w.devices {
		if d != from && (d.who() == to.who() || d.who() == from.who()) {
			w.way = append(w.way, packet{sealed, text, from.peer, d.peer, d.seat})
		}
	}
}

// checkSlots holds that no key of a chain ever encrypts two texts.
func (w *world) checkSlots(t rapid.TB, sealed secure.Sealed) {
	slots, err := secure.SlotsOf(sealed.Message, sealed.Installations)
	if err != nil {
		t.Fatal(err)
	}
	for _, slot := range slots {
		if w.slots[slot.Ratchet] == nil {
			w.slots[slot.Ratchet] = map[uint32]string{}
		}
		if _, used := w.slots[slot.Ratchet][slot.N]; used {
			t.Fatalf("%x, %d encrypts a second text", slot.Ratchet, slot.N)
		}
		w.slots[slot.Ratchet][slot.N] = slot.Ciphertext
	}
}

func (w *world) draw(t *rapid.T) (packet, bool) {
	if len(w.way) == 0 {
		return packet{}, false
	}
	at := rapid.IntRange(0, len(w.way)-1).Draw(t, "packet")
	p := w.way[at]
	w.way = slices.Delete(w.way, at, at+1)
	return p, true
}

func (w *world) deliver(t *rapid.T) {
	if p, ok := w.draw(t); ok {
		w.arrive(t, p)
	}
}

func (w *world) lose(t *rapid.T) { w.draw(t) }

func (w *world) duplicate(t *rapid.T) {
	if len(w.arrived) > 0 {
		w.way = append(w.way, w.arrived[rapid.IntRange(0, len(w.arrived)-1).Draw(t, "again")])
	}
}

func (w *world) nextDay(*rapid.T) { w.now = w.now.Add(25 * time.Hour) }

func (w *world) anyDevice(t *rapid.T) *member { return w.devices[rapid.IntRange(0, seats-1).Draw(t, "device")] }

// restart goes on from what is stored.
func (w *world) restart(t *rapid.T) {
	d := w.anyDevice(t)
	d.state = d.state.Clone()
}

// reinstall is what becomes of a device whose state was lost or went back: another installation, paired anew.
func (w *world) reinstall(t *rapid.T) {
	w.tick()
	old := w.anyDevice(t)
	w.devices[old.seat] = w.device(t, old.seat, old.generation+1)
	w.pair(t, old.seat/3*3)
	for _, d := range w.devices {
		if d.who() == old.who() {
			d.enable(t, old.Installation, false, w.now)
		}
	}
}

// arrive lets a device read a packet, and checks what it reads.
func (w *world) arrive(t rapid.TB, p packet) (reason secure.Reason) {
	w.tick()
	w.arrived = append(w.arrived, p)
	d := w.devices[p.seat]
	opened, err := d.open(p.sealed.Message, p.from, w.now)
	switch {
	case err != nil:
		return w.failed(t, d, p, err)
	case string(opened.Plaintext) != p.text || opened.Installation != p.from.Installation:
		t.Fatalf("%s reads %q of %s, was %q of %s", d.Installation, opened.Plaintext, opened.Installation, p.text, p.from.Installation)
	case opened.ForwardSecret != p.sealed.ForwardSecret:
		t.Fatalf("%q: forward secret %v", p.text, opened.ForwardSecret)
	case opened.ForwardSecret && d.read[p.text]:
		t.Fatalf("%s reads %q twice", d.Installation, p.text)
	}
	d.read[p.text] = true
	return ""
}

// failed does what a program does where a message cannot be read.
func (w *world) failed(t rapid.TB, d *member, p packet, err error) secure.Reason {
	reason := secure.ReasonOf(err)
	switch reason {
	case secure.ReasonNoSession, secure.ReasonMAC, secure.ReasonGap, secure.ReasonNotForDevice:
		sealed, made, err := d.Advertise(d.state, p.from.who(), w.now)
		if err != nil {
			t.Fatal(err)
		}
		if made {
			w.post(t, d, p.from, sealed, "")
		}
	case secure.ReasonPast:
		if !d.read[p.text] {
			t.Fatalf("%s has not read %q, and will not", d.Installation, p.text)
		}
	case secure.ReasonOwn:
	case secure.ReasonNoBundle: // of a device that was set up again so often that it is not remembered
		if slices.ContainsFunc(w.devices, func(d *member) bool { return d.peer == p.from }) {
			t.Fatalf("%s does not know %s", d.Installation, p.from.Installation)
		}
	default:
		t.Fatalf("%s: %v", d.Installation, err)
	}
	return reason
}

// settle ends the trouble: what is on its way arrives, everybody writes to everybody a few times, and then all is well.
func (w *world) settle(t *rapid.T) {
	w.quiet(t)
	const rounds = 3
	for range rounds {
		w.now = w.now.Add(3 * time.Hour) // from now on everybody may tell the others to begin anew
		for _, d := range w.devices {
			w.write(t, d, w.devices[0].peer)
			w.quiet(t)
			w.write(t, d, w.devices[3].peer)
			w.quiet(t)
		}
	}
	for _, d := range w.devices {
		for _, to := range []int{0, 3} {
			w.understood(t, d, w.devices[to].peer)
		}
	}
	for _, a := range w.devices {
		for _, b := range w.devices {
			if a != b && !agree(t, a.peer, b.peer) {
				t.Fatalf("%s and %s send on different sessions", a.Installation, b.Installation)
			}
		}
	}
}

// quiet delivers what is on its way, and what that causes.
func (w *world) quiet(t rapid.TB) {
	for len(w.way) > 0 {
		p := w.way[0]
		w.way = w.way[1:]
		w.arrive(t, p)
	}
}

// understood says that everybody whom a text is for reads it.
func (w *world) understood(t rapid.TB, from *member, to *peer) {
	text := w.write(t, from, to)
	w.quiet(t)
	for _, d := range w.devices {
		if d != from && d.who() == to.who() && !d.read[text] {
			t.Fatalf("%s does not understand %s", d.Installation, from.Installation)
		}
	}
}
