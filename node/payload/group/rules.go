package group

import "sotto/node/identity"

// claim is something that is true or not of somebody at a moment.
type claim struct {
	what claimKind
	who  identity.PublicKey
}

type claimKind int

const (
	isMember claimKind = iota
	isNoMember
	isAdmin
	isNoAdmin
)

func (c claim) opposite() claim {
	return claim{c.what ^ 1, c.who}
}

// rule is what an event needs to be true, and what it makes true (Status spec 7/GROUP-CHAT).
type rule struct{ needs, makes []claim }

// ruleOf is the rule of an event that is not impossible.
func ruleOf(e Event) rule {
	author, admin := claim{isMember, e.Author}, claim{isAdmin, e.Author}
	switch e.Type {
	case Created:
		return rule{makes: []claim{author, admin}}
	case Renamed:
		return rule{needs: []claim{admin}}
	case Added:
		return rule{needs: []claim{admin}, makes: claims(isMember, e.Members)}
	case Joined:
		return rule{needs: []claim{author}}
	case Removed:
		target := e.Members[0]
		r := rule{needs: []claim{{isMember, target}}, makes: []claim{{isNoMember, target}, {isNoAdmin, target}}}
		if target != e.Author {
			r.needs = append(r.needs, admin, claim{isNoAdmin, target})
		}
		return r
	case AdminsAdded:
		return rule{needs: append(claims(isMember, e.Members), admin), makes: claims(isAdmin, e.Members)}
	case AdminRemoved:
		return rule{needs: []claim{admin}, makes: []claim{admin.opposite()}}
	}
	return rule{}
}

func claims(what claimKind, who []identity.PublicKey) []claim {
	list := make([]claim, 0, len(who)+1)
	for _, key := range who {
		list = append(list, claim{what, key})
	}
	return list
}

// impossible is why an event can never count in the group that creator made, whatever else is in the set; "" where it can.
func impossible(e Event, creator identity.PublicKey) Reason {
	switch e.Type {
	case Created:
		if e.Author != creator {
			return ReasonNotCreator
		}
	case Renamed:
		if e.Name == "" || len(e.Name) > MaxName {
			return ReasonName
		}
	case Joined:
	case Added, AdminsAdded:
		if len(e.Members) == 0 {
			return ReasonTargets
		}
	case Removed:
		if len(e.Members) != 1 {
			return ReasonTargets
		}
	case AdminRemoved:
		if len(e.Members) != 1 || e.Members[0] != e.Author {
			return ReasonTargets
		}
	default:
		return ReasonType
	}
	return ""
}

// moment is what the events of one clock that count need and change. They do not know of each other, and deployed clients
// replay them in whatever order they have them: so none may lean on what another did, or undo what another needs or did.
type moment struct {
	clock        uint64
	needed, made map[claim]bool
}

func newMoment() moment { return moment{needed: map[claim]bool{}, made: map[claim]bool{}} }

// next begins another moment.
func (m *moment) next(clock uint64) {
	m.clock = clock
	clear(m.needed)
	clear(m.made)
}

// contradicts tells whether what counts already at this moment keeps an event with this rule from counting.
func (m *moment) contradicts(r rule) bool {
	for _, c := range r.needs {
		if m.made[c] || m.made[c.opposite()] {
			return true
		}
	}
	for _, c := range r.makes {
		if m.needed[c.opposite()] || m.made[c.opposite()] {
			return true
		}
	}
	return false
}
