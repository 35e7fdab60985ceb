package message

import (
	"context"
	"errors"
	"maps"
	"slices"

	"sotto/services/chats"
	"sotto/views/message/flow"
)

// loaded is a part of a chat as the Source gave it.
type loaded struct {
	items        []chats.Message
	older, newer bool
	quotes       map[string]quote
	focus        string // id of the message to show
}

// load runs a query off the UI goroutine and hands its result to apply on it.
func (l *List) load(query func(context.Context) (loaded, error), apply func(loaded)) {
	l.loads++
	chat := l.chat
	l.worker.add(l.ctx, func(ctx context.Context) func() {
		got, err := query(ctx)
		if err == nil {
			got.quotes, err = l.quoted(ctx, chat, got.items)
		}
		return func() {
			l.loads--
			if err != nil {
				l.fail(err)
			} else {
				l.keepQuotes(got.quotes)
				apply(got)
				l.again()
			}
			if l.loads == 0 && l.behind {
				l.behind = false
				l.Resync()
			}
		}
	})
}

// again puts what came while a page was on its way: the page may be from before it, and replace the window that had it.
func (l *List) again() {
	missed := l.missed
	if l.loads == 0 {
		l.missed = nil
		l.window.newer = l.window.newer || len(missed) > windowMax // not all were kept; the next page brings them
	}
	missed = slices.DeleteFunc(slices.Clone(missed), func(m chats.Message) bool { return l.window.index(m.ID) >= 0 })
	if len(missed) > 0 {
		l.Put(missed...)
	}
}

func (l *List) fail(err error) {
	clear(l.asking)
	l.jumping = ""
	if l.opt.Failed != nil && !errors.Is(err, context.Canceled) {
		l.opt.Failed(err)
	}
}

// open loads the surroundings of the first unread message, or the newest messages.
func (l *List) open() {
	id := l.chat.ID
	l.load(func(ctx context.Context) (loaded, error) {
		cursor, unread, err := l.opt.Source.FirstUnread(ctx, id)
		if err != nil {
			return loaded{}, err
		}
		if !unread {
			return l.newest(ctx, id)
		}
		return l.around(ctx, id, cursor.ID)
	}, func(got loaded) {
		l.unread = got.focus
		l.show(got)
	})
}

// newest loads the end of a chat.
func (l *List) newest(ctx context.Context, chat string) (loaded, error) {
	items, err := l.opt.Source.Messages(ctx, chat, chats.Page{Limit: pageSize})
	return loaded{items: items, older: len(items) == pageSize}, err
}

// around loads a message and what stands before and behind it.
func (l *List) around(ctx context.Context, chat, id string) (loaded, error) {
	m, err := l.opt.Source.Message(ctx, id)
	if err != nil {
		return loaded{}, err
	}
	cursor := m.Cursor()
	older, err := l.opt.Source.Messages(ctx, chat, chats.Page{Before: &cursor, Limit: pageSize})
	if err != nil {
		return loaded{}, err
	}
	newer, err := l.opt.Source.Messages(ctx, chat, chats.Page{After: &cursor, Limit: pageSize})
	items := append(append(older, m), newer...)
	return loaded{items: items, older: len(older) == pageSize, newer: len(newer) == pageSize, focus: id}, err
}

// show replaces the window and brings its focus, or its end, into view.
func (l *List) show(got loaded) {
	l.window = window{older: got.older, newer: got.newer}
	l.window.merge(got.items)
	l.loaded, l.jumping = true, ""
	l.read = "" // what came may stand above the newest, which was reported as read
	clear(l.asking)
	clear(l.measured)
	l.stick = true
	l.settleAt(anchor{})
	if i := l.window.index(got.focus); got.focus != "" && i >= 0 {
		l.reveal(i)
	}
	l.relayout()
	l.tell(l.window.items)
}

// page asks for the next page towards older or newer messages, unless it is on its way.
func (l *List) page(older bool) {
	if l.ctx == nil || l.asking[older] {
		return
	}
	l.asking[older] = true
	chat, edge := l.chat.ID, l.window.last()
	if older {
		edge = l.window.first()
	}
	l.load(func(ctx context.Context) (loaded, error) {
		page := chats.Page{After: &edge, Limit: pageSize}
		if older {
			page = chats.Page{Before: &edge, Limit: pageSize}
		}
		items, err := l.opt.Source.Messages(ctx, chat, page)
		return loaded{items: items}, err
	}, func(got loaded) { l.join(got.items, edge, older) })
}

// join adds a page at the edge it was asked for; when that is no longer the window's edge the page is dropped.
func (l *List) join(items []chats.Message, edge chats.Cursor, older bool) {
	l.asking[older] = false
	if len(l.window.items) == 0 {
		return
	}
	a, more := l.anchor(), len(items) == pageSize
	switch {
	case older && edge == l.window.first():
		l.window.older = more
	case !older && edge == l.window.last():
		l.window.newer = more
	default:
		return
	}
	l.window.merge(items)
	l.restore(a)
	l.relayout()
	l.tell(items)
}

// ShowMessage brings a message into view, wherever it is in the chat.
func (l *List) ShowMessage(id string) {
	if l.ctx == nil {
		return
	}
	if i := l.window.index(id); i >= 0 {
		l.reveal(i)
		l.relayout()
		return
	}
	chat := l.chat.ID
	l.load(func(ctx context.Context) (loaded, error) { return l.around(ctx, chat, id) }, l.show)
}

// ScrollToStart shows the chat's oldest message.
func (l *List) ScrollToStart() {
	if l.ctx == nil {
		return
	}
	if !l.window.older {
		l.stick, l.place = false, place{}
		l.scrollBy(0)
		return
	}
	if l.jumping == "start" {
		return
	}
	l.jumping = "start"
	chat := l.chat.ID
	l.load(func(ctx context.Context) (loaded, error) {
		items, err := l.opt.Source.Messages(ctx, chat, chats.Page{After: &beginning, Limit: pageSize})
		return loaded{items: items, newer: len(items) == pageSize}, err
	}, func(got loaded) {
		l.show(got)
		l.stick, l.place = false, place{}
		l.scrollBy(0)
	})
}

// ScrollToEnd shows the chat's newest message and keeps to it.
func (l *List) ScrollToEnd() {
	if l.ctx == nil {
		return
	}
	if !l.window.newer {
		l.stick, l.reveals = true, ""
		l.settleAt(anchor{})
		l.relayout()
		return
	}
	if l.jumping == "end" {
		return
	}
	l.jumping = "end"
	chat := l.chat.ID
	l.load(func(ctx context.Context) (loaded, error) { return l.newest(ctx, chat) }, l.show)
}

// Resync loads what is shown anew, for when events were lost: the end where the end is in view, else what surrounds
// the lowest visible message. It waits for pages on their way: they may be from before it, and lead to another place.
func (l *List) Resync() {
	if l.ctx == nil {
		return
	}
	if l.loads > 0 {
		l.behind = true
		return
	}
	if !l.loaded { // the first page failed
		l.open()
		return
	}
	chat, a, below := l.chat.ID, l.anchor(), l.place.below
	if l.stick || a.id == "" {
		l.load(func(ctx context.Context) (loaded, error) { return l.newest(ctx, chat) }, l.show)
		return
	}
	l.load(func(ctx context.Context) (loaded, error) { return l.around(ctx, chat, a.id) }, func(got loaded) {
		l.show(got)
		l.stick = false
		if i := l.window.index(a.id); i >= 0 {
			l.place = place{i, below}
		}
		l.scrollBy(0)
	})
}

// quoted loads what messages answer, where that is not among them.
func (l *List) quoted(ctx context.Context, chat chats.Chat, items []chats.Message) (map[string]quote, error) {
	quotes, byID := map[string]quote{}, map[string]chats.Message{}
	for _, m := range items {
		byID[m.ID] = m
	}
	for _, m := range items {
		if m.ReplyTo == "" || m.Quote != nil {
			continue
		}
		original, ok := byID[m.ReplyTo]
		if !ok {
			var err error
			if original, err = l.opt.Source.Message(ctx, m.ReplyTo); err != nil {
				if ctx.Err() != nil {
					return nil, ctx.Err()
				}
				continue // it may never have come here; the row says so
			}
		}
		if original.Chat == m.Chat {
			quotes[m.ReplyTo] = quoteOf(original, chat)
		}
	}
	return quotes, nil
}

// keepQuotes adds quotations, and forgets those of messages that left the window when there are many.
func (l *List) keepQuotes(quotes map[string]quote) {
	if len(l.quotes) > 2*windowMax {
		kept := map[string]quote{}
		for _, m := range l.window.items {
			if q, ok := l.quotes[m.ReplyTo]; ok {
				kept[m.ReplyTo] = q
			}
		}
		l.quotes = kept
	}
	maps.Copy(l.quotes, quotes)
}

func quoteOf(m chats.Message, chat chats.Chat) quote {
	text := m.Text
	if m.Unsupported != "" {
		text = m.Unsupported
	}
	name := nameIn(chat, m.Author)
	if m.Outgoing {
		name = you
	}
	return quote{name, quotation(text)}
}

func quotation(text string) string {
	if text = flow.Line(flow.Plain(flow.Clean(text)), quoteLimit); text == "" {
		return "A message without visible text"
	}
	return text
}

// quoteFor is what stands above an answer: what came with it, else what was looked up.
func (l *List) quoteFor(m chats.Message) quote {
	if m.Quote == nil || m.ReplyTo == "" {
		return l.quotes[m.ReplyTo]
	}
	if q, ok := l.given[m.Quote]; ok {
		return q
	}
	if len(l.given) > 2*windowMax {
		clear(l.given)
	}
	name := nameIn(l.chat, m.Quote.Author)
	if l.opt.Own != "" && m.Quote.Author.Key == l.opt.Own {
		name = you
	}
	l.given[m.Quote] = quote{name, quotation(m.Quote.Text)}
	return l.given[m.Quote]
}

// lookUp loads quotations that messages put by hand need.
func (l *List) lookUp(messages []chats.Message) {
	var need []chats.Message
	for _, m := range messages {
		if m.ReplyTo == "" || m.Quote != nil || m.Chat != l.chat.ID {
			continue
		}
		if _, ok := l.quotes[m.ReplyTo]; !ok {
			need = append(need, m)
		}
	}
	if len(need) == 0 {
		return
	}
	chat := l.chat
	l.worker.add(l.ctx, func(ctx context.Context) func() {
		quotes, _ := l.quoted(ctx, chat, need)
		return func() {
			l.keepQuotes(quotes)
			l.relayout()
		}
	})
}
