package pairwise

import (
	"flag"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// How many schedules are played by default; more under make prove.
var (
	inMemory  = 10
	unnoticed = 4
	onDisk    = 1
)

// TestSchedulesInMemory plays random schedules between two people with three devices each. Texts cross, get lost, come twice
// and late; people are parted, devices are off, crash, are restarted and put back to an older copy; prekeys change. Nothing
// that was written is lost, doubled or filed under somebody else, no key encrypts two texts, and in the end everybody
// understands everybody.
func TestSchedulesInMemory(t *testing.T) { schedules(t, inMemory, false, remembered) }

// TestUnnoticedSchedules is the same where nobody notices that a device is put back to an older copy. It sends with keys that
// it has used, never on the same stream; what it forgot is sent to it again only where that was not acknowledged. Yet all find
// together again.
func TestUnnoticedSchedules(t *testing.T) { schedules(t, unnoticed, true, remembered) }

func remembered(rapid.TB) (func() books, func()) {
	return func() books { return newMemory() }, func() {}
}

// TestSchedulesOnDisk is the same on real databases.
func TestSchedulesOnDisk(t *testing.T) {
	parent := t.TempDir()
	schedules(t, onDisk, false, func(r rapid.TB) (func() books, func()) {
		dir, err := os.MkdirTemp(parent, "*")
		if err != nil {
			r.Fatal(err)
		}
		return func() books { return newFolder(r, dir) }, func() {
			if err := os.RemoveAll(dir); err != nil {
				r.Fatal(err)
			}
		}
	})
}

// schedules plays so many; fewer under -short.
func schedules(t *testing.T, runs int, unnoticed bool, room func(rapid.TB) (func() books, func())) {
	if runs == 0 {
		t.Skip("too slow here")
	}
	if testing.Short() {
		runs = max(runs/5, 1)
	}
	flags := flag.Lookup("rapid.checks")
	defer func(before string) { _ = flag.Set(flags.Name, before) }(flags.Value.String())
	if err := flag.Set(flags.Name, strconv.Itoa(runs)); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(r *rapid.T) {
		open, leave := room(r)
		defer leave()
		w := newWorld(r, open)
		if w.unnoticed = unnoticed; unnoticed {
			w.backUp(r) // for what was before they were paired, nobody would have to answer
		}
		defer func() {
			for _, d := range w.devices {
				d.books.Close(r)
			}
		}()
		if rapid.Bool().Draw(r, "they have met") {
			w.met(r)
		}
		r.Repeat(w.actions())
		w.settle(r)
	})
}

// actions are what happens. What happens often has several names.
func (w *world) actions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"write 1": w.someoneWrites, "write 2": w.someoneWrites, "write at once": w.everybodyWrites,
		"deliver 1": w.deliver, "deliver 2": w.deliver, "deliver a batch": w.deliverBatch,
		"lose": func(t *rapid.T) { w.draw(t) }, "duplicate": w.duplicate,
		"wait":     func(t *rapid.T) { w.now = w.now.Add(rapid.SampledFrom(waits).Draw(t, "for")) },
		"next day": func(*rapid.T) { w.now = w.now.Add(25 * time.Hour) },
		"resend":   w.someoneResends, "online": w.switchOne, "part": func(*rapid.T) { w.parted = !w.parted },
		"restart":   func(t *rapid.T) { w.any(t).restart(t) },
		"crash":     func(t *rapid.T) { w.any(t).crashes = true },
		"back up 1": func(t *rapid.T) { d := w.any(t); d.backup = d.books.Backup(t) },
		"back up 2": func(t *rapid.T) { d := w.any(t); d.backup = d.books.Backup(t) },
		"restore 1": func(t *rapid.T) { w.any(t).restore(t) }, "restore 2": func(t *rapid.T) { w.any(t).restore(t) },
	}
}

var waits = []time.Duration{5 * time.Second, time.Minute, 10 * time.Minute, 2 * time.Hour}

func (w *world) any(t *rapid.T) *device {
	return w.devices[rapid.IntRange(0, len(w.devices)-1).Draw(t, "device")]
}

func (w *world) someoneWrites(t *rapid.T) {
	d := w.any(t)
	to := rapid.SampledFrom([]int{0, each}).Draw(t, "to")
	d.write(t, w.devices[to].self())
	d.send(t)
}

// everybodyWrites lets texts cross.
func (w *world) everybodyWrites(t *rapid.T) {
	for _, d := range w.devices {
		d.write(t, w.devices[each-d.seat/each*each].self())
	}
	for _, d := range w.devices {
		d.send(t)
	}
}

// send posts what waits, mostly; once in a while nobody says that it was taken, and it will be posted again.
func (d *device) send(t *rapid.T) {
	switch rapid.IntRange(0, 7).Draw(t, "post") {
	case 0:
	case 1:
		d.post(t, false)
	default:
		d.post(t, true)
	}
}

func (w *world) someoneResends(t *rapid.T) {
	d := w.any(t)
	d.resend(t)
	d.send(t)
}

func (w *world) switchOne(t *rapid.T) {
	d := w.any(t)
	d.offline = !d.offline
	d.send(t)
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
		w.devices[p.seat].take(t, p)
		w.devices[p.seat].send(t)
	}
}

// deliverBatch delivers all that is on its way to a device, the last first.
func (w *world) deliverBatch(t *rapid.T) {
	d := w.any(t)
	var mine []packet
	w.way = slices.DeleteFunc(w.way, func(p packet) bool {
		if p.seat == d.seat {
			mine = append(mine, p)
		}
		return p.seat == d.seat
	})
	slices.Reverse(mine)
	d.take(t, mine...)
	d.send(t)
}

func (w *world) duplicate(t *rapid.T) {
	if len(w.arrived) > 0 {
		w.way = append(w.way, w.arrived[rapid.IntRange(0, len(w.arrived)-1).Draw(t, "again")])
	}
}
