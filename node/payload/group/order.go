package group

import (
	"bytes"
	"cmp"
	"slices"

	"sotto/node/identity"
)

// inOrder is a set of events in the order in which they are replayed, each once: by clock, and where clocks are equal, those
// that take something away before the others, and then by signature. So nobody keeps their place by an event of theirs with
// the clock of their removal.
func inOrder(events []Event) []Event {
	sorted := slices.Clone(events)
	slices.SortFunc(sorted, compare)
	return slices.CompactFunc(sorted, func(a, b Event) bool { return a.mark() == b.mark() })
}

func compare(a, b Event) int {
	return cmp.Or(
		cmp.Compare(a.Clock, b.Clock),
		cmp.Compare(a.rank(), b.rank()),
		compareMarks(a.mark(), b.mark()),
	)
}

func (e Event) rank() int {
	if e.Type == Removed || e.Type == AdminRemoved {
		return 0
	}
	return 1
}

// mark tells an event from all others of its group: no two have signature and author in common. The signature alone would not
// do: put before other bytes it is a signature, too, of a key that fits.
type mark struct {
	signature [identity.SignatureLength]byte
	author    identity.PublicKey
}

func (e Event) mark() mark { return mark{e.Signature, e.Author} }

func compareMarks(a, b mark) int {
	return cmp.Or(bytes.Compare(a.signature[:], b.signature[:]), bytes.Compare(a.author[:], b.author[:]))
}
