package whisper

import (
	"sync"
	"sync/atomic"
)

// Reason names why something was not taken: an envelope refused, a packet ignored, a connection ended. Reasons are
// counted in [Stats]. A Reason is an error, which [Whisper.Post] returns and packet 12 carries as text.
type Reason string

// Reasons to refuse an envelope.
const (
	ReasonMalformed Reason = "malformed"   // not the RLP of an envelope
	ReasonZeroTTL   Reason = "zero_ttl"    // a time to live of nothing, whose proof of work would be infinite
	ReasonFuture    Reason = "future"      // sent more than 10 s ahead of our clock
	ReasonExpired   Reason = "expired"     // its time is over
	ReasonOversized Reason = "oversized"   // larger than Config.MaxMessageSize, or a packet over the limit
	ReasonLowPoW    Reason = "low_pow"     // less proof of work than announced
	ReasonBloom     Reason = "bloom"       // outside the announced bloom filter
	ReasonPoolFull  Reason = "pool_full"   // Config.PoolBytes are taken
	ReasonPoolShare Reason = "pool_share"  // this peer has more than its share of a filling pool
	ReasonNotKept   Reason = "not_kept"    // taken, but whoever keeps envelopes (Config.Keep) did not
	ReasonDuplicate Reason = "duplicate"   // only of Post: the envelope is in the pool already
	ReasonPlaintext Reason = "plaintext"   // opened by our key, but what was inside is malformed
	ReasonSignature Reason = "signature"   // opened by our key, but the signature fits nobody
	ReasonUntrusted Reason = "untrusted"   // packet 125 or 127 from a peer that is not trusted
	ReasonUnasked   Reason = "unasked"     // a confirmation of a packet that was never sent
	ReasonUnknown   Reason = "unknown"     // a packet of a code that we do not speak
	ReasonEmpty     Reason = "empty"       // a packet 1 without envelopes
	ReasonRepeated  Reason = "repeated"    // a second status packet
	ReasonBacklog   Reason = "backlog"     // confirmations dropped because the peer does not read them
	ReasonFlood     Reason = "flood"       // a peer used up its budget of refusals, or outran its rate limit
	ReasonHandshake Reason = "handshake"   // no legal status packet in time
	ReasonLight     Reason = "light_nodes" // both sides are light nodes
)

// Error makes a Reason an error.
func (r Reason) Error() string { return "whisper: " + string(r) }

// Count is a number of envelopes and the bytes of their RLP.
type Count struct{ Envelopes, Bytes uint64 }

// Stats is what happened since New, by what became of each envelope.
type Stats struct {
	Useful    Count             // opened by a key of ours
	Unwanted  Count             // valid, but for somebody else
	Duplicate Count             // had already
	Refused   map[Reason]Count  // not taken; packets that carry no envelope count with their payload's bytes
	Sent      Count             // written to peers, once for each peer
	Posted    Count             // our own
	Evicted   Count             // pushed out of a full pool before their time
	Cut       map[Reason]uint64 // connections that we ended
	Pool      PoolStats
	Peers     int // with a complete handshake
}

// PoolStats tells how full the pool is. Bytes include a fixed overhead for each envelope, but no direct messages.
type PoolStats struct {
	Envelopes    int
	Waiting      int // not yet tried with our keys
	Bytes, Limit int64
}

// tally counts envelopes and bytes without a lock.
type tally struct{ envelopes, bytes atomic.Uint64 }

func (t *tally) add(bytes int) { t.addN(1, bytes) }

func (t *tally) addN(envelopes, bytes int) {
	t.envelopes.Add(uint64(envelopes))
	t.bytes.Add(uint64(bytes))
}

func (t *tally) count() Count { return Count{t.envelopes.Load(), t.bytes.Load()} }

// counters is the live form of Stats.
type counters struct {
	useful, unwanted, duplicate, sent, posted, evicted tally

	mu      sync.Mutex
	refused map[Reason]Count
	cut     map[Reason]uint64
}

func (c *counters) refuse(r Reason, bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refused == nil {
		c.refused = make(map[Reason]Count)
	}
	n := c.refused[r]
	c.refused[r] = Count{n.Envelopes + 1, n.Bytes + uint64(bytes)}
}

func (c *counters) cutFor(r Reason) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cut == nil {
		c.cut = make(map[Reason]uint64)
	}
	c.cut[r]++
}

func (c *counters) snapshot() Stats {
	s := Stats{
		Useful: c.useful.count(), Unwanted: c.unwanted.count(), Duplicate: c.duplicate.count(),
		Sent: c.sent.count(), Posted: c.posted.count(), Evicted: c.evicted.count(),
		Refused: make(map[Reason]Count), Cut: make(map[Reason]uint64),
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for r, n := range c.refused {
		s.Refused[r] = n
	}
	for r, n := range c.cut {
		s.Cut[r] = n
	}
	return s
}

// Stats is a snapshot of the counters.
func (w *Whisper) Stats() Stats {
	s := w.stats.snapshot()
	s.Pool = w.pool.stats()
	s.Peers = len(w.peerList())
	return s
}
