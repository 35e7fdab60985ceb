package overlay

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"
)

// How many peers a client wants (Status spec 1/CLIENT: two to three relays and one mailserver), and how eagerly it looks for
// them. Nodes that are kept connected count.
const (
	MinRelays  = 2                // with fewer, it looks for more
	MaxRelays  = 3                // with as many, it dials no more
	MinMail    = 1                // mailservers; with fewer, it looks for more
	MaxMail    = 2                // of its own network, so that their answers can be compared
	SearchFast = 3 * time.Second  // between two searches, at first
	FastFor    = 30 * time.Second // how long at first lasts
	SearchSlow = 30 * time.Second // between two searches, later, and twice as long after each
	SearchRare = time.Hour        // the longest time between two searches
	// CachedFirst is how long those that are known already have, before anything is looked up.
	CachedFirst = 5 * time.Second
)

// finder looks for nodes.
type finder interface {
	// search looks once and tells of what it found; it ends with ctx at the latest.
	search(ctx context.Context, found func(*enode.Node, Source))
	// rest closes what a search has left open.
	rest()
}

// network is what a pool needs of the server.
type network interface {
	// connected are the peers that count, those that this node dialled or keeps, and those to keep that are not connected.
	connected() (here, coming []peered)
	// taken tells that the node is not to be dialled: it is connected already, or kept so.
	taken(enode.ID) bool
	// connect dials the node, and calls up when it is a peer. It returns when the connection is over, or why there was none.
	connect(ctx context.Context, n *enode.Node, source Source, up func()) error
	// now is done when the network changes.
	now() context.Context
}

// pool gives a client the peers that it needs: first from those of its network, then from those it knows, then from those it
// finds. It looks for more only while it has too few, and ever more seldom where there are none: a network may have one relay.
type pool struct {
	net    network
	self   enode.ID
	find   finder // nil: nothing is looked up
	report func(Candidate)
	// namedOnly: none but the nodes of the network are taken up.
	namedOnly bool

	clock func() time.Time // the wall clock
	log   *slog.Logger

	searches *atomic.Uint64
	found    *counts[Source]

	wake chan struct{} // has one when there is something to look at
	work sync.WaitGroup

	mu        sync.Mutex
	book      book
	came      map[enode.ID]time.Time // who is connected, and since when
	begun     time.Time              // since when there are too few
	slow      int                    // searches since then that were not fast
	content   time.Time              // since when there are enough; zero: there are too few
	searched  time.Time              // when the last search began
	searching context.CancelFunc
	open      bool // a search left something open

	reporting sync.Mutex
}

// run works until ctx ends, and waits for all that it began.
func (p *pool) run(ctx context.Context) {
	defer p.end()
	for ctx.Err() == nil {
		epoch := p.net.now()
		t := time.NewTimer(p.step(ctx))
		select {
		case <-t.C:
		case <-p.wake:
		case <-epoch.Done():
			p.afresh()
		case <-ctx.Done():
		}
		t.Stop()
	}
}

func (p *pool) end() {
	p.work.Wait()
	if p.find != nil {
		p.find.rest()
	}
}

// look asks for a step: something has changed.
func (p *pool) look() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// afresh begins anew in another network: what failed or was found in the old one says nothing.
func (p *pool) afresh() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range p.book.entries {
		e.tries.reset()
		e.notBefore = e.dismissed
	}
	p.begun, p.content, p.searched = time.Time{}, time.Time{}, time.Time{}
	p.quiet()
}

// idleStep is when to look again where nothing is due: whoever changes something calls look.
const idleStep = time.Minute

// step dials and searches as is due, and says when to look again.
func (p *pool) step(ctx context.Context) time.Duration {
	here, coming := p.net.connected()
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.judge(here, now)
	if now.Sub(p.begun) >= CachedFirst {
		coming = nil // they had their time
	}
	trying := p.fill(ctx, append(here, coming...), now) || len(coming) > 0
	wait := idleStep
	if at, ok := p.book.due(now); ok {
		wait = min(wait, at.Sub(now))
	}
	switch {
	case !p.content.IsZero():
		p.quiet()
	case p.find != nil && p.searching == nil:
		wait = min(wait, p.searchWhenDue(ctx, trying, now))
	}
	return wait
}

// judge notes since when there are enough peers, or too few. Where one is lost of too few, fast searches begin again, too. Peers
// that go soon after they came do not begin another time of these. It is called with the lock held.
func (p *pool) judge(here []peered, now time.Time) {
	lost := p.lost(here, now)
	relays, mail := tally(p.known(here))
	enough := relays >= MinRelays && mail >= MinMail
	lost = lost || !p.content.IsZero() && now.Sub(p.content) >= steadyAfter
	switch {
	case enough && p.content.IsZero():
		p.content = now
	case !enough && (p.begun.IsZero() || lost):
		p.begun, p.slow = now, 0
	}
	if !enough {
		p.content = time.Time{}
	}
}

// lost tells whether a peer went that was there for a while. It is called with the lock held.
func (p *pool) lost(here []peered, now time.Time) (any bool) {
	still := make(map[enode.ID]time.Time, len(here))
	for _, o := range here {
		still[o.id] = now
		if came, known := p.came[o.id]; known {
			still[o.id] = came
		}
	}
	for id, came := range p.came {
		_, stays := still[id]
		any = any || !stays && now.Sub(came) >= steadyAfter
	}
	p.came = still
	return any
}

// quiet ends a search, and closes what it left open. It is called with the lock held.
func (p *pool) quiet() {
	if p.searching != nil {
		p.searching() // and its end calls look
	} else if p.open {
		p.open = false
		p.find.rest()
	}
}

// searchWhenDue begins a search, or says how long that has time: those that are being dialled may be enough. It is called with
// the lock held.
func (p *pool) searchWhenDue(ctx context.Context, trying bool, now time.Time) time.Duration {
	due := p.begun
	if trying {
		due = p.begun.Add(CachedFirst)
	}
	if !p.searched.IsZero() {
		if next := p.searched.Add(p.interval(now)); next.After(due) {
			due = next
		}
	}
	if due.After(now) {
		return due.Sub(now)
	}
	p.search(ctx, now)
	return idleStep
}

// interval is the time between two searches. It is called with the lock held.
func (p *pool) interval(now time.Time) time.Duration {
	if now.Sub(p.begun) < FastFor {
		return SearchFast
	}
	return min(SearchSlow<<min(p.slow, 10), SearchRare)
}

func (p *pool) search(ctx context.Context, now time.Time) {
	if now.Sub(p.begun) >= FastFor {
		p.slow++
	}
	ctx, cancel := context.WithCancel(ctx)
	p.searched, p.searching, p.open = now, cancel, true
	p.searches.Add(1)
	p.work.Go(func() {
		p.find.search(ctx, p.offer)
		cancel()
		p.mu.Lock()
		p.searching = nil
		p.mu.Unlock()
		p.look()
	})
}
