package model_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sotto/services/groups"
)

var ctx = context.Background()

// play does what a script says, as far as it can be done. An error is a failure of the program, or of the oracle.
func (w *world) play(s script) error {
	if err := w.create(w.all[0], 31, "team"); err != nil {
		return err
	}
	for _, one := range s.steps {
		pass(one.after)
		if err := w.do(one); err != nil {
			w.diary.write("%v", err)
			return err
		}
	}
	return nil
}

func (w *world) do(s step) error {
	d := w.running()[s.seat%len(w.running())]
	switch s.what {
	case "nothing":
		return nil
	case "create":
		return w.create(d, s.whom, fmt.Sprint("club ", len(w.made)))
	case "private":
		return w.writeTo(d, s.whom)
	case "pair":
		return w.pairUp(names[s.seat%len(names)])
	case "restart":
		w.diary.write("%s starts again", d.name)
		if err := d.stop(); err != nil {
			return err
		}
		pass(time.Second)
		return d.start(false)
	case "offline":
		w.diary.write("%s is online: %v", d.name, !d.online())
		d.setOnline(!d.online())
		return nil
	case "cut":
		w.net.set(func(n *network) { n.cut[d.seat] = !n.cut[d.seat] })
		w.diary.write("%s is cut off: %v", d.name, w.net.cut[d.seat])
		return nil
	case "accept":
		return w.accept(d, s)
	}
	return w.inGroup(s, w.made[s.group%len(w.made)])
}

// accept answers the first invitation at a device, or wherever there is one.
func (w *world) accept(d *device, s step) error {
	for range w.running() {
		list, err := d.groups.Invitations(ctx)
		if err != nil {
			return err
		}
		if len(list) > 0 {
			_, err = d.groups.Accept(ctx, list[s.group%len(list)].ID)
			w.diary.write("%s accepts %s%s", d.name, list[s.group%len(list)].Name, no(err))
			return allowed(err)
		}
		d = w.running()[(slices.Index(w.running(), d)+1)%len(w.running())]
	}
	return nil
}

func no(err error) string {
	if err == nil {
		return ""
	}
	return fmt.Sprint(", which cannot be: ", err)
}

// inGroup is something that a device does in a group whose person can, as that device has it.
func (w *world) inGroup(s step, group string) error {
	can := map[string]func(*place) bool{
		"text":    func(p *place) bool { return p.joined },
		"decline": func(p *place) bool { return p.member && !p.joined },
		"leave":   func(p *place) bool { return p.joined },
	}[s.what]
	if can == nil {
		can = func(p *place) bool { return p.joined && p.admin }
	}
	able, err := w.those(group, can)
	if err != nil || len(able) == 0 {
		return err
	}
	d := able[s.seat%len(able)]
	if s.what == "text" {
		return w.write(d, group)
	}
	if s.what == "add" {
		return w.add(d, group, s)
	}
	whom := w.anybody(d, group, s.whom, s.what == "remove")
	if whom == "" && (s.what == "remove" || s.what == "promote") {
		return nil
	}
	key, name := w.people[whom], rapidNames[s.whom%len(rapidNames)]
	deed := map[string]func() (groups.Group, error){
		"decline": func() (groups.Group, error) { return d.groups.Decline(ctx, group) },
		"leave":   func() (groups.Group, error) { return d.groups.Leave(ctx, group) },
		"resign":  func() (groups.Group, error) { return d.groups.Resign(ctx, group) },
		"rename":  func() (groups.Group, error) { return d.groups.Rename(ctx, group, name) },
		"remove":  func() (groups.Group, error) { return d.groups.Remove(ctx, group, []string{key}) },
		"promote": func() (groups.Group, error) { return d.groups.Promote(ctx, group, []string{key}) },
	}[s.what]
	_, err = deed()
	w.diary.write("%s: %s %s in group %d%s", d.name, s.what, map[string]string{"remove": whom, "promote": whom, "rename": name}[s.what],
		slices.Index(w.made, group), no(err))
	return cmp.Or(allowed(err), d.same(group))
}

var rapidNames = []string{"red", "green", "blue"}

// anybody is one of the people of a bit mask who is in a group, beside the device's own, or one of all; of plain only who is no
// admin. It is empty where there is nobody.
func (w *world) anybody(d *device, group string, mask int, plain bool) (whom string) {
	r, err := d.roll(group)
	if err != nil || r == nil {
		return ""
	}
	for i, name := range names {
		p := r.at(w.people[name])
		if name == d.person || !p.member || p.admin && plain {
			continue
		}
		if mask>>i&1 == 1 {
			return name
		}
		whom = name
	}
	return whom
}

func (w *world) create(d *device, mask int, name string) error {
	var keys, called []string
	for i, person := range names {
		if mask>>i&1 == 1 && person != d.person {
			keys, called = append(keys, w.people[person]), append(called, person)
		}
	}
	g, err := d.groups.Create(ctx, name, keys)
	w.diary.write("%s makes group %d with %s%s", d.name, len(w.made), strings.Join(called, ", "), no(err))
	if err != nil {
		return allowed(err)
	}
	w.made = append(w.made, g.ID)
	return d.same(g.ID)
}

// pairUp switches somebody's second device on; the next time, and as long as they are not, it makes the two take part on each
// other.
func (w *world) pairUp(person string) error {
	at := each * slices.Index(names, person)
	one, two := w.all[at], w.all[at+1]
	if two.lives == 0 {
		w.diary.write("%s is switched on", two.name)
		return two.begin(true)
	}
	err := errors.Join(one.devices.Announce(ctx), two.devices.Announce(ctx))
	pass(3 * time.Second)
	_, first := one.devices.Enable(ctx, two.pair.Installation())
	_, second := two.devices.Enable(ctx, one.pair.Installation())
	w.diary.write("%s pairs both devices%s%s", person, no(first), no(second))
	return cmp.Or(err, allowed(first), allowed(second))
}
