package overlay

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"

	"github.com/ethereum/go-ethereum/event"
	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/p2p/enode"
)

// Server is a devp2p node. It is made by New, started once, and stopped once.
type Server struct {
	cfg      Config
	p2p      *p2p.Server
	gate     *gate
	places   *places
	conns    *conns
	presence *presence
	refused  counts[Reason]
	dials    atomic.Uint64
	dialsBy  counts[Source]
	searches atomic.Uint64
	found    counts[Source]
	tries    *tries
	changes  chan struct{} // has one when OnPeers is due

	ctx    context.Context // ends with Stop
	cancel context.CancelFunc
	epochs *epochs
	wg     sync.WaitGroup
	events event.Subscription
	silent chan struct{} // closed after the last event

	mu       sync.Mutex
	listener net.Listener
	deaf     bool // the listener failed
	keepers  map[enode.ID]*keeper
	mapped   netip.AddrPort // what the router gave us; invalid if nothing
	watcher  *watcher
	running  bool

	boot      []*enode.Node  // of cfg.Boot
	packets   net.PacketConn // the UDP socket of a node that serves
	disc      *discovery     // what listens on it
	mappedUDP netip.AddrPort
	outward   []netip.Addr // what the public name leads to, where it is one
	serving   sync.WaitGroup
	changing  sync.Mutex           // held while the pool is replaced
	pool      atomic.Pointer[pool] // nil where only static peers are connected
	endPool   func()
	mail      mailPeers
}

// ErrStopped is returned by calls to a server that does not run.
var ErrStopped = errors.New("overlay: not running")

// New makes a server; nothing runs before Start. Errors say what is wrong with the configuration; those about enode URLs
// wrap ErrBadEnode, those about Search ErrBadBoot or ErrBadList.
func New(cfg Config) (*Server, error) {
	cfg = cfg.withDefaults()
	if err := cfg.check(); err != nil {
		return nil, err
	}
	static, err := parseEnodes(cfg.Static)
	if err != nil {
		return nil, err
	}
	trusted, err := parseEnodes(cfg.Trusted)
	if err != nil {
		return nil, err
	}
	boot, err := cfg.Search.check()
	if err != nil {
		return nil, err
	}
	s := &Server{
		boot: boot, tries: &tries{now: cfg.Now},
		cfg: cfg, gate: newGate(cfg.PendingPerAddress, cfg.Now), places: newPlaces(cfg.MaxPeers),
		conns: newConns(), presence: newPresence(),
		changes: make(chan struct{}, 1), silent: make(chan struct{}), keepers: make(map[enode.ID]*keeper),
		p2p: &p2p.Server{Config: p2p.Config{
			PrivateKey: cfg.Key, Name: cfg.Name, Protocols: cfg.Protocols,
			// p2p keeps the share 1/DialRatio of its slots for peers that it dials, at least one. It dials none.
			MaxPeers: cfg.MaxPeers + 1, DialRatio: cfg.MaxPeers + 2,
			TrustedNodes: trusted, NetRestrict: cfg.NetRestrict, NoDiscovery: true, Logger: quietLogger(cfg.Log),
		}},
	}
	self := enode.PubkeyToIDV4(&cfg.Key.PublicKey)
	for _, n := range static {
		if n.ID() != self {
			s.keepers[n.ID()] = &keeper{node: n, server: s}
		}
	}
	return s, nil
}

// Start listens and begins to dial. ctx bounds the start only; what was started ends with Stop.
func (s *Server) Start(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx != nil {
		return errors.New("overlay: started already")
	}
	if err := s.listen(ctx); err != nil {
		return err
	}
	if err := s.listenForDiscovery(ctx); err != nil {
		s.closeListener()
		return fmt.Errorf("overlay: listen for discovery: %w", err)
	}
	s.ctx, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	s.epochs = newEpochs(s.ctx)
	if err := s.startP2P(); err != nil {
		s.cancel()
		s.closeListener()
		if s.packets != nil {
			s.packets.Close()
		}
		return err
	}
	s.running = true
	s.watcher = &watcher{now: s.cfg.Now, addresses: s.cfg.addresses, interval: s.cfg.tick}
	s.watcher.look()
	s.announce()
	s.startMapping()
	if s.listener != nil {
		s.wg.Go(func() { s.accept(s.ctx, s.listener) })
	}
	s.wg.Go(s.watchNetwork)
	s.startServing(s.boot)
	s.startPool(s.cfg.Search, s.boot, s.cfg.Cached)
	for _, k := range s.keepers {
		s.startKeeper(k)
	}
	return nil
}

func (s *Server) listen(ctx context.Context) error {
	if s.cfg.Listen == "" {
		return nil
	}
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", s.cfg.Listen)
	if err != nil {
		return fmt.Errorf("overlay: listen: %w", err)
	}
	s.listener = ln
	return nil
}

func (s *Server) closeListener() {
	if s.listener != nil {
		s.listener.Close()
	}
}

// startP2P starts the server below, and what follows its events: SetupConn must not be called before.
func (s *Server) startP2P() error {
	events := make(chan *p2p.PeerEvent)
	if err := s.p2p.Start(); err != nil {
		return fmt.Errorf("overlay: %w", err)
	}
	s.events = s.p2p.SubscribeEvents(events)
	s.wg.Go(func() { s.presence.follow(events, s.silent, s.changed) })
	s.wg.Go(s.report)
	return nil
}

// Stop ends everything and waits for it: connections (also those that still shake hands), dials, the port mapping.
func (s *Server) Stop() {
	s.mu.Lock()
	if !s.running {
		s.mu.Unlock()
		return
	}
	s.running = false
	s.mu.Unlock()
	s.cancel()
	s.closeListener()
	s.changing.Lock()
	s.stopPool() // it and discovery use p2p's database
	s.changing.Unlock()
	s.serving.Wait()
	s.p2p.Stop()
	s.events.Unsubscribe() // after the end: p2p blocks on an event that nobody takes
	close(s.silent)
	s.wg.Wait()
}

// changed asks for a call of OnPeers, and has the pool look whom it needs.
func (s *Server) changed() {
	if p := s.pool.Load(); p != nil {
		p.look()
	}
	select {
	case s.changes <- struct{}{}:
	default:
	}
}

// report calls OnPeers, off p2p's goroutines.
func (s *Server) report() {
	for {
		select {
		case <-s.changes:
			if s.cfg.OnPeers != nil {
				s.cfg.OnPeers()
			}
		case <-s.ctx.Done():
			return
		}
	}
}
