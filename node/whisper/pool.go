package whisper

import (
	"container/heap"
	"sort"
	"sync"
	"sync/atomic"
)

const (
	// entryOverhead is what an envelope costs in memory beside its RLP.
	entryOverhead = 320
	// leastStay is how many seconds an envelope may stay before a full pool pushes it out. Everything that clients
	// send lives shorter, so it only meets what somebody sent to sit there.
	leastStay = 60
	// scanStep is how many entries are looked at before the lock is given to others.
	scanStep = 4096
)

// entry is one envelope in the pool. What stands above the line never changes, but for kept, which needs no lock.
type entry struct {
	hash   Hash
	raw    []byte // its RLP, which env.Data points into
	env    Envelope
	pow    float64
	share  *share      // of whom it came from; nil: our own. A peer itself, with its buffers, must be gone when it left
	post   *post       // nil: nobody observes
	stay   bool        // not handed on to peers
	kept   atomic.Bool // durable, says whoever keeps envelopes
	direct bool        // never pooled, only waiting

	seq     uint64 // place in the pool's log; guarded, like the rest, by pool.mu
	known   marks  // peers that have it
	heapAt  int
	arrived uint32 // Unix seconds
	pooled  bool   // still to be found by hash and handed on
	waiting bool   // still to be tried with our keys
}

func (e *entry) cost() int64 { return int64(len(e.raw) + entryOverhead) }

// pool holds envelopes until they expire, bounded by bytes. Peers and envelopes meet in one place only: log is the
// order of arrival, and each peer's writer keeps its own place in it, so that nobody scans the pool and no queue has
// to be bounded. The marks of who knows an envelope live and go with its entry.
type pool struct {
	limit   int64
	evicted func(*entry) // called with the lock held

	mu      sync.Mutex
	entries map[Hash]*entry
	byEnd   expiryHeap
	log     []*entry // ascending seq, with entries that left the pool in between
	gone    int      // how many of log left
	held    []*entry // from the future: not in log before their time
	lastSeq uint64
	bytes   int64
	direct  int64    // bytes of direct messages that wait
	pushed  []*entry // observed ones that were pushed out, until expire tells of them
	waiting int
	settled chan struct{} // closed when nothing waits any more; nil while nobody asks
	slots   marks
	shares  shares
}

func newPool(limit int64) *pool {
	return &pool{limit: limit, entries: make(map[Hash]*entry), shares: make(shares), evicted: func(*entry) {}}
}

// join gives a peer a slot for its marks and the share of its origin. It clears what the slot's last owner left.
func (p *pool) join(of origin) (slot int, mine *share) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.slots.has(slot) {
		slot++
	}
	p.slots.set(slot)
	for _, e := range p.entries {
		e.known.clear(slot)
	}
	return slot, p.shares.enter(of)
}

// leave gives the slot back. What the peer brought stays, and counts for its origin.
func (p *pool) leave(mine *share, slot int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.slots.clear(slot)
	p.shares.leave(mine)
}

// seen looks an envelope up and, when it is there, marks that the peer of the slot has it.
func (p *pool) seen(h Hash, slot int) *entry {
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.entries[h]
	if e != nil {
		e.known.set(slot)
	}
	return e
}

// add takes a valid entry in. hold says that it is from the future and not yet to be handed on. The reason is
// empty when it was taken.
func (p *pool) add(e *entry, slot int, now uint32, hold bool) Reason {
	p.mu.Lock()
	defer p.mu.Unlock()
	if old := p.entries[e.hash]; old != nil {
		if slot >= 0 {
			old.known.set(slot)
		}
		return ReasonDuplicate
	}
	if reason := p.makeRoom(e, now); reason != "" {
		return reason
	}
	e.pooled, e.arrived = true, now
	if slot >= 0 {
		e.known.set(slot)
	}
	p.entries[e.hash] = e
	heap.Push(&p.byEnd, e)
	p.bytes += e.cost()
	if e.waiting {
		p.waiting++
	}
	p.shares.count(e.share, e.cost())
	if hold {
		p.held = append(p.held, e)
	} else {
		p.append(e)
	}
	return ""
}

func (p *pool) append(e *entry) {
	p.lastSeq++
	e.seq = p.lastSeq
	p.log = append(p.log, e)
}

// makeRoom decides whether e fits. Half of the pool is for whoever comes first, the other half is shared equally among
// those who are connected or have something in it, so that one cannot lock out the rest.
func (p *pool) makeRoom(e *entry, now uint32) Reason {
	need := e.cost()
	for p.bytes+need > p.limit {
		oldest := p.oldest()
		if oldest == nil || now-oldest.arrived < leastStay {
			return ReasonPoolFull
		}
		p.evict(oldest)
	}
	if e.share != nil && p.bytes+need > p.limit/2 && e.share.bytes+need > p.limit/2/int64(len(p.shares)) {
		return ReasonPoolShare
	}
	return ""
}

// evict pushes an entry out before its time.
func (p *pool) evict(e *entry) {
	p.evicted(e)
	p.remove(e)
	if e.post != nil {
		p.pushed = append(p.pushed, e)
	}
}

// oldest is the entry that arrived first of those that are still pooled.
func (p *pool) oldest() *entry {
	for len(p.log) > 0 && !p.log[0].pooled {
		p.log[0] = nil
		p.log = p.log[1:]
		p.gone--
	}
	if len(p.log) == 0 {
		return nil
	}
	return p.log[0]
}

// remove takes an entry out. Its bytes count until it was also tried with our keys.
func (p *pool) remove(e *entry) {
	delete(p.entries, e.hash)
	heap.Remove(&p.byEnd, e.heapAt)
	e.pooled = false
	if !e.waiting {
		p.free(e)
	}
	if e.seq > 0 {
		p.gone++
	}
	if p.gone > 64 && p.gone > len(p.log)/2 {
		p.compact()
	}
}

// free stops counting an entry's bytes.
func (p *pool) free(e *entry) {
	if e.direct {
		p.direct -= e.cost()
		return
	}
	p.bytes -= e.cost()
	p.shares.count(e.share, -e.cost())
}

func (p *pool) compact() {
	kept := make([]*entry, 0, len(p.log)-p.gone)
	for _, e := range p.log {
		if e.pooled {
			kept = append(kept, e)
		}
	}
	p.log, p.gone = kept, 0
}

// tried says that our keys were tried on an entry.
func (p *pool) tried(e *entry) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting--
	e.waiting = false
	if p.waiting == 0 && p.settled != nil {
		close(p.settled)
		p.settled = nil
	}
	if !e.pooled {
		p.free(e)
	}
}

// allTried is closed once our keys were tried on everything that waits now or comes meanwhile.
func (p *pool) allTried() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.settled == nil {
		p.settled = make(chan struct{})
	}
	settled := p.settled
	if p.waiting == 0 {
		close(settled)
		p.settled = nil
	}
	return settled
}

// reserve counts the bytes of a direct message that waits, or refuses. They have a bound of their own, as large as the
// pool's, so that strangers who fill the pool cannot keep away what a mailserver of ours sends.
func (p *pool) reserve(e *entry) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.direct+e.cost() > p.limit {
		return false
	}
	p.direct += e.cost()
	p.waiting++
	e.direct, e.waiting = true, true
	return true
}

// expire removes and returns what ended before now, with what was pushed out since the last time, and releases what is
// from the future no longer (ready tells). Own envelopes that were pushed out wait for it, so that whoever posts
// another one, and may hold locks, does not call their observers.
func (p *pool) expire(now uint32, ready func(*entry) bool) (ended []*entry, released bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	ended, p.pushed = p.pushed, nil
	for len(p.byEnd) > 0 && p.byEnd[0].env.Expiry < now {
		ended = append(ended, p.byEnd[0])
		p.remove(p.byEnd[0])
	}
	kept := p.held[:0]
	for _, e := range p.held {
		switch {
		case !e.pooled:
		case ready(e):
			p.append(e)
			released = true
		default:
			kept = append(kept, e)
		}
	}
	clear(p.held[len(kept):])
	p.held = kept
	return ended, released
}

// next finds the first entry after the place that the peer of the slot lacks and wants. It returns the place before
// it. Without one, place is where to go on from, and done tells whether the end was reached.
func (p *pool) next(place uint64, slot int, wants func(*entry) bool) (at uint64, found, done bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := p.after(place)
	for n := 0; i < len(p.log); i, n = i+1, n+1 {
		if n == scanStep {
			return place, false, false
		}
		if e := p.log[i]; p.lacks(e, slot) && wants(e) {
			return place, true, false
		}
		place = p.log[i].seq
	}
	return place, false, true
}

// take collects up to limit bytes of entries after the place that the peer lacks and wants, and marks them as known
// to it. more tells that it stopped because the limit was reached.
func (p *pool) take(place uint64, slot, limit int, wants func(*entry) bool) (batch []*entry, at uint64, more bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	size := 0
	for i, n := p.after(place), 0; i < len(p.log) && n < scanStep; i, n = i+1, n+1 {
		e := p.log[i]
		if p.lacks(e, slot) && wants(e) {
			if size += len(e.raw); size > limit && len(batch) > 0 {
				return batch, place, true
			}
			e.known.set(slot)
			batch = append(batch, e)
		}
		place = e.seq
	}
	return batch, place, false
}

func (p *pool) lacks(e *entry, slot int) bool { return e.pooled && !e.stay && !e.known.has(slot) }

func (p *pool) after(place uint64) int {
	return sort.Search(len(p.log), func(i int) bool { return p.log[i].seq > place })
}

func (p *pool) stats() PoolStats {
	p.mu.Lock()
	defer p.mu.Unlock()
	return PoolStats{Envelopes: len(p.entries), Waiting: p.waiting, Bytes: p.bytes, Limit: p.limit}
}

// expiryHeap orders entries by their end.
type expiryHeap []*entry

func (h expiryHeap) Len() int           { return len(h) }
func (h expiryHeap) Less(i, j int) bool { return h[i].env.Expiry < h[j].env.Expiry }
func (h expiryHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].heapAt, h[j].heapAt = i, j
}

// Push implements heap.Interface.
func (h *expiryHeap) Push(x any) {
	e := x.(*entry)
	e.heapAt = len(*h)
	*h = append(*h, e)
}

// Pop implements heap.Interface.
func (h *expiryHeap) Pop() any {
	last := len(*h) - 1
	e := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return e
}
