package history

import (
	"sync"

	"sotto/services/history/span"
)

// mostSeen bounds the envelopes that are remembered at a time: of the newest it is known who had them, and that they need not
// be opened again.
const mostSeen = 1 << 16

// witness remembers, while servers are being asked, which of them had what: what one had and another one did not, although it
// answered for that time, is missing there.
type witness struct {
	mu       sync.Mutex
	order    []Node // servers, by the bits in seen
	seen     map[[32]byte]*sighting
	answered answers
}

// sighting is an envelope that a server gave.
type sighting struct {
	topic Topic
	sent  int64
	by    uint64 // bits of the servers that had it
	taken bool   // it was handed over
}

func newWitness() *witness {
	return &witness{seen: make(map[[32]byte]*sighting), answered: make(answers)}
}

// bit is a server's place among at most 64; what further ones have is not compared.
func (w *witness) bit(server Node) uint64 {
	for i, known := range w.order {
		if known == server {
			return 1 << i
		}
	}
	if len(w.order) == 64 {
		return 0
	}
	w.order = append(w.order, server)
	return 1 << (len(w.order) - 1)
}

// saw notes what a server gave.
func (w *witness) saw(server Node, envelopes []Envelope) {
	w.mu.Lock()
	defer w.mu.Unlock()
	bit := w.bit(server)
	for _, e := range envelopes {
		if s := w.seen[e.Hash]; s != nil {
			s.by |= bit
		} else if len(w.seen) < mostSeen {
			w.seen[e.Hash] = &sighting{topic: Topic(e.Topic), sent: int64(e.Sent()), by: bit}
		}
	}
}

// took notes that envelopes were handed over.
func (w *witness) took(envelopes []Envelope) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range envelopes {
		if s := w.seen[e.Hash]; s != nil {
			s.taken = true
		}
	}
}

// fresh are those that were not handed over yet.
func (w *witness) fresh(envelopes []Envelope) (list []Envelope) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range envelopes {
		if s := w.seen[e.Hash]; s == nil || !s.taken {
			list = append(list, e)
		}
	}
	return list
}

// answer notes that a server gave all that it had.
func (w *witness) answer(server Node, topics []Topic, s span.Span) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, t := range topics {
		w.answered.add(t, server, span.Of(s))
	}
}

// missing lists, for each server, what it should have had, and forgets everything: what comes next is compared anew.
func (w *witness) missing() map[Node][][32]byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	list := make(map[Node][][32]byte)
	for hash, s := range w.seen {
		for server, set := range w.answered[s.topic] {
			if bit := w.bit(server); bit != 0 && s.by&bit == 0 && set.Has(s.sent) {
				list[server] = append(list[server], hash)
			}
		}
	}
	w.order, w.seen, w.answered = nil, make(map[[32]byte]*sighting), make(answers)
	return list
}
