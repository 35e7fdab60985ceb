package overlay

import (
	"context"
	"errors"
	"time"

	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/p2p/enode"
)

const (
	dialTimeout = 15 * time.Second
	// A connection that ended sooner counts as a failed try: the peer did not want us.
	steadyAfter = 10 * time.Second
	// How often a peer may say that we are connected already before we believe it.
	maxStale = 40
)

// keeper keeps one node connected, whoever dials: it waits while the node is there, and dials when it is not.
type keeper struct {
	node   *enode.Node
	server *Server
	cancel context.CancelFunc
	done   chan struct{}
	stale  int // refusals in a row because of a connection that is no more
}

func (k *keeper) run(ctx context.Context) {
	defer close(k.done)
	var tries backoff
	for ctx.Err() == nil {
		if gone := k.server.presence.gone(k.node.ID()); gone != nil {
			begun := time.Now()
			waitFor(ctx, gone)
			k.judge(&tries, begun)
			continue
		}
		epoch := k.server.epochs.now()
		if !pause(ctx, epoch, tries.delay()) {
			tries.reset()
			continue
		}
		if k.server.presence.gone(k.node.ID()) == nil {
			k.try(ctx, epoch, &tries)
		}
	}
}

// try dials once and, where that worked, stays until the connection has ended.
func (k *keeper) try(ctx, epoch context.Context, tries *backoff) {
	begun := time.Now()
	c, err := k.server.dial(ctx, epoch, k.node, SourceStatic)
	if err != nil {
		k.server.cfg.Log.Debug("dial failed", "peer", k.node.ID(), "address", dialAddress(k.node), "err", err)
		if epoch.Err() != nil {
			tries.reset() // whatever failed in the old network says nothing about the new one
			return
		}
		k.blame(tries, err)
		return
	}
	k.stale = 0
	k.server.stay(ctx, c, k.node.ID())
	k.judge(tries, begun)
}

// stay waits for the end of a connection that was dialled.
func (s *Server) stay(ctx context.Context, c *conn, id enode.ID) {
	waitFor(ctx, c.closed)
	if gone := s.presence.gone(id); gone != nil {
		waitFor(ctx, gone) // p2p is not yet done with it, and would refuse the next
	}
}

// blame learns from a dial that failed. A peer that says we are connected already has not yet noticed that our last
// connection is gone. It soon will (see keepWatch), so it is asked every second or less; not for ever, since another
// process may run with our key.
func (k *keeper) blame(tries *backoff, err error) {
	tries.fail()
	if !errors.Is(err, p2p.DiscAlreadyConnected) {
		k.stale = 0
		return
	}
	if k.stale++; k.stale <= maxStale {
		tries.failures = 2
	}
}

// judge learns from a connection that began at begun and is over.
func (k *keeper) judge(tries *backoff, begun time.Time) {
	if time.Since(begun) < steadyAfter {
		tries.fail()
	} else {
		tries.lose()
	}
}

func waitFor(ctx context.Context, done <-chan struct{}) {
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// pause waits for d and tells whether it did: not when the network changed before.
func pause(ctx, epoch context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
	case <-epoch.Done():
	}
	return false
}
