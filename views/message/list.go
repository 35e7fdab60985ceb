package message

import (
	"context"
	"image"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"sotto/services/chats"
)

// List shows one chat's messages. All methods but Invalidate must be called on the UI goroutine.
type List struct {
	widget.BaseWidget
	opt    Options
	worker worker
	stale  stale
	rest   *time.Timer // ends the rest between two batches of what is stale; nil without one

	chat   chats.Chat
	peer   string          // what the other is called, in a private chat
	ctx    context.Context // of the shown chat; nil without one
	cancel context.CancelFunc
	window window
	quotes map[string]quote       // looked up, by the id of what is quoted
	given  map[*chats.Quote]quote // that came with their answers
	unread string                 // id of the message under the "new messages" line
	loaded bool                   // the first page came

	place   place
	reveals string          // id of the message to bring into view at the next layout
	stick   bool            // keep to the newest message
	fresh   map[string]bool // ids that came below the view since it left the end
	asking  map[bool]bool   // a page towards older (true) or newer (false) is on its way
	loads   int             // pages on their way
	behind  bool            // a resync waits for them
	jumping string          // the end of the chat that is on its way: start, end, or empty
	missed  []chats.Message // put while they were
	read    string          // newest message that was reported as read
	away    bool            // nobody looks: the program is in the background
	finding bool            // what came while nobody looked is asked for

	fonts    *fonts
	measured map[string]measured
	width    float32
	rows     map[string]*row
	pool     []*row
	pictures map[string]image.Image
	marked   *row // the row that holds the selection
	readOnly bool // nothing can be answered
	gaps     gaps // what may be missing
	asks     bool // and is being asked for

	layer   *layer
	clip    *container.Clip
	bar     *bar
	pill    *pill
	actions *actions
	empty   *canvas.Text
	current string // id of the message the keyboard is on, empty without one
}

// measured is a row's height and what it depends on beside width and theme.
type measured struct {
	height float32
	shape  shape
}

// stale is what Invalidate collected.
type stale struct {
	mu    sync.Mutex
	chat  string
	ids   map[string]bool
	armed bool
}

// NewList returns a list that shows nothing until SetChat. It must be closed.
func NewList(opt Options) *List {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Time == nil {
		opt.Time = func(f func()) { f() }
	}
	l := &List{opt: opt, fonts: newFonts(), rows: map[string]*row{}, pictures: map[string]image.Image{}}
	l.worker.dispatch = opt.Dispatch
	l.layer = newLayer()
	l.clip = container.NewClip(l.layer)
	l.bar = newBar(l.drag)
	l.pill = newPill(l.ScrollToEnd)
	l.actions = newActions(l)
	l.empty = canvas.NewText("", nil)
	l.empty.Alignment = fyne.TextAlignCenter
	l.reset()
	l.ExtendBaseWidget(l)
	l.fonts.warm()
	return l
}

// SetChat shows another chat, at its first unread message or else at its end.
func (l *List) SetChat(chat chats.Chat) {
	l.Clear()
	l.chat, l.peer = chat, peerOf(chat)
	l.ctx, l.cancel = context.WithCancel(context.Background())
	l.stale.reset(chat.ID)
	l.open()
}

// SetName follows a new name of the chat's other person, which notes below messages have.
func (l *List) SetName(name string) {
	l.chat.Name = name
	l.peer = peerOf(l.chat)
	clear(l.given)
	clear(l.measured)
	l.relayout()
}

// SetReadOnly offers no answer to any message, or does again.
func (l *List) SetReadOnly(on bool) {
	l.readOnly = on
	l.actions.follow()
	l.showEmpty(len(l.window.items))
}

// Clear shows no chat.
func (l *List) Clear() {
	if l.cancel != nil {
		l.cancel()
	}
	if l.rest != nil {
		l.rest.Stop()
		l.rest = nil
	}
	l.ctx, l.cancel, l.chat, l.peer = nil, nil, chats.Chat{}, ""
	l.stale.reset("")
	l.reset()
	l.relayout()
}

// reset forgets everything about a chat.
func (l *List) reset() {
	l.window, l.place, l.stick, l.loaded = window{}, place{}, true, false
	l.unread, l.read, l.reveals, l.current, l.jumping = "", "", "", "", ""
	l.loads, l.behind, l.missed, l.finding = 0, false, nil, false
	l.quotes, l.fresh, l.asking = map[string]quote{}, map[string]bool{}, map[bool]bool{}
	l.measured, l.given = map[string]measured{}, map[*chats.Quote]quote{}
	l.marked = nil
	l.gaps, l.asks = gaps{}, false
}

// Put adds messages to the shown chat or replaces those of the same id; messages of other chats are ignored. The view
// stays where it is, or at the end where it was there or the message is an own new one.
func (l *List) Put(messages ...chats.Message) {
	if l.ctx == nil {
		return
	}
	if l.loads > 0 && len(l.missed) <= windowMax {
		l.missed = append(l.missed, messages...)
	}
	if !l.loaded {
		return
	}
	before, own := l.anchor(), false
	var shown []chats.Message
	for _, m := range messages {
		if m.Chat != l.chat.ID {
			continue
		}
		what := l.window.put(m)
		if what != earlier {
			shown = append(shown, m)
		}
		l.forget(m)
		if what != changed && !m.Seen && !m.Outgoing {
			l.read = "" // also where it stands above the newest, which was reported as read
		}
		if what == inserted || what == later {
			own = own || m.Outgoing && m.State == chats.Queued
			l.news(m, before)
		}
	}
	l.lookUp(messages)
	l.restore(before)
	defer l.tell(shown)
	if own && !l.stick {
		l.ScrollToEnd()
		return
	}
	l.relayout()
}

// tell says what the list has now.
func (l *List) tell(messages []chats.Message) {
	if l.opt.Shown != nil && len(messages) > 0 {
		l.opt.Shown(messages)
	}
}

// Queued counts the messages in memory that wait to be sent.
func (l *List) Queued() (n int) {
	for i := range l.window.items {
		if m := &l.window.items[i]; m.Outgoing && m.State == chats.Queued {
			n++
		}
	}
	return n
}

// freshMost is how many messages below the view are counted; the pill says "999+".
const freshMost = 1000

// news counts a message that came below the view.
func (l *List) news(m chats.Message, a anchor) {
	if !l.stick && !m.Outgoing && a.id != "" && compare(m.Cursor(), a.cursor) > 0 && len(l.fresh) < freshMost {
		l.fresh[m.ID] = true
	}
}

// forget drops the height of a message whose text changed. A changed state keeps its row's height.
func (l *List) forget(m chats.Message) {
	if r, ok := l.rows[m.ID]; ok {
		was := r.content.msg
		if was.Text == m.Text && was.Unsupported == m.Unsupported && was.ReplyTo == m.ReplyTo &&
			noted(was, l.chat.Kind) == noted(m, l.chat.Kind) {
			return
		}
	}
	delete(l.measured, m.ID)
}

// anchor is the message that must not move.
type anchor struct {
	id     string
	cursor chats.Cursor
}

func (l *List) anchor() anchor {
	if len(l.window.items) == 0 {
		return anchor{}
	}
	m := l.window.items[min(l.place.at, len(l.window.items)-1)]
	return anchor{m.ID, m.Cursor()}
}

// restore puts the place back at the anchor after the window changed, and cuts a window that grew too large.
func (l *List) restore(a anchor) {
	l.settleAt(a)
	if len(l.window.items) > windowMax {
		l.window.trim(l.place.at)
		l.settleAt(a)
	}
}

func (l *List) settleAt(a anchor) {
	if l.stick && !l.window.newer {
		l.place = place{at: max(len(l.window.items)-1, 0)}
	} else if i := l.window.index(a.id); i >= 0 {
		l.place.at = i
	}
}

// AtEnd tells whether the chat's newest message is in view.
func (l *List) AtEnd() bool { return l.stick && l.loaded }

// Newest is the id of the newest message in memory, empty without one.
func (l *List) Newest() string {
	if n := len(l.window.items); n > 0 {
		return l.window.items[n-1].ID
	}
	return ""
}

// Chat is the shown chat's id, empty without one.
func (l *List) Chat() string { return l.chat.ID }

// Close ends the loader and waits for it.
func (l *List) Close() {
	l.Clear()
	l.worker.close()
}
