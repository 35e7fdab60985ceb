package model_test

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"sotto/models"
	"sotto/node/identity"
	"sotto/node/payload/wire"
)

// The oracle of groups: a list of what was said, in its order, and the written rules, with nothing of the code that it
// judges. It knows the whole list, which no device ever needs to.

// deed is a signed event of a group as the specification has it (7/GROUP-CHAT).
type deed struct {
	clock uint64
	kind  int32 // 1 created, 2 renamed, 3 added, 4 joined, 5 removed, 6 made admins, 7 no admin any more
	by    string
	whom  []string
	name  string
	mark  []byte // the signature
}

// deedOf reads one as it is stored.
func deedOf(stored models.GroupEvent) (deed, error) {
	var m wire.MembershipUpdateEvent
	err := proto.Unmarshal(stored.Raw[len(stored.Signature):], &m)
	author, keyErr := identity.DecodePublicKey(stored.Author)
	if err = cmp.Or(err, keyErr); err != nil {
		return deed{}, err
	}
	return deed{m.GetClock(), m.GetType(), author.String(), m.GetMembers(), m.GetName(), stored.Signature}, nil
}

// takes says whether a deed takes something away. Of what was done at the same clock that comes first.
func (d deed) takes() int {
	if d.kind == 5 || d.kind == 7 {
		return 0
	}
	return 1
}

// place is somebody's in a group.
type place struct {
	member, joined, admin bool
	spans                 [][2]uint64 // clocks from and until which they had joined; 0 is still
	gone                  []uint64    // clocks at which they were taken out, or left
}

// out says whether somebody was in the group and is not any more.
func (p *place) out() bool { return !p.member && len(p.gone) > 0 }

// roll is a group as it stands after a list of deeds.
type roll struct {
	name   string
	people map[string]*place
}

// fact is something about somebody that a deed needs or brings about.
type fact struct {
	who  string
	what string // member or admin
	is   bool
}

func (r *roll) at(who string) *place {
	if r.people[who] == nil {
		r.people[who] = &place{}
	}
	return r.people[who]
}

func (r *roll) holds(f fact) bool {
	if f.what == "member" {
		return r.at(f.who).member == f.is
	}
	return r.at(f.who).admin == f.is
}

// rollOf applies deeds in the order of their clocks. What the rules do not allow at its place counts for nothing, and so does
// what touches upon something that another deed of the same clock, which came first, needed or changed: neither knew of the
// other.
func rollOf(group string, deeds []deed) *roll {
	r := &roll{people: map[string]*place{}}
	list := slices.Clone(deeds)
	slices.SortFunc(list, func(a, b deed) int {
		return cmp.Or(cmp.Compare(a.clock, b.clock), cmp.Compare(a.takes(), b.takes()), bytes.Compare(a.mark, b.mark))
	})
	list = slices.CompactFunc(list, func(a, b deed) bool { return bytes.Equal(a.mark, b.mark) && a.by == b.by })
	var needed, made []fact // at this clock
	clock, born := uint64(0), false
	for _, d := range list {
		if d.clock != clock {
			clock, needed, made = d.clock, nil, nil
		}
		if d.kind == 1 && (born || !strings.HasSuffix(group, d.by)) {
			continue
		}
		needs, makes, possible := d.facts()
		if !possible || !r.allows(needs, makes, needed, made) || d.kind == 4 && r.at(d.by).joined {
			continue
		}
		news := slices.DeleteFunc(makes, func(f fact) bool { return r.holds(f) })
		if len(news) == 0 && (d.kind == 3 || d.kind == 5 || d.kind == 6 || d.kind == 7) {
			continue
		}
		needed, made, born = append(needed, needs...), append(made, news...), true
		r.apply(d)
	}
	return r
}

func (r *roll) allows(needs, makes, needed, made []fact) bool {
	for _, f := range needs {
		if !r.holds(f) || slices.ContainsFunc(made, func(o fact) bool { return o.who == f.who && o.what == f.what }) {
			return false
		}
	}
	for _, f := range makes {
		against := fact{f.who, f.what, !f.is}
		if slices.Contains(made, against) || slices.Contains(needed, against) {
			return false
		}
	}
	return true
}

// facts is what a deed needs to be so, and makes so.
func (d deed) facts() (needs, makes []fact, possible bool) {
	admin := fact{d.by, "admin", true}
	switch d.kind {
	case 1:
		return nil, []fact{{d.by, "member", true}, admin}, true
	case 2:
		return []fact{admin}, nil, d.name != ""
	case 3:
		for _, who := range d.whom {
			makes = append(makes, fact{who, "member", true})
		}
		return []fact{admin}, makes, len(makes) > 0
	case 4:
		return []fact{{d.by, "member", true}}, nil, true
	case 5:
		if len(d.whom) != 1 {
			return nil, nil, false
		}
		needs = []fact{{d.whom[0], "member", true}}
		if d.whom[0] != d.by {
			needs = append(needs, admin, fact{d.whom[0], "admin", false})
		}
		return needs, []fact{{d.whom[0], "member", false}, {d.whom[0], "admin", false}}, true
	case 6:
		needs = []fact{admin}
		for _, who := range d.whom {
			needs, makes = append(needs, fact{who, "member", true}), append(makes, fact{who, "admin", true})
		}
		return needs, makes, len(makes) > 0
	case 7:
		return []fact{admin}, []fact{{d.by, "admin", false}}, len(d.whom) == 1 && d.whom[0] == d.by
	}
	return nil, nil, false
}

func (r *roll) apply(d deed) {
	by := r.at(d.by)
	switch d.kind {
	case 1:
		r.name = d.name
		*by = place{member: true, joined: true, admin: true, spans: [][2]uint64{{d.clock, 0}}}
	case 2:
		r.name = d.name
	case 3:
		for _, who := range d.whom {
			r.at(who).member = true
		}
	case 4:
		by.joined = true
		by.spans = append(by.spans, [2]uint64{d.clock, 0})
	case 5:
		p := r.at(d.whom[0])
		if p.joined {
			p.spans[len(p.spans)-1][1] = d.clock
		}
		p.member, p.joined, p.admin, p.gone = false, false, false, append(p.gone, d.clock)
	case 6:
		for _, who := range d.whom {
			r.at(who).admin = true
		}
	case 7:
		by.admin = false
	}
}

// tookPart says whether somebody had joined at a clock.
func (r *roll) tookPart(who string, clock uint64) bool {
	return slices.ContainsFunc(r.at(who).spans, func(s [2]uint64) bool { return s[0] <= clock && (s[1] == 0 || clock <= s[1]) })
}

// words is who is in the group and what it is called, in one line: admins with a star, who has not joined with a question mark.
func (r *roll) words(nameOf func(string) string) string {
	var list []string
	for _, who := range slices.Sorted(maps.Keys(r.people)) {
		if p := r.people[who]; p.member {
			list = append(list, nameOf(who)+marks(p.joined, p.admin))
		}
	}
	slices.Sort(list)
	return fmt.Sprintf("%q: %s", r.name, strings.Join(list, " "))
}

func marks(joined, admin bool) string {
	return map[bool]string{false: "?"}[joined] + map[bool]string{true: "*"}[admin]
}
