package model_test

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"sotto/models"
)

// text is something that somebody wrote, and whom it went to.
type text struct {
	id, words string
	group     string // id; empty where it went to one person
	from      *device
	clock     uint64
	number    int             // when it was written
	to        map[string]bool // people
	sure      map[int]bool    // seats for which it was surely encrypted
	perhaps   map[int]bool    // seats for which it may have been, or may be when it is sent again
}

// handing is that somebody was handed earlier texts when they were added.
type handing struct {
	group   string
	to      string
	number  int
	texts   map[string]bool // by ids: surely
	more    map[string]bool // perhaps
	sure    map[int]bool
	perhaps map[int]bool
	lagged  map[int]bool // seats at which they were in the group already, by a log that had not heard that they were not
}

// write says something in a group.
func (w *world) write(d *device, group string) error {
	r, err := d.roll(group)
	if err != nil {
		return err
	}
	t := &text{group: group, to: map[string]bool{}}
	for who, p := range r.people {
		if p.joined && w.nameOf(who) != d.person {
			t.to[w.nameOf(who)] = true
		}
	}
	if err := w.say(d, t, group); err != nil || t.id == "" {
		return err
	}
	went, err := d.groups.Delivery(ctx, t.id)
	if err != nil {
		return err
	}
	got := map[string]bool{}
	for _, one := range went {
		got[w.nameOf(one.Key)] = true
	}
	if maps.Equal(got, t.to) {
		return nil
	}
	w.diary.write("it went to %v and not to %v", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(t.to)))
	if again, err := d.roll(group); err != nil || again.words(w.nameOf) == r.words(w.nameOf) {
		return cmp.Or(err, errors.New("a text went to others than those who had joined"))
	}
	t.to = got // something came in just then
	return nil
}

// writeTo says something to one person.
func (w *world) writeTo(d *device, mask int) error {
	for i, name := range names {
		if mask>>i&1 == 1 && name != d.person {
			return w.say(d, &text{to: map[string]bool{name: true}}, w.people[name])
		}
	}
	return nil
}

// say sends a text and notes for whose devices that encrypts it.
func (w *world) say(d *device, t *text, chat string) error {
	before, err := d.encryptsFor(t.to)
	if err != nil {
		return err
	}
	t.words = fmt.Sprintf("%s %d", d.name, len(w.texts)+1)
	m, err := d.chats.Send(ctx, chat, t.words, "")
	where := fmt.Sprint("to ", slices.Sorted(maps.Keys(t.to)))
	if t.group != "" {
		where += fmt.Sprint(" in group ", slices.Index(w.made, t.group))
	}
	w.diary.write("%s writes %q %s%s", d.name, t.words, where, no(err))
	if err != nil {
		return allowed(err)
	}
	after, err := d.encryptsFor(t.to)
	if err != nil {
		return err
	}
	t.id, t.clock, t.from = m.ID, m.Clock, d
	t.number, _ = d.eye.filedAt(m.ID)
	t.sure, t.perhaps = both(before, after)
	w.texts = append(w.texts, t)
	return nil
}

// encryptsFor is the seats for which a device encrypts what goes to people, and its own person's other ones that take part.
func (d *device) encryptsFor(people map[string]bool) (map[int]bool, error) {
	all := map[int]bool{}
	for name := range people {
		some, err := d.knows(d.all[each*slices.Index(names, name)].self())
		if err != nil {
			return nil, err
		}
		maps.Copy(all, some)
	}
	own, err := d.knows(d.self())
	maps.Copy(all, own)
	return all, err
}

// both is what is in both sets, and what is in one of them.
func both[K comparable](a, b map[K]bool) (and, or map[K]bool) {
	and, or = map[K]bool{}, maps.Clone(a)
	maps.Copy(or, b)
	for k := range a {
		if b[k] {
			and[k] = true
		}
	}
	return and, or
}

// add adds people, and hands them earlier texts.
func (w *world) add(d *device, group string, s step) error {
	before, err := d.roll(group)
	if err != nil {
		return err
	}
	h := &handing{group: group}
	var keys, called []string
	for i, name := range names {
		if s.whom>>i&1 == 1 && !before.at(w.people[name]).member {
			keys, called = append(keys, w.people[name]), append(called, name)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	h.texts, err = d.last(group, s.last)
	if err != nil {
		return err
	}
	knew, lagged, err := w.newcomers(d, called, group)
	if err != nil {
		return err
	}
	_, err = d.groups.Add(ctx, group, keys, s.last)
	w.diary.write("%s adds %v to group %d, with %d texts%s", d.name, called, slices.Index(w.made, group), s.last, no(err))
	if err != nil {
		return allowed(err)
	}
	return cmp.Or(w.noteHanding(d, h, called, s.last, knew, lagged), d.same(group))
}

// newcomers is for which seats a device encrypts what goes to people, and which of them have a log that says that they are in
// the group.
func (w *world) newcomers(d *device, people []string, group string) (knew, lagged map[int]bool, err error) {
	set := map[string]bool{}
	for _, name := range people {
		set[name] = true
	}
	knew, err = d.encryptsFor(set)
	lagged = map[int]bool{}
	for _, other := range w.running() {
		r, rollErr := other.roll(group)
		if err = cmp.Or(err, rollErr); err != nil {
			return nil, nil, err
		}
		lagged[other.seat] = r != nil && r.at(other.self().String()).member
	}
	return knew, lagged, err
}

func (w *world) noteHanding(d *device, h *handing, people []string, last int, knew, lagged map[int]bool) error {
	texts, err := d.last(h.group, last)
	if err != nil {
		return err
	}
	knows, _, err := w.newcomers(d, people, h.group)
	if err != nil {
		return err
	}
	h.number, h.lagged = w.count.next(), lagged
	h.texts, h.more = both(h.texts, texts)
	h.sure, h.perhaps = both(knew, knows)
	for _, name := range people {
		one := *h
		one.to = name
		w.handed = append(w.handed, &one)
	}
	return nil
}

// last is the ids of the last texts of a group at a device.
func (d *device) last(group string, most int) (map[string]bool, error) {
	list, err := d.said(group)
	ids := map[string]bool{}
	for _, m := range list[:min(most, len(list))] {
		ids[idOf(m)] = true
	}
	return ids, err
}

func idOf(m models.Message) string { return fmt.Sprintf("0x%x", m.ID) }
