package group

import (
	"slices"
	"strings"

	"sotto/node/identity"
)

// deployed is a group as deployed clients replay it, in their own terms: lists of texts, and nothing of this package.
type deployed struct {
	Name                    string
	Members, Joined, Admins []string
}

// deployedReplay replays a list as deployed clients do: sorted by clock alone, and refused as a whole because of a single
// event that is invalid by their rules.
func deployedReplay(chat string, events []Event) (deployed, bool) {
	list := slices.Clone(events)
	slices.SortStableFunc(list, func(a, b Event) int { return int(a.Clock) - int(b.Clock) })
	if len(list) == 0 || !strings.HasSuffix(chat, list[0].Author.String()) {
		return deployed{}, false
	}
	var g deployed
	for _, e := range list {
		if !g.valid(e) {
			return deployed{}, false
		}
		g.process(e)
	}
	for _, set := range []*[]string{&g.Members, &g.Joined, &g.Admins} {
		slices.Sort(*set)
	}
	return g, true
}

func (g *deployed) valid(e Event) bool {
	author, targets := e.Author.String(), texts(e.Members)
	admin := slices.Contains(g.Admins, author)
	switch e.Type {
	case Created:
		return len(g.Members) == 0 && len(g.Admins) == 0
	case Renamed:
		return admin && e.Name != ""
	case Added:
		return admin
	case Joined:
		return slices.Contains(g.Members, author)
	case Removed:
		return len(targets) == 1 && (targets[0] == author || admin && !slices.Contains(g.Admins, targets[0]))
	case AdminsAdded:
		return admin && slices.ContainsFunc(targets, func(target string) bool { return slices.Contains(g.Members, target) })
	case AdminRemoved:
		return len(targets) == 1 && targets[0] == author && admin
	}
	return false
}

func (g *deployed) process(e Event) {
	author, targets := e.Author.String(), texts(e.Members)
	switch e.Type {
	case Created:
		g.Name = e.Name
		put(&g.Members, author)
		put(&g.Joined, author)
		put(&g.Admins, author)
	case Renamed:
		g.Name = e.Name
	case Added:
		put(&g.Members, targets...)
	case Joined:
		put(&g.Joined, author)
	case Removed:
		drop(&g.Members, targets[0])
		drop(&g.Joined, targets[0])
		drop(&g.Admins, targets[0])
	case AdminsAdded:
		put(&g.Admins, targets...)
	case AdminRemoved:
		drop(&g.Admins, targets[0])
	}
}

func texts(keys []identity.PublicKey) (list []string) {
	for _, key := range keys {
		list = append(list, key.String())
	}
	return list
}

func put(set *[]string, names ...string) {
	for _, name := range names {
		if !slices.Contains(*set, name) {
			*set = append(*set, name)
		}
	}
}

func drop(set *[]string, name string) {
	*set = slices.DeleteFunc(*set, func(other string) bool { return other == name })
}
