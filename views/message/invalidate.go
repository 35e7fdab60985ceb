package message

import (
	"context"
	"maps"
	"slices"
	"time"

	"sotto/services/chats"
)

const (
	staleBatch = 64  // messages asked for before the window hears of them
	staleMost  = 128 // more than this waiting is a resync: one page costs less than each of them
)

// staleRest is how long the list rests after a batch that left more waiting. Nobody reads what goes by faster, as it does while
// an account catches up, and drawing it takes time from what brings it. Tests rest less.
var staleRest = 100 * time.Millisecond

// Invalidate asks the Source for these messages again and puts what it returns. Any goroutine may call it, as often as
// it likes: calls are collected. Ids of a chat that is not shown are ignored.
func (l *List) Invalidate(chat string, ids ...string) {
	if l.stale.add(chat, ids) {
		l.opt.Dispatch.Do(l.freshen)
	}
}

// add collects ids; true asks for a turn on the UI goroutine.
func (s *stale) add(chat string, ids []string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if chat == "" || chat != s.chat {
		return false
	}
	for _, id := range ids {
		if len(s.ids) <= staleMost {
			s.ids[id] = true
		}
	}
	armed := s.armed
	s.armed = true
	return !armed
}

// take hands out a batch; overflow tells that there were too many to ask for each.
func (s *stale) take() (ids []string, overflow bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if overflow = len(s.ids) > staleMost; overflow {
		s.ids = map[string]bool{}
	}
	for id := range maps.Keys(s.ids) {
		if len(ids) == staleBatch {
			break
		}
		ids = append(ids, id)
		delete(s.ids, id)
	}
	s.armed = len(ids) > 0 || overflow
	return ids, overflow
}

func (s *stale) reset(chat string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.chat, s.ids, s.armed = chat, map[string]bool{}, false
}

// freshen loads one batch, puts it, and goes on while there is more.
func (l *List) freshen() {
	ids, overflow := l.stale.take()
	if l.ctx == nil {
		return
	}
	if overflow {
		l.Resync()
		l.freshenLater()
		return
	}
	if len(ids) == 0 {
		return
	}
	l.worker.add(l.ctx, func(ctx context.Context) func() {
		var got []chats.Message
		for _, id := range ids {
			if m, err := l.opt.Source.Message(ctx, id); err == nil {
				got = append(got, m)
			}
		}
		slices.SortFunc(got, byPlace)
		return func() {
			l.Put(got...)
			if len(ids) == staleBatch {
				l.freshenLater()
				return
			}
			l.freshen()
		}
	})
}

// freshenLater goes on after a rest, unless another chat is shown by then.
func (l *List) freshenLater() {
	ctx := l.ctx
	l.rest = time.AfterFunc(staleRest, func() {
		l.opt.Dispatch.Do(func() {
			if ctx.Err() == nil {
				l.rest = nil
				l.freshen()
			}
		})
	})
}
