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
	// shareOfWorkers is the part of the workers that all peers of one address have at the same time, at least one: peers that
	// ask and do not read hold theirs for up to a minute.
	shareOfWorkers = 4
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
	busy  bool // in line at its place or in ready, or being answered
	place *place
}

// place is an address that guests come from.
type place struct {
	limit *rate.Limiter
	last  time.Time
	line  []*guest // who waits until another guest from here was answered
	busy  int      // guests from here in ready, or being answered
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
func (d *desk) take(who enode.ID, q whisper.Request) {
	d.s.stats.attempts.Add(1)
	now := d.s.cfg.Now()
	info, _ := d.s.whisper.Peer(who)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sweep(now)
	g := d.guest(who, now)
	from := d.place(info.Addr, now)
	if !g.busy {
		g.place = from
	}
	j := job{request: q, refuse: d.judge(g, from, now, q)}
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
func (d *desk) judge(g *guest, from *place, now time.Time, q whisper.Request) Reason {
	switch {
	case d.allow != nil && !d.allow[g.id]:
		return ReasonNotAllowed
	case len(q.Envelope) > maxRequest:
		return ReasonMalformed
	case !g.limit.AllowN(now, 1) || from != nil && !from.limit.AllowN(now, 1):
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

// place is where a guest comes from: an IPv4 address, or the /64 that an IPv6 subscriber gets. It is nil for loopback: this
// computer needs no protection from itself.
func (d *desk) place(addr string, now time.Time) *place {
	ap, err := netip.ParseAddrPort(addr)
	ip := ap.Addr().Unmap().WithZone("")
	if err != nil || ip.IsLoopback() {
		return nil
	}
	bits := 32
	if ip.Is6() {
		bits = 64
	}
	network, err := ip.Prefix(bits)
	if err != nil {
		return nil
	}
	p := d.places[network]
	if p == nil {
		p = &place{limit: newLimit(d.s.cfg.RequestsPerIP)}
		d.places[network] = p
	}
	p.last = now
	return p
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
		if p.busy == 0 && now.Sub(p.last) > guestMemory {
			delete(d.places, network)
		}
	}
}

// line puts a guest with requests in line, unless one of them is being answered: at its place first, where others from there
// have their share. The lock is held; there is always room, since every guest in line has one of the requests that wait.
func (d *desk) line(g *guest) {
	if g.busy || len(g.jobs) == 0 {
		return
	}
	g.busy = true
	if p := g.place; p != nil {
		if p.busy >= max(d.s.cfg.Workers/shareOfWorkers, 1) {
			p.line = append(p.line, g)
			return
		}
		p.busy++
	}
	d.ready <- g
}

// answered lets whoever waits at a guest's place take its turn, and then the guest itself again.
func (d *desk) answered(g *guest) {
	d.mu.Lock()
	defer d.mu.Unlock()
	g.busy = false
	if p := g.place; p != nil {
		if len(p.line) > 0 {
			d.ready <- p.line[0]
			p.line = slices.Delete(p.line, 0, 1)
		} else {
			p.busy--
		}
	}
	d.line(g)
}

// serve answers one request after another until ctx ends.
func (d *desk) serve(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case g := <-d.ready:
			d.s.answer(ctx, g.id, d.next(g))
			d.answered(g)
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
