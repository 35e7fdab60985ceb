package whisper

import (
	"sync"
	"time"
)

// tolerance is how long after a change of our own requirements the old ones are accepted, too: the peers' packets may
// have been under way.
const tolerance = 10 * time.Second

// What clients seal at whatever their peers ask for, and the most that a peer can make them work.
const (
	leastSealTarget = 0.002
	mostSealTarget  = 0.2
)

// policy is what we ask of envelopes.
type policy struct {
	mu         sync.RWMutex
	pow        float64
	oldPoW     float64
	powUntil   time.Time
	narrow     bool
	bloom      Bloom
	oldBloom   Bloom
	bloomUntil time.Time
}

func (p *policy) init(pow float64) { p.pow, p.bloom = pow, FullBloom() }

// announced is what peers are to be told.
func (p *policy) announced() (float64, Bloom) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.pow, p.bloom
}

func (p *policy) leastPoW(now time.Time) float64 {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if now.Before(p.powUntil) {
		return min(p.pow, p.oldPoW)
	}
	return p.pow
}

func (p *policy) wants(t Topic, now time.Time) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.bloom.Contains(t) || now.Before(p.bloomUntil) && p.oldBloom.Contains(t)
}

func (p *policy) setPoW(pow float64, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Before(p.powUntil) {
		p.oldPoW = min(p.oldPoW, p.pow)
	} else {
		p.oldPoW = p.pow
	}
	p.pow, p.powUntil = pow, now.Add(tolerance)
}

// setBloom takes what the subscriptions need, unless everything is wanted. It tells whether anything changed.
func (p *policy) setBloom(needed func() Bloom, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	bloom := FullBloom()
	if p.narrow {
		bloom = needed()
	}
	if bloom == p.bloom {
		return false
	}
	if now.Before(p.bloomUntil) {
		for i := range p.oldBloom {
			p.oldBloom[i] |= p.bloom[i]
		}
	} else {
		p.oldBloom = p.bloom
	}
	p.bloom, p.bloomUntil = bloom, now.Add(tolerance)
	return true
}

func (p *policy) setNarrow(narrow bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.narrow = narrow
}

// SetReceive chooses between receiving everything, which tells peers nothing, and only what fits the bloom filter of
// the topics subscribed to. The filter is computed anew with each subscription that comes or goes, so it shrinks,
// too. Peers are told with packet 3; what they sent by the old filter is accepted for ten seconds more.
func (w *Whisper) SetReceive(all bool) {
	w.policy.setNarrow(!all)
	w.refreshBloom()
}

func (w *Whisper) refreshBloom() {
	if w.policy.setBloom(w.index.bloom, w.cfg.Now()) {
		w.wakePeers()
	}
}

// SetMinPoW changes the least proof of work accepted. Peers are told with packet 2; what they sent by the old one is
// accepted for ten seconds more. A value below zero counts as zero.
func (w *Whisper) SetMinPoW(least float64) {
	w.policy.setPoW(max(0, least), w.cfg.Now())
	w.wakePeers()
}

// SealTarget is the proof of work to seal at so that every connected peer takes the envelope: 0.002, or the most that
// one announced, up to 0.2.
func (w *Whisper) SealTarget() float64 {
	target := leastSealTarget
	for _, p := range w.peerList() {
		target = max(target, min(p.announcedPoW(), mostSealTarget))
	}
	return target
}
