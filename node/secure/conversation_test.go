package secure_test

import (
	"crypto/aes"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sotto/node/secure"
	"sotto/node/secure/securetest"
)

// TestConversations plays random schedules between two people with three devices each: messages are lost, doubled, late,
// prekeys change, devices are set up again. Whatever happened, what is read is what was written, by whom it was written,
// and once; and when the network is quiet everybody understands everybody again.
func TestConversations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, 3)
		actions := w.everyday()
		actions["reinstall"] = w.reinstall
		t.Repeat(actions)
		w.settle(t)
	})
}

// TestConversationsOnOldState is the same between two devices whose state goes back without anybody noticing, as with a
// folder that was copied over. What was sent under a key is then sent again under the same key, never on the same stream,
// and texts get lost; yet they find together again.
func TestConversationsOnOldState(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, 1)
		w.forgetful = true
		actions := w.everyday()
		actions["remember"], actions["go back"] = w.remember, w.goBack
		t.Repeat(actions)
		w.settle(t)
	})
}

// everyday is what happens to everybody. What is out of the ordinary has one name, the rest has more.
func (w *world) everyday() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"send 1": w.send, "send 2": w.send,
		"deliver 1": w.deliver, "deliver 2": w.deliver, "deliver 3": w.deliver,
		"lose": w.lose, "duplicate": w.duplicate, "new prekey": w.nextDay, "restart": w.restart,
	}
}

// world is two people, their devices, and what is on its way between them.
type world struct {
	now       time.Time
	each      int // devices of each of them
	devices   []*member
	forgetful bool // their state goes back
	way       []packet
	arrived   []packet
	texts     int
	slots     map[slot]bool
}

// slot is what no two texts may be encrypted with: a key of a chain; where chains go back, the key and the vector.
type slot struct {
	ratchet secure.Point
	n       uint32
	vector  string
}

// member is a device, and what it has read.
type member struct {
	*peer
	seat, generation int
	read             map[string]bool
	old              *securetest.State
}

// packet is a message on its way to one device.
type packet struct {
	sealed   secure.Sealed
	text     string // empty: an advertisement
	from, to *peer
	seat     int // whose device it goes to: what is set up again in its place gets what was meant for it
}

func newWorld(t *rapid.T, each int) *world {
	w := &world{now: dawn, each: each, slots: map[slot]bool{}}
	for seat := range 2 * each {
		w.devices = append(w.devices, w.device(t, seat, 0))
	}
	w.pair(t, 0)
	w.pair(t, each)
	return w
}

func (w *world) device(t rapid.TB, seat, generation int) *member {
	person := newPeer(t, []string{"alice", "bob"}[seat/w.each])
	id := fmt.Sprintf("%s-%d-%d", person.Installation, seat, generation)
	return &member{person.another(id), seat, generation, map[string]bool{}, securetest.New()}
}

// pair makes the devices of one person know each other, from the first of them on.
func (w *world) pair(t rapid.TB, first int) {
	var all []*peer
	for _, d := range w.devices[first : first+w.each] {
		all = append(all, d.peer)
	}
	meet(t, w.now, all...)
}

func (w *world) tick() { w.now = w.now.Add(time.Second) }

func (w *world) send(t *rapid.T) {
	from := w.anyDevice(t)
	to := rapid.SampledFrom([]int{0, w.each}).Draw(t, "to") // the first device of whom it is for
	w.write(t, from, w.devices[to].peer)
}

// write seals a text for a person. Everybody who listens to the topic gets it: their devices and those of the sender.
func (w *world) write(t rapid.TB, from *member, to *peer) string {
	w.tick()
	w.texts++
	text := fmt.Sprint("text ", w.texts)
	sealed := from.write(t, to, text, w.now)
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
	for _, entry := range slots {
		key := slot{ratchet: entry.Ratchet, n: entry.N}
		if w.forgetful {
			key.vector = entry.Ciphertext[:aes.BlockSize]
		}
		if w.slots[key] {
			t.Fatalf("%x, %d encrypts a second text", key.ratchet, key.n)
		}
		w.slots[key] = true
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

func (w *world) anyDevice(t *rapid.T) *member {
	return w.devices[rapid.IntRange(0, len(w.devices)-1).Draw(t, "device")]
}

// restart goes on from what is stored.
func (w *world) restart(t *rapid.T) {
	d := w.anyDevice(t)
	d.state = d.state.Clone()
}

func (w *world) remember(t *rapid.T) {
	d := w.anyDevice(t)
	d.old = d.state.Clone()
}

// goBack makes a device go on from a state that it had earlier. What it has read it may read again.
func (w *world) goBack(t *rapid.T) {
	d := w.anyDevice(t)
	d.state, d.read = d.old.Clone(), map[string]bool{}
}

// reinstall is what becomes of a device whose state was lost or went back: another installation, paired anew.
func (w *world) reinstall(t *rapid.T) {
	w.tick()
	old := w.anyDevice(t)
	fresh := w.device(t, old.seat, old.generation+1)
	if rapid.Bool().Draw(t, "knows others") {
		fresh.state = old.state.Forgotten()
	}
	w.devices[old.seat] = fresh
	w.pair(t, old.seat/w.each*w.each)
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
		if !d.read[p.text] && !w.forgetful {
			t.Fatalf("%s has not read %q, and will not", d.Installation, p.text)
		}
	case secure.ReasonOwn, secure.ReasonForOthers:
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
			w.write(t, d, w.devices[w.each].peer)
			w.quiet(t)
		}
	}
	for _, d := range w.devices {
		for _, to := range []int{0, w.each} {
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
