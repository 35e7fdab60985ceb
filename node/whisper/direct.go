package whisper

import (
	"errors"
	"slices"
	"sync"

	"github.com/ethereum/go-ethereum/p2p/enode"
)

// ErrNoPeer says that a peer is not connected.
var ErrNoPeer = errors.New("whisper: peer not connected")

// handlers are who registered for the packets between mailservers and their clients.
type handlers struct {
	mu       sync.RWMutex
	direct   func(enode.ID, []*Envelope) bool
	request  func(enode.ID, Request)
	complete func(enode.ID, RequestComplete)
}

// OnDirect registers for packet 127 of trusted peers. Whoever takes its envelopes, which may be of any age, says so, and
// calls [Whisper.Take] for them in time or drops them; what nobody takes goes to subscriptions that take direct messages.
// Like the other handlers it runs in a peer's read loop and must return at once; nil ends it.
func (w *Whisper) OnDirect(handle func(from enode.ID, envelopes []*Envelope) (taken bool)) {
	w.handler.mu.Lock()
	defer w.handler.mu.Unlock()
	w.handler.direct = handle
}

// OnRequest registers for packet 126, from any peer: somebody takes us for a mailserver.
func (w *Whisper) OnRequest(handle func(from enode.ID, q Request)) {
	w.handler.mu.Lock()
	defer w.handler.mu.Unlock()
	w.handler.request = handle
}

// OnComplete registers for packet 125 of trusted peers.
func (w *Whisper) OnComplete(handle func(from enode.ID, c RequestComplete)) {
	w.handler.mu.Lock()
	defer w.handler.mu.Unlock()
	w.handler.complete = handle
}

// handOver takes packets 125 to 127. What is handed over keeps memory of its own.
func (p *peer) handOver(code uint64, payload []byte) error {
	p.w.handler.mu.RLock()
	direct, request, complete := p.w.handler.direct, p.w.handler.request, p.w.handler.complete
	p.w.handler.mu.RUnlock()
	payload = slices.Clone(payload)
	switch code {
	case CodeDirect:
		return p.receiveDirect(payload, direct)
	case CodeRequest:
		q, err := DecodeRequest(payload)
		if err != nil {
			return err
		}
		if request == nil {
			return p.charge(ReasonUnknown, len(payload), 1)
		}
		request(p.id, q)
	case CodeRequestComplete:
		c, err := DecodeRequestComplete(payload)
		if err == nil && complete != nil {
			complete(p.id, c)
		}
		return err
	}
	return nil
}

// receiveDirect takes packet 127. Its envelopes are not asked for time, work or bloom, and not pooled.
func (p *peer) receiveDirect(payload []byte, handle func(enode.ID, []*Envelope) bool) error {
	var envelopes []*Envelope
	var raws [][]byte
	err := SplitDirect(payload, func(raw []byte) error {
		env, err := DecodeEnvelope(raw)
		if err != nil {
			return p.charge(ReasonMalformed, len(raw), 1+len(raw)/bytesPerPoint)
		}
		if env.Size() > int(p.w.cfg.MaxMessageSize) {
			return p.charge(ReasonOversized, len(raw), 1)
		}
		envelopes, raws = append(envelopes, env), append(raws, raw)
		return nil
	})
	if err == nil && handle != nil && len(envelopes) > 0 && handle(p.id, envelopes) {
		return nil
	}
	for i, raw := range raws {
		p.queueDirect(envelopes[i], raw)
	}
	return err
}

// queueDirect puts an envelope of packet 127 in line for our keys.
func (p *peer) queueDirect(env *Envelope, raw []byte) {
	e := &entry{hash: HashOf(raw), raw: raw, env: *env}
	if !p.w.pool.reserve(e) {
		p.w.stats.refuse(ReasonPoolFull, len(raw))
		return
	}
	p.w.queue.put(job{entry: e, from: p.id, direct: true})
}

// SendDirect sends envelopes to one peer in packets 127, outside the pool. Peers that confirm take several in one
// packet; go-ethereum's nodes, which do not, get each in its own. It returns when they are written. When one is so
// large that nodes end the connection for its packet, none is sent and the error is [ReasonOversized].
func (w *Whisper) SendDirect(to enode.ID, envelopes []*Envelope) error {
	all := make([][]byte, len(envelopes))
	for i, e := range envelopes {
		all[i] = e.Encode()
	}
	return w.SendDirectRaw(to, all, true)
}

// SendDirectRaw is SendDirect for envelopes that are there as RLP. Without batch each goes in a packet of its own.
func (w *Whisper) SendDirectRaw(to enode.ID, raws [][]byte, batch bool) error {
	p := w.peer(to)
	if p == nil {
		return ErrNoPeer
	}
	for _, raw := range raws {
		if len(raw)+listHeader > safePacket {
			return ReasonOversized
		}
	}
	return p.writeDirect(raws, batch && p.confirms)
}

func (p *peer) writeDirect(all [][]byte, batch bool) error {
	var raws [][]byte
	size := 0
	for _, raw := range all {
		if len(raws) > 0 && (!batch || size+len(raw) > batchBytes) {
			if err := p.write(CodeDirect, EncodeDirect(raws)); err != nil {
				return err
			}
			raws, size = nil, 0
		}
		raws, size = append(raws, raw), size+len(raw)
	}
	if len(raws) == 0 {
		return nil
	}
	return p.write(CodeDirect, EncodeDirect(raws))
}

// SendRequest sends packet 126 to a mailserver. It returns when it is written.
func (w *Whisper) SendRequest(to enode.ID, q Request) error {
	return w.sendTo(to, CodeRequest, EncodeRequest(q))
}

// SendComplete sends packet 125 to the client of a mailserver. It returns when it is written.
func (w *Whisper) SendComplete(to enode.ID, c RequestComplete) error {
	return w.sendTo(to, CodeRequestComplete, EncodeRequestComplete(c))
}

func (w *Whisper) sendTo(to enode.ID, code uint64, payload []byte) error {
	p := w.peer(to)
	if p == nil {
		return ErrNoPeer
	}
	return p.write(code, payload)
}

func (w *Whisper) peer(id enode.ID) *peer {
	w.mu.RLock()
	defer w.mu.RUnlock()
	for p := range w.peers {
		if p.id == id {
			return p
		}
	}
	return nil
}
