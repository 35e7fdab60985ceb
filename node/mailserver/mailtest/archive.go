// Package mailtest has an archive in memory, for tests of whatever stands on a mailserver. It can fail, wait and lose
// envelopes as a test wants it.
package mailtest

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"sotto/node/mailserver"
	"sotto/node/whisper"
)

// Archive keeps envelopes in memory. Its methods may be called from any goroutine.
type Archive struct {
	mu     sync.Mutex
	stored []mailserver.Stored // in the archive's order
	hooks  Hooks
	puts   int
}

var _ mailserver.Archive = (*Archive)(nil)

// Hooks are called by an archive, without its lock. Those that are nil do nothing.
type Hooks struct {
	Drop func(mailserver.Stored) bool    // says that an envelope gets lost, though Put succeeds
	Put  func(ctx context.Context) error // runs before something is stored: may wait, and fails it
	Find func(ctx context.Context) error // the same for Find

	Found func([]mailserver.Stored) // is told what Find returns
}

// NewArchive makes an empty archive.
func NewArchive() *Archive { return new(Archive) }

// SetHooks replaces the hooks.
func (a *Archive) SetHooks(h Hooks) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.hooks = h
}

func (a *Archive) hook() Hooks {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.hooks
}

// Puts is how many calls of Put stored something.
func (a *Archive) Puts() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.puts
}

// Add stores envelopes, whatever the hooks say.
func (a *Archive) Add(envelopes ...*whisper.Envelope) {
	for _, e := range envelopes {
		a.insert(mailserver.Stored{Sent: e.Sent(), Hash: e.Hash(), Topic: e.Topic, Raw: e.Encode()})
	}
}

// All is everything in the archive's order.
func (a *Archive) All() []mailserver.Stored {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.stored)
}

// Put implements mailserver.Archive.
func (a *Archive) Put(ctx context.Context, envelopes []mailserver.Stored) error {
	h := a.hook()
	if h.Put != nil {
		if err := h.Put(ctx); err != nil {
			return err
		}
	}
	for _, s := range envelopes {
		if h.Drop == nil || !h.Drop(s) {
			a.insert(s)
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.puts++
	return nil
}

func (a *Archive) insert(s mailserver.Stored) {
	a.mu.Lock()
	defer a.mu.Unlock()
	at, there := a.place(s.Cursor())
	if !there {
		a.stored = slices.Insert(a.stored, at, s)
	}
}

func (a *Archive) place(c mailserver.Cursor) (at int, there bool) {
	return slices.BinarySearchFunc(a.stored, c, func(s mailserver.Stored, c mailserver.Cursor) int { return s.Cursor().Compare(c) })
}

// Find implements mailserver.Archive.
func (a *Archive) Find(ctx context.Context, q mailserver.Query) (found []mailserver.Stored, more bool, err error) {
	h := a.hook()
	if h.Find != nil {
		if err := h.Find(ctx); err != nil {
			return nil, false, err
		}
	}
	if found, more = a.find(q); h.Found != nil {
		h.Found(found)
	}
	return found, more, nil
}

func (a *Archive) find(q mailserver.Query) (found []mailserver.Stored, more bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	at, _ := a.place(mailserver.Cursor{Sent: q.Lower})
	if q.After != nil {
		after, there := a.place(*q.After)
		if there {
			after++
		}
		at = max(at, after)
	}
	size := 0
	for _, s := range a.stored[at:] {
		if s.Sent > q.Upper {
			break
		}
		if !wanted(q, s.Topic) {
			continue
		}
		if size += len(s.Raw); len(found) == q.Limit || len(found) > 0 && size > q.Bytes {
			return found, true
		}
		found = append(found, s)
	}
	return found, false
}

func wanted(q mailserver.Query, t whisper.Topic) bool {
	if len(q.Topics) > 0 {
		return slices.Contains(q.Topics, t)
	}
	return q.Bloom.Contains(t)
}

// Prune implements mailserver.Archive.
func (a *Archive) Prune(_ context.Context, before uint32, bytes int64) (removed int64, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	left := a.size().Bytes
	n := 0
	for n < len(a.stored) && (a.stored[n].Sent < before || bytes > 0 && left > bytes) {
		left -= int64(len(a.stored[n].Raw))
		n++
	}
	a.stored = slices.Clone(a.stored[n:])
	return int64(n), nil
}

// Size implements mailserver.Archive.
func (a *Archive) Size(context.Context) (mailserver.Size, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.size(), nil
}

func (a *Archive) size() (s mailserver.Size) {
	for _, one := range a.stored {
		s.Envelopes++
		s.Bytes += int64(len(one.Raw))
		s.Oldest = cmp.Or(s.Oldest, one.Sent)
	}
	return s
}

// Close implements mailserver.Archive.
func (a *Archive) Close() error { return nil }
