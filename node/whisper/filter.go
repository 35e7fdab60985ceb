package whisper

import (
	"crypto/ecdsa"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"
)

// ErrFilter says that a filter has no key or a subscription no handler.
var ErrFilter = errors.New("whisper: filter without key or handler")

// Filter says which messages a subscription gets: those that Key opens, on one of Topics.
type Filter struct {
	Topics []Topic          // none: every topic, which makes the node receive everything
	Key    Opener           // NewSymOpener or NewAsymOpener; filters of one KeyID share one try
	From   *ecdsa.PublicKey // only what this key signed; nil: anybody, signed or not
	MinPoW float64          // least proof of work; direct messages are not asked for any
	Direct bool             // also what a trusted peer sends in packet 127
}

// Message is an opened envelope.
type Message struct {
	Hash  Hash
	Topic Topic
	TTL   uint32    // seconds
	Sent  time.Time // whole seconds, as the sender's clock showed
	PoW   float64   // 0 for direct messages
	Plaintext
	Direct bool     // came in packet 127 and may be as old as it likes
	From   enode.ID // the peer that brought it, which is seldom its author
}

// Subscription is a filter in force.
type Subscription struct {
	w      *Whisper
	filter Filter
	handle func(*Message)
	turn   chan struct{} // full while handle runs; no mutex, so that synctest sees who waits
	closed atomic.Bool
}

// Subscribe calls handle for each message that f lets through, one at a time, on a goroutine that opens envelopes. It
// may block: that delays the opening of others, never a peer, and what waits meanwhile counts towards
// [Config.PoolBytes]. Messages of one subscription may come in another order than their envelopes did, and one that
// was delivered may come again in packet 127.
func (w *Whisper) Subscribe(f Filter, handle func(*Message)) (*Subscription, error) {
	if f.Key == nil || handle == nil {
		return nil, ErrFilter
	}
	f.Topics = slices.Clone(f.Topics)
	slices.SortFunc(f.Topics, func(a, b Topic) int { return slices.Compare(a[:], b[:]) })
	f.Topics = slices.Compact(f.Topics)
	s := &Subscription{w: w, filter: f, handle: handle, turn: make(chan struct{}, 1)}
	w.index.add(s)
	w.refreshBloom()
	return s, nil
}

// Close ends the subscription: no call of its handler begins any more. One that has begun may still run.
func (s *Subscription) Close() {
	if s.closed.Swap(true) {
		return
	}
	s.w.index.remove(s)
	s.w.refreshBloom()
}

func (s *Subscription) deliver(m *Message) {
	s.turn <- struct{}{}
	defer func() { <-s.turn }()
	if !s.closed.Load() {
		s.handle(m)
	}
}

// accepts judges what is known before opening.
func (f *Filter) accepts(j *job) bool {
	if j.direct {
		return f.Direct
	}
	return j.entry.pow >= f.MinPoW
}

// signedBy judges what is known after opening.
func (f *Filter) signedBy(signer *ecdsa.PublicKey) bool {
	return f.From == nil || signer != nil && signer.Equal(f.From)
}

// keyGroup is the subscriptions of one key on one topic: one try for all of them.
type keyGroup struct {
	id   Hash
	key  Opener
	subs []*Subscription
}

func (g *keyGroup) accepts(j *job) bool {
	return slices.ContainsFunc(g.subs, func(s *Subscription) bool { return s.filter.accepts(j) })
}

// index finds subscriptions by topic. Slices in it are replaced, never changed, so that who has one needs no lock.
type index struct {
	mu     sync.RWMutex
	topics map[Topic][]*keyGroup
	all    []*keyGroup // of every topic
}

// lookup gives the groups to try on an envelope: those of its topic and those of every topic.
func (x *index) lookup(t Topic) (topic, all []*keyGroup) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.topics[t], x.all
}

func (x *index) add(s *Subscription) {
	id := s.filter.Key.KeyID()
	x.change(s, func(groups []*keyGroup) []*keyGroup {
		g := keyGroup{id: id, key: s.filter.Key, subs: []*Subscription{s}}
		at := slices.IndexFunc(groups, func(g *keyGroup) bool { return g.id == id })
		if at < 0 {
			return append(slices.Clip(groups), &g)
		}
		g.subs = append(slices.Clip(groups[at].subs), s)
		return replaced(groups, at, &g)
	})
}

func (x *index) remove(s *Subscription) {
	id := s.filter.Key.KeyID()
	x.change(s, func(groups []*keyGroup) []*keyGroup {
		at := slices.IndexFunc(groups, func(g *keyGroup) bool { return g.id == id })
		g := keyGroup{id: id, key: groups[at].key}
		for _, other := range groups[at].subs {
			if other != s {
				g.subs = append(g.subs, other)
			}
		}
		if len(g.subs) == 0 {
			return slices.Delete(slices.Clone(groups), at, at+1)
		}
		return replaced(groups, at, &g)
	})
}

func replaced(groups []*keyGroup, at int, g *keyGroup) []*keyGroup {
	groups = slices.Clone(groups)
	groups[at] = g
	return groups
}

func (x *index) change(s *Subscription, edit func([]*keyGroup) []*keyGroup) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(s.filter.Topics) == 0 {
		x.all = edit(x.all)
		return
	}
	if x.topics == nil {
		x.topics = make(map[Topic][]*keyGroup)
	}
	for _, t := range s.filter.Topics {
		if groups := edit(x.topics[t]); len(groups) > 0 {
			x.topics[t] = groups
		} else {
			delete(x.topics, t)
		}
	}
}

// bloom is the narrowest filter that lets everything through that somebody subscribed to.
func (x *index) bloom() (b Bloom) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if len(x.all) > 0 {
		return FullBloom()
	}
	for t := range x.topics {
		b.Add(t)
	}
	return b
}
