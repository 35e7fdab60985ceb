package network

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"sotto/node"
	"sotto/node/overlay"
	"sotto/services/event"
	"sotto/services/fault"
)

// Node is what runs while an account is open.
type Node interface {
	Status() node.Status
	AddPeer(enodeURL string) error
	RemovePeer(enodeURL string) error
	SetReceive(node.Policy)
	SetBudget(bytes int64)
	SetSearch(search overlay.Search, found []overlay.Candidate) error
	Tried() []overlay.Try
}

// Config is what a Service works with for as long as the program runs.
type Config struct {
	Events event.Publisher
	Now    func() time.Time // nil: time.Now
	Log    *slog.Logger     // nil: silent
}

// Service is the network of whichever account is open. Its methods may be called from any goroutine.
type Service struct {
	cfg      Config
	degraded *registry

	mu   sync.RWMutex // guards the pointer, never held over slow work
	open *attached    // nil while locked

	editing sync.Mutex // held while what is remembered changes, so that node and store agree
}

// attached is the open account's node and store.
type attached struct {
	node    Node
	store   Store
	wanted  atomic.Pointer[wanted]
	changed chan struct{}
	well    time.Time // last seen with a peer, or without a need of one
	served  time.Time // last seen with a mailserver, or without a need of one
	stop    context.CancelFunc
	work    sync.WaitGroup
}

// New returns a Service without a node.
func New(c Config) *Service {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{cfg: c, degraded: &registry{now: c.Now, events: c.Events, states: make(map[string]Degraded)}}
}

// Attach takes on the node of an unlocked account until Detach.
func (s *Service) Attach(n Node, store Store) {
	ctx, cancel := context.WithCancel(context.Background())
	now := s.cfg.Now()
	a := &attached{node: n, store: store, changed: make(chan struct{}, 1), well: now, served: now, stop: cancel}
	a.wanted.Store(&wanted{network: unknownNetwork})
	if err := s.settle(ctx, a); err != nil {
		s.cfg.Log.Error("the nodes of this account were not read", "error", err)
		a.wanted.Store(&wanted{})
	}
	s.mu.Lock()
	s.open = a
	s.mu.Unlock()
	a.work.Go(func() { s.watch(ctx, a) })
	s.cfg.Events.Publish(event.Event{Kind: event.Network})
}

// Detach lets the node go; every degraded state ends. Without a node it does nothing.
func (s *Service) Detach() {
	s.mu.Lock()
	a := s.open
	s.open = nil
	s.mu.Unlock()
	if a == nil {
		return
	}
	a.stop()
	a.work.Wait()
	s.degraded.endAll()
	s.cfg.Events.Publish(event.Event{Kind: event.Network})
}

// Changed tells that the node's state is another one.
func (s *Service) Changed() {
	a := s.attached()
	if a == nil {
		return
	}
	select {
	case a.changed <- struct{}{}:
	default:
	}
	s.cfg.Events.Publish(event.Event{Kind: event.Network})
}

func (s *Service) attached() *attached {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.open
}

func locked() error { return fault.New(fault.Locked, "No account is open. Unlock one first.") }

// Degraded lists the degraded states that last, by name.
func (s *Service) Degraded() []Degraded { return s.degraded.lasting() }

// DegradedState is one state by its name, as it is now or, with Until set, as it ended last.
func (s *Service) DegradedState(name string) (Degraded, bool) { return s.degraded.get(name) }

// Report makes a degraded state last that others noticed; text says what is wrong, remedy what to do.
func (s *Service) Report(name, text, remedy string) { s.degraded.begin(name, text, remedy) }

// Resolve ends a degraded state.
func (s *Service) Resolve(name string) { s.degraded.end(name) }
