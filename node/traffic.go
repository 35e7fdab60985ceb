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

// DailyBudget is how many bytes a day ReceiveAutomatic spends before it narrows what it receives.
const DailyBudget int64 = 100_000_000

// Spent is what the network cost on one day, in bytes on the wire both ways.
type Spent struct {
	Day   string // YYYY-MM-DD, local time
	Bytes int64
}

// budget decides whether everything is received now.
type budget struct {
	limit int64

	mu     sync.Mutex
	policy Policy
	spent  Spent
	last   uint64 // the wire's counter at the last look
}

// look takes the counter of bytes on the wire, which only grows, and tells whether to receive everything. At the change
// of the day the count begins anew; what passed midnight between two looks counts for the new day.
func (b *budget) look(now time.Time, wire uint64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if today := now.Format(time.DateOnly); b.spent.Day != today {
		b.spent = Spent{Day: today}
	}
	b.spent.Bytes += int64(wire - b.last)
	b.last = wire
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

func (b *budget) state() (Policy, Spent) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.policy, b.spent
}
