package network

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"

	"sotto/node"
	"sotto/node/overlay"
	"sotto/services/event"
	"sotto/services/fault"
)

// maxKnown is how many nodes can be remembered.
const maxKnown = 256

// Node is what runs while an account is open.
type Node interface {
	Status() node.Status
	AddPeer(enodeURL string) error
	RemovePeer(enodeURL string) error
	SetReceive(node.Policy)
}

// Store remembers nodes and settings. Its errors are *fault.Error.
type Store interface {
	Peers(ctx context.Context) ([]string, error)
	AddPeer(ctx context.Context, enodeURL string) error
	RemovePeer(ctx context.Context, enodeURL string) error
	SetReceive(ctx context.Context, r Receive) error
}

// Publisher tells the rest of the program what changed. It does not block.
type Publisher interface{ Publish(event.Event) }

// Config is what a Service works with for as long as the program runs.
type Config struct {
	Events Publisher
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
	changed chan struct{}
	well    time.Time // last seen with a peer, or without a need of one
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
	a := &attached{node: n, store: store, changed: make(chan struct{}, 1), well: s.cfg.Now(), stop: cancel}
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

// Status is the network now. While no account is open there is none: the state is Offline and the rest empty.
func (s *Service) Status(context.Context) Status {
	a := s.attached()
	if a == nil {
		return Status{State: Offline}
	}
	return statusOf(a.node.Status())
}

func statusOf(n node.Status) Status {
	status := Status{
		State: State(n.State), Enode: n.Enode, Listen: n.Listen, Known: n.Known, ClockOffset: n.ClockOffset,
		Traffic: Traffic{
			Useful: n.Traffic.Useful, Duplicate: n.Traffic.Duplicate, Unwanted: n.Traffic.Unwanted,
			Refused: n.Traffic.Refused, Out: n.Traffic.Out,
		},
	}
	for _, p := range n.Peers {
		if p.Ready {
			peer := Peer{Enode: p.Enode, Name: p.Name, Inbound: p.Inbound, Roles: []string{"relay"}, RTT: p.RTT}
			status.Peers = append(status.Peers, peer)
		}
	}
	return status
}

// AddPeer remembers a node by its enode URL, host names included, and stays connected to it. A node that is known
// takes the new address. It refuses with bad_enode, not_allowed, locked or storage.
func (s *Service) AddPeer(ctx context.Context, url string) error {
	return s.edit(ctx, url, func(a *attached, url string, known []string) error {
		if len(known) >= maxKnown {
			return fault.New(fault.NotAllowed, "Sotto stays connected to at most 256 nodes. Remove one first.")
		}
		if err := a.node.AddPeer(url); err != nil {
			return nodeFault(err)
		}
		for _, old := range sameNode(known, url) {
			if err := a.store.RemovePeer(ctx, old); err != nil {
				return err
			}
		}
		return a.store.AddPeer(ctx, url)
	})
}

// RemovePeer forgets a node and ends the connection to it; a node that is not known is fine. It refuses with bad_enode,
// locked or storage.
func (s *Service) RemovePeer(ctx context.Context, url string) error {
	return s.edit(ctx, url, func(a *attached, url string, known []string) error {
		for _, old := range sameNode(known, url) {
			if err := a.store.RemovePeer(ctx, old); err != nil {
				return err
			}
		}
		return nodeFault(a.node.RemovePeer(url))
	})
}

func (s *Service) edit(ctx context.Context, url string, fn func(a *attached, url string, known []string) error) error {
	url = strings.TrimSpace(url)
	if _, err := overlay.ParseEnode(url); err != nil {
		return nodeFault(err)
	}
	s.editing.Lock()
	defer s.editing.Unlock()
	a := s.attached()
	if a == nil {
		return locked()
	}
	known, err := a.store.Peers(ctx)
	if err != nil {
		return err
	}
	if err := fn(a, url, known); err != nil {
		return err
	}
	s.Changed()
	return nil
}

// sameNode picks the URLs of the node that url names, whatever address they give.
func sameNode(urls []string, url string) (same []string) {
	id := idOf(url)
	for _, u := range urls {
		if idOf(u) == id {
			same = append(same, u)
		}
	}
	return same
}

func idOf(url string) enode.ID {
	n, err := overlay.ParseEnode(url)
	if err != nil {
		return enode.ID{}
	}
	return n.ID()
}

func nodeFault(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, overlay.ErrSelf):
		return fault.Wrap(fault.BadEnode, "That is the address of this Sotto itself. Paste another node's.", err)
	case errors.Is(err, overlay.ErrBadEnode):
		return fault.Wrap(fault.BadEnode,
			"That is not the address of a node. It looks like enode://, 128 letters and digits, @, a host, a colon, a port.", err)
	case errors.Is(err, overlay.ErrStopped):
		return locked()
	}
	return err
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
