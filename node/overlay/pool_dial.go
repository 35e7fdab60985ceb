package overlay

import (
	"context"
	"slices"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"
)

// fill dials candidates as long as peers are missing, and tells whether any is being dialled. A mailserver comes first: where
// it is a relay, too, it counts as both. It is called with the lock held.
func (p *pool) fill(ctx context.Context, peers []peered, now time.Time) (dialling bool) {
	peers = p.known(peers)
	for id, e := range p.book.entries {
		if e.busy && !slices.ContainsFunc(peers, func(o peered) bool { return o.id == id }) {
			peers = append(peers, e.peered(id))
		}
		dialling = dialling || e.busy && !e.here
	}
	for {
		e := p.next(peers, now)
		if e == nil {
			return dialling
		}
		p.dial(ctx, e)
		peers, dialling = append(peers, e.peered(e.node.ID())), true
	}
}

// next is the candidate to dial next, nil where none is needed or there is none. It is called with the lock held.
func (p *pool) next(peers []peered, now time.Time) (e *entry) {
	relays, mail := tally(peers)
	one := func(role Roles, skip func(*entry) bool) *entry {
		return p.book.choose(role, now, peers, func(id enode.ID) bool { return p.net.taken(id) || skip(p.book.entries[id]) })
	}
	any := func(*entry) bool { return false }
	spare := func(e *entry) bool { return e.tries.failures > 0 && now.Before(e.notBefore.Add(spareAfter)) }
	switch {
	case mail < MinMail:
		e = one(RoleMail, any)
	case mail < MaxMail:
		e = one(RoleMail, func(e *entry) bool { return e.Source != SourceNetwork || spare(e) })
	}
	switch {
	case e != nil:
	case relays < MinRelays:
		e = one(RoleRelay, any)
	case relays < MaxRelays:
		e = one(RoleRelay, spare)
	}
	return e
}

// known gives peers the roles that their candidates have. Others are relays: that is what one connects to.
func (p *pool) known(peers []peered) []peered {
	all := make([]peered, 0, len(peers))
	for _, o := range peers {
		e := p.book.entries[o.id]
		if e == nil {
			o.roles |= RoleRelay
		} else {
			o.roles |= e.Roles
			if o.source == "" {
				o.source = e.Source
			}
		}
		all = append(all, o)
	}
	return all
}

func tally(peers []peered) (relays, mail int) {
	for _, o := range peers {
		if o.roles.Has(RoleRelay) {
			relays++
		}
		if o.roles.Has(RoleMail) {
			mail++
		}
	}
	return relays, mail
}

func (e *entry) peered(id enode.ID) peered {
	return peered{id: id, roles: e.Roles, where: e.where(), source: e.Source}
}

// dial connects a candidate and stays until it has gone. It is called with the lock held.
func (p *pool) dial(ctx context.Context, e *entry) {
	e.busy = true
	n, source, epoch := e.node, e.Source, p.net.now()
	p.work.Go(func() {
		var came time.Time
		err := p.net.connect(ctx, n, source, func() {
			came = time.Now()
			p.arrived(e)
		})
		if err != nil {
			p.log.Debug("dial failed", "peer", n.ID(), "addresses", dialAddresses(n), "source", source, "err", err)
		}
		p.left(e, came, epoch.Err() != nil)
	})
}

// arrived takes note of a connection that stands.
func (p *pool) arrived(e *entry) {
	p.mu.Lock()
	e.here, e.Seen = true, p.clock()
	e.told = e.Seen
	c := e.Candidate
	p.mu.Unlock()
	p.tell(c)
	p.look()
}

// left learns from a connection that is over, or never came about; not where the network changed meanwhile.
func (p *pool) left(e *entry, came time.Time, changed bool) {
	p.mu.Lock()
	now := time.Now()
	e.busy, e.here = false, false
	switch {
	case changed:
		e.tries.reset()
	case came.IsZero() || now.Sub(came) < steadyAfter:
		e.tries.fail()
	default:
		e.tries.lose()
	}
	e.notBefore = now.Add(e.tries.delay())
	if e.dismissed.After(e.notBefore) {
		e.notBefore = e.dismissed
	}
	p.mu.Unlock()
	p.look()
}

// offer takes a node that was found.
func (p *pool) offer(n *enode.Node, source Source) {
	now := p.clock()
	c, ok := candidateOf(n, source, now)
	if !ok || n.ID() == p.self {
		return
	}
	p.mu.Lock()
	e, news := p.book.add(c, n)
	tell := e != nil && (news || now.Sub(e.told) >= reportAgain)
	if tell {
		e.told, c = now, e.Candidate
	}
	p.mu.Unlock()
	if news {
		p.found.add(source)
		p.look()
	}
	if tell {
		p.tell(c)
	}
}

// give takes a candidate that somebody else remembered. What it says besides its address is believed.
func (p *pool) give(c Candidate) error {
	n, err := ParseEnode(c.Enode)
	if err != nil {
		return err
	}
	if n.ID() == p.self {
		return ErrSelf
	}
	if c.Roles &= RoleRelay | RoleMail; c.Roles == 0 {
		c.Roles = RoleRelay
	}
	p.mu.Lock()
	p.book.add(c, n)
	p.mu.Unlock()
	p.look()
	return nil
}

// dismiss has a node wait before it is dialled again.
func (p *pool) dismiss(id enode.ID) {
	p.mu.Lock()
	if e := p.book.entries[id]; e != nil {
		e.dismissed = time.Now().Add(DismissedFor)
		e.notBefore = e.dismissed
	}
	p.mu.Unlock()
	p.look()
}

// roles are what is known of a node, and how long it keeps envelopes.
func (p *pool) roles(id enode.ID) (Roles, time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if e := p.book.entries[id]; e != nil {
		return e.Roles, e.Retention
	}
	return 0, 0
}

// tell reports candidates, one at a time. Those of the network need not be kept: it names them.
func (p *pool) tell(c Candidate) {
	if p.report == nil || c.Source == SourceNetwork {
		return
	}
	p.reporting.Lock()
	defer p.reporting.Unlock()
	p.report(c)
}
