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
	var place uint64 // in the pool's log
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.wake:
		}
		if err := p.flush(ctx, &place); err != nil {
			return
		}
	}
}

// flush writes until the peer has everything.
func (p *peer) flush(ctx context.Context, place *uint64) error {
	for {
		if err := p.writeSettings(ctx); err != nil {
			return err
		}
		if err := p.writeAnswers(ctx); err != nil {
			return err
		}
		wants := p.demand(place)
		at, found, done := p.w.pool.next(*place, p.slot, wants.envelope)
		*place = at
		if done {
			return ctx.Err()
		}
		if !found {
			continue
		}
		if err := p.pace(ctx); err != nil {
			return err
		}
		batch, at, more := p.w.pool.take(at, p.slot, batchBytes, wants.envelope)
		*place = at
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
	now   uint32
	pow   float64
	full  bool
	bloom Bloom
}

// demand also starts over in the pool when the peer wants more than before.
func (p *peer) demand(place *uint64) *demand {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.rescan {
		p.rescan, *place = false, 0
	}
	return &demand{now: p.w.unixNow(), pow: p.pow, full: p.full, bloom: p.bloom}
}

// envelope tells whether the peer takes an envelope. What go-ethereum's nodes end a connection for is never sent:
// expired, from the future (not in the log), too large, too little work, off the bloom filter in their form.
func (d *demand) envelope(e *entry) bool {
	return e.env.Expiry >= d.now && e.pow >= d.pow && len(e.raw)+listHeader <= safePacket &&
		(d.full || d.bloom.Contains(e.env.Topic))
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
