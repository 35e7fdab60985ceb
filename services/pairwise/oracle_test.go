package pairwise

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"sotto/models"
)

// quiet lets everything be posted and arrive.
func (w *world) quiet(t rapid.TB) {
	for again := true; again; {
		again = false
		for _, d := range w.devices {
			again = d.post(t, true) > 0 || again
		}
		slices.SortStableFunc(w.way, func(a, b packet) int { return cmp.Compare(a.seat, b.seat) })
		way := w.way
		w.way = nil
		for _, d := range w.devices {
			var mine []packet
			for len(way) > 0 && way[0].seat == d.seat {
				mine, way = append(mine, way[0]), way[1:]
			}
			if len(mine) > 0 {
				again = true
				d.take(t, mine...)
			}
		}
	}
}

// settle ends the trouble: everybody is reachable, what waits arrives, and everybody writes to everybody a few times.
func (w *world) settle(t rapid.TB) {
	w.parted = false
	for _, d := range w.devices {
		d.offline, d.crashes = false, false
	}
	w.quiet(t)
	const rounds = 3
	for range rounds {
		w.now = w.now.Add(3 * time.Hour) // what was not acknowledged is due, and everybody may ask for new sessions
		for _, d := range w.devices {
			d.resend(t)
		}
		w.quiet(t)
		w.cross(t)
		w.quiet(t)
	}
	w.understood(t)
	w.agreed(t)
	w.received(t)
}

// cross lets everybody write to everybody at the same time.
func (w *world) cross(t rapid.TB) {
	for _, d := range w.devices {
		d.write(t, w.devices[0].self())
		d.write(t, w.devices[each].self())
	}
}

// understood holds that what anybody writes to anybody is read at once by every device.
func (w *world) understood(t rapid.TB) {
	for _, from := range w.devices {
		for _, first := range []int{0, each} {
			said := from.write(t, w.devices[first].self())
			w.quiet(t)
			for _, d := range w.devices[first:][:each] {
				if !w.had[reading{d.installation(), said.id}] {
					t.Fatalf("%s does not understand %s", d.name(), from.name())
				}
			}
		}
	}
}

// agreed holds that every two devices write to each other on the same session.
func (w *world) agreed(t rapid.TB) {
	for _, a := range w.devices {
		for _, b := range w.devices[:a.seat] {
			there, found := w.last[[2]string{a.installation(), b.installation()}]
			back := w.last[[2]string{b.installation(), a.installation()}]
			if !found || there != back {
				t.Fatalf("%s and %s write on different sessions: %x, %x", a.name(), b.name(), there, back)
			}
		}
	}
}

// received holds that every text that its author still has is at every device that it was for, and is listed as received there.
// Where that device is no more, and does not count as having it, what took its place has it.
func (w *world) received(t rapid.TB) {
	for _, d := range w.devices {
		d.do(t, func(tx page) error {
			for _, said := range w.texts {
				if said.from != d.seat {
					continue
				}
				if err := d.account(tx, said); err != nil {
					t.Fatal(err)
				}
			}
			return nil
		})
	}
}

func (d *device) account(tx page, said *text) error {
	row, found, err := tx.Message(said.id[:])
	if err != nil || !found {
		return err // written after the copy was made to which its author went back
	}
	steps, err := tx.Steps(row.Row)
	if err != nil {
		return err
	}
	for _, id := range said.addressed {
		told := slices.ContainsFunc(steps, func(s models.Step) bool { return s.Who == id })
		has := d.had[reading{id, said.id}]
		lives := slices.ContainsFunc(d.devices, func(o *device) bool { return o.installation() == id })
		switch {
		case lives && (!has || !told):
			return fmt.Errorf("%q of %s: %.4s has it %v, acknowledged %v", said.words, d.name(), id, has, told)
		case told && !has:
			return fmt.Errorf("%q of %s counts as delivered to %.4s, which never had it", said.words, d.name(), id)
		case !told && !has && said.to != d.self() && !d.had[reading{d.seats[id].installation(), said.id}]:
			return fmt.Errorf("%q of %s was on its way to %.4s and did not come to %s", said.words, d.name(), id, d.seats[id].name())
		}
	}
	return nil
}
