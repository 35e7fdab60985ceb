package mailserver

import (
	"slices"

	"github.com/ethereum/go-ethereum/p2p/enode"

	"sotto/node/whisper"
)

const (
	// floodSlack is how many envelopes more than asked for are taken before a server counts as flooding.
	floodSlack = 16
	// mostPage is the most bytes that one page may be. Sixteen of the largest envelopes that nodes take are half of it.
	mostPage = 32 << 20
	// envelopeOverhead is what an envelope costs in memory beside its data.
	envelopeOverhead = 128
	// mostAbandoned is how many requests are remembered that were given up.
	mostAbandoned = 8
)

// line is a client's way to one server.
type line struct {
	turn chan struct{} // full while somebody asks

	// The rest is guarded by Client.mu.
	pending   *pending
	abandoned []whisper.Hash // requests that were given up and may still be answered, before the pending one
}

// pending is a request that waits for its answer.
type pending struct {
	id       whisper.Hash
	limit    int
	progress chan struct{} // another packet came
	tooMuch  chan error    // too much came: ErrFlood or ErrLarge
	done     chan whisper.RequestComplete

	envelopes []*whisper.Envelope // in the order they came; guarded by Client.mu until done
	bytes     int
}

func newPending(id whisper.Hash, limit int) *pending {
	return &pending{
		id: id, limit: limit,
		progress: make(chan struct{}, 1), tooMuch: make(chan error, 1), done: make(chan whisper.RequestComplete, 1),
	}
}

func (c *Client) line(server enode.ID) *line {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.lines[server]
	if l == nil {
		l = &line{turn: make(chan struct{}, 1)}
		c.lines[server] = l
	}
	return l
}

func (c *Client) begin(l *line, p *pending) {
	c.mu.Lock()
	defer c.mu.Unlock()
	l.pending = p
}

// end forgets a request.
func (c *Client) end(l *line, p *pending) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if l.pending == p { // no completion came
		l.giveUp()
	}
}

// giveUp takes no more of the pending request, and remembers that its completion is still to come.
func (l *line) giveUp() {
	l.abandoned = append(l.abandoned, l.pending.id)
	l.pending = nil
	if len(l.abandoned) > mostAbandoned {
		l.abandoned = slices.Delete(l.abandoned, 0, 1)
	}
}

// direct takes packet 127 in a peer's read loop.
func (c *Client) direct(from enode.ID, envelopes []*whisper.Envelope) (taken bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.lines[from]
	if l == nil || l.pending == nil {
		c.unasked.Add(uint64(len(envelopes)))
		return true
	}
	p := l.pending
	most := p.limit + floodSlack
	if len(l.abandoned) > 0 { // its answer may come first
		most += MaxLimit
	}
	for _, e := range envelopes {
		p.bytes += len(e.Data) + envelopeOverhead
	}
	switch {
	case len(p.envelopes)+len(envelopes) > most:
		p.tooMuch <- ErrFlood
	case p.bytes > mostPage:
		p.tooMuch <- ErrLarge
	default:
		p.envelopes = append(p.envelopes, envelopes...)
		signal(p.progress)
		return true
	}
	p.envelopes = nil
	l.giveUp()
	return true
}

// complete takes packet 125 in a peer's read loop. A server answers one request after another, so what came before the
// completion of one that was given up belongs to that. Completions of what nobody asked are ignored.
func (c *Client) complete(from enode.ID, done whisper.RequestComplete) {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.lines[from]
	if l == nil {
		return
	}
	p := l.pending
	if at := slices.Index(l.abandoned, done.ID); at >= 0 {
		l.abandoned = slices.Delete(l.abandoned, 0, at+1)
		if p != nil {
			p.envelopes, p.bytes = nil, 0
		}
		return
	}
	if p != nil && p.id == done.ID {
		l.pending, l.abandoned = nil, nil
		p.done <- done
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
