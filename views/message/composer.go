package message

import (
	"strings"
	"time"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"sotto/services/chats"
	"sotto/views/dispatch"
	"sotto/views/message/flow"
	"sotto/views/part"
	"sotto/views/theme"
)

const (
	// TextMax is how many characters a message may have.
	TextMax = 4096

	countFrom  = 3800 // characters from which on the rest is counted
	rowsMax    = 6
	draftDelay = 500 * time.Millisecond
)

// ComposerOptions are the composer's surroundings. Every function is called on the UI goroutine and may be nil.
type ComposerOptions struct {
	Dispatch dispatch.Dispatcher
	Send     func(chat, text string, reply chats.Message) // Enter or the button; reply has no id while nothing is answered
	Draft    func(chat, text string)                      // what waits to be sent changed; at most twice a second
	Key      func(*fyne.KeyEvent) bool                    // a key the composer has no use for: PgUp, PgDn, Esc, Up while empty
	Shortcut func(fyne.Shortcut) bool                     // a shortcut, before the text field has it; true when it was used
}

// Composer is the field in which a message is written. Its methods must be called on the UI goroutine.
type Composer struct {
	widget.BaseWidget
	opt   ComposerOptions
	chat  chats.Chat
	reply chats.Message // what is answered; no id while nothing is

	entry   *entry
	send    *part.Button
	counter *canvas.Text
	quote   *canvas.Text
	bar     *canvas.Rectangle
	cancel  *part.Button
	line    *canvas.Rectangle

	fonts *fonts
	rows  int
	saved string      // the draft as it was last handed over
	timer *time.Timer // until the draft is handed over
}

// NewComposer returns a disabled composer; SetChat enables it.
func NewComposer(opt ComposerOptions) *Composer {
	c := &Composer{opt: opt, fonts: newFonts(), rows: 1}
	c.entry = newEntry()
	c.entry.submit, c.entry.key, c.entry.shortcut, c.entry.left = c.submit, c.key, c.shortcut, c.save
	c.entry.OnChanged = func(string) { c.changed() }
	c.send = part.NewIconButton("", fynetheme.MailSendIcon(), c.submit)
	c.send.Importance = widget.HighImportance
	c.cancel = part.NewIconButton("", fynetheme.CancelIcon(), func() { c.answer(chats.Message{}) })
	c.cancel.Importance = widget.LowImportance
	c.counter, c.quote = canvas.NewText("", nil), canvas.NewText("", nil)
	c.bar, c.line = canvas.NewRectangle(nil), canvas.NewRectangle(nil)
	c.paint()
	c.ExtendBaseWidget(c)
	c.entry.SetMinRowsVisible(1)
	c.entry.Disable()
	c.changed()
	return c
}

// SetChat writes to another chat, beginning with that chat's draft. The former chat's draft is handed over first.
func (c *Composer) SetChat(chat chats.Chat) {
	c.save()
	c.chat, c.saved = chat, chat.Draft
	c.entry.Enable()
	c.entry.SetPlaceHolder(placeholder(chat))
	c.entry.replace(chat.Draft)
	c.answer(chats.Message{})
	c.changed()
}

// Rename follows a new name of the chat that is written to.
func (c *Composer) Rename(chat chats.Chat) {
	if chat.ID == c.chat.ID && chat.Name != c.chat.Name {
		c.chat.Name = chat.Name
		c.entry.SetPlaceHolder(placeholder(chat))
	}
}

// Clear hands the draft over and writes to no chat.
func (c *Composer) Clear() {
	c.save()
	c.chat, c.saved = chats.Chat{}, ""
	c.entry.replace("")
	c.entry.SetPlaceHolder("")
	c.answer(chats.Message{})
	c.entry.Disable()
}

func placeholder(chat chats.Chat) string {
	name := flow.Line(chat.Name, nameLimit)
	if chat.Kind == chats.Public {
		name = "#" + name
	}
	return "Write to " + name
}

// Reply makes the next message an answer to m, shows which, and takes the keyboard.
func (c *Composer) Reply(m chats.Message) {
	if m.Chat == c.chat.ID {
		c.answer(m)
		c.Focus()
	}
}

func (c *Composer) answer(m chats.Message) {
	c.reply = m
	c.Refresh()
}

// Focus puts the cursor into the field.
func (c *Composer) Focus() {
	if canvas := fyne.CurrentApp().Driver().CanvasForObject(c.entry); canvas != nil && !c.entry.Disabled() {
		canvas.Focus(c.entry)
	}
}

// Type takes the keyboard with a character that was typed elsewhere.
func (c *Composer) Type(r rune) {
	c.Focus()
	c.entry.TypedRune(r)
}

// Text is what waits to be sent.
func (c *Composer) Text() string { return c.entry.Text }

// SetText replaces it, with the cursor behind.
func (c *Composer) SetText(text string) { c.entry.replace(text) }

// ready tells whether there is something that may be sent.
func (c *Composer) ready() bool {
	n := utf8.RuneCountInString(c.entry.Text)
	return c.chat.ID != "" && n <= TextMax && strings.TrimSpace(c.entry.Text) != ""
}

func (c *Composer) submit() {
	if !c.ready() {
		return
	}
	text, reply := strings.TrimSpace(c.entry.Text), c.reply
	c.stopTimer() // the draft goes with the message's own transaction; what is left of an older one, a moment later
	c.entry.replace("")
	c.answer(chats.Message{})
	if c.opt.Send != nil {
		c.opt.Send(c.chat.ID, text, reply)
	}
}

// Restore puts back what could not be sent, before what was written since, with what it answers.
func (c *Composer) Restore(text string, reply chats.Message) {
	if c.entry.Text != "" {
		text += "\n" + c.entry.Text
	}
	c.entry.replace(text)
	if c.reply.ID == "" {
		c.answer(reply)
	}
}

func (c *Composer) key(k *fyne.KeyEvent) bool {
	if k.Name == fyne.KeyEscape && c.reply.ID != "" {
		c.answer(chats.Message{})
		return true
	}
	return c.opt.Key != nil && c.opt.Key(k)
}

func (c *Composer) shortcut(s fyne.Shortcut) bool { return c.opt.Shortcut != nil && c.opt.Shortcut(s) }

// changed follows the text: button, counter, height, draft.
func (c *Composer) changed() {
	if c.ready() {
		c.send.Enable()
	} else {
		c.send.Disable()
	}
	c.count(utf8.RuneCountInString(c.entry.Text))
	c.grow()
	if c.entry.Text != c.saved && c.timer == nil && c.opt.Dispatch != nil {
		c.timer = time.AfterFunc(draftDelay, func() { c.opt.Dispatch.Do(c.save) })
	}
}

// count shows how many characters are left when few are.
func (c *Composer) count(n int) {
	c.counter.Hidden = n < countFrom
	c.counter.Text = itoa(TextMax-n) + " left"
	c.counter.Color = fynetheme.Color(theme.ColorNameQuiet)
	if n > TextMax {
		c.counter.Text = itoa(n-TextMax) + " too many"
		c.counter.Color = fynetheme.Color(theme.ColorNameDanger)
	}
	c.place(c.Size())
	c.counter.Refresh()
}

// grow follows the number of lines, up to six.
func (c *Composer) grow() {
	width := c.entry.Size().Width - 2*fynetheme.InnerPadding() - 2
	rows := 1
	if width > 0 && c.entry.Text != "" {
		head, _ := clip(c.entry.Text, 2000) // six rows hold less
		rows = len(flow.Lay([]flow.Span{{Text: head}}, width, c.fonts.measure(c.fonts.size)).Rows)
	}
	if rows = min(rows, rowsMax); rows != c.rows {
		c.rows = rows
		c.entry.SetMinRowsVisible(rows)
		c.Refresh()
	}
}

// save hands the draft over when it changed.
func (c *Composer) save() {
	c.stopTimer()
	if c.chat.ID == "" || c.entry.Text == c.saved {
		return
	}
	c.saved = c.entry.Text
	if c.opt.Draft != nil {
		c.opt.Draft(c.chat.ID, c.saved)
	}
}

func (c *Composer) stopTimer() {
	if c.timer != nil {
		c.timer.Stop()
		c.timer = nil
	}
}
