package message

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"sotto/services/chats"
)

// List shows one chat's messages. All methods but Invalidate must be called on the UI goroutine.
type List struct {
	widget.BaseWidget
	opt Options
}

// NewList returns a list that shows nothing until SetChat.
func NewList(opt Options) *List {
	l := &List{opt: opt}
	l.ExtendBaseWidget(l)
	return l
}

// SetChat shows another chat, at its first unread message or else at its end.
func (l *List) SetChat(chat chats.Chat) {}

// Clear shows no chat.
func (l *List) Clear() {}

// Put adds messages to the shown chat or replaces those of the same id; messages of other chats are ignored.
func (l *List) Put(messages ...chats.Message) {}

// Invalidate asks the Source for these messages again and puts what it returns. Any goroutine may call it, as often as
// it likes: calls are collected.
func (l *List) Invalidate(chat string, ids ...string) {}

// Resync loads what is shown anew, for when events were lost.
func (l *List) Resync() {}

// ScrollToStart shows the chat's oldest message, ScrollToEnd its newest.
func (l *List) ScrollToStart() {}

// ScrollToEnd shows the chat's newest message and keeps to it.
func (l *List) ScrollToEnd() {}

// PageUp and PageDown move by a screenful.
func (l *List) PageUp() {}

// PageDown moves by a screenful towards newer messages.
func (l *List) PageDown() {}

// Show brings a message into view, wherever it is in the chat.
func (l *List) ShowMessage(id string) {}

// Close ends the loader and waits for it.
func (l *List) Close() {}

// CreateRenderer implements fyne.Widget.
func (l *List) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(widget.NewLabel(""))
}
