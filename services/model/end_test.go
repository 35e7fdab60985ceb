package model_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"sotto/services/groups"
)

// end lets everybody reach everybody until nobody owes anybody anything, and compares.
func (w *world) end(all *tally) error {
	if err := w.heal(); err != nil {
		return err
	}
	truth, err := w.truth()
	if err != nil {
		return err
	}
	for _, check := range []func(map[string]*roll) error{w.rosters, w.lists} {
		if err := check(truth); err != nil {
			return err
		}
	}
	return w.judge(truth, all)
}

// longest is how long everything may take to arrive once everybody reaches everybody: data sync asks a silent device every
// eleven hours.
const longest = 24 * time.Hour

func (w *world) heal() error {
	w.diary.write("everybody reaches everybody")
	w.net.set(func(n *network) { n.loss, n.cut = 0, map[int]bool{} })
	for _, d := range w.running() {
		d.setOnline(true)
	}
	for range 2 { // the first may only switch the second device on
		for _, person := range names {
			if err := w.pairUp(person); err != nil {
				return err
			}
		}
		pass(time.Minute)
	}
	for began := time.Now(); time.Since(began) < longest; pass(30 * time.Minute) {
		owed := 0
		for _, d := range w.all {
			n, err := d.owes()
			if err != nil {
				return err
			}
			owed += n
		}
		if owed == 0 && time.Since(began) > time.Hour {
			break
		}
	}
	for _, d := range w.all {
		if d.eye.err != nil {
			return d.eye.err
		}
	}
	return nil
}

// truth is each group by everything that any device ever declared.
func (w *world) truth() (map[string]*roll, error) {
	all := map[string]*roll{}
	for _, group := range w.made {
		var deeds []deed
		for _, d := range w.all {
			more, err := d.deeds(group)
			if err != nil {
				return nil, err
			}
			deeds = append(deeds, more...)
		}
		all[group] = rollOf(group, deeds)
	}
	return all, nil
}

// rosters holds that who takes part in a group has it as it is, on both devices, and who is invited knows at least of that. Who
// is not in it any more need not hear what became of it. Of what is declared while somebody is being added they may hear only when
// they join, and of a stranger's invitation one device may not have heard until it is answered on the other.
func (w *world) rosters(truth map[string]*roll) error {
	for i, group := range w.made {
		want := truth[group].words(w.nameOf)
		for _, d := range w.all {
			if err := d.same(group); err != nil {
				return err
			}
			me := truth[group].at(d.self().String())
			if !me.member {
				continue
			}
			got, err := d.has(group)
			if err != nil {
				return err
			}
			asked, err := w.all[d.seat^1].asked(group)
			if err != nil {
				return err
			}
			if got == nothing && asked {
				continue
			}
			if got != want && (me.joined || got == nothing) {
				w.diary.write("group %d: %s has %s\n%14swant %s", i, d.name, got, "", want)
				return errors.New("a device has another group")
			}
		}
	}
	return nil
}

const nothing = "nothing"

// has is a group as a device has it, in words.
func (d *device) has(group string) (string, error) {
	r, err := d.roll(group)
	if err != nil || r == nil {
		return nothing, err
	}
	return r.words(d.nameOf), nil
}

// lists holds that both devices of a person show the same chats, under the same names. Invitations by strangers are no chats
// yet: each device has its own, and where one of them did not know that they are a contact's, it has them there, too, until they
// are answered. Who leaves a group from which they were removed already, and had not heard of that, takes it off the list; that
// counts for nothing in the group, so nobody tells it to a device that takes part later.
func (w *world) lists(truth map[string]*roll) error {
	for seat := 0; seat < len(w.all); seat += each {
		one, asked, err := w.all[seat].listed()
		if err != nil {
			return err
		}
		two, alsoAsked, err := w.all[seat+1].listed()
		if err != nil {
			return err
		}
		for name, shown := range asked {
			if two[name] == shown || two[name] == "" {
				delete(two, name)
			}
		}
		for name, shown := range alsoAsked {
			if one[name] == shown || one[name] == "" {
				delete(one, name)
			}
		}
		for _, group := range w.made {
			vain, err := w.leftInVain(w.all[seat], group, truth[group])
			if err != nil {
				return err
			}
			if vain {
				delete(one, w.called(group))
				delete(two, w.called(group))
			}
		}
		if !maps.Equal(one, two) {
			w.diary.write("%s lists %v\n%14sand %s %v", w.all[seat].name, one, "", w.all[seat+1].name, two)
			return errors.New("two devices of a person list different chats")
		}
	}
	return nil
}

// leftInVain says whether somebody is out of a group and said on a device that they leave, which counts for nothing.
func (w *world) leftInVain(d *device, group string, truth *roll) (bool, error) {
	me := d.self().String()
	for _, at := range []*device{d, w.all[d.seat^1]} {
		deeds, err := at.deeds(group)
		if err != nil || truth.at(me).member {
			return false, err
		}
		if slices.ContainsFunc(deeds, func(e deed) bool {
			return e.kind == 5 && e.by == me && slices.Contains(e.whom, me) && !slices.Contains(truth.at(me).gone, e.clock)
		}) {
			return true, nil
		}
	}
	return false, nil
}

// listed is what a device shows of its chats, by their names, and of invitations by strangers.
func (d *device) listed() (list, asked map[string]string, err error) {
	list, asked = map[string]string{}, map[string]string{}
	rows, err := d.chats.List(ctx)
	for _, c := range rows {
		list[d.called(c.ID)] = fmt.Sprint(c.Name, marks(!c.Invited, c.AdminOf))
	}
	if err != nil {
		return nil, nil, err
	}
	invitations, err := d.groups.Invitations(ctx)
	for _, g := range invitations {
		if name := d.called(g.ID); list[name] == "" {
			asked[name] = fmt.Sprint(g.Name, marks(false, g.Role == groups.Admin))
		}
	}
	return list, asked, err
}

// called is the name of a chat in a diary.
func (w *world) called(chat string) string {
	if at := slices.Index(w.made, chat); at >= 0 {
		return fmt.Sprint("group ", at)
	}
	return w.nameOf(chat)
}
