package whisper

import "context"

const (
	// mostKeeping is how many bytes of one peer's envelopes may wait to be kept. Beyond it the peer is not read any further.
	mostKeeping = 4 << 20
	// keepingOverhead is what a packet counts beside the envelopes in it.
	keepingOverhead = 4096
	// mostUnkept is how many envelopes that were not kept are listed in one packet 12. A packet 1 of more is not answered.
	mostUnkept = 4096
)

// Kept is an envelope that is to be durable before its sender hears that this node has it.
type Kept struct {
	Hash  Hash
	Raw   []byte // its RLP, which nobody changes
	Topic Topic
	Sent  uint32 // Unix seconds
}

// Size is what the envelope's RLP takes.
func (k Kept) Size() int { return len(k.Raw) }

// arrival is what one packet 1 brought.
type arrival struct {
	count    int
	fresh    bool     // something was new
	keep     []*entry // taken, and not known to be durable
	size     int      // bytes of them
	refused  []EnvelopeError
	unlisted bool // more was refused than is in refused
}

// take notes an envelope that is in the pool, from this packet or another. One that was kept before is durable.
func (a *arrival) take(e *entry) {
	if !e.kept.Load() {
		a.keep = append(a.keep, e)
		a.size += len(e.raw)
	}
}

// settle has the envelopes of a packet kept and answers it then. The first runs before it returns, the second when
// whoever keeps says so, which may be after the peer has left.
func (p *peer) settle(ctx context.Context, batch Hash, a *arrival) {
	if len(a.keep) == 0 {
		p.answer(batch, a)
		return
	}
	weight := int64(min(a.size+keepingOverhead, mostKeeping))
	waited := p.keeping.Acquire(ctx, weight) == nil
	p.w.keep(a.keep, func(err error) {
		if waited {
			p.keeping.Release(weight)
		}
		if err != nil {
			a.unkept()
		}
		p.answer(batch, a)
	})
}

// keep hands envelopes to whoever keeps them.
func (w *Whisper) keep(entries []*entry, done func(error)) {
	batch := make([]Kept, len(entries))
	for i, e := range entries {
		batch[i] = Kept{Hash: e.hash, Raw: e.raw, Topic: e.env.Topic, Sent: e.env.Sent()}
	}
	w.cfg.Keep(batch, func(err error) {
		for _, e := range entries {
			if err == nil {
				e.kept.Store(true)
			} else {
				w.stats.refuse(ReasonNotKept, len(e.raw))
			}
		}
		done(err)
	})
}

// keepOwn has an envelope of our own kept, which nobody waits for.
func (w *Whisper) keepOwn(e *entry) {
	if w.cfg.Keep != nil {
		w.keep([]*entry{e}, func(error) {})
	}
}

// unkept makes the envelopes refused ones: their sender is to send them again.
func (a *arrival) unkept() {
	if len(a.keep) > mostUnkept {
		a.unlisted = true
		return
	}
	for _, e := range a.keep {
		a.refused = append(a.refused, EnvelopeError{Hash: e.hash, Code: ErrorTimeNotSynced, Text: string(ReasonNotKept)})
	}
}
