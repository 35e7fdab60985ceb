// Package messagetest gives tests and measurements of message views a chat in memory.
package messagetest

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"sotto/services/chats"
)

// Source is a message.Source over messages in memory.
type Source struct {
	mu     sync.Mutex
	all    []chats.Message // by place
	byID   map[string]int
	unread string
	fail   error
	pages  int
}

// NewSource returns a source of these messages, in any order.
func NewSource(all []chats.Message) *Source {
	m := &Source{}
	m.Set(all)
	return m
}

// Set replaces all messages.
func (s *Source) Set(all []chats.Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = slices.Clone(all)
	slices.SortFunc(s.all, byPlace)
	s.byID = make(map[string]int, len(all))
	for i, m := range s.all {
		s.byID[m.ID] = i
	}
}

// SetChat moves all messages to another chat.
func (s *Source) SetChat(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.all {
		s.all[i].Chat = id
	}
}

// Add appends messages that are newer than all others.
func (s *Source) Add(ms ...chats.Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range ms {
		s.byID[m.ID] = len(s.all)
		s.all = append(s.all, m)
	}
}

// Messages implements message.Source.
func (s *Source) Messages(ctx context.Context, chat string, page chats.Page) ([]chats.Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pages++
	if s.fail != nil {
		return nil, s.fail
	}
	for _, c := range []*chats.Cursor{page.Before, page.After} {
		if c != nil && !strings.HasPrefix(c.ID, "0x") {
			return nil, errors.New("a cursor without a message id")
		}
	}
	from, to := max(len(s.all)-page.Limit, 0), len(s.all)
	find := func(c chats.Cursor) (int, bool) {
		return slices.BinarySearchFunc(s.all, c, func(m chats.Message, c chats.Cursor) int { return compare(m.Cursor(), c) })
	}
	switch {
	case page.Before != nil:
		to, _ = find(*page.Before)
		from = max(to-page.Limit, 0)
	case page.After != nil:
		i, ok := find(*page.After)
		if ok {
			i++
		}
		from, to = i, min(i+page.Limit, len(s.all))
	}
	out := slices.Clone(s.all[from:to])
	slices.Reverse(out)
	return out, ctx.Err()
}

// Message implements message.Source.
func (s *Source) Message(ctx context.Context, id string) (chats.Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i, ok := s.byID[id]; ok && s.fail == nil {
		return s.all[i], ctx.Err()
	}
	return chats.Message{}, errors.New("no such message")
}

// FirstUnread implements message.Source.
func (s *Source) FirstUnread(context.Context, string) (chats.Cursor, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.unread == "" {
		return chats.Cursor{}, false, s.fail
	}
	return s.all[s.byID[s.unread]].Cursor(), true, s.fail
}

// Unread makes the message the first unread one; an empty id is none.
func (s *Source) Unread(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unread = id
}

// Fail makes every query fail with err, or succeed again with nil.
func (s *Source) Fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = err
}

// Pages is how many pages were asked for so far.
func (s *Source) Pages() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pages
}

// Index is a message's number in the chat's order, -1 without one.
func (s *Source) Index(id string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i, ok := s.byID[id]; ok {
		return i
	}
	return -1
}

func compare(a, b chats.Cursor) int {
	return cmp.Or(cmp.Compare(a.Clock, b.Clock), strings.Compare(a.ID, b.ID))
}

func byPlace(a, b chats.Message) int { return compare(a.Cursor(), b.Cursor()) }
