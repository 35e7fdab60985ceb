package main

import (
	"encoding/hex"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	shh "github.com/ethereum/go-ethereum/whisper/whisperv6"
)

// pollInterval is how often filters are looked into: go-ethereum has no other way to learn of a message.
const pollInterval = 20 * time.Millisecond

// deliver prints what the installed filters catch.
func (p *peer) deliver() {
	defer p.work.Done()
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		select {
		case <-p.quit:
			return
		case <-tick.C:
		}
		for _, id := range p.filterIDs() {
			p.drain(id)
		}
	}
}

func (p *peer) filterIDs() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	ids := make([]string, 0, len(p.filters))
	for id := range p.filters {
		ids = append(ids, id)
	}
	return ids
}

func (p *peer) drain(id string) {
	f := p.shh.GetFilter(id)
	if f == nil {
		p.mu.Lock()
		delete(p.filters, id)
		p.mu.Unlock()
		return
	}
	for _, m := range f.Retrieve() {
		p.print(received(id, m))
	}
}

func received(filter string, m *shh.ReceivedMessage) object {
	o := object{
		"event": "message", "filter": filter,
		"hash":    m.EnvelopeHash.Hex(),
		"topic":   hex.EncodeToString(m.Topic[:]),
		"payload": hex.EncodeToString(m.Payload),
		"padding": len(m.Padding),
		"ttl":     m.TTL, "sent": m.Sent, "pow": finite(m.PoW),
	}
	if m.Src != nil {
		o["src"] = hex.EncodeToString(crypto.FromECDSAPub(m.Src))
	}
	if m.Dst != nil {
		o["dst"] = hex.EncodeToString(crypto.FromECDSAPub(m.Dst))
	}
	return o
}
