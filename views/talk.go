package views

import (
	"context"
	"slices"
	"time"

	"fyne.io/fyne/v2"

	"sotto/services/chats"
	"sotto/services/fault"
	"sotto/views/message"
	"sotto/views/part"
	"sotto/views/task"
)

// newList makes the list and the composer of the open chat.
func (c *conversations) newList() {
	opt := c.w.opt
	c.list = message.NewList(message.Options{
		Source: watched{opt.Services.Chats, c.handed}, Dispatch: opt.Dispatch, Now: opt.Now, Picture: part.Identicon,
		OpenURL: opt.OpenURL, Time: opt.Time,
		Reply:    func(m chats.Message) { c.composer.Reply(m) },
		Retry:    c.retry,
		Read:     c.read,
		Failed:   func(err error) { c.say.Say(fault.Sentence(err)) },
		Typed:    func(r rune) { c.composer.Type(r) },
		Shortcut: func(s fyne.Shortcut) { c.w.shortcut(s) },
	})
	c.composer = message.NewComposer(message.ComposerOptions{
		Dispatch: opt.Dispatch, Send: c.send, Draft: c.keepDraft, Key: c.composerKey,
		Shortcut: func(s fyne.Shortcut) bool { return c.w.shortcut(s) || c.list.Shortcut(s) },
	})
}

// unsent is a message that was refused while its chat was not open any more.
type unsent struct {
	text  string
	reply chats.Message
}

// send stores the message, which shows it; the network has it later. What is refused comes back into the composer, now
// or when its chat is opened again.
func (c *conversations) send(chat, text string, reply chats.Message) {
	c.say.Say("")
	write(c.w,
		func(ctx context.Context) (chats.Message, error) {
			return c.w.opt.Services.Chats.Send(ctx, chat, text, reply.ID)
		},
		func(m chats.Message, err error) {
			if err == nil {
				c.put(m)
				return
			}
			c.say.Say(fault.Sentence(err))
			c.unsent[chat] = append(c.unsent[chat], unsent{text, reply})
			c.takeBack()
		})
}

// takeBack puts what the open chat refused into the composer, the newest nearest to what was written since.
func (c *conversations) takeBack() {
	back := c.unsent[c.open]
	delete(c.unsent, c.open)
	for _, u := range slices.Backward(back) {
		c.composer.Restore(u.text, u.reply)
	}
}

// listRest keeps a busy network from having the list of chats loaded for each message. Tests rest less.
var listRest = 200 * time.Millisecond

const (
	focusTries = 100
	focusAgain = 20 * time.Millisecond
)

// focusComposer puts the cursor into the composer. The composer finds its window only when it was drawn, so a new one is
// asked again until it has been.
func (c *conversations) focusComposer(tries int) {
	if c.w.sheets.Depth() > 0 || c.open == "" {
		return
	}
	c.composer.Focus()
	if c.w.window.Canvas().Focused() != nil || tries == 0 {
		return
	}
	c.w.runner.Watch(func(ctx context.Context) {
		timer := time.NewTimer(focusAgain)
		defer timer.Stop()
		select {
		case <-ctx.Done():
		case <-timer.C:
			c.w.runner.Post(func() { c.focusComposer(tries - 1) })
		}
	})
}

func (c *conversations) retry(m chats.Message) {
	task.Go(c.w.runner,
		func(ctx context.Context) (chats.Message, error) { return c.w.opt.Services.Chats.Retry(ctx, m.ID) },
		func(m chats.Message, err error) {
			if err != nil {
				c.say.Say(fault.Sentence(err))
				return
			}
			c.put(m)
		})
}

func (c *conversations) put(m chats.Message) {
	c.list.Put(m)
	c.chats.Ask()
	c.displayed(m)
}

func (c *conversations) read(chat string) {
	task.Do(c.w.runner, func(ctx context.Context) error { return c.w.opt.Services.Chats.MarkRead(ctx, chat) }, nil)
}

func (c *conversations) keepDraft(chat, text string) {
	write(c.w, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, c.w.opt.Services.Chats.SetDraft(ctx, chat, text)
	}, nil)
}

// write stores what a person wrote. Closing the window does not cancel it, and a lock waits for it.
func write[T any](w *Window, call func(context.Context) (T, error), done func(T, error)) {
	w.writes.Add(1)
	task.Go(w.runner, func(ctx context.Context) (T, error) {
		defer w.writes.Done()
		return call(context.WithoutCancel(ctx))
	}, done)
}

// messageChanged is told of a message that came or changed its state.
func (c *conversations) messageChanged(chat, id string) {
	if chat == c.open {
		c.list.Invalidate(chat, id)
	}
	c.chats.Ask()
}

// composerKey gets the keys that the composer leaves.
func (c *conversations) composerKey(key *fyne.KeyEvent) bool {
	if c.list.Key(key) {
		return true
	}
	if key.Name == fyne.KeyEscape {
		c.w.typedKey(key)
		return true
	}
	return false
}

// typedKey gets the keys that nothing focused wanted.
func (c *conversations) typedKey(key *fyne.KeyEvent) {
	if c.open == "" || c.list.Key(key) {
		return
	}
	if key.Name == fyne.KeyEscape {
		c.focusComposer(0)
	}
}

// watched is a source that tells which messages it handed to the list.
type watched struct {
	Chats
	handed func([]chats.Message)
}

// Messages implements message.Source.
func (s watched) Messages(ctx context.Context, chat string, page chats.Page) ([]chats.Message, error) {
	list, err := s.Chats.Messages(ctx, chat, page)
	s.handed(list)
	return list, err
}

// Message implements message.Source.
func (s watched) Message(ctx context.Context, id string) (chats.Message, error) {
	m, err := s.Chats.Message(ctx, id)
	if err == nil {
		s.handed([]chats.Message{m})
	}
	return m, err
}

// handed runs on the list's own goroutine.
func (c *conversations) handed(list []chats.Message) {
	if c.w.opt.Displayed == nil {
		return
	}
	c.w.runner.Post(func() { // the list's own turn with them comes next
		c.w.runner.Post(func() {
			for _, m := range list {
				c.displayed(m)
			}
		})
	})
}

func (c *conversations) displayed(m chats.Message) {
	if c.w.opt.Displayed != nil && m.Chat == c.open {
		c.w.opt.Displayed(m)
	}
}
