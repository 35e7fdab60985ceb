package whisper

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/ethereum/go-ethereum/p2p"
)

const (
	// mostAhead is how many seconds an envelope may come from the future.
	mostAhead = 10
	// holdAhead is how many seconds ahead of our clock an envelope is handed on: a peer whose clock lags ours by no more
	// than the rest does not end the connection over it.
	holdAhead = 5
	// staleSeconds is how long after its end an envelope may still come without being held against the peer.
	staleSeconds = 20
	// mostErrors bounds the refusals that are listed in one packet 12.
	mostErrors = 256
)

// handle takes one packet. Errors end the connection.
func (p *peer) handle(ctx context.Context, msg p2p.Msg) error {
	asked, err := p.admit(ctx, msg)
	if err != nil || !asked {
		return err
	}
	payload, err := p.read(msg)
	if err != nil {
		return err
	}
	err = p.dispatch(ctx, msg.Code, payload)
	if errors.Is(err, ErrMalformed) {
		p.w.stats.refuse(ReasonMalformed, len(payload))
		return ReasonMalformed
	}
	return err
}

// admit applies what needs no look inside: size, rate, trust, and whether we speak the code at all.
func (p *peer) admit(ctx context.Context, msg p2p.Msg) (bool, error) {
	size := int(msg.Size)
	if msg.Size > maxPacket {
		p.w.stats.refuse(ReasonOversized, size)
		return false, ReasonOversized
	}
	if err := p.throttle(ctx, msg.Code, size); err != nil {
		return false, err
	}
	if reason := p.unwelcome(msg.Code); reason != "" {
		return false, p.charge(reason, size, 1+size/bytesPerPoint)
	}
	return true, nil
}

// unwelcome says why a packet is not to be read at all.
func (p *peer) unwelcome(code uint64) Reason {
	switch code {
	case CodeMessages, CodePoW, CodeBloom, CodeRateLimits, CodeRequest:
		return ""
	case CodeBatchAck, CodeMessageResponse:
		if p.owed.Add(-1) < 0 {
			p.owed.Add(1)
			return ReasonUnasked
		}
		return ""
	case CodeDirect, CodeRequestComplete:
		if !p.w.isTrusted(p.id) {
			return ReasonUntrusted
		}
		return ""
	case CodeStatus:
		return ReasonRepeated
	}
	return ReasonUnknown
}

// throttle waits until the packet is within the limits. Confirmations, of which each answers a packet of ours, count
// with their bytes only.
func (p *peer) throttle(ctx context.Context, code uint64, bytes int) error {
	packets := 1
	if code == CodeBatchAck || code == CodeMessageResponse {
		packets = 0
	}
	if err := p.own.wait(ctx, packets, bytes); err != nil {
		return err
	}
	return p.ip.wait(ctx, packets, bytes)
}

func (p *peer) dispatch(ctx context.Context, code uint64, payload []byte) error {
	switch code {
	case CodeMessages:
		return p.receive(ctx, payload)
	case CodePoW:
		pow, err := DecodePoW(payload)
		if err != nil {
			return err
		}
		p.setPoW(pow)
	case CodeBloom:
		bloom, err := DecodeBloom(payload)
		if err != nil {
			return err
		}
		p.setBloom(bloom)
	case CodeRateLimits:
		limits, err := DecodeRateLimits(payload)
		if err != nil {
			return err
		}
		p.setLimits(limits)
	case CodeBatchAck, CodeMessageResponse:
		return p.confirmed(code, payload)
	default:
		return p.handOver(code, payload)
	}
	p.poke()
	return p.spend(settingsPoints)
}

// receive takes packet 1: every envelope in it, whatever the others are like.
func (p *peer) receive(ctx context.Context, payload []byte) error {
	a := new(arrival)
	now := p.w.cfg.Now()
	err := SplitMessages(payload, func(raw []byte) error {
		a.count++
		hash := HashOf(raw)
		e, reason := p.takeIn(now, hash, raw)
		if reason == "" || reason == ReasonDuplicate {
			a.fresh = a.fresh || reason == ""
			if p.w.cfg.Keep != nil {
				a.take(e)
			}
			return nil
		}
		return p.refuse(reason, hash, raw, a)
	})
	if a.fresh {
		p.w.wakePeers()
	}
	if errors.Is(err, ErrMalformed) {
		return err // nothing of it was taken
	}
	p.settle(ctx, HashOf(payload), a) // also what came before the reason to end the connection
	if err == nil && a.count == 0 {
		return p.charge(ReasonEmpty, len(payload), 1)
	}
	return err
}

// takeIn judges an envelope in the order of cost: hash, then decoding, time, size, proof of work, bloom. at is what our
// own clock shows. The entry is there when the pool has it, from now on or already.
func (p *peer) takeIn(at time.Time, hash Hash, raw []byte) (*entry, Reason) {
	w := p.w
	if e := w.pool.seen(hash, p.slot); e != nil {
		w.duplicate(p, e)
		return e, ReasonDuplicate
	}
	var env Envelope
	if env.decode(raw) != nil {
		return nil, ReasonMalformed
	}
	now := at.Add(w.clock.offset())
	if reason := w.judgeTimeAndSize(&env, uint32(now.Unix())); reason != "" {
		return nil, reason
	}
	if w.cfg.Keep != nil && len(raw)+listHeader > safePacket {
		return nil, ReasonOversized // it could never be delivered
	}
	pow := env.PoW(now)
	if pow < w.policy.leastPoW(at) {
		return nil, ReasonLowPoW
	}
	if !w.policy.wants(env.Topic, at) {
		return nil, ReasonBloom
	}
	e := &entry{hash: hash, share: p.share, pow: pow, stay: w.cfg.Light}
	return e, p.pool(e, raw, uint32(now.Unix()))
}

// pool puts a valid envelope into the pool and in line for our keys, if any listen to its topic. The memory of raw is
// the packet's and may be many times as large, so the envelope gets its own.
func (p *peer) pool(e *entry, raw []byte, now uint32) Reason {
	w := p.w
	e.raw = slices.Clone(raw)
	env := &e.env
	if env.decode(e.raw) != nil {
		return ReasonMalformed
	}
	topic, all := w.index.lookup(env.Topic)
	listening := len(topic)+len(all) > 0
	e.waiting = listening
	switch reason := w.pool.add(e, p.slot, now, ahead(env, now, holdAhead)); {
	case reason == ReasonDuplicate:
		w.stats.duplicate.add(len(raw))
		return reason
	case reason != "":
		return reason
	}
	if listening {
		w.queue.put(job{entry: e, from: p.id})
	} else {
		w.stats.unwanted.add(len(raw))
	}
	return ""
}

func (w *Whisper) duplicate(p *peer, e *entry) {
	w.stats.duplicate.add(len(e.raw))
	e.post.emit(PostEvent{Hash: e.hash, Peer: p.id, Kind: PostEchoed})
}

// judgeTimeAndSize applies to our own envelopes, too.
func (w *Whisper) judgeTimeAndSize(e *Envelope, now uint32) Reason {
	switch {
	case e.TTL == 0:
		return ReasonZeroTTL
	case ahead(e, now, mostAhead):
		return ReasonFuture
	case e.Expiry < now:
		return ReasonExpired
	case e.Size() > int(w.cfg.MaxMessageSize):
		return ReasonOversized
	}
	return ""
}

// ahead tells whether the envelope was sent more than so many seconds from now.
func ahead(e *Envelope, now uint32, seconds int64) bool {
	return int64(e.Sent()) > int64(now)+seconds
}

// refuse counts a refusal and lists it for packet 12. What is just out of date, or finds no room, is not the
// sender's fault; where envelopes are kept, it is still told that this one was not.
func (p *peer) refuse(reason Reason, hash Hash, raw []byte, a *arrival) error {
	points := 1 + len(raw)/bytesPerPoint
	switch reason {
	case ReasonPoolFull, ReasonPoolShare:
		points = 0
	case ReasonExpired:
		if env, err := DecodeEnvelope(raw); err == nil && int64(env.Expiry)+staleSeconds >= int64(p.w.unixNow()) {
			if p.w.cfg.Keep == nil {
				p.w.stats.refuse(reason, len(raw))
				return nil
			}
			points = 0
		}
	}
	if len(a.refused) < mostErrors {
		a.refused = append(a.refused, EnvelopeError{Hash: hash, Code: ErrorTimeNotSynced, Text: string(reason)})
	} else {
		a.unlisted = true
	}
	return p.charge(reason, len(raw), points)
}
