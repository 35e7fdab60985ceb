package whisper

import (
	"errors"
	"strings"

	"github.com/ethereum/go-ethereum/p2p/enode"
)

const (
	// mostAnswers is how many confirmations wait for a peer that does not read.
	mostAnswers = 256
	// mostBatches is how many packets with envelopes of our own wait for their confirmation at one peer.
	mostBatches = 1024
	// mostText is how much of a peer's words is kept.
	mostText = 200
)

// answer is what a packet 1 is to be answered with: packet 12, then packet 11.
type answer struct{ response MessageResponse }

// answer queues the confirmation of a packet 1, in the order that Status nodes send: packet 12, then 11. Where more was
// refused than can be listed there is none: its sender would take the rest for accepted.
func (p *peer) answer(batch Hash, of *arrival) {
	if !p.w.cfg.Confirmations || of.unlisted {
		return
	}
	a := answer{MessageResponse{Batch: batch, Errors: of.refused}}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.answers) >= mostAnswers {
		p.w.stats.refuse(ReasonBacklog, 0)
		return
	}
	p.answers = append(p.answers, a)
	p.poke()
}

func (p *peer) takeAnswers() []answer {
	p.mu.Lock()
	defer p.mu.Unlock()
	answers := p.answers
	p.answers = nil
	return answers
}

// batches are the packets 1 that carried envelopes of our own, by the hash of their payload, oldest first.
type batches struct {
	byHash map[Hash][]*entry
	order  []Hash
}

func (b *batches) add(h Hash, entries []*entry) {
	if b.byHash == nil {
		b.byHash = make(map[Hash][]*entry)
	}
	if len(b.order) == mostBatches {
		delete(b.byHash, b.order[0])
		b.order = b.order[1:]
	}
	b.byHash[h] = entries
	b.order = append(b.order, h)
}

// answer gives the entries of a batch the first time that it is confirmed, nil later and for foreign hashes.
func (b *batches) answer(h Hash) []*entry {
	entries := b.byHash[h]
	delete(b.byHash, h)
	return entries
}

// confirmed takes packets 11 and 12.
func (p *peer) confirmed(code uint64, payload []byte) error {
	var m MessageResponse
	var err error
	if code == CodeBatchAck {
		m.Batch, err = DecodeBatchAck(payload)
	} else {
		m, err = DecodeMessageResponse(payload)
	}
	if errors.Is(err, ErrVersion) {
		return nil
	}
	if err != nil {
		return err
	}
	p.mu.Lock()
	entries := p.batches.answer(m.Batch)
	p.mu.Unlock()
	refused := make(map[Hash]string)
	for _, e := range m.Errors {
		refused[e.Hash] = e.Text
	}
	for _, e := range entries {
		e.post.emit(verdict(e.hash, p.id, refused))
	}
	return nil
}

func verdict(h Hash, id enode.ID, refused map[Hash]string) PostEvent {
	if text, bad := refused[h]; bad {
		return PostEvent{Hash: h, Peer: id, Kind: PostRefused, Text: Printable(text)}
	}
	return PostEvent{Hash: h, Peer: id, Kind: PostAcked}
}

// Printable makes a peer's words fit to be logged and shown: at most 200 bytes of printable ASCII.
func Printable(text string) string {
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, text[:min(len(text), mostText)])
	return clean
}
