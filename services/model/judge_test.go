package model_test

import (
	"errors"
	"slices"
)

// tally counts what there was to judge: how many texts had to be on a device, might be, must not be, and were excused from
// being there by what the device had heard.
type tally struct{ must, may, not, excused int }

// verdict is whether a text has to be on a device.
type verdict int

const (
	not verdict = iota
	may
	must
)

// judge holds for each device and each text that it is there if it has to be, and not if it must not, and no text twice.
func (w *world) judge(truth map[string]*roll, all *tally) error {
	for _, d := range w.all {
		had := map[string]bool{}
		for _, chat := range w.chatsOf(d) {
			list, err := d.said(chat)
			if err != nil {
				return err
			}
			for _, m := range list {
				if had[m.Text] {
					w.diary.write("%s has %q twice", d.name, m.Text)
					return errors.New("a text is doubled")
				}
				had[m.Text] = true
			}
		}
		for _, t := range w.texts {
			if err := w.weigh(d, t, truth[t.group], had[t.words], all); err != nil {
				return err
			}
		}
	}
	return nil
}

// chatsOf is the ids of all chats that a device may have.
func (w *world) chatsOf(d *device) (ids []string) {
	for _, name := range names {
		if name != d.person {
			ids = append(ids, w.people[name])
		}
	}
	return append(ids, w.made...)
}

func (w *world) weigh(d *device, t *text, truth *roll, has bool, all *tally) error {
	v, why := w.verdict(d, t, truth)
	if v == must && t.group != "" && !has {
		asked, err := d.asked(t.group)
		if err != nil {
			return err
		}
		if asked { // a stranger's invitation, which waits for an answer: nothing of the group is taken until then
			v = may
		}
	}
	switch {
	case v == must && !has:
		w.diary.write("%s does not have %q; %s", d.name, t.words, why)
		return errors.New("a text did not come")
	case v == not && has:
		w.diary.write("%s has %q; %s", d.name, t.words, why)
		return errors.New("a text came to where it must not be")
	}
	if t.group != "" && has && d != t.from {
		if err := w.filedRightly(d, t); err != nil {
			return err
		}
	}
	*map[verdict]*int{must: &all.must, may: &all.may, not: &all.not}[v]++
	if why == excused {
		all.excused++
	}
	return nil
}

const excused = "excused"

// verdict judges by the rules:
//
//   - A text goes to whoever had joined as its author's device had heard, and to their other devices that took part. Nobody else
//     has it, but those to whom it was handed over when they were added.
//   - It is encrypted for the devices that the author's device knew. Of one that appears later, and of people of whom no device
//     was known, it depends on what gets lost whether what is sent again goes there, too.
//   - Who had joined, and was never out of the group from then on as that very device had heard it, has it in the end, if its
//     author had joined when it was written, by everything that anybody declared. See excused.
func (w *world) verdict(d *device, t *text, truth *roll) (verdict, string) {
	mine := d.person == t.from.person
	switch {
	case d == t.from:
		return must, "wrote it"
	case t.group == "" && !mine && !t.to[d.person]:
		return not, "it was for somebody else"
	case t.group == "":
		return w.addressed(d, t, "in private")
	}
	v, why := not, "was not in the group as its author had heard, and was not handed it"
	if mine || t.to[d.person] {
		v, why = w.addressed(d, t, "as one who had joined")
	}
	if v != not && !truth.tookPart(w.people[t.from.person], t.clock) {
		v, why = may, "its author was out when writing it, and had not heard of that" // whoever had not heard either takes it
	}
	if v == must && w.excuses(d, t, truth) {
		v, why = may, excused
	}
	return max(v, w.handedTo(d, t, truth)), why
}

func (w *world) addressed(d *device, t *text, why string) (verdict, string) {
	switch {
	case t.sure[d.seat]:
		return must, why
	case t.perhaps[d.seat] || d.lives > 0:
		return may, "its device was not known when it was written"
	}
	return not, "has no device"
}

// excuses says whether a device may lack a text that it was sent, by what it had heard at some time since it was written:
//
//   - that its own person was out of the group. What comes meanwhile is refused for good. The author had not heard of that, or
//     the device had not heard yet that they are in again.
//   - that the author was out. Then what was sent long after that is refused for good, whatever its clock says, and what was
//     written after that in any case. That they are in again the text itself tells; so it is no excuse that a device had not
//     heard of that yet.
//   - that somebody is invited, or not there at all, is none: the text comes again until it is different. That needs to happen,
//     so both have to have joined in the end.
func (w *world) excuses(d *device, t *text, truth *roll) bool {
	self, author := d.self().String(), w.people[t.from.person]
	if !truth.at(self).joined || !truth.at(author).joined {
		return true
	}
	before, later := d.eye.since(t.group, t.number)
	if before != nil {
		if before.at(self).out() {
			return true
		}
		if by := before.at(author); by.out() {
			gone := by.gone[len(by.gone)-1]
			if gone > t.clock || !slices.Contains(truth.at(author).gone, gone) {
				return true
			}
		}
	}
	return slices.ContainsFunc(later, func(s sight) bool { return s.at(self).out() || s.at(author).out() })
}

// handedTo is the verdict by what was handed over. The newcomer's device takes of it what was written by somebody who had
// joined by the log that it has then; where it takes itself for a member by an older log, that may be too little.
func (w *world) handedTo(d *device, t *text, truth *roll) verdict {
	v := not
	for _, h := range w.handed {
		switch {
		case h.group != t.group || h.to != d.person:
		case h.texts[t.id] && h.sure[d.seat] && !h.lagged[d.seat] && truth.at(d.self().String()).member &&
			truth.tookPart(w.people[t.from.person], t.clock) && !w.leftSince(d, h):
			return must
		case h.texts[t.id] || h.more[t.id]:
			v = may
		}
	}
	return v
}

// leftSince says whether a device's person was out again after they had been handed something.
func (w *world) leftSince(d *device, h *handing) bool {
	_, later := d.eye.since(h.group, h.number)
	in := false
	for _, s := range later {
		is := s.at(d.self().String()).member
		if in && !is {
			return true
		}
		in = in || is
	}
	return false
}

// filedRightly holds that a device which took a text from its author took it by what it had heard then: both had joined.
func (w *world) filedRightly(d *device, t *text) error {
	number, came := d.eye.filedAt(t.id)
	if !came {
		return nil // handed over
	}
	then, _ := d.eye.since(t.group, number)
	if then == nil {
		return errors.New("a text was filed before its group was known")
	}
	author := w.people[t.from.person]
	if me := d.self().String(); !then.at(me).joined || !then.tookPart(author, t.clock) {
		w.diary.write("%s took %q with clock %d, having heard %s; of itself %+v and of the author %+v", d.name, t.words, t.clock,
			then.words(w.nameOf), *then.at(me), *then.at(author))
		return errors.New("a text was taken from outside of the group")
	}
	return nil
}
