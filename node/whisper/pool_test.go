package whisper

import (
	"encoding/binary"
	"math/rand/v2"
	"net"
	"testing"

	"github.com/ethereum/go-ethereum/p2p/enode"
)

func poolEntry(n int, expiry uint32, size int, from *share) *entry {
	e := &entry{env: Envelope{Expiry: expiry}, raw: make([]byte, size), share: from}
	binary.BigEndian.PutUint64(e.hash[:], uint64(n))
	return e
}

func somebody(n byte) origin { return origin{node: enode.ID{n}} }

func anything(*entry) bool { return true }

func ready(*entry) bool { return true }

func TestPoolIsBoundedByBytes(t *testing.T) {
	p := newPool(10_000)
	var n int
	for p.add(poolEntry(n, 100, 680, nil), noSlot, 50, false) == "" {
		n++
	}
	if s := p.stats(); n != 10 || s.Bytes != 10_000 {
		t.Errorf("%d entries in %d bytes", n, s.Bytes)
	}
	if reason := p.add(poolEntry(99, 100, 1, nil), noSlot, 50, false); reason != ReasonPoolFull {
		t.Errorf("refused for %q", reason)
	}
	p.expire(101, ready)
	if s := p.stats(); s.Bytes != 0 || s.Envelopes != 0 {
		t.Errorf("left %+v", s)
	}
}

// What sits in a full pool longer than clients' messages live has to go first.
func TestFullPoolPushesOutWhatSitsLong(t *testing.T) {
	p := newPool(10_000)
	var evicted int
	p.evicted = func(*entry) { evicted++ }
	for n := range 10 {
		p.add(poolEntry(n, 1<<31, 680, nil), noSlot, 50, false)
	}
	if reason := p.add(poolEntry(10, 200, 680, nil), noSlot, 109, false); reason != ReasonPoolFull {
		t.Errorf("pushed out after 59 s: %q", reason)
	}
	if reason := p.add(poolEntry(10, 200, 680, nil), noSlot, 110, false); reason != "" || evicted != 1 {
		t.Errorf("after 60 s: %q, %d pushed out", reason, evicted)
	}
	if p.seen(poolEntry(0, 0, 0, nil).hash, 0) != nil {
		t.Error("the oldest is still there")
	}
}

// However much one peer brings, the others find room.
func TestPoolShares(t *testing.T) {
	p := newPool(100_000)
	slot, greedy := p.join(somebody(1))
	other, honest := p.join(somebody(2))
	n := 0
	for p.add(poolEntry(n, 100, 680, greedy), slot, 50, false) == "" {
		n++
	}
	if n != 50 {
		t.Errorf("one peer of two got %d of 100 places", n)
	}
	for i := range 25 {
		if reason := p.add(poolEntry(1000+i, 100, 680, honest), other, 50, false); reason != "" {
			t.Fatalf("honest peer's number %d: %q", i, reason)
		}
	}
	if reason := p.add(poolEntry(2000, 100, 680, honest), other, 50, false); reason != ReasonPoolShare {
		t.Errorf("over its share: %q", reason)
	}
	if reason := p.add(poolEntry(3000, 100, 680, nil), noSlot, 50, false); reason != "" {
		t.Errorf("our own: %q", reason)
	}
}

// Dialling again does not start a new share: what the origin brought counts until it left the pool.
func TestPoolShareOutlivesTheConnection(t *testing.T) {
	p := newPool(100_000)
	other, honest := p.join(somebody(1))
	n := 0
	for range 10 {
		slot, greedy := p.join(somebody(2))
		for p.add(poolEntry(n, 100, 680, greedy), slot, 50, false) == "" {
			n++
		}
		p.leave(greedy, slot)
	}
	if n != 50 {
		t.Errorf("one origin in ten connections got %d of 100 places", n)
	}
	for i := range 25 {
		if reason := p.add(poolEntry(1000+i, 100, 680, honest), other, 50, false); reason != "" {
			t.Fatalf("honest peer's number %d: %q", i, reason)
		}
	}
	p.leave(honest, other)
	if len(p.shares) != 2 {
		t.Errorf("%d shares while the pool holds both", len(p.shares))
	}
	if p.expire(101, ready); len(p.shares) != 0 || p.stats().Bytes != 0 {
		t.Errorf("left %d shares, %d bytes", len(p.shares), p.stats().Bytes)
	}
}

// Bytes count for whoever brought them until our keys were tried, too.
func TestPoolShareOfWhatWaits(t *testing.T) {
	p := newPool(100_000)
	slot, s := p.join(somebody(1))
	e := poolEntry(1, 100, 680, s)
	e.waiting = true
	p.add(e, slot, 50, false)
	p.leave(s, slot)
	if p.expire(101, ready); s.bytes != 1000 || len(p.shares) != 1 {
		t.Errorf("%d bytes in %d shares while it waits", s.bytes, len(p.shares))
	}
	if p.tried(e); s.bytes != 0 || len(p.shares) != 0 {
		t.Errorf("%d bytes in %d shares", s.bytes, len(p.shares))
	}
}

// Neither takes the other's room: direct messages are as many as fit into the pool's size.
func TestDirectMessagesHaveRoomOfTheirOwn(t *testing.T) {
	p := newPool(10_000)
	fill := func() (n int) {
		for p.add(poolEntry(n, 100, 680, nil), noSlot, 50, false) == "" {
			n++
		}
		return n
	}
	var direct []*entry
	if n := fill(); n != 10 {
		t.Errorf("%d entries pooled", n)
	}
	for e := poolEntry(0, 0, 680, nil); p.reserve(e); e = poolEntry(0, 0, 680, nil) {
		direct = append(direct, e)
	}
	if s := p.stats(); len(direct) != 10 || s.Waiting != 10 || s.Bytes != 10_000 {
		t.Errorf("%d direct messages beside a full pool, %+v", len(direct), s)
	}
	p.expire(101, ready)
	if n := fill(); n != 10 {
		t.Errorf("%d entries pooled beside waiting direct messages", n)
	}
	for _, e := range direct {
		p.tried(e)
	}
	if s := p.stats(); s.Waiting != 0 || s.Bytes != 10_000 || p.direct != 0 {
		t.Errorf("left %+v and %d", s, p.direct)
	}
}

// Peers of one address share what they may have; this computer's own do not.
func TestOriginOf(t *testing.T) {
	a, b := enode.ID{1}, enode.ID{2}
	if originOf(tcp("198.51.100.7"), a) != originOf(tcp("198.51.100.7"), b) {
		t.Error("an address counts twice")
	}
	if originOf(tcp("198.51.100.7"), a) == originOf(tcp("198.51.100.8"), a) {
		t.Error("two addresses count as one")
	}
	loopback := tcp("127.0.0.1")
	if originOf(loopback, a) == originOf(loopback, b) || originOf(loopback, a) != originOf(&net.UnixAddr{}, a) {
		t.Error("on loopback the node counts")
	}
}

// A slot's marks do not pass to its next owner.
func TestSlotsAreCleared(t *testing.T) {
	p := newPool(1 << 20)
	slot, first := p.join(somebody(1))
	p.add(poolEntry(1, 100, 10, first), slot, 50, false)
	p.leave(first, slot)
	if again, _ := p.join(somebody(2)); again != slot {
		t.Fatalf("slot %d, want %d again", again, slot)
	}
	if batch, _, _ := p.take(0, slot, 1000, anything); len(batch) != 1 {
		t.Errorf("%d entries for the new owner", len(batch))
	}
}

func TestMarks(t *testing.T) {
	var m marks
	for _, i := range []int{0, 63, 64, 200} {
		if m.has(i) {
			t.Errorf("%d is set", i)
		}
		m.set(i)
		if !m.has(i) {
			t.Errorf("%d is not set", i)
		}
	}
	m.clear(64)
	m.clear(1000)
	if m.has(64) || !m.has(63) || !m.has(200) || m.has(65) {
		t.Errorf("left %+v", m)
	}
}

func TestHeldEntriesComeWhenReady(t *testing.T) {
	p := newPool(1 << 20)
	slot, _ := p.join(somebody(1))
	p.add(poolEntry(1, 100, 10, nil), noSlot, 50, true)
	if _, found, _ := p.next(0, slot, anything); found {
		t.Error("found before its time")
	}
	if _, released := p.expire(51, func(*entry) bool { return false }); released {
		t.Error("released before its time")
	}
	if _, released := p.expire(52, ready); !released {
		t.Error("not released")
	}
	if batch, _, _ := p.take(0, slot, 1000, anything); len(batch) != 1 {
		t.Errorf("took %d", len(batch))
	}
}

// The scan gives others a turn and goes on where it stopped.
func TestNextStopsAndGoesOn(t *testing.T) {
	p := newPool(1 << 30)
	slot, _ := p.join(somebody(1))
	for n := range 3 * scanStep {
		p.add(poolEntry(n, 100, 1, nil), noSlot, 50, false)
	}
	last := poolEntry(1<<20, 100, 1, nil)
	p.add(last, noSlot, 50, false)
	var place uint64
	for turns := 1; ; turns++ {
		at, found, done := p.next(place, slot, func(e *entry) bool { return e == last })
		if done {
			t.Fatal("not found")
		}
		if place = at; found {
			if turns != 4 {
				t.Errorf("found in turn %d", turns)
			}
			return
		}
	}
}

// naivePool does what the pool does, the slow way.
type naivePool struct {
	entries map[Hash]uint32       // expiry
	known   map[Hash]map[int]bool // by slot
}

// TestPoolAgainstNaiveTwin lets a random hand add, look up, expire and take for three peers that come and go.
func TestPoolAgainstNaiveTwin(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	p := newPool(1 << 30)
	twin := naivePool{entries: make(map[Hash]uint32), known: make(map[Hash]map[int]bool)}
	peers, places, now := [3]*share{}, [3]uint64{}, uint32(1000)
	for i := range peers {
		_, peers[i] = p.join(somebody(byte(i)))
	}
	for step := range 20_000 {
		n, slot := r.IntN(2000), r.IntN(3)
		e := poolEntry(n, now+uint32(r.IntN(20)), 10, peers[slot])
		switch r.IntN(10) {
		case 0:
			now++
			p.expire(now, ready)
			twin.expire(now)
		case 1:
			p.leave(peers[slot], slot)
			_, peers[slot] = p.join(somebody(byte(slot)))
			places[slot] = 0
			twin.forget(slot)
		case 2, 3, 4:
			places[slot] = compareTake(t, p, &twin, places[slot], slot)
		case 5:
			if got := p.seen(e.hash, slot) != nil; got != twin.seen(e.hash, slot) {
				t.Fatalf("step %d: seen %v", step, got)
			}
		default:
			if got := p.add(e, slot, now, false) == ""; got == twin.seen(e.hash, slot) {
				t.Fatalf("step %d: added %v", step, got)
			}
			twin.entries[e.hash] = max(twin.entries[e.hash], e.env.Expiry*b2u(twin.entries[e.hash] == 0))
			twin.mark(e.hash, slot)
		}
		if s := p.stats(); s.Envelopes != len(twin.entries) || s.Bytes != int64(len(twin.entries)*(10+entryOverhead)) {
			t.Fatalf("step %d: %+v, want %d", step, s, len(twin.entries))
		}
	}
}

func b2u(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}

func (n *naivePool) mark(h Hash, slot int) {
	if n.known[h] == nil {
		n.known[h] = make(map[int]bool)
	}
	n.known[h][slot] = true
}

func (n *naivePool) seen(h Hash, slot int) bool {
	if _, there := n.entries[h]; !there {
		return false
	}
	n.mark(h, slot)
	return true
}

func (n *naivePool) expire(now uint32) {
	for h, expiry := range n.entries {
		if expiry < now {
			delete(n.entries, h)
			delete(n.known, h)
		}
	}
}

func (n *naivePool) forget(slot int) {
	for _, known := range n.known {
		delete(known, slot)
	}
}

// compareTake takes everything that the peer lacks, which must be what the twin says.
func compareTake(t *testing.T, p *pool, twin *naivePool, place uint64, slot int) uint64 {
	t.Helper()
	missing := 0
	for h := range twin.entries {
		if !twin.known[h][slot] {
			missing++
		}
	}
	batch, at, _ := p.take(place, slot, 1<<30, anything)
	if len(batch) != missing {
		t.Fatalf("took %d, want %d", len(batch), missing)
	}
	for _, e := range batch {
		if twin.known[e.hash][slot] {
			t.Fatalf("took %v, which the peer knows", e.hash)
		}
		twin.mark(e.hash, slot)
	}
	return at
}
