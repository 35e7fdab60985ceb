package whisper

import (
	"context"
	"sync"

	"github.com/ethereum/go-ethereum/p2p/enode"
)

// PostKind is what became of a posted envelope at one peer.
type PostKind string

// What can become of a posted envelope. PostExpired comes once and last, up to a second after the envelope left the
// pool because its time was over or because a full pool pushed it out; it says nothing about success.
const (
	PostWritten PostKind = "written" // to a peer that does not confirm: all there is to know
	PostAcked   PostKind = "acked"   // the peer has it in its pool (packet 11 or 12)
	PostRefused PostKind = "refused" // the peer did not take it (packet 12); Text says why
	PostEchoed  PostKind = "echoed"  // a peer sent it to us: the network has it
	PostExpired PostKind = "expired" // it left the pool
)

// PostEvent tells what became of a posted envelope. Peer is zero for PostExpired.
type PostEvent struct {
	Hash Hash
	Peer enode.ID
	Kind PostKind
	Text string // the peer's words, at most 200 bytes of printable ASCII; only for PostRefused
}

// Seal is [Seal] with the node's randomness and time, and with at least [Whisper.SealTarget] as proof of work.
func (w *Whisper) Seal(ctx context.Context, p SealParams) (*Envelope, error) {
	p.PoW = max(p.PoW, w.SealTarget())
	return Seal(ctx, w.cfg.Rand, w.Now(), p)
}

// Post puts an envelope into the pool, from where it is pushed to every peer that wants it, now and until it expires.
// It passes the same tests as received ones but for the bloom filter, which says what we want to get. The error is then
// the [Reason]; [ReasonDuplicate] when it is in the pool already. Our own subscriptions do not get it.
//
// observe, which may be nil, is called once for each event, one at a time, by the goroutines that serve peers: it
// must return at once.
func (w *Whisper) Post(e *Envelope, observe func(PostEvent)) error {
	entry := &entry{raw: e.Encode()} // the caller keeps its memory
	own, raw := &entry.env, entry.raw
	if err := own.decode(raw); err != nil {
		return err
	}
	if len(raw)+listHeader > safePacket {
		return ReasonOversized
	}
	at := w.cfg.Now() // by which the policy was set
	now := at.Add(w.clock.offset())
	if reason := w.judgeTimeAndSize(own, uint32(now.Unix())); reason != "" {
		return reason
	}
	entry.hash, entry.pow = HashOf(raw), own.PoW(now)
	if entry.pow < w.policy.leastPoW(at) {
		return ReasonLowPoW
	}
	if observe != nil {
		entry.post = &post{observe: observe}
	}
	unix := uint32(now.Unix())
	if reason := w.pool.add(entry, noSlot, unix, ahead(own, unix, holdAhead)); reason != "" {
		return reason
	}
	w.stats.posted.add(len(raw))
	w.wakePeers()
	w.keepOwn(entry)
	return nil
}

// post remembers who observes an envelope. A nil post is nobody.
type post struct {
	mu      sync.Mutex
	observe func(PostEvent)
	echoed  map[enode.ID]struct{}
	ended   bool
}

func (p *post) emit(ev PostEvent) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended || ev.Kind == PostEchoed && !p.firstEcho(ev.Peer) {
		return
	}
	p.ended = ev.Kind == PostExpired
	p.observe(ev)
}

func (p *post) firstEcho(id enode.ID) bool {
	if _, before := p.echoed[id]; before {
		return false
	}
	if p.echoed == nil {
		p.echoed = make(map[enode.ID]struct{})
	}
	p.echoed[id] = struct{}{}
	return true
}
