package overlay

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"net"
	"net/netip"
	"sync"

	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/p2p/enode"
	"github.com/ethereum/go-ethereum/p2p/netutil"
)

// ErrNoPool is returned where a node connects to nobody but its static peers: by Search.StaticOnly, or because it has a role.
var ErrNoPool = errors.New("overlay: this node connects to static peers only")

// maxCached bounds what is read of Config.Cached.
const maxCached = 2 * MaxCandidates

// SetSearch changes where a client looks for peers, as when it joins another network: what it found before is forgotten, the
// peers that it chose are left, and cached are the nodes to begin with. Errors are ErrStopped, ErrNoPool on a node with a role,
// or wrap ErrBadBoot, ErrBadList or, where one of Named cannot be read, ErrBadEnode; then nothing changes.
func (s *Server) SetSearch(search Search, cached []Candidate) error {
	boot, err := search.check()
	if err != nil {
		return err
	}
	if s.cfg.Roles != 0 {
		return ErrNoPool
	}
	s.changing.Lock()
	defer s.changing.Unlock()
	s.stopPool()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.running {
		return ErrStopped
	}
	s.startPool(search, boot, cached)
	return nil
}

// AddCandidate tells a client of a node that it may connect to when it needs peers. Errors are ErrNoPool, ErrSelf, or wrap
// ErrBadEnode.
func (s *Server) AddCandidate(c Candidate) error {
	p := s.pool.Load()
	if p == nil || p.namedOnly {
		return ErrNoPool
	}
	c.Source = SourceGiven
	return p.give(c)
}

// Dismiss leaves a node that the pool connected, because it turned out to be useless, and takes others in its place. It is not
// dialled again for ten minutes. A static peer stays; so does one that dialled us.
func (s *Server) Dismiss(id enode.ID) {
	p := s.pool.Load()
	if p == nil || s.known(id) != nil {
		return
	}
	p.dismiss(id)
	s.disconnect(p2p.DiscUselessPeer, func(peer *p2p.Peer) bool { return peer.ID() == id && !peer.Inbound() })
}

// startPool is called with the lock held.
func (s *Server) startPool(search Search, boot []*enode.Node, cached []Candidate) {
	if search.StaticOnly && len(search.Named) == 0 || s.cfg.Roles != 0 {
		return
	}
	p := &pool{
		net: viaServer{s}, self: enode.PubkeyToIDV4(&s.cfg.Key.PublicKey), report: s.cfg.OnFound, clock: s.cfg.Now,
		log: s.cfg.Log, searches: &s.searches, found: &s.found,
		wake: make(chan struct{}, 1), book: book{entries: make(map[enode.ID]*entry)}, namedOnly: search.StaticOnly,
	}
	s.endow(p, search, boot, cached)
	ctx, cancel := context.WithCancel(s.ctx)
	done := make(chan struct{})
	s.pool.Store(p)
	s.endPool = func() { cancel(); <-done }
	go func() {
		defer close(done)
		p.run(ctx)
	}()
}

// endow gives a pool what it begins with.
func (s *Server) endow(p *pool, search Search, boot []*enode.Node, cached []Candidate) {
	give := func(c Candidate, source Source) {
		c.Source = source
		if err := p.give(c); err != nil {
			s.cfg.Log.Debug("node left out", "source", source, "err", err)
		}
	}
	for _, c := range search.Named {
		give(c, SourceNetwork)
	}
	if search.StaticOnly {
		return
	}
	if f := s.finders(search, boot); len(f) > 0 {
		p.find = f
	}
	for _, c := range cached[:min(len(cached), maxCached)] {
		give(c, SourceCached)
	}
}

// stopPool ends the pool and waits for all that it began, connections included.
func (s *Server) stopPool() {
	s.mu.Lock()
	end := s.endPool
	s.pool.Store(nil)
	s.endPool = nil
	s.mu.Unlock()
	if end != nil {
		end()
	}
}

// finders are several ways to look for nodes, taken at a time.
type finders []finder

func (f finders) search(ctx context.Context, found func(*enode.Node, Source)) {
	var searching sync.WaitGroup
	for _, one := range f {
		searching.Go(func() { one.search(ctx, found) })
	}
	searching.Wait()
}

func (f finders) rest() {
	for _, one := range f {
		one.rest()
	}
}

func (s *Server) finders(search Search, boot []*enode.Node) (all finders) {
	log := quietLogger(s.cfg.Log)
	if search.Discovery {
		d := s.newDiscovery(boot)
		d.self = s.passing
		d.socket = s.passingSocket
		all = append(all, d)
	}
	if len(search.DNS) > 0 {
		all = append(all, newLists(search.DNS, s.cfg.Resolver, s.cfg.NetRestrict, s.tries, log))
	}
	return all
}

// passing is what a client looks around as: a key of the moment, and a record without addresses. So nobody learns its node
// key, and nobody takes it for a node that can be asked or dialled.
func (s *Server) passing() (*enode.LocalNode, *ecdsa.PrivateKey, error) {
	key, err := newKey(s.cfg.Rand)
	if err != nil {
		return nil, nil, err
	}
	record := enode.NewLocalNode(s.p2p.LocalNode().Database(), key)
	record.SetStaticIP(net.IPv4zero)
	record.SetStaticIP(net.IPv6zero)
	return record, key, nil
}

// passingSocket is on a random port of the address that the client listens on.
func (s *Server) passingSocket(ctx context.Context) (net.PacketConn, error) {
	host, _, _ := net.SplitHostPort(s.cfg.Listen) // checked by New; without it: any
	var lc net.ListenConfig
	return lc.ListenPacket(ctx, "udp", net.JoinHostPort(host, "0"))
}

// viaServer is the server as its pool sees it.
type viaServer struct{ s *Server }

func (r viaServer) connected() (here, coming []peered) {
	there := make(map[enode.ID]bool)
	for _, p := range r.s.p2p.Peers() {
		known := r.s.known(p.ID()) != nil
		there[p.ID()] = true
		if p.Inbound() && !known {
			continue
		}
		o := peered{id: p.ID(), where: neighbourhood(netutil.AddrAddr(p.RemoteAddr()))}
		if known {
			o.source = SourceStatic
		}
		if r.s.mail.has(p.ID()) {
			o.roles = RoleMail
		}
		here = append(here, o)
	}
	r.s.mu.Lock()
	defer r.s.mu.Unlock()
	for id, k := range r.s.keepers {
		if !there[id] {
			coming = append(coming, peered{id: id, where: neighbourhood(k.node.IPAddr()), source: SourceStatic})
		}
	}
	return here, coming
}

func (r viaServer) taken(id enode.ID) bool {
	return r.s.known(id) != nil || r.s.presence.gone(id) != nil
}

func (r viaServer) connect(ctx context.Context, n *enode.Node, source Source, up func()) error {
	c, err := r.s.dial(ctx, r.s.epochs.now(), n, source)
	if err != nil {
		return err
	}
	defer c.Close()
	up()
	r.s.stay(ctx, c, n.ID())
	return nil
}

func (r viaServer) now() context.Context { return r.s.epochs.now() }

// lookup finds the addresses that a host name leads to, a few of them.
func lookup(ctx context.Context, r Resolver, host string) ([]netip.Addr, error) {
	addrs, err := r.LookupNetIP(ctx, "ip", host)
	return addrs[:min(len(addrs), maxLookup)], err
}
