package mailserver

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"
	"golang.org/x/time/rate"

	"sotto/node/whisper"
)

const (
	// mostPerPeer is how many requests of one peer wait, beside the one that is being answered.
	mostPerPeer = 4
	// mostWaiting is how many requests wait in all.
	mostWaiting = 256
	// maxRequest is the largest packet 126 that is looked at: MaxTopics topics, encrypted, and some.
	maxRequest = 128 << 10
	// rateBurst is how many seconds' worth of requests may come at once.
	rateBurst = 10
	// guestMemory is how long the rate limit of a peer or an address outlives its last request.
	guestMemory = time.Minute
)

// desk takes requests in, one line for each peer, and hands them to whoever answers. A peer has one request answered at a
// time.
type desk struct {
	s     *Server
	allow map[enode.ID]bool // nil: everybody
	ready chan *guest       // who has a request and none that is being answered
	ids   replays

	mu      sync.Mutex
	guests  map[enode.ID]*guest
	places  map[netip.Prefix]*place
	waiting int
	swept   time.Time
}

// guest is a peer that asks.
type guest struct {
	id    enode.ID
	limit *rate.Limiter
	last  time.Time
	jobs  []job
	busy  bool // in ready, or being answered
}

// place is an address that guests come from.
type place struct {
	limit *rate.Limiter
	last  time.Time
}

// job is a request to answer, or one to refuse.
type job struct {
	request whisper.Request
	refuse  Reason
}

func (d *desk) init(s *Server) {
	d.s = s
	d.ready = make(chan *guest, mostWaiting)
	d.guests, d.places = make(map[enode.ID]*guest), make(map[netip.Prefix]*place)
	for _, id := range s.cfg.Allow {
		if d.allow == nil {
			d.allow = make(map[enode.ID]bool)
		}
		d.allow[id] = true
	}
}

// take is called in a peer's read loop for each of its packets 126.
func (d *desk) take(from enode.ID, q whisper.Request) {
	d.s.stats.attempts.Add(1)
	now := d.s.cfg.Now()
	info, _ := d.s.whisper.Peer(from)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sweep(now)
	g := d.guest(from, now)
	j := job{request: q, refuse: d.judge(g, info.Addr, now, q)}
	if j.refuse != "" {
		d.s.stats.fail(j.refuse)
		j.request = whisper.Request{Open: &whisper.OpenRequest{ID: idOf(q)}} // all that the answer needs
	}
	if len(g.jobs) > mostPerPeer || d.waiting >= mostWaiting {
		return // not even a refusal is written to who asks without reading
	}
	g.jobs = append(g.jobs, j)
	d.waiting++
	d.line(g)
}

// judge says why a request is not to be looked into at all.
func (d *desk) judge(g *guest, addr string, now time.Time, q whisper.Request) Reason {
	switch {
	case d.allow != nil && !d.allow[g.id]:
		return ReasonNotAllowed
	case len(q.Envelope) > maxRequest:
		return ReasonMalformed
	case !g.limit.AllowN(now, 1) || !d.placeAllows(addr, now):
		return ReasonRate
	case len(g.jobs) >= mostPerPeer || d.waiting >= mostWaiting:
		return ReasonBusy
	}
	return ""
}

func (d *desk) guest(id enode.ID, now time.Time) *guest {
	g := d.guests[id]
	if g == nil {
		g = &guest{id: id, limit: newLimit(d.s.cfg.RequestsPerPeer)}
		d.guests[id] = g
	}
	g.last = now
	return g
}

func newLimit(perSecond int) *rate.Limiter {
	return rate.NewLimiter(rate.Limit(perSecond), perSecond*rateBurst)
}

// placeAllows takes a request from the limit of an address: an IPv4 address, or the /64 that an IPv6 subscriber gets.
// Loopback is this computer, which needs no protection from itself.
func (d *desk) placeAllows(addr string, now time.Time) bool {
	ap, err := netip.ParseAddrPort(addr)
	ip := ap.Addr().Unmap().WithZone("")
	if err != nil || ip.IsLoopback() {
		return true
	}
	bits := 32
	if ip.Is6() {
		bits = 64
	}
	network, err := ip.Prefix(bits)
	if err != nil {
		return true
	}
	p := d.places[network]
	if p == nil {
		p = &place{limit: newLimit(d.s.cfg.RequestsPerIP)}
		d.places[network] = p
	}
	p.last = now
	return p.limit.AllowN(now, 1)
}

// sweep forgets, once a while, who has not asked for long.
func (d *desk) sweep(now time.Time) {
	if now.Sub(d.swept) < guestMemory {
		return
	}
	d.swept = now
	for id, g := range d.guests {
		if !g.busy && now.Sub(g.last) > guestMemory {
			delete(d.guests, id)
		}
	}
	for network, p := range d.places {
		if now.Sub(p.last) > guestMemory {
			delete(d.places, network)
		}
	}
}

// line puts a guest with requests in line, unless one of them is being answered. The lock is held; there is always room,
// since every guest in line has one of the requests that wait.
func (d *desk) line(g *guest) {
	if !g.busy && len(g.jobs) > 0 {
		g.busy = true
		d.ready <- g
	}
}

// serve answers one request after another until ctx ends.
func (d *desk) serve(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case g := <-d.ready:
			d.s.answer(ctx, g.id, d.next(g))
			d.mu.Lock()
			g.busy = false
			d.line(g)
			d.mu.Unlock()
		}
	}
}

func (d *desk) next(g *guest) job {
	d.mu.Lock()
	defer d.mu.Unlock()
	j := g.jobs[0]
	g.jobs = slices.Delete(g.jobs, 0, 1)
	d.waiting--
	return j
}
