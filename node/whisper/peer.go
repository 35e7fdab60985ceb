package whisper

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/p2p/enode"
	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"
)

const (
	// maxPacket is the largest packet that is read. Deployed nodes put all that a peer lacks into one packet, whatever
	// its size, and may be set to take 10 MiB, so that is not the sender's fault.
	maxPacket = 10 << 20
	// keepBuffer is the most memory that a quiet peer's read buffer keeps.
	keepBuffer = 256 << 10
	// noSlot stands for ourselves where a peer's slot is asked for.
	noSlot = -1
)

// PeerInfo is one peer with a complete handshake.
type PeerInfo struct {
	ID            enode.ID
	Name          string // what it calls its program
	Addr          string
	Inbound       bool
	Trusted       bool
	Light         bool
	Confirmations bool
	Everything    bool    // it wants every topic
	PoW           float64 // the least that it takes
	Limits        RateLimits
	Since         time.Time
	Retention     time.Duration // it acknowledges only what its archive holds, and holds it so long; 0: it does not say so
}

// peer is one connection after its handshake. The read loop runs in the goroutine that devp2p gave us and never
// waits for openers or for the peer's reading; the write loop has its own.
type peer struct {
	w     *Whisper
	conn  *p2p.Peer
	rw    p2p.MsgReadWriter
	id    enode.ID
	since time.Time
	slot  int
	share *share // of the pool

	light, confirms bool // as announced in the handshake
	retention       time.Duration

	wake chan struct{} // there may be something to write
	own  *bucket       // limits of this peer
	ip   *bucket       // and of its address; nil: none
	owed atomic.Int64  // confirmations that the peer may still send
	// keeping bounds the bytes of packets 1 whose envelopes are not kept yet.
	keeping *semaphore.Weighted
	buf     []byte // of the read loop

	mu      sync.Mutex
	pow     float64 // the least it takes
	bloom   Bloom
	full    bool // bloom lets everything through
	limits  RateLimits
	pacing  *rate.Limiter
	rescan  bool // its requirements changed: look at the whole pool again
	again   bool // look again at what was left for later
	answers []answer
	batches batches

	theirs, ours time.Time // what both clocks showed at the handshake; zero: the peer did not tell

	toldPoW   float64 // of the write loop: what we last announced
	toldBloom Bloom
}

func (w *Whisper) newPeer(conn *p2p.Peer, rw p2p.MsgReadWriter) *peer {
	return &peer{
		w: w, conn: conn, rw: rw, id: conn.ID(), since: w.cfg.Now(), slot: noSlot,
		wake: make(chan struct{}, 1),
		own:  newBucket(clampLimit(w.cfg.Limits.Peer), w.cfg.BytesPerPeer, 1), keeping: semaphore.NewWeighted(mostKeeping),
	}
}

// run is a peer's life, called by devp2p.
func (w *Whisper) run(conn *p2p.Peer, rw p2p.MsgReadWriter) error {
	w.mu.Lock()
	if !w.running {
		w.mu.Unlock()
		return ErrStopped
	}
	w.work.Add(1)
	w.mu.Unlock()
	defer w.work.Done()

	ctx, cancel := context.WithCancel(w.ctx)
	defer cancel()
	defer context.AfterFunc(ctx, func() { conn.Disconnect(p2p.DiscQuitting) })()
	p := w.newPeer(conn, rw)
	var leaveIP func()
	p.ip, leaveIP = w.limits.enter(conn.RemoteAddr())
	defer leaveIP()
	err := p.serve(ctx)
	var reason Reason
	if errors.As(err, &reason) {
		w.stats.cutFor(reason)
		w.cfg.Log.Info("peer cut", "peer", p.id, "reason", string(reason))
	}
	return err
}

func (p *peer) serve(ctx context.Context) error {
	if err := p.handshake(); err != nil {
		return err
	}
	p.w.join(p)
	defer p.w.leave(p)
	ctx, cancel := context.WithCancel(ctx)
	var writer sync.WaitGroup
	writer.Go(func() {
		p.writeLoop(ctx)
		p.conn.Disconnect(p2p.DiscQuitting) // which ends the read loop
	})
	err := p.readLoop(ctx)
	p.buf = nil // up to 10 MiB, which need not wait for a write that hangs
	cancel()
	p.conn.Disconnect(p2p.DiscSubprotocolError) // which ends a write that hangs
	writer.Wait()
	return err
}

func (w *Whisper) join(p *peer) {
	p.slot, p.share = w.pool.join(originOf(p.conn.RemoteAddr(), p.id))
	if p.tellsTime() {
		w.clock.observe(p.id, p.theirs, p.ours)
	}
	w.mu.Lock()
	w.peers[p] = struct{}{}
	w.mu.Unlock()
	w.cfg.Log.Debug("peer joined", "peer", p.id, "name", p.conn.Fullname())
	p.poke()
	w.cfg.OnPeers()
}

// tellsTime says whether the peer's clock counts. Only whom we dialled, because somebody here chose it, has a say:
// strangers come in any number, each with a key that costs nothing.
func (p *peer) tellsTime() bool { return !p.ours.IsZero() && !p.conn.Inbound() }

func (w *Whisper) leave(p *peer) {
	w.mu.Lock()
	delete(w.peers, p)
	w.mu.Unlock()
	w.pool.leave(p.share, p.slot)
	w.clock.forget(p.id)
	w.cfg.Log.Debug("peer left", "peer", p.id)
	w.cfg.OnPeers()
}

// poke wakes the write loop.
func (p *peer) poke() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

func (w *Whisper) wakePeers() {
	w.mu.RLock()
	defer w.mu.RUnlock()
	for p := range w.peers {
		p.poke()
	}
}

func (w *Whisper) peerList() []*peer {
	w.mu.RLock()
	defer w.mu.RUnlock()
	list := make([]*peer, 0, len(w.peers))
	for p := range w.peers {
		list = append(list, p)
	}
	return list
}

// Peer tells about one peer, and whether it is connected.
func (w *Whisper) Peer(id enode.ID) (info PeerInfo, connected bool) {
	if p := w.peer(id); p != nil {
		return p.info(), true
	}
	return PeerInfo{}, false
}

// Peers lists the connected peers, longest connected first.
func (w *Whisper) Peers() []PeerInfo {
	var infos []PeerInfo
	for _, p := range w.peerList() {
		infos = append(infos, p.info())
	}
	slices.SortStableFunc(infos, func(a, b PeerInfo) int { return a.Since.Compare(b.Since) })
	return infos
}

func (p *peer) info() PeerInfo {
	p.mu.Lock()
	defer p.mu.Unlock()
	return PeerInfo{
		ID: p.id, Name: p.conn.Fullname(), Addr: p.conn.RemoteAddr().String(), Inbound: p.conn.Inbound(),
		Trusted: p.w.isTrusted(p.id), Light: p.light, Confirmations: p.confirms, Everything: p.full, PoW: p.pow,
		Limits: p.limits, Since: p.since, Retention: p.retention,
	}
}

func (p *peer) announcedPoW() float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pow
}

func (p *peer) setPoW(pow float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rescan = p.rescan || pow < p.pow
	p.pow = pow
}

// lookAgain lets the write loop go back to what it left for later.
func (p *peer) lookAgain() {
	p.mu.Lock()
	p.again = true
	p.mu.Unlock()
	p.poke()
}

func (p *peer) setBloom(b Bloom) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bloom, p.full, p.rescan = b, b.IsFull(), true
}

func (p *peer) setLimits(l RateLimits) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.limits, p.pacing = l, pacing(l)
}

// charge counts a refusal and takes its price from the peer's budget. The error ends the connection.
func (p *peer) charge(reason Reason, bytes, points int) error {
	p.w.stats.refuse(reason, bytes)
	return p.spend(points)
}

func (p *peer) spend(points int) error {
	if err := p.own.spend(points); err != nil {
		return err
	}
	return p.ip.spend(points)
}

func (p *peer) readLoop(ctx context.Context) error {
	for {
		msg, err := p.rw.ReadMsg()
		if err != nil {
			return err
		}
		err = p.handle(ctx, msg)
		if discarded := msg.Discard(); err == nil {
			err = discarded
		}
		if err != nil {
			return err
		}
	}
}

// read takes a packet's payload into the peer's buffer, which the next packet overwrites.
func (p *peer) read(msg p2p.Msg) ([]byte, error) {
	if cap(p.buf) > keepBuffer && int(msg.Size) <= keepBuffer {
		p.buf = nil
	}
	p.buf = slices.Grow(p.buf[:0], int(msg.Size))[:msg.Size]
	_, err := io.ReadFull(msg.Payload, p.buf)
	return p.buf, err
}
