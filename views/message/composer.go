package message

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"sotto/services/chats"
	"sotto/views/dispatch"
)

// ComposerOptions are the composer's surroundings. Every function is called on the UI goroutine and may be nil.
type ComposerOptions struct {
	Dispatch dispatch.Dispatcher
	Send     func(chat, text, replyTo string) // Enter or the button; replyTo is a message id or empty
	Draft    func(chat, text string)          // what waits to be sent changed; at most twice a second
	Key      func(*fyne.KeyEvent) bool        // a key that the composer leaves to its surroundings: PgUp, PgDn, Esc; Up when empty
	Shortcut func(fyne.Shortcut) bool         // a shortcut, before the text field has it; true when it was used
}

// Composer is the field in which a message is written.
type Composer struct {
	widget.BaseWidget
	opt ComposerOptions
}

// NewComposer returns a disabled composer; SetChat enables it.
func NewComposer(opt ComposerOptions) *Composer {
	c := &Composer{opt: opt}
	c.ExtendBaseWidget(c)
	return c
}

// SetChat writes to another chat, beginning with that chat's draft. The former chat's draft is handed over first.
func (c *Composer) SetChat(chat chats.Chat) {}

// Clear writes to no chat.
func (c *Composer) Clear() {}

// Reply makes the next message an answer to m and shows which.
func (c *Composer) Reply(m chats.Message) {}

// Focus puts the cursor into the field.
func (c *Composer) Focus() {}

// Text is what waits to be sent.
func (c *Composer) Text() string { return "" }

// SetText replaces it, as a suggestion of a first message would.
func (c *Composer) SetText(text string) {}

// CreateRenderer implements fyne.Widget.
func (c *Composer) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(widget.NewLabel(""))
}
