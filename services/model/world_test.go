package model_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing/synctest"
	"time"

	"sotto/models"
	"sotto/services/fault"
)

// names of the people, each of whom has two devices: seats 0 and 1 are the first person's, and so on.
var names = []string{"ann", "bo", "cy", "di", "ed"}

const each = 2

// world is the people, their devices, what is between them, and what was said.
type world struct {
	dir    string
	net    *network
	count  *counter
	all    []*device
	seats  map[string]int    // of each installation
	people map[string]string // names and keys of people, by key and by name
	diary  diary
	made   []string // ids of groups, in the order in which they were made
	texts  []*text
	handed []*handing
}

// newWorld sits everybody down where a dawn left them.
func newWorld(dir string, s script) (*world, error) {
	w := bare(dir, s.seed)
	pass(dawns[s.dawn].took)
	w.diary.began = time.Now()
	for _, d := range w.all {
		if d.seat%each > 0 && !s.dawn.paired {
			continue
		}
		if err := os.CopyFS(d.dir, os.DirFS(filepath.Join(dawns[s.dawn].dir, fmt.Sprint(d.seat)))); err != nil {
			return w, err
		}
		if err := d.begin(false); err != nil {
			return w, err
		}
	}
	w.net.set(func(n *network) { n.loss = s.loss })
	return w, nil
}

// bare is a world in which nobody has begun.
func bare(dir string, seed uint64) *world {
	w := &world{dir: dir, count: &counter{}, seats: map[string]int{}, people: map[string]string{}}
	w.net = &network{seed: seed, nodes: make([]*node, each*len(names)), cut: map[int]bool{}}
	for seat := range each * len(names) {
		person := names[seat/each]
		d := &device{world: w, seat: seat, name: fmt.Sprint(person, " ", seat%each+1), person: person, key: keyOf(person),
			dir: filepath.Join(dir, fmt.Sprint(seat)), eye: newWitness(w.count)}
		d.node = newNode(w.net, seat, 0)
		w.all = append(w.all, d)
		key := d.self().String()
		w.people[person], w.people[key] = key, person
	}
	return w
}

// begin starts a device and remembers who it is.
func (d *device) begin(fresh bool) error {
	if err := os.MkdirAll(d.dir, 0o700); err != nil {
		return err
	}
	err := d.start(fresh)
	if err == nil {
		d.seats[d.pair.Installation()] = d.seat
	}
	return err
}

func (w *world) nameOf(key string) string { return w.people[key] }

// running is the devices that are switched on.
func (w *world) running() (list []*device) {
	for _, d := range w.all {
		if d.up {
			list = append(list, d)
		}
	}
	return list
}

func (w *world) close() (err error) {
	for _, d := range w.running() {
		err = errors.Join(err, d.stop())
	}
	return err
}

// dawn is how people and devices stand to each other when a round begins.
type dawn struct {
	strangers bool // only the first person knows everybody
	paired    bool // everybody has both devices; else they have one at first
}

// dawns is how the devices were left at each dawn, in whose folder there is one for each seat.
var dawns = map[dawn]struct {
	dir  string
	took time.Duration // after which the clock may go on
}{}

func makeDawn(how dawn) error {
	began := time.Now()
	dir := filepath.Join(root, fmt.Sprintf("dawn %+v", how))
	w := bare(dir, 1<<40)
	w.diary.began = began
	for seat := 0; seat < len(w.all); seat += each {
		if err := w.all[seat].begin(false); err != nil {
			return errors.Join(err, w.close())
		}
	}
	err := w.meet(how.strangers)
	pass(10 * time.Minute)
	for range each { // the first time switches the second device on
		for _, person := range names {
			if how.paired {
				err = errors.Join(err, w.pairUp(person))
			}
		}
		pass(10 * time.Minute)
	}
	made := dawns[how]
	made.dir, made.took = dir, time.Since(began)+time.Minute
	dawns[how] = made
	return errors.Join(err, w.close())
}

// meet makes everybody everybody's contact, or only the first person's and theirs.
func (w *world) meet(strangers bool) error {
	for a := 0; a < len(w.all); a += each {
		for b := a + each; b < len(w.all); b += each {
			if strangers && a > 0 {
				continue
			}
			if err := errors.Join(befriend(w.all[a], w.all[b]), befriend(w.all[b], w.all[a])); err != nil {
				return err
			}
		}
	}
	return nil
}

func befriend(one, other *device) error {
	link, err := other.contacts.Link(ctx)
	if err == nil {
		_, err = one.contacts.Add(ctx, link)
	}
	return err
}

// pass lets time go by.
func pass(d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	<-timer.C
	synctest.Wait()
}

// allowed is nil where a service only said no, as it may.
func allowed(err error) error {
	no := []fault.Code{fault.NotAllowed, fault.NoSuchChat, fault.NoSuchDevice, fault.NoSuchContact}
	if slices.Contains(no, fault.CodeOf(err)) {
		return nil
	}
	return err
}

// roll is a group as a device has it, by the oracle's rules; nil where it does not.
func (d *device) roll(group string) (*roll, error) {
	deeds, err := d.deeds(group)
	if err != nil || len(deeds) == 0 {
		return nil, err
	}
	return rollOf(group, deeds), nil
}

// those are the devices that have a group and stand in it as is says.
func (w *world) those(group string, is func(p *place) bool) (list []*device, err error) {
	for _, d := range w.running() {
		r, err := d.roll(group)
		if err != nil {
			return nil, err
		}
		if r != nil && is(r.at(d.self().String())) {
			list = append(list, d)
		}
	}
	return list, nil
}

// same holds that the rows of a group say what the oracle makes of the log beside them.
func (d *device) same(group string) error {
	want, err := d.roll(group)
	if err != nil || want == nil {
		return err
	}
	got := &roll{people: map[string]*place{}}
	row, _, err := d.chatRow(group)
	if err != nil {
		return err
	}
	got.name = row.Title
	err = d.view(func(tx *models.Tx) error {
		rows, err := tx.GroupPeople(row.ID)
		for _, p := range rows {
			got.people[p.Key.String()] = &place{member: p.Member, joined: p.Joined, admin: p.Admin}
		}
		return err
	})
	if a, b := got.words(d.nameOf), want.words(d.nameOf); err == nil && a != b {
		d.diary.write("%s has %s\n%14shis log says %s", d.name, a, "", b)
		err = errors.New("a group is not what its log says")
	}
	return err
}
