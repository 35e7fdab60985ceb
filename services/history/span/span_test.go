package span

import (
	"testing"

	"pgregory.net/rapid"
)

// seconds is the naive twin of a Set: one mark for each second of a short history.
type seconds [64]bool

func (n seconds) paint(s Span) seconds {
	for at := max(s.Start, 0); at < min(s.End, int64(len(n))); at++ {
		n[at] = true
	}
	return n
}

// set is what the marks say, read off one by one.
func (n seconds) set() (s Set) {
	for at := 0; at < len(n); at++ {
		if !n[at] {
			continue
		}
		start := at
		for at < len(n) && n[at] {
			at++
		}
		s = append(s, Span{int64(start), int64(at)})
	}
	return s
}

// twins draws a set and its twin; spans may be empty, turned round, touch and overlap.
func twins(t *rapid.T, name string) (Set, seconds) {
	var n seconds
	edge := rapid.Int64Range(0, int64(len(n)))
	spans := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Span {
		return Span{edge.Draw(t, "start"), edge.Draw(t, "end")}
	}), 0, 6).Draw(t, name)
	for _, s := range spans {
		n = n.paint(s)
	}
	return Of(spans...), n
}

func same(t *rapid.T, what string, got Set, want seconds) {
	if !got.Equal(want.set()) {
		t.Fatalf("%s: got %v, want %v", what, got, want.set())
	}
}

func TestSetsAgreeWithMarkedSeconds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, markedA := twins(t, "a")
		b, markedB := twins(t, "b")
		same(t, "of", a, markedA)
		var either, both, left seconds
		var n int64
		for at := range either {
			either[at] = markedA[at] || markedB[at]
			both[at] = markedA[at] && markedB[at]
			left[at] = markedA[at] && !markedB[at]
			if markedA[at] {
				n++
			}
			if a.Has(int64(at)) != markedA[at] {
				t.Fatalf("has %d: %v of %v", at, a.Has(int64(at)), a)
			}
		}
		same(t, "or", a.Or(b), either)
		same(t, "and", a.And(b), both)
		same(t, "minus", a.Minus(b), left)
		if a.Seconds() != n {
			t.Fatalf("%v has %d seconds, got %d", a, n, a.Seconds())
		}
	})
}

func TestAtLeastCountsSets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var sets []Set
		var count [len(seconds{})]int
		for range rapid.IntRange(0, 5).Draw(t, "sets") {
			set, marked := twins(t, "set")
			sets = append(sets, set)
			for at, yes := range marked {
				if yes {
					count[at]++
				}
			}
		}
		n := rapid.IntRange(1, 4).Draw(t, "n")
		var want seconds
		for at := range want {
			want[at] = count[at] >= n
		}
		same(t, "at least", AtLeast(n, sets...), want)
	})
}

func TestOperandsStayAsTheyWere(t *testing.T) {
	a, b := Of(Span{1, 5}, Span{8, 9}), Of(Span{2, 3})
	_, _, _, _ = a.Or(b), a.And(b), a.Minus(b), AtLeast(1, a, b)
	if !a.Equal(Set{{1, 5}, {8, 9}}) || !b.Equal(Set{{2, 3}}) {
		t.Errorf("changed: %v %v", a, b)
	}
}
