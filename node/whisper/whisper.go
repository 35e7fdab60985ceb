package whisper

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/p2p/enode"
)

// What the capability is called and how many packet codes it takes (EIP-627).
const (
	ProtocolName   = "shh"
	protocolLength = 128
)

// Defaults of [Config].
const (
	DefaultMinPoW         = 0.000002
	DefaultMaxMessageSize = 1 << 20
	DefaultPoolBytes      = 64 << 20
	DefaultBytesPerPeer   = 4 << 20
	DefaultBytesPerIP     = 8 << 20
)

// ErrStopped says that the node does not run, not yet or no more.
var ErrStopped = errors.New("whisper: not running")

// Config sets a Whisper node up. The zero value works.
type Config struct {
	MinPoW         float64          // least proof of work accepted and announced; 0: DefaultMinPoW, negative: none
	MaxMessageSize uint32           // bytes of an envelope's Size; 0: DefaultMaxMessageSize
	PoolBytes      int64            // for envelopes, and as much for direct ones that wait; 0: DefaultPoolBytes
	Confirmations  bool             // answer each packet 1 with packets 12 and 11
	Light          bool             // light node: hands nothing on but its own
	Limits         RateLimits       // packets a second, announced and enforced; 0: 1,000 of an address, 500 of a peer
	BytesPerPeer   int64            // bytes a second taken from one peer, bursts of eight seconds; 0: DefaultBytesPerPeer
	BytesPerIP     int64            // the same for all peers of one address but loopback; 0: DefaultBytesPerIP
	Now            func() time.Time // nil: time.Now
	Rand           io.Reader        // for Whisper.Seal; nil: crypto/rand
	Log            *slog.Logger     // nil: nowhere
	OnPeers        func()           // called when a peer completes its handshake or leaves; must return at once

	// Keep makes envelopes durable; nil: nobody does. It is called in a peer's read loop with those envelopes of a packet
	// 1 that are in the pool and of which it did not say yet that they are kept, and by Post. It returns at once and calls
	// done once, when it likes, on whatever goroutine, also after the peer has left. Only then the packet is confirmed;
	// after an error the envelopes count as refused, and their sender posts them again. A peer of whose envelopes 4 MiB
	// wait is not read meanwhile.
	Keep func(batch []Kept, done func(error))
	// Retention is how long what Keep kept stays. It is announced to peers, with Keep and Confirmations only, in an eighth
	// item of the status packet: whole seconds, and that nothing is acknowledged before it is kept.
	Retention time.Duration
}

func (c Config) withDefaults() Config {
	setDefault(&c.MinPoW, DefaultMinPoW)
	setDefault(&c.MaxMessageSize, DefaultMaxMessageSize)
	setDefault(&c.PoolBytes, DefaultPoolBytes)
	setDefault(&c.BytesPerPeer, DefaultBytesPerPeer)
	setDefault(&c.BytesPerIP, DefaultBytesPerIP)
	setDefault(&c.Limits.IP, defaultIPPackets)
	setDefault(&c.Limits.Peer, defaultPeerPackets)
	c.MinPoW = max(0, c.MinPoW)
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.OnPeers == nil {
		c.OnPeers = func() {}
	}
	return c
}

func setDefault[T comparable](v *T, def T) {
	var zero T
	if *v == zero {
		*v = def
	}
}

// Whisper is a node: a pool of envelopes, the peers that they come from and go to, and the subscriptions that open
// them. All methods may be called by several goroutines at once.
type Whisper struct {
	cfg     Config
	pool    *pool
	index   index
	queue   *queue
	stats   counters
	clock   clock
	policy  policy
	limits  ipLimits
	handler handlers
	left    atomic.Bool // a peer's writer left something for later

	mu      sync.RWMutex
	peers   map[*peer]struct{}
	trusted map[enode.ID]struct{}
	running bool
	ctx     context.Context
	stop    context.CancelFunc
	work    sync.WaitGroup
}

// New makes a node that is not running yet. Subscriptions may be made and envelopes posted before Start.
func New(cfg Config) *Whisper {
	cfg = cfg.withDefaults()
	w := &Whisper{
		cfg:     cfg,
		pool:    newPool(cfg.PoolBytes),
		queue:   newQueue(),
		peers:   make(map[*peer]struct{}),
		trusted: make(map[enode.ID]struct{}),
	}
	w.pool.evicted = func(e *entry) { w.stats.evicted.add(len(e.raw)) }
	w.policy.init(cfg.MinPoW)
	w.limits.bytes = cfg.BytesPerIP
	w.limits.packets = cfg.Limits.IP
	return w
}

// Start begins opening and expiring envelopes and lets peers in. It may be called once.
func (w *Whisper) Start() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ctx != nil {
		return
	}
	w.ctx, w.stop = context.WithCancel(context.Background())
	w.running = true
	w.work.Go(w.tick)
	for range openerCount() {
		w.work.Go(w.open)
	}
}

// Stop ends all connections and waits for everything the node started, handlers of subscriptions included.
func (w *Whisper) Stop() {
	w.mu.Lock()
	if !w.running {
		w.mu.Unlock()
		return
	}
	w.running = false
	w.mu.Unlock()
	w.stop()
	w.queue.close()
	w.work.Wait()
}

// Drain waits until our keys were tried on all that peers brought, and handlers of subscriptions have returned, but not
// longer than ctx or the node last. It returns how many envelopes are left. It is for when the connections have ended:
// what peers were told that we have is then nowhere else.
func (w *Whisper) Drain(ctx context.Context) (left int) {
	w.mu.RLock()
	running := w.running
	w.mu.RUnlock()
	if !running {
		return 0
	}
	select {
	case <-w.pool.allTried():
	case <-ctx.Done():
	case <-w.ctx.Done():
	}
	return w.pool.stats().Waiting
}

// Protocol is what a devp2p server runs: shh, version 6.
func (w *Whisper) Protocol() p2p.Protocol {
	return p2p.Protocol{Name: ProtocolName, Version: ProtocolVersion, Length: protocolLength, Run: w.run}
}

// Now is the node's time: the clock it was given plus [Whisper.ClockOffset]. Envelopes are to be sealed with it.
func (w *Whisper) Now() time.Time { return w.cfg.Now().Add(w.clock.offset()) }

func (w *Whisper) unixNow() uint32 { return uint32(w.Now().Unix()) }

// tick expires envelopes once a second, whoever is connected.
func (w *Whisper) tick() {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-w.ctx.Done():
			return
		case <-ticker.C:
			if w.clock.watch(w.cfg.Now()) {
				w.askTimeAgain()
			}
			w.expire()
		}
	}
}

// askTimeAgain ends the connections whose peers told their time. The overlay dials them again at once, and the new
// handshakes say how our clock stands now.
func (w *Whisper) askTimeAgain() {
	w.cfg.Log.Info("the computer's clock was set, or it slept: peers are asked for their time again")
	for _, p := range w.peerList() {
		if p.tellsTime() {
			p.conn.Disconnect(p2p.DiscRequested)
		}
	}
}

func (w *Whisper) expire() {
	now := w.unixNow()
	ended, released := w.pool.expire(now, func(e *entry) bool { return !ahead(&e.env, now, holdAhead) })
	for _, e := range ended {
		e.post.emit(PostEvent{Hash: e.hash, Kind: PostExpired})
	}
	if released {
		w.wakePeers()
	}
	if w.left.Swap(false) {
		for _, p := range w.peerList() {
			p.lookAgain()
		}
	}
}

// Trust lets a peer, connected or not, send packets 125 and 127: a mailserver of ours.
func (w *Whisper) Trust(id enode.ID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.trusted[id] = struct{}{}
}

// Untrust takes it back.
func (w *Whisper) Untrust(id enode.ID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.trusted, id)
}

func (w *Whisper) isTrusted(id enode.ID) bool {
	w.mu.RLock()
	defer w.mu.RUnlock()
	_, ok := w.trusted[id]
	return ok
}
