// Package span is arithmetic with sets of time: which seconds are wanted, which of them somebody answered for, and what is
// left between.
package span

import (
	"cmp"
	"slices"
)

// Span is the seconds from Start to before End, Unix time. One whose End is not after its Start is empty.
type Span struct{ Start, End int64 }

// Empty says whether there is no second in a span.
func (s Span) Empty() bool { return s.End <= s.Start }

// Seconds is how many there are in it.
func (s Span) Seconds() int64 { return max(0, s.End-s.Start) }

// Set is a set of seconds: spans in their order, none empty, with at least a second between them. It is never changed; nil is
// the empty set.
type Set []Span

// Of is the set of all seconds that are in one of the spans.
func Of(spans ...Span) Set {
	list := slices.DeleteFunc(slices.Clone(spans), Span.Empty)
	slices.SortFunc(list, func(a, b Span) int { return cmp.Compare(a.Start, b.Start) })
	var joined Set
	for _, s := range list {
		if last := len(joined) - 1; last >= 0 && s.Start <= joined[last].End {
			joined[last].End = max(joined[last].End, s.End)
			continue
		}
		joined = append(joined, s)
	}
	return joined
}

// Or is what is in either set.
func (s Set) Or(t Set) Set { return Of(slices.Concat(s, t)...) }

// And is what is in both sets.
func (s Set) And(t Set) Set { return AtLeast(2, s, t) }

// Minus is what is in s and not in t.
func (s Set) Minus(t Set) (left Set) {
	next := 0 // in t: those before it end before the span that is looked at
	for _, from := range s {
		for next < len(t) && t[next].End <= from.Start {
			next++
		}
		for i := next; i < len(t) && t[i].Start < from.End; i++ {
			if before := (Span{from.Start, t[i].Start}); !before.Empty() {
				left = append(left, before)
			}
			from.Start = t[i].End
		}
		if !from.Empty() {
			left = append(left, from)
		}
	}
	return left
}

// AtLeast is what is in n or more of the sets; n is 1 or more.
func AtLeast(n int, sets ...Set) Set {
	type edge struct {
		at   int64
		more int // sets begin, or end where it is negative
	}
	var edges []edge
	for _, set := range sets {
		for _, s := range set {
			edges = append(edges, edge{s.Start, 1}, edge{s.End, -1})
		}
	}
	slices.SortFunc(edges, func(a, b edge) int { return cmp.Compare(a.at, b.at) })
	var spans []Span
	depth := 0
	for i, e := range edges {
		if depth >= n {
			spans = append(spans, Span{edges[i-1].at, e.at})
		}
		depth += e.more
	}
	return Of(spans...)
}

// Seconds is how many there are in the set.
func (s Set) Seconds() (n int64) {
	for _, one := range s {
		n += one.Seconds()
	}
	return n
}

// Has says whether a second is in the set.
func (s Set) Has(second int64) bool {
	i, found := slices.BinarySearchFunc(s, second, func(one Span, at int64) int { return cmp.Compare(one.Start, at) })
	return found || i > 0 && second < s[i-1].End
}

// Equal says whether two sets have the same seconds.
func (s Set) Equal(t Set) bool { return slices.Equal(s, t) }
