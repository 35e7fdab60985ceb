package message

import "context"

// report tells that the newest message was read: it is in view, and somebody looks.
func (l *List) report(newest string) {
	if !l.stick || l.away || l.finding || l.read == newest {
		return
	}
	l.read = newest
	if l.opt.Read != nil {
		l.opt.Read(l.chat.ID)
	}
}

// SetForeground tells whether somebody can be looking. What comes while nobody does is not read; afterwards the "new
// messages" line stands above it.
func (l *List) SetForeground(on bool) {
	back := on && l.away
	l.away = !on
	if !back || !l.loaded || l.ctx == nil {
		return
	}
	l.finding = true
	chat := l.chat.ID
	l.worker.add(l.ctx, func(ctx context.Context) func() {
		cursor, unread, err := l.opt.Source.FirstUnread(ctx, chat)
		return func() {
			l.finding = false
			if err == nil && unread {
				l.unread = cursor.ID
			}
			l.relayout()
		}
	})
}
