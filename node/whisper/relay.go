package whisper

import (
	"bytes"
	"context"
	"time"

	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/rlp"
)

const (
	// batchBytes is how much goes into one packet 1. Deployed nodes end the connection over 1 MiB.
	batchBytes = 128 << 10
	// coalesce is how long after a packet 1 the next may take to gather more. The first goes at once.
	coalesce = 5 * time.Millisecond
	// safePacket is the largest packet that nodes take which nobody configured.
	safePacket = 1 << 20
	// listHeader is the most that the header of a packet's list takes.
	listHeader = 5
)

func (p *peer) write(code uint64, payload []byte) error {
	return p.rw.WriteMsg(p2p.Msg{Code: code, Size: uint32(len(payload)), Payload: bytes.NewReader(payload)})
}

// writeLoop pushes to the peer whatever it lacks, as soon as it is there.
func (p *peer) writeLoop(ctx context.Context) {
	var at scan
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.wake:
		}
		if err := p.flush(ctx, &at); err != nil {
			return
		}
	}
}

// scan is how far a peer's writer has come in the pool's log.
type scan struct {
	place uint64
	left  uint64 // of what was left for later, the first; 0: nothing
}

// leave notes an entry that the peer is to get later. The pool's lock is held.
func (s *scan) leave(e *entry) {
	if s.left == 0 || e.seq < s.left {
		s.left = e.seq
	}
}

// back goes to where something was left.
func (s *scan) back() {
	if s.left > 0 {
		s.place, s.left = min(s.place, s.left-1), 0
	}
}

// flush writes until the peer has everything that it is to get now.
func (p *peer) flush(ctx context.Context, at *scan) error {
	for {
		if err := p.writeSettings(ctx); err != nil {
			return err
		}
		if err := p.writeAnswers(ctx); err != nil {
			return err
		}
		wants := p.demand(at)
		place, found, done := p.w.pool.next(at.place, p.slot, wants.envelope)
		at.place = place
		if done {
			p.w.noteLeft(at)
			return ctx.Err()
		}
		if !found {
			continue
		}
		if err := p.pace(ctx); err != nil {
			return err
		}
		batch, place, more := p.w.pool.take(place, p.slot, batchBytes, wants.envelope)
		at.place = place
		if err := p.writeBatch(batch); err != nil {
			return err
		}
		if more {
			continue
		}
		if err := pause(ctx, coalesce); err != nil {
			return err
		}
	}
}

// pace waits for as long as the peer's announced rate limits ask for.
func (p *peer) pace(ctx context.Context) error {
	p.mu.Lock()
	limiter := p.pacing
	p.mu.Unlock()
	if limiter == nil {
		return nil
	}
	return limiter.Wait(ctx)
}

// demand is what a peer takes, at one moment.
type demand struct {
	at    *scan
	now   uint32
	pow   float64
	full  bool
	bloom Bloom
}

// demand also starts over in the pool when the peer wants more than before, and goes back when it is time to look again
// at what was left.
func (p *peer) demand(at *scan) *demand {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.again {
		p.again = false
		at.back()
	}
	if p.rescan {
		p.rescan, *at = false, scan{}
	}
	return &demand{at: at, now: p.w.unixNow(), pow: p.pow, full: p.full, bloom: p.bloom}
}

// envelope tells whether the peer takes an envelope. What go-ethereum's nodes end a connection for is never sent:
// expired, from the future (not in the log), too large, too little work, off the bloom filter in their form.
func (d *demand) envelope(e *entry) bool {
	switch {
	case e.env.Expiry < d.now, e.pow < d.pow, len(e.raw)+listHeader > safePacket:
		return false
	case !d.full && !d.bloom.Contains(e.env.Topic):
		return false
	case !d.worksWhenLate(e):
		d.at.leave(e)
		return false
	}
	return true
}

// worksWhenLate tells whether the work is enough by the peer's clock, too, which may lag ours by holdAhead.
// go-ethereum's nodes divide the work of what then seems to come from the future by more seconds, as [Envelope.PoW]
// does, and end the connection when that is too little. Seconds after it was sent, an envelope cannot seem so any more.
func (d *demand) worksWhenLate(e *entry) bool {
	ahead := int64(e.env.Sent()) + holdAhead - int64(d.now)
	return ahead <= 0 || e.pow*float64(e.env.TTL) >= d.pow*float64(int64(e.env.TTL)+ahead+1)
}

// noteLeft asks for another look, within a second, when something was left for later.
func (w *Whisper) noteLeft(at *scan) {
	if at.left > 0 {
		w.left.Store(true)
	}
}

func (p *peer) writeBatch(batch []*entry) error {
	if len(batch) == 0 {
		return nil
	}
	raws := make([]rlp.RawValue, len(batch))
	var posted []*entry
	size := 0
	for i, e := range batch {
		raws[i] = e.raw
		size += len(e.raw)
		if e.post != nil {
			posted = append(posted, e)
		}
	}
	if err := p.writeRaws(raws, posted); err != nil {
		return err
	}
	p.w.stats.sent.addN(len(batch), size)
	return nil
}

// writeRaws writes packet 1. Its hash, by which it is confirmed, is only needed when somebody observes what is in it.
func (p *peer) writeRaws(raws []rlp.RawValue, posted []*entry) error {
	if p.confirms {
		p.owed.Add(2)
	}
	if !p.confirms || len(posted) == 0 {
		err := p2p.Send(p.rw, CodeMessages, raws)
		for i := 0; err == nil && i < len(posted); i++ {
			posted[i].post.emit(PostEvent{Hash: posted[i].hash, Peer: p.id, Kind: PostWritten})
		}
		return err
	}
	payload, err := rlp.EncodeToBytes(raws)
	if err != nil {
		return err
	}
	p.mu.Lock()
	p.batches.add(HashOf(payload), posted)
	p.mu.Unlock()
	return p.write(CodeMessages, payload)
}

// writeSettings announces our own requirements when they have changed since the peer was last told.
func (p *peer) writeSettings(ctx context.Context) error {
	pow, bloom := p.w.policy.announced()
	if pow != p.toldPoW {
		p.toldPoW = pow
		if err := p.writePaced(ctx, CodePoW, EncodePoW(pow)); err != nil {
			return err
		}
	}
	if bloom != p.toldBloom {
		p.toldBloom = bloom
		return p.writePaced(ctx, CodeBloom, EncodeBloom(bloom))
	}
	return nil
}

func (p *peer) writeAnswers(ctx context.Context) error {
	for _, a := range p.takeAnswers() {
		if err := p.writePaced(ctx, CodeMessageResponse, EncodeMessageResponse(a.response)); err != nil {
			return err
		}
		if err := p.writePaced(ctx, CodeBatchAck, EncodeBatchAck(a.response.Batch)); err != nil {
			return err
		}
	}
	return nil
}

func (p *peer) writePaced(ctx context.Context, code uint64, payload []byte) error {
	if err := p.pace(ctx); err != nil {
		return err
	}
	return p.write(code, payload)
}
