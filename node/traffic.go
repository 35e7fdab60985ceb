package node

import (
	"sync"
	"time"
)

// Policy says how much of the network's traffic the node asks its peers for.
type Policy string

// The policies. Receiving everything tells peers nothing about what its owner reads; receiving what concerns its owner
// tells them the bloom filter of the topics (EIP-627).
const (
	ReceiveAutomatic  Policy = "automatic"  // everything while that stays within the daily budget; the default
	ReceiveEverything Policy = "everything" // best privacy
	ReceiveConcerning Policy = "concerning" // only what matches the topics listened to
)

// DailyBudget is how many bytes a day ReceiveAutomatic spends before it narrows what it receives, unless Config says
// otherwise.
const DailyBudget int64 = 100_000_000

// Kinds are bytes of envelopes by what became of them, as in Traffic.
type Kinds struct {
	Useful, Duplicate, Unwanted, Refused, Out uint64
}

func (t Traffic) kinds() Kinds { return Kinds{t.Useful, t.Duplicate, t.Unwanted, t.Refused, t.Out} }

// grow adds what came between two looks.
func (k *Kinds) grow(before, now Kinds) {
	k.Useful += now.Useful - before.Useful
	k.Duplicate += now.Duplicate - before.Duplicate
	k.Unwanted += now.Unwanted - before.Unwanted
	k.Refused += now.Refused - before.Refused
	k.Out += now.Out - before.Out
}

// Spent is what the network cost on one day.
type Spent struct {
	Day   string // YYYY-MM-DD, local time
	Bytes int64  // on the wire, both ways
	Kinds        // of the envelopes among them
}

// budget decides whether everything is received now.
type budget struct {
	mu     sync.Mutex
	limit  int64
	policy Policy
	spent  Spent
	wire   uint64 // the wire's counter at the last look
	kinds  Kinds  // the envelopes' at the last look
}

// look takes the counters of bytes on the wire and of envelopes, which only grow, and tells whether to receive everything. At
// the change of the day the count begins anew; what passed midnight between two looks counts for the new day.
func (b *budget) look(now time.Time, wire uint64, kinds Kinds) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if today := now.Format(time.DateOnly); b.spent.Day != today {
		b.spent = Spent{Day: today}
	}
	b.spent.Bytes += int64(wire - b.wire)
	b.spent.grow(b.kinds, kinds)
	b.wire, b.kinds = wire, kinds
	switch b.policy {
	case ReceiveEverything:
		return true
	case ReceiveConcerning:
		return false
	default:
		return b.spent.Bytes < b.limit
	}
}

func (b *budget) setPolicy(p Policy) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.policy = p
}

func (b *budget) setLimit(bytes int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.limit = bytes
}

func (b *budget) state() (p Policy, limit int64, spent Spent) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.policy, b.limit, b.spent
}
