package overlay

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/p2p/enode"
	"github.com/ethereum/go-ethereum/p2p/enr"
)

// stage is a network and a finder that a test moves.
type stage struct {
	mu      sync.Mutex
	up      map[enode.ID]chan struct{} // what ends the connection
	dialled []enode.ID
	dead    map[enode.ID]bool
	slow    time.Duration // how long a dial takes
	static  map[enode.ID]bool
	epochs  *epochs

	searches []time.Duration // since the beginning
	begun    time.Time
	hits     []*enode.Node
	source   Source
	hang     bool // searches last until they are cut short
	rests    int
}

func newStage(ctx context.Context) *stage {
	return &stage{
		up: make(map[enode.ID]chan struct{}), dead: make(map[enode.ID]bool), static: make(map[enode.ID]bool),
		epochs: newEpochs(ctx), begun: time.Now(), source: SourceDiscovery,
	}
}

func (s *stage) connected() (here, coming []peered) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id := range s.up {
		here = append(here, peered{id: id})
	}
	for id := range s.static {
		if s.up[id] == nil {
			coming = append(coming, peered{id: id})
		}
	}
	return here, coming
}

func (s *stage) taken(id enode.ID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.static[id] || s.up[id] != nil
}

func (s *stage) connect(ctx context.Context, n *enode.Node, _ Source, up func()) error {
	s.mu.Lock()
	s.dialled = append(s.dialled, n.ID())
	dead, slow := s.dead[n.ID()], s.slow
	s.mu.Unlock()
	if !pause(ctx, s.now(), slow) || dead {
		return errors.New("no answer")
	}
	end := s.come(n.ID())
	defer func() {
		s.mu.Lock()
		delete(s.up, n.ID())
		s.mu.Unlock()
	}()
	up()
	waitFor(ctx, end)
	return nil
}

func (s *stage) come(id enode.ID) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.up[id] = make(chan struct{})
	return s.up[id]
}

// leave ends a connection that the pool did not make.
func (s *stage) leave(id enode.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.up, id)
}

func (s *stage) now() context.Context { return s.epochs.now() }

func (s *stage) search(ctx context.Context, found func(*enode.Node, Source)) {
	s.mu.Lock()
	s.searches = append(s.searches, time.Since(s.begun))
	hits, hang := s.hits, s.hang
	s.mu.Unlock()
	for _, n := range hits {
		found(n, s.source)
	}
	if hang {
		<-ctx.Done()
	}
}

func (s *stage) rest() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rests++
}

// drop ends a connection; until it is revived, the node does not answer.
func (s *stage) drop(id enode.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dead[id] = true
	close(s.up[id])
}

func (s *stage) counts() (up, searches, rests int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.up), len(s.searches), s.rests
}

// times are when it was searched.
func (s *stage) times() []time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.searches)
}

// dials are the nodes that were dialled, in order.
func (s *stage) dials() []enode.ID {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.dialled)
}

func (s *stage) isUp(n *enode.Node) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.up[n.ID()] != nil
}

// record is a signed node record with these roles.
func record(t testing.TB, ip string, roles Roles) *enode.Node {
	t.Helper()
	key, err := crypto.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	var r enr.Record
	r.Set(enr.IP(net.ParseIP(ip)))
	r.Set(enr.TCP(30303))
	r.Set(enr.UDP(30303))
	for _, e := range entries(roles, 30*24*time.Hour) {
		r.Set(e)
	}
	if err := enode.SignV4(&r, key); err != nil {
		t.Fatal(err)
	}
	n, err := enode.New(enode.ValidSchemes, &r)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// relays are records of relays in as many neighbourhoods.
func relays(t testing.TB, n int) (all []*enode.Node) {
	for i := range n {
		all = append(all, record(t, fmt.Sprintf("44.%d.0.1", i), RoleRelay))
	}
	return all
}

// told is what a pool reported.
type told struct {
	mu  sync.Mutex
	all []Candidate
}

func (l *told) add(c Candidate) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, c)
}

func (l *told) list() []Candidate {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.all)
}

// play has a pool on a stage, in a bubble whose clock the script moves. The script sets the scene and calls start.
func play(t *testing.T, script func(t *testing.T, s *stage, p *pool, start func())) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := newStage(ctx)
		p := &pool{
			net: s, find: s, clock: time.Now, log: slog.New(slog.DiscardHandler),
			searches: new(atomic.Uint64), found: new(counts[Source]),
			wake: make(chan struct{}, 1), book: book{entries: make(map[enode.ID]*entry)},
		}
		done := make(chan struct{})
		script(t, s, p, func() {
			go func() { defer close(done); p.run(ctx) }()
			synctest.Wait()
		})
		cancel()
		<-done
	})
}

func pass(d time.Duration) {
	time.Sleep(d) // the bubble's clock
	synctest.Wait()
}

func give(t *testing.T, p *pool, roles Roles, source Source, nodes ...*enode.Node) {
	t.Helper()
	for _, n := range nodes {
		if err := p.give(Candidate{Enode: n.URLv4(), Roles: roles, Source: source}); err != nil {
			t.Fatal(err)
		}
	}
}
