package node

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/p2p/enode"

	"sotto/node/overlay"
	"sotto/node/whisper"
)

// Config sets a node up. Only Key is needed.
type Config struct {
	Key      *ecdsa.PrivateKey // the node's identity on the network, not a person's
	Name     string            // what peers see of this program
	Listen   string            // HOST:PORT, port 0 for a random one; empty: ":0"
	NAT      string            // "auto" asks the router to map the port; "none" or empty does not
	Public   string            // HOST:PORT under which others reach this node; empty lets it find out
	Static   []string          // enode URLs that are kept connected
	Trusted  []string          // enode URLs that may connect when all slots are taken
	MaxPeers int               // 0: overlay.DefaultMaxPeers

	// Where peers come from that nobody named, and what this node does for others: see overlay.Config. The zero values look
	// nowhere and do nothing.
	Search    overlay.Search
	Cached    []overlay.Candidate
	OnFound   func(overlay.Candidate)
	Roles     overlay.Roles
	Retention time.Duration

	Whisper whisper.Config
	Receive Policy // empty: ReceiveAutomatic
	Budget  int64  // bytes a day for ReceiveAutomatic; 0: DailyBudget
	Spent   Spent  // what an earlier run spent, perhaps today

	Log *slog.Logger
	Now func() time.Time // nil: time.Now; also Whisper's, unless that has its own
	// OnChange is called when what Status tells has changed in more than counters, one call at a time. It may call the
	// node, but not Stop.
	OnChange func()
}

// Node is a devp2p server with Whisper on it. It is made by New, started once, and stopped once.
type Node struct {
	cfg     Config
	whisper *whisper.Whisper
	overlay *overlay.Server
	budget  budget
	changed chan struct{}

	mu         sync.Mutex
	cancel     context.CancelFunc
	work       sync.WaitGroup
	everything atomic.Bool
}

// New makes a node; nothing runs before Start, but subscriptions can be made and envelopes posted.
func New(cfg Config) (*Node, error) {
	cfg = cfg.withDefaults()
	n := &Node{cfg: cfg, changed: make(chan struct{}, 1)}
	n.budget = budget{limit: cfg.Budget, policy: cfg.Receive, spent: cfg.Spent}
	w := cfg.Whisper
	w.OnPeers = both(w.OnPeers, n.touch)
	w.Retention = cmp.Or(w.Retention, cfg.Retention)
	n.whisper = whisper.New(w)
	var err error
	n.overlay, err = overlay.New(overlay.Config{
		Key: cfg.Key, Name: cfg.Name, Protocols: []p2p.Protocol{n.whisper.Protocol()},
		Listen: cfg.Listen, NAT: cfg.NAT, Public: cfg.Public, Static: cfg.Static, Trusted: cfg.Trusted,
		MaxPeers: cfg.MaxPeers, OnPeers: n.touch, Log: cfg.Log, Now: cfg.Now,
		Search: cfg.Search, Cached: cfg.Cached, OnFound: cfg.OnFound, Roles: cfg.Roles, Retention: cfg.Retention,
	})
	if err != nil {
		return nil, fmt.Errorf("node: %w", err)
	}
	n.judgeTraffic()
	return n, nil
}

func (c Config) withDefaults() Config {
	if c.Listen == "" {
		c.Listen = ":0"
	}
	if c.Receive == "" {
		c.Receive = ReceiveAutomatic
	}
	if c.Budget == 0 {
		c.Budget = DailyBudget
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Whisper.Log == nil {
		c.Whisper.Log = c.Log
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Whisper.Now == nil {
		c.Whisper.Now = c.Now
	}
	return c
}

func both(first, second func()) func() {
	if first == nil {
		return second
	}
	return func() { first(); second() }
}

// Start listens and begins to dial. ctx bounds the start only; what was started ends with Stop.
func (n *Node) Start(ctx context.Context) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.whisper.Start()
	if err := n.overlay.Start(ctx); err != nil {
		n.whisper.Stop()
		return fmt.Errorf("node: %w", err)
	}
	ctx, n.cancel = context.WithCancel(context.WithoutCancel(ctx))
	n.work.Go(func() { n.watch(ctx) })
	return nil
}

// Drain ends all connections, so that nothing more is taken and acknowledged, and waits until what was taken has been
// handed to its subscriptions, but not longer than ctx lasts. A peer does not send again what we acknowledged, so it
// comes before subscriptions are closed. Only Stop makes sense afterwards.
func (n *Node) Drain(ctx context.Context) {
	n.mu.Lock()
	cancel := n.cancel
	n.mu.Unlock()
	if cancel == nil {
		return
	}
	cancel()
	n.overlay.Stop()
	if left := n.whisper.Drain(ctx); left > 0 {
		n.cfg.Log.Warn("envelopes were not opened in time", "count", left)
	}
}

// Stop ends all connections and waits for everything the node started.
func (n *Node) Stop() {
	n.mu.Lock()
	cancel := n.cancel
	n.cancel = nil
	n.mu.Unlock()
	if cancel == nil {
		return
	}
	cancel()
	n.overlay.Stop() // first, so that peers hear why
	n.whisper.Stop()
	n.work.Wait()
}

// Whisper is the layer that subscribes and posts.
func (n *Node) Whisper() *whisper.Whisper { return n.whisper }

// AddPeer keeps the node of an enode URL connected from now on. Errors are overlay.ErrSelf, overlay.ErrStopped, or wrap
// overlay.ErrBadEnode.
func (n *Node) AddPeer(enodeURL string) error {
	defer n.touch()
	return n.overlay.AddPeer(enodeURL)
}

// RemovePeer no longer keeps the node connected, and disconnects it.
func (n *Node) RemovePeer(enodeURL string) error {
	defer n.touch()
	return n.overlay.RemovePeer(enodeURL)
}

// SetSearch changes where a client looks for peers, as when it joins another network, and which nodes it begins with. Errors
// are those of overlay.Server.SetSearch.
func (n *Node) SetSearch(search overlay.Search, cached []overlay.Candidate) error {
	return n.overlay.SetSearch(search, cached)
}

// AddCandidate tells a client of a node that it may connect to when it needs peers. Errors are those of
// overlay.Server.AddCandidate.
func (n *Node) AddCandidate(c overlay.Candidate) error { return n.overlay.AddCandidate(c) }

// Dismiss leaves a peer that was found, because it turned out to be useless, and takes another in its place.
func (n *Node) Dismiss(id enode.ID) { n.overlay.Dismiss(id) }

// Tried are the addresses that could not be reached when they were tried last, the newest first.
func (n *Node) Tried() []overlay.Try { return n.overlay.Tried() }

// NetworkChanged tells the node that the way to its peers may be another one now: what is not connected is dialled at
// once. The node finds most changes itself.
func (n *Node) NetworkChanged() { n.overlay.NetworkChanged() }

// SetBudget sets how many bytes a day are received under ReceiveAutomatic before what is received is narrowed.
func (n *Node) SetBudget(bytes int64) {
	n.budget.setLimit(bytes)
	n.judgeTraffic()
	n.touch()
}

// SetReceive chooses how much of the network's traffic is received.
func (n *Node) SetReceive(p Policy) {
	n.budget.setPolicy(p)
	n.judgeTraffic()
	n.touch()
}
