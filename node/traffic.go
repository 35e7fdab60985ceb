package node

import "time"

// Policy says how much of the network's traffic the node asks its peers for.
type Policy string

// The policies. Receiving everything tells peers nothing about what its owner reads; receiving what concerns its owner
// tells them the bloom filter of the topics.
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

func dayOf(t time.Time) string { return t.Format(time.DateOnly) }
